# SPDX-License-Identifier: GPL-2.0-or-later
"""What `nestready mac --vlan` says behind a bridge that filters VLANs, as Proxmox VE's "VLAN aware" one
and Open vSwitch do, and what senders like VMs get there: an interface of the VLAN, and a macvlan.

Switch, gateway and L1 are network namespaces of one guest of the lab: Debian's kernel has
CONFIG_BRIDGE_VLAN_FILTERING, the one that runs the tests may not.
"""
import json
from pathlib import Path
from typing import NamedTuple

import guest
import initramfs
import pytest

OPEN, EGRESS, FILTERED = "open", "egress-filtered", "filtered"
PASSES, DROPPED, NOBODY = "pass", "fail", "not-checked"

FUNCTIONS = b"""
iproute() { /usr/sbin/ip "$@"; }  # the shell would take its own
on() { namespace=$1; shift; iproute netns exec $namespace "$@"; }
"""
# The gateway has 10.0.0.1 without a tag, and 10.0.20.1 in VLAN 20; L1 the .2 of either.
SETUP = """set -e
for module in bridge veth 8021q macvlan; do modprobe $module; done
for name in l1 gw vm; do iproute netns add $name; done
iproute -batch - <<E
link add br0 up type bridge vlan_filtering 1
link add up0 up master br0 type veth peer name eth0 netns gw
E
iproute -n gw -batch - <<E
link set eth0 up
address add 10.0.0.1/24 dev eth0
link add link eth0 name eth0.20 up type vlan id 20
address add 10.0.20.1/24 dev eth0.20
E
"""
# For every case L1 and the ports anew: VLAN 1 without a tag, as a bridge gives them.
BEGIN = """set -e
iproute -n l1 -force -batch - <<E 2>/dev/null || true
link del eth0
link del br1
link del vm0
E
iproute link del vnet1 2>/dev/null || true
iproute link add vnet0 up master br0 type veth peer name eth0 address 02:00:00:00:00:11 netns l1
iproute link add vnet1 up master br0 type veth peer name eth1 address 02:00:00:00:00:12 netns l1
bridge vlan add dev up0 vid 20
on gw sysctl -qw net.ipv4.icmp_echo_ignore_all={mute:d} net.ipv4.conf.all.arp_ignore={strict:d}
iproute -n l1 -batch - <<E
link set lo up
link set eth0 up
link set eth1 up
{inside}
E
bridge -batch - <<E
{switch}
E
"""
# What a VM of L1 gets: a macvlan over the interface that was tested, or what else L1 gives VMs.
VM = """on gw sysctl -qw net.ipv4.icmp_echo_ignore_all=0
iproute -n l1 -batch - <<E
{vm}
address add {home}.3/24 dev vm0
E
{ports}
on l1 ping -c 1 -W 1 -I vm0 {home}.1
"""
MACVLAN = "link add link {device} name vm0 up type macvlan"
# An interface of the VLAN over eth0, and in another namespace one over eth1.
TAGGED = """iproute -n l1 -batch - <<E
link add link eth0 name v0 up type vlan id 20
address add 10.0.20.4/24 dev v0
E
on l1 ping -c 1 -W 1 -I v0 {asked}
"""
OTHER = """iproute -n l1 link set eth1 netns vm
iproute -n vm -batch - <<E
link set eth1 up
link add link eth1 name v1 up type vlan id 20
address add 10.0.20.5/24 dev v1
E
"""


class Case(NamedTuple):
    switch: tuple = ()  # for bridge(8)
    word: str = OPEN
    vlan: str = NOBODY  # outcome of net.vlan
    tagged: bool = False  # what the interface of the VLAN gets
    home: str = "10.0.0"
    inside: tuple = ()  # for ip(8): what is over eth0 in L1
    device: str = "eth0"  # has the address, and is tested
    ports: str = ""  # of L1's own bridge
    vm: str = MACVLAN
    vms_port: str = ""
    mute: bool = False  # no pings
    strict: bool = False  # answers for an address where it is
    arguments: str = ""
    two: bool = False  # eth1 is tested with it, and asked instead of the gateway


# What nestready says to type on a KVM host.
REMEDY = json.loads((guest.ROOT / "knowledge/remedies.json").read_text())["remedies"]["host-bridge-vlan"]
TOLD = [step.removeprefix("sudo bridge ").replace("PORT", "vnet0").replace("UPLINK", "up0").replace("VLAN", "20")
        for step in REMEDY["steps"] if step.startswith("sudo bridge ")]
TRUNK = "vlan add dev vnet0 vid 20"
UPLINK_WITHOUT = "vlan del dev up0 vid 20"
ACCESS = ("vlan del dev vnet0 vid 1", "vlan add dev vnet0 vid 20 pvid untagged")
TAGGED_ONLY = ("vlan del dev vnet0 vid 1", TRUNK)
LOCKED = ("link set dev vnet0 learning off locked on",
          "fdb replace 02:00:00:00:00:11 dev vnet0 master static vlan {vlan}")
NO_FLOOD = "link set dev vnet0 flood off"
# L1's own network is VLAN 20: an interface of it, or one of its bridge, on which VMs hang.
ABOVE = {"home": "10.0.20", "device": "eth0.20",
         "inside": ("link add link eth0 name eth0.20 up type vlan id 20",)}
