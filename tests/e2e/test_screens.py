# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole screens, from recorded machines: what a person sees, kept in tests/e2e/screens/.

A change of wording is blessed, after a look at the difference, by
    NESTREADY_BLESS=1 /usr/bin/python3 -m pytest tests/e2e/test_screens.py && git diff
The recordings are those of tests/snapshots/.  They are judged as an ordinary user would judge them:
root is not told to use sudo.
"""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("NESTREADY_BUILD", HERE.parents[1] / "build")).resolve()
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]

# screen -> recording, arguments, exit status
SCREENS = {
    # six typical guests
    "typical-esxi-cpu-hidden": ("esxi-8-hidden", ["--target", "proxmox"], 2),
    "typical-hyperv-mac-filtered": ("hyperv-mac-filtered", [], 1),
    "typical-azure-trusted-launch": ("azure-trusted-launch", [], 2),
    "typical-proxmox-generic-cpu": ("proxmox-kvm64", ["--target", "proxmox", "--tool", "qm"], 2),
    "typical-virtualbox-no-nested-paging": ("virtualbox-no-ept", [], 1),
    "typical-no-flag-but-l2-runs": ("firecracker-pvm", [], 0),
    # and what else a screen can be
    "ready": ("tcg-svm", [], 0),
    "degraded": ("tcg-svm-without-npt", [], 1),
    "degraded-accepted": ("tcg-svm-without-npt", ["--accept", "degraded"], 0),
    "not-ready": ("tcg-no-svm", [], 2),
    "not-ready-esxi-powercli": ("esxi-8-hidden", ["--target", "proxmox", "--tool", "powercli"], 2),
    "not-ready-hyperv": ("esxi-8-hidden", ["--target", "hyperv-2022"], 2),
    "hopeless": ("firecracker-pvm", ["--target", "esxi-8"], 2),
    "pvm-proxmox": ("firecracker-pvm", ["--target", "proxmox"], 2),
    "ordinary-user": ("firecracker-pvm-user", [], 3),
    "locked-down": ("libvirt-secure-boot", ["--target", "xen"], 3),
    "passive": ("firecracker-pvm", ["--passive"], 0),
}


def show(recording, arguments):
    """What `check` prints for a recording, which is handed over open: anybody may judge it."""
    start = NOBODY if os.geteuid() == 0 else []
    with open(HERE.parent / f"snapshots/{recording}.json", encoding="utf-8") as snapshot:
        return subprocess.run([*start, "./nestready", "--snapshot", "/dev/stdin", *arguments],
                              cwd=BUILD, stdin=snapshot, capture_output=True, text=True,
                              timeout=60, check=False)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name):
    recording, arguments, status = SCREENS[name]
    result = show(recording, arguments)
    assert result.stderr == ""
    path = HERE / f"screens/{name}.txt"
    if os.environ.get("NESTREADY_BLESS"):
        path.write_text(result.stdout, encoding="utf-8")
    assert result.stdout == path.read_text(encoding="utf-8")
    if name.startswith("typical-"):
        rows = result.stdout.splitlines()
        assert len(rows) <= 24 and max(map(len, rows)) <= 80
    assert result.returncode == status


@pytest.mark.parametrize("name", SCREENS)
def test_it_fits_the_first_screen(name):
    recording, arguments, _ = SCREENS[name]
    lines = show(recording, arguments).stdout.splitlines()
    assert sum(max(1, -(-len(line) // 80)) for line in lines) < 24


@pytest.mark.parametrize("said,command", [
    ("ID=debian", "sudo apt-get install linux-image-amd64"), ("ID=ubuntu\nID_LIKE=debian", "sudo apt-get install linux-image-generic"),
    ('ID="rocky"\nID_LIKE="rhel centos fedora"', "sudo dnf install kernel kernel-modules"),
    ('ID="opensuse-leap"\nID_LIKE="suse opensuse"', "sudo zypper install kernel-default"),
    ("ID=arch", "sudo pacman -S linux"), ("ID=alpine", "sudo apk add linux-lts"),
    ("ID=nixos", "sudo apt-get install linux-image-amd64")])
def test_a_fix_inside_the_guest_is_for_its_distribution(tmp_path, said, command):
    snapshot = json.loads((HERE.parent / "snapshots/libvirt-module-missing.json").read_text(encoding="utf-8"))
    snapshot["answers"]["file /etc/os-release"] = {"lines": [*said.split("\n"), ""]}
    (tmp_path / "machine.json").write_text(json.dumps(snapshot), encoding="utf-8")
    shown = subprocess.run([BUILD / "nestready", "--snapshot", tmp_path / "machine.json"], capture_output=True,
                           text=True, timeout=60, check=False).stdout
    assert re.search(rf"^ +(sudo )?{re.escape(command.removeprefix('sudo '))}$", shown, re.MULTILINE)


ITEM = re.compile(r"^(?: *[0-9]+| ) [x?-] .*$", re.MULTILINE)


@pytest.mark.parametrize("recording,target", [("libvirt-secure-boot", "kvm"), ("ec2-m8i-nested", "xen"),
                                              ("azure-trusted-launch", "esxi-8"), ("ec2-xen", "kvm"),
                                              ("firecracker-pvm-user", "kvm")])
def test_the_column_beside_the_code_tells_what_the_text_tells(recording, target):
    text = show(recording, ["--target", target]).stdout
    column = show(recording, ["--target", target, "--format", "summary"]).stdout
    shown = ITEM.findall(re.search(rf"^{target} .*\n((  .*\n)*)", column, re.MULTILINE).group(1))
    places = [text.index(line.split()[1]) for line in shown]
    assert places == sorted(places) != []
    more = re.search(r"  \+([0-9]+)$", shown[-1])
    assert len(shown) + (int(more.group(1)) if more else 0) == len(ITEM.findall(text))
