# SPDX-License-Identifier: GPL-2.0-or-later
"""From a gap to what closes it, on every platform, without a hole.

A gap of the platform has there an entry that holds always, or cannot occur there, which the
platform's file says with the reason.  An entry has remedies, each with a verification by who makes the
change and an undo, or a source that nothing helps and what to do instead.  Every finding, gap, target and platform has a page.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", SOURCE / "build"))
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "tools"))
from remedies import Remedies  # noqa: E402


def read(name):
    return json.loads((SOURCE / "knowledge" / name).read_text())


SHARED = Remedies()
SHARED.add("remedies.json", read("remedies.json"))
FILES = {path.stem: json.loads(path.read_text())
         for path in (SOURCE / "knowledge/platforms").glob("*.json")}
PLATFORMS = {name: SHARED.platform(name, data, FILES) for name, data in FILES.items()}
GAPS = {gap["id"]: gap for gap in read("gaps.json")["gaps"]}
# What holds anywhere says it all.
GENERAL = {"l0.too-small-disk", "l0.mtu-no-headroom", "l0.vlan-filtered", "l0.duplicate-frames"}
# Of those, what a platform has a command of its own for is not left to "ask".
OWN_COMMAND = {
    "l0.too-small-disk": {"hyperv", "kvm-libvirt", "vmware-esxi"},
    "l0.mtu-no-headroom": {"aws-ec2", "gcp", "hyperv", "kvm-libvirt", "openstack", "proxmox-ve",
                           "vmware-esxi"},
    "l0.vlan-filtered": {"hyperv", "kvm-libvirt", "openstack", "proxmox-ve", "vmware-esxi"},
    "l0.duplicate-frames": {"kvm-libvirt", "vmware-esxi"},
}
PAIRS = [(name, gap) for name in sorted(PLATFORMS) for gap, page in GAPS.items()
         if page["layer"] == "L0" and gap not in GENERAL and name in page.get("only", [name])]


IN_THE_GUEST = re.compile(r"(sudo )?(nestready|nproc|free|lspci|lsmod|lsblk)\b")


def closes(entry, underneath=False):
    for remedy in entry["remedies"]:
        assert remedy["steps"] and remedy["verify"] and remedy["undo"] and remedy["source"]
        if underneath and not remedy["who"].startswith("root of this"):  # and can look into the guest
            assert not [line for line in remedy["verify"] if IN_THE_GUEST.match(line)]
    if not entry["remedies"]:
        assert entry["instead"] and entry["source"]


@pytest.mark.parametrize("name,gap", PAIRS)
def test_a_gap_ends_in_a_remedy_or_in_a_reason_and_a_way_around(name, gap):
    platform = PLATFORMS[name]
    entries = [entry for entry in platform["gaps"] if entry["gap"] == gap]
    if gap in platform.get("never", {}):
        assert entries == []
        return
    assert [entry for entry in entries if "when" not in entry] == entries[-1:] != []
    for entry in entries:
        closes(entry, underneath=True)


@pytest.mark.parametrize("gap", sorted(GENERAL))
def test_a_general_gap_keeps_the_commands_of_platforms_that_have_them(gap):
    entries = {name: entry for name, platform in PLATFORMS.items() for entry in platform["gaps"]
               if entry["gap"] == gap}
    assert OWN_COMMAND[gap] <= set(entries)
    for name in OWN_COMMAND[gap]:
        assert entries[name]["remedies"], name
    for entry in entries.values():
        closes(entry, underneath=True)


@pytest.mark.parametrize("gap", GAPS)
def test_what_holds_anywhere_closes_the_gap_too(gap):
    closes(GAPS[gap]["anywhere"], underneath=GAPS[gap]["layer"] == "L0")


def test_every_shared_remedy_is_used():
    used = {item for data in FILES.values() for entry in data["gaps"]
            for item in entry["remedies"] if isinstance(item, str)}
    assert used == set(SHARED.remedies)


@pytest.mark.parametrize("page", [*GAPS, *(page["id"] for page in read("findings.json")["findings"]),
                                  *PLATFORMS])
def test_everything_has_a_page(page):
    done = subprocess.run([BUILD / "nestready", "explain", page], capture_output=True, text=True,
                          timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{page}: ")