AWARE = {"home": "10.0.20", "device": "br1.20",
         "inside": ("link add br1 up type bridge vlan_filtering 1", "link set eth0 master br1",
                    "link add link br1 name br1.20 up type vlan id 20"),
         "ports": "on l1 bridge vlan add dev eth0 vid 20; on l1 bridge vlan add dev br1 vid 20 self",
         "vm": "link add vm0 up type veth peer name tap0\nlink set tap0 up master br1",
         "vms_port": "on l1 bridge vlan add dev tap0 vid 20 pvid untagged"}

CASES = {
    "trunk": Case((UPLINK_WITHOUT, *TOLD), vlan=PASSES, tagged=True),
    # What comes from the port with the tag goes back to it without: that answers no other question.
    "access-in-it+filtered": Case((*ACCESS, *LOCKED, NO_FLOOD), FILTERED, home="10.0.20", mute=True),
    "untagged-too": Case((f"{TRUNK} untagged",)),
    "two": Case((TRUNK, UPLINK_WITHOUT), vlan=DROPPED, two=True),
    "aware+locked": Case((*TAGGED_ONLY, *LOCKED), EGRESS, **AWARE),
    "access": Case(),
    "access-in-it": Case(ACCESS, home="10.0.20"),
    "another-trunk": Case(("vlan add dev vnet0 vid 30",)),
    # A router that answers in a VLAN for the address that it has there, and for no other.
    "strict": Case((TRUNK,), tagged=True, strict=True),
    "strict+named": Case((TRUNK,), vlan=PASSES, tagged=True, strict=True, arguments="--mac-echo 10.0.20.1"),
    "gateway-elsewhere": Case((TRUNK, UPLINK_WITHOUT)),
    "trunk+locked": Case((TRUNK, *LOCKED, LOCKED[1].replace("{vlan}", "20")), EGRESS, vlan=PASSES, tagged=True),
    "two-trunks": Case((TRUNK, UPLINK_WITHOUT, "vlan add dev vnet1 vid 20"), vlan=PASSES, tagged=True, two=True),
    "two-accesses": Case((UPLINK_WITHOUT,), vlan=DROPPED, two=True),
    "above": Case(TAGGED_ONLY, **ABOVE),
    "above+locked": Case((*TAGGED_ONLY, *LOCKED), EGRESS, **ABOVE),
    "aware": Case(TAGGED_ONLY, **AWARE),
}
QUICK = 5


def lines(commands, **values):
    return "\n".join(commands).format(**values)


def steps(case):
    vlan = 20 if case.home == "10.0.20" else 1
    inside = [*case.inside, f"address add {case.home}.2/24 dev {case.device}",
              f"route add default via {case.home}.1"]
    nics = "--nic eth0 --nic eth1" if case.two else ""
    vm = case.vm.format(device=case.device)
    asked = "10.0.20.5" if case.two else "10.0.20.1"
    result = {
        "begin": BEGIN.format(inside=lines(inside), switch=lines(case.switch, vlan=vlan),
                              mute=case.mute, strict=case.strict) + case.ports,
        "plain": f"on l1 nestready mac {nics}",
        "mac": f"on l1 nestready mac --vlan 20 --format json {nics} {case.arguments}",
        "vm": VM.format(vm=vm, home=case.home, ports=case.vms_port),
    }
    return result if case.inside else result | {"tag": (OTHER if case.two else "") + TAGGED.format(asked=asked)}


@pytest.fixture(scope="module")
def said(request):
    """{"CASE.STEP": Output} of the one guest that has all cases that are asked for."""
    archive = initramfs.Archive()
    for program in ("ip", "bridge"):
        archive.program(f"usr/sbin/{program}", Path("/sbin", program).resolve())
    archive.file("lib/functions", FUNCTIONS)
    wanted = [item.callspec.params["name"] for item in request.session.items if item.path == request.path]
    commands = {"setup": SETUP}
    for name in wanted:
        commands |= {f"{name}.{step}": text for step, text in steps(CASES[name]).items()}
    outputs = guest.boot({name: f". /lib/functions\n{text}" for name, text in commands.items()},
                         "EPYC,+svm,+npt", extra=guest.COUNTED, more=archive.finish())
    assert outputs["setup"].status == 0, outputs["setup"]
    return outputs


@pytest.mark.parametrize("name", [
    name if number < QUICK else pytest.param(name, marks=pytest.mark.slow)
    for number, name in enumerate(CASES)])
def test_tags_and_macs_fare_as_said(said, name):
    case, got = CASES[name], {step: said[f"{name}.{step}"] for step in steps(CASES[name])}
    assert got["begin"].status == 0, got["begin"]
    assert got["plain"].stdout.decode().startswith(f"{case.device}: {case.word} (high confidence)"), got["plain"]
    assert b"net.vlan" not in got["plain"].stdout + got["plain"].stderr
    report = json.loads(got["mac"].stdout)
    facts = {key: fact.get("value") for key, fact in report["facts"].items()}
    outcomes = {finding["id"]: finding["outcome"] for finding in report["findings"]}
    assert facts[f"net.{case.device}.mac-filter"] == case.word, got["mac"]
    assert facts[f"net.{case.device}.mac-filter.confidence"] == "high", got["mac"]
    assert (outcomes["net.vlan"], outcomes["net.duplicates"]) == (case.vlan, "pass"), got["mac"]
    assert (case.word == OPEN) == (got["vm"].status == 0), got["vm"]
    if case.inside:
        assert f"its tag went inside that of {case.device}" in report["facts"]["net.vlan"]["why"]
    else:
        assert case.tagged == (got["tag"].status == 0), got["tag"]
