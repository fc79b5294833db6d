# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests of the lab: each is booted once, and all tests look at what it said."""
from concurrent.futures import ThreadPoolExecutor

import guest
import pytest

# name -> how it is booted.
GUESTS = {
    "svm": {"cpu": "EPYC,+svm,+npt"},
    "svm-without-npt": {"cpu": "EPYC,+svm,-npt"},
    "no-svm": {"cpu": "EPYC,-svm"},
    "two-cpus": {"cpu": "EPYC,+svm,+npt", "smp": 2},
    "intel-with-svm": {"cpu": "EPYC,+svm,+npt,vendor=GenuineIntel"},
    "systemd": {"cpu": "EPYC,+svm,+npt", "systemd": True},
    "systemd-no-svm": {"cpu": "EPYC,-svm", "systemd": True},
}

# name -> what runs in it, in this order.
COMMANDS = {
    "modprobe": "modprobe msr; modprobe kvm-amd",
    "kvm": "cat /sys/module/kvm_amd/parameters/npt; test -c /dev/kvm",
    "check": "nestready --format json --target kvm",
    "text": "nestready --target kvm",
    "capture": "nestready capture",
    "user": "su user -c 'nestready --format json --target kvm'",
    "user-text": "su user -c 'nestready --target kvm'",
    "user-capture": "su user -c 'nestready capture'",
}

# The shipped unit, its journal in a file, as no journald runs here.
UNIT_COMMANDS = {
    "modprobe": COMMANDS["modprobe"],
    "check": COMMANDS["check"],
    "start": """
        mkdir -p /run/systemd/system/nestready.service.d
        printf '[Service]\\nStandardOutput=file:/run/journal\\n' \
            >/run/systemd/system/nestready.service.d/lab.conf
        systemctl daemon-reload && systemctl start nestready.service""",
    "show": "systemctl show -p Result -p ActiveState -p ExecMainStatus nestready.service",
    "last": "cat /var/lib/nestready/last.json",
    "journal": "cat /run/journal",
}


def commands(how):
    return UNIT_COMMANDS if how.get("systemd") else COMMANDS


@pytest.fixture(scope="session")
def guests():
    """{guest: {command: Output}}.  Two at a time: each keeps a processor busy for some seconds."""
    with ThreadPoolExecutor(2) as pool:
        booting = {name: pool.submit(guest.boot, commands(how), **how)
                   for name, how in GUESTS.items()}
        return {name: boot.result() for name, boot in booting.items()}
