# SPDX-License-Identifier: GPL-2.0-or-later
"""Tickets as an administrator gets them, from recorded machines, kept in tests/e2e/tickets/.

A change of wording is blessed, after it was read as the administrator would read it, by
    NESTREADY_BLESS=1 /usr/bin/python3 -m pytest tests/e2e/test_ask.py && git diff
"""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("NESTREADY_BUILD", HERE.parents[1] / "build")).resolve()
SNAPSHOTS = HERE.parent / "snapshots"
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]

# ticket -> recording, arguments, exit status
TICKETS = {
    "esxi-hidden": ("esxi-8-hidden", ["--target", "proxmox"], 2),
    "esxi-hidden-powercli": ("esxi-8-hidden", ["--target", "proxmox", "--tool", "powercli"], 2),
    "esxi-old-hardware": ("esxi-hardware-8", [], 2),
    "azure-trusted-launch": ("azure-trusted-launch", [], 2),
    "proxmox-generic-cpu": ("proxmox-kvm64", ["--target", "proxmox", "--tool", "qm"], 2),
    "virtualbox-no-nested-paging": ("virtualbox-no-ept", [], 1),
    "hyperv-dynamic-memory": ("hyperv-dynamic-memory", [], 1),
    "hyperv-too-old": ("hyperv-2019-amd", [], 2),
    "four-changes-one-power-off": ("libvirt-small", ["--target", "esxi-8"], 2),
    "cannot-be-had": ("firecracker-pvm", ["--target", "esxi-8"], 2),
    "own-affair": ("libvirt-module-not-loaded", [], 2),
    "not-known": ("libvirt-user", [], 3),
    "nothing-to-ask": ("tcg-svm", [], 0),
}


def ask(text, *arguments):
    start = NOBODY if os.geteuid() == 0 else []
    return subprocess.run([*start, "./nestready", "ask", "--snapshot", "-", *arguments], cwd=BUILD,
                          input=text, capture_output=True, encoding="utf-8", timeout=60, check=False)


def recording(name):
    return (SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TICKETS)
def test_ticket(name):
    machine, arguments, status = TICKETS[name]
    result = ask(recording(machine), *arguments)
    assert result.stderr == ""
    path = HERE / f"tickets/{name}.txt"
    if os.environ.get("NESTREADY_BLESS"):
        path.write_text(result.stdout, encoding="utf-8")
    assert result.stdout == path.read_text(encoding="utf-8")
    assert result.returncode == status


EVERY = sorted(path.stem for path in SNAPSHOTS.glob("*.json"))


@pytest.mark.parametrize("target", ["kvm", "esxi-8"])
@pytest.mark.parametrize("name", EVERY)
def test_every_machine_has_a_ticket(name, target):
    result = ask(recording(name), "--target", target)
    assert result.stderr == "" and result.returncode <= 3
    lines = result.stdout.splitlines()
    assert lines[-1] == f"  sudo ./nestready --target {target}"
    assert "\033" not in result.stdout and result.stdout.isascii()
    if result.returncode == 0:
        assert "Nothing to ask" in result.stdout
    for line in lines:
        # beyond 72 columns there are commands, which are not wrapped, and titles with their gap
        assert len(line) <= 72 or line.startswith("     ") or line.startswith(" platform"), line
    assert numbers(lines) == list(range(1, len(numbers(lines)) + 1))
    # who runs the platform has no nestready there, and knows none of its options
    asked = result.stdout.partition("\nIn the guest, by its owner")[0].partition("\nThis is written for ")[0]
    assert "nestready explain" not in asked and "--tool" not in asked


def numbers(lines):
    found = (re.match(r" ?(\d+)   \S", line) for line in lines)
    return [int(match[1]) for match in found if match]


@pytest.mark.parametrize("name", EVERY)
def test_one_window_powers_off_and_on_once(name):
    """Where the tool is govc, virsh, qm or PowerShell, whose steps are commands."""
    text = ask(recording(name), "--target", "esxi-8").stdout
    window = text.partition("In one maintenance window")[2].partition("\nWords in capitals")[0]
    fixes = "".join(re.split(r"\n     (?:verify|undo|cost): .*(?:\n       .*)*", window))
    for off, on in ((r"govc vm\.power -s", r"govc vm\.power -on"), ("virsh shutdown", "virsh start"),
                    ("qm shutdown", "qm start"), ("Stop-VM ", "Start-VM ")):
        assert len(re.findall(rf"\n {{7}}{off}", fixes)) <= 1, fixes
        assert len(re.findall(rf"\n {{7}}{on}", fixes)) <= 1, fixes


def test_who_knows_the_vm_is_told_how_to_find_it():
    snapshot = json.loads(recording("esxi-8-hidden"))
    uuid = "4208f5a1-6b1e-4c0f-9d57-2a8a5c1e7d10"
    snapshot["answers"]["file /sys/class/dmi/id/product_uuid"]["lines"] = [uuid, ""]
    text = ask(json.dumps(snapshot)).stdout
    assert f"\nUUID:       {uuid}\n" in text
    assert f"\n              govc vm.info -vm.uuid {uuid}\n" in text
    text = ask(json.dumps(snapshot), "--tool", "powercli").stdout
    assert f"Config.Uuid -eq '{uuid}' }}\n" in text


def test_stand_ins_of_a_recording_are_not_given_out_as_names():
    for name in ("hyperv-dynamic-memory", "esxi-8-hidden"):
        head = ask(recording(name)).stdout.partition("In one maintenance window")[0]
        assert "replaced in the recording" in head
        assert "00000000-0000-4000-8000" not in head and "vm-1" not in head


def test_a_ticket_goes_to_a_file_and_mistakes_are_told(tmp_path):
    place = tmp_path / "ticket.txt"
    os.chmod(tmp_path, 0o777)
    result = ask(recording("esxi-8-hidden"), "-o", str(place))
    if os.geteuid() != 0:
        assert result.returncode == 2 and place.read_text().startswith("Please make 1 change")
    result = ask("", "--tool", "govk")
    assert result.returncode == 64 and result.stderr == (
        "nestready: unknown tool 'govk': did you mean 'govc'? `nestready platforms` lists them\n")
    assert ask("{}").returncode == 65
    assert ask("", "--format", "json").returncode == 64
