# SPDX-License-Identifier: GPL-2.0-or-later
"""What the test of MAC filtering says in a real guest on a real bridge, and what a sender like a VM of
that guest gets: a macvlan with a MAC of its own pings the gateway, or does not.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import guest
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "mac"))
from networks import CASES, M  # noqa: E402

COMMANDS = {
    "up": "for module in virtio_pci virtio_net macvlan; do modprobe $module || exit 1; done\n"
          "ip link set eth0 up && ip addr add 10.0.0.2/24 dev eth0 && "
          "ip route add default via 10.0.0.1 && sleep 1",
    "mac": "nestready mac",
    "vm": "ip link add link eth0 name vm0 type macvlan && ip link set vm0 up && "
          "ip addr add 10.0.0.3/24 dev vm0",
    "ping": "sleep 1; ping -c 3 -W 1 -I vm0 10.0.0.1",
}

# Policies of the host, quick ones first.
POLICIES = ["open/kernel", "forged/kernel", "promiscuous/kernel", "both/kernel", "learning/kernel",
            "static/kernel", "static-forged/kernel", "macfilter", "locked", "limit-one"]
QUICK = 2

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a tap and namespaces need root")


def boot(case, commands, systemd=False):
    """{name: Output} of a guest behind that port."""
    vmlinuz, archive = guest.payload(commands, systemd)
    with subprocess.Popen(["unshare", "--net", HERE / "switch.py", case], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as switch:
        ready = switch.stdout.readline().split()
        assert ready[:1] == ["ready"], case

        def qemu(scratch):
            (scratch / "initrd").write_bytes(archive)
            guest.emulate(
                ["nsenter", "-t", ready[1], "-n", "qemu-system-x86_64", "-accel", "tcg,thread=single", "-machine",
                 "q35", "-cpu", "EPYC,+svm,+npt", "-smp", "1", "-m", "512", "-nodefaults",
                 "-no-user-config", "-no-reboot", "-display", "none", "-kernel", vmlinuz,
                 "-initrd", scratch / "initrd", "-append", guest.OPTIONS,
                 "-netdev", "tap,id=net,ifname=vnet0,script=no,downscript=no",
                 "-device", f"virtio-net-pci,netdev=net,mac={M},romfile=",
                 "-serial", f"file:{scratch}/console", "-serial", f"file:{scratch}/data"],
                60, check=True)

        try:
            return guest.outputs(qemu)
        finally:
            switch.stdin.close()


@pytest.mark.parametrize("name", [
    name if number < QUICK else pytest.param(name, marks=pytest.mark.slow)
    for number, name in enumerate(POLICIES)])
def test_the_verdict_and_a_sender_agree(name):
    said = boot(name, COMMANDS)
    for step in ("up", "vm"):
        assert said[step].status == 0, said[step]
    word = said["mac"].stdout.decode().partition(": ")[2].partition(" ")[0]
    assert word == CASES[name].word, said["mac"]
    assert (word == "open") == (said["ping"].status == 0), said["ping"]


def typed(section):
    """What doc/mac-test.md says is to be written, as it stands there."""
    text = (HERE.parents[1] / "doc/mac-test.md").read_text()
    found = re.search(rf"^    \[{section}\]\n(    .*\n)+", text, re.MULTILINE)
    return re.sub("^    ", "", found[0], flags=re.MULTILINE)


START = "systemctl daemon-reload; systemctl start nestready.service; cat /var/lib/nestready/last.json"
UNIT = {
    "up": COMMANDS["up"],
    "shipped": START,
    "configure": f"mkdir -p /etc/nestready && cat >/etc/nestready/nestready.conf <<'E'\n{typed('network')}E",
    "configured": START,
    # where `systemctl edit nestready` writes
    "edit": "mkdir -p /etc/systemd/system/nestready.service.d && "
            f"cat >/etc/systemd/system/nestready.service.d/override.conf <<'E'\n{typed('Service')}E",
    "sends": START,
    "unset": "rm /etc/nestready/nestready.conf",
    "later": START,
}


@pytest.mark.slow
def test_the_timers_unit_sends_where_it_is_configured_and_let():
    said = boot("forged/kernel", UNIT, systemd=True)
    for step in ("up", "configure", "edit", "unset"):
        assert said[step].status == 0, said[step]
    finding = {}
    for step in ("shipped", "configured", "sends", "later"):
        report = json.loads(said[step].stdout)
        finding[step] = next(item for item in report["findings"] if item["id"] == "net.mac-filter")
    assert finding["shipped"]["outcome"] == "not-checked"
    # Configured alone it tries, in a sandbox that has neither the right nor the sockets.
    assert finding["configured"]["outcome"] == "unknown", finding["configured"]
    assert (finding["sends"]["outcome"], finding["sends"]["gap"]) == ("fail", "l0.mac-egress-filtered")
    assert finding["later"]["outcome"] == "not-checked"
    assert "eth0 egress-filtered (high confidence), measured" in finding["later"]["because"]
