# SPDX-License-Identifier: GPL-2.0-or-later
"""Remedies of govc, typed against vcsim, a simulator of vCenter: what verifies shows the change, undo takes it back.

Both are govmomi's, and in no Debian package: of its release 0.30.7 they build with Debian's golang-go.
Without them in PATH all this is skipped.
"""
import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import SHARED, run

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from processes import Port  # noqa: E402

pytestmark = pytest.mark.skipif(shutil.which("govc") is None or shutil.which("vcsim") is None,
                                reason="govc and vcsim are not installed")

VM = "DC0_H0_VM0"
MAC = "00:0c:29:36:63:62"  # vcsim's first VM's
WORDS = {"NAME": VM, "HOST": "DC0_H0", "PORTGROUP": "'VM Network'", "NETWORK": "'VM Network'", "MAC": MAC,
         "MIB-OF-THE-VM": "32", "OLD-NUMBER": "1", "OLD-MB": "32", "OLD-ADAPTER": "e1000", "OLD-VALUE": "false"}
NOT_SIMULATED = {"govc-forged": "vcsim has no UpdatePortGroup",
                 "govc-promiscuous": "vcsim has no UpdatePortGroup",
                 "govc-forged-promiscuous": "vcsim has no UpdatePortGroup",
                 "govc-hardware": "vcsim knows one hardware version"}
REMEDIES = sorted(name for name, remedy in SHARED["remedies"].items() if remedy["tool"] == "govc")


@pytest.fixture(name="vcenter")
def start_vcenter():
    """A fresh one: its address."""
    held = Port()  # Go's net.Listen sets SO_REUSEADDR, too
    port = held.number
    with subprocess.Popen(["vcsim", "-l", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as simulator:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield f"https://user:pass@127.0.0.1:{port}/sdk"
        simulator.kill()
    held.close()


def govc(vcenter, line, **more):
    for word in sorted(WORDS | more, key=len, reverse=True):
        line = re.sub(rf"\b{word}\b", (WORDS | more)[word], line)
    done = run(line, GOVC_URL=vcenter, GOVC_INSECURE="1")
    assert done.returncode == 0, (line, done.stderr)
    return re.sub(r"Boot time: .*|[0-9]*\.\.\.", "", done.stdout)


def look(vcenter, remedy):
    return "".join(govc(vcenter, line) for line in remedy["verify"])


@pytest.mark.parametrize("name", REMEDIES)
def test_what_verifies_shows_it_and_undo_takes_it_back(name, vcenter):
    remedy = SHARED["remedies"][name]
    cycle = SHARED["cycles"].get(remedy.get("cycle"), {"off": [], "on": []})
    before = look(vcenter, remedy)
    if name in NOT_SIMULATED:
        pytest.skip(NOT_SIMULATED[name])
    for line in [*cycle["off"], *remedy.get("before", []), *remedy["steps"], *cycle["on"]]:
        govc(vcenter, line)
    after = look(vcenter, remedy)
    commands = [line for line in remedy["undo"] if line.startswith("govc ")]
    assert (after != before) == bool(commands), "nothing changed, or what changed stays"
    device = re.search(r"Name: +(ethernet-\S+)", after)
    for line in [*cycle["off"], *commands]:
        govc(vcenter, line, **({"NEW-ETHERNET": device.group(1)} if device else {}))
    again = look(vcenter, remedy)
    before = before.replace("null", "false")  # nested virtualization that nobody ever set
    if name == "govc-vmxnet3":  # another device of the old model
        assert "VirtualE1000" in before and "VirtualVmxnet3" in after
        assert re.findall(f"VirtualE1000|{MAC}", again) == ["VirtualE1000", MAC]
    else:
        assert [line for line in again.splitlines() if "Power state" not in line] \
            == [line for line in before.splitlines() if "Power state" not in line]


def test_a_disk_grows(vcenter):
    govc(vcenter, "govc vm.disk.change -vm NAME -disk.name disk-202-0 -size 160G")
    assert "167,772,160 KB" in govc(vcenter, "govc device.info -vm NAME disk-*")
