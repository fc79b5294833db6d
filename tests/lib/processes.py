# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that end with the test that started them, and ports that are theirs while they are down."""
import socket
import subprocess


class Started(subprocess.Popen):
    """For `with`: who leaves it because something failed kills the program.

    subprocess's own waits there, for ever where only what was to follow would have ended it."""

    def __exit__(self, kind, *more):
        if kind is not None:
            self.kill()
        return super().__exit__(kind, *more)


class Port:
    """A port of loopback that nobody else is given until `close`, whether somebody listens there or not.

    Who listens sets SO_REUSEADDR; until somebody does, who connects is refused."""

    def __init__(self):
        self.held = socket.socket()
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", 0))
        self.number = self.held.getsockname()[1]

    def close(self):
        self.held.close()
