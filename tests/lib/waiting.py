# SPDX-License-Identifier: GPL-2.0-or-later
"""No test waits for ever, and none waits for a time in which it should have happened."""
import termios
import time


def wait_until(holds, seconds=20):
    """What `holds` returns, as soon as that is true."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.01)
    return found


def wait_until_raw(terminal):
    """Until the program at this end has taken the terminal for bytes."""
    wait_until(lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO)
