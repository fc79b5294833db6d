# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots the guests that tests look at, each once."""
import time
from concurrent.futures import ThreadPoolExecutor

import guest
import table
from cases import CASES, CHECK

# The shipped unit, its journal in a file, as no journald runs here.
UNIT_COMMANDS = {
    "modprobe": "modprobe msr; modprobe kvm-amd",
    "check": CHECK["check"],
    "start": """
        mkdir -p /run/systemd/system/nestready.service.d
        printf '[Service]\\nStandardOutput=file:/run/journal\\n' \
            >/run/systemd/system/nestready.service.d/lab.conf
        systemctl daemon-reload && systemctl start nestready.service""",
    "show": "systemctl show -p Result -p ActiveState -p ExecMainStatus nestready.service",
    "last": "cat /var/lib/nestready/last.json",
    "journal": "cat /run/journal",
}

# The L2 never ends, then the agent's own deadline is the only help; and afterwards all is well.
# Only a worker with the C library's loader can be preloaded: nestready-probe-net, the same otherwise.
ENDLESS_COMMANDS = {
    "modprobe": "modprobe msr; modprobe kvm-amd",
    "endless": "worker=$(find /usr -name nestready-probe); mv $worker /run/worker; "
               "cp $worker-net $worker; echo /lib/endless_l2.so >/etc/ld.so.preload; " + CHECK["check"],
    "after": "rm /etc/ld.so.preload; mv /run/worker $(find /usr -name nestready-probe); "
             + CHECK["check"],
}

# name -> commands and how it is booted; of the table are only CASES.
SVM = {"cpu": "EPYC,+svm,+npt", "extra": guest.COUNTED}
OTHERS = {
    "systemd": (UNIT_COMMANDS, SVM | {"systemd": True}),
    "systemd-no-svm": (UNIT_COMMANDS, SVM | {"cpu": "EPYC,-svm", "systemd": True}),
    "endless-l2": (ENDLESS_COMMANDS, SVM),
}


class Guests:
    """guests[NAME] is {command: Output}.  Two boot at a time, each keeps a processor busy."""

    def __init__(self, wanted):
        self.pool = ThreadPoolExecutor(2)
        self.booting = {}
        self.seconds = {}
        for name in wanted:
            self.start(name)

    def start(self, name):
        """A guest that needs another one comes after it in CASES, so no two wait for each other."""
        self.booting[name] = self.pool.submit(self.boot, name)

    def boot(self, name):
        begin = time.monotonic()
        if name in OTHERS:
            commands, how = OTHERS[name]
            outputs = guest.boot(commands, **how)
        else:
            outputs = CASES[name].boot(self)
        self.seconds[name] = time.monotonic() - begin
        return outputs

    def __getitem__(self, name):
        if name not in self.booting:
            self.start(name)
        return self.booting[name].result()

    def rows(self):
        """Of the table: the guests that came up."""
        return [table.row(name, case, self[name], self.seconds[name])
                for name, case in CASES.items() if name in self.seconds]

    def close(self):
        self.pool.shutdown(cancel_futures=True)
