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
}

# name -> what runs in it, in this order.
COMMANDS = {
    "modprobe": "modprobe msr; modprobe kvm-amd",
    "kvm": "cat /sys/module/kvm_amd/parameters/npt; test -c /dev/kvm",
}


@pytest.fixture(scope="session")
def guests():
    """{guest: {command: Output}}.  Two at a time: each keeps a processor busy for some seconds."""
    with ThreadPoolExecutor(2) as pool:
        booting = {name: pool.submit(guest.boot, COMMANDS, **how) for name, how in GUESTS.items()}
        return {name: boot.result() for name, boot in booting.items()}
