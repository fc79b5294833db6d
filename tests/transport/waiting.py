# SPDX-License-Identifier: GPL-2.0-or-later
"""No test waits for ever."""
import termios
import time


def wait_until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.01)


def wait_until_raw(terminal):
    """Until the program at this end has taken the terminal for bytes."""
    wait_until(lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO)
