# SPDX-License-Identifier: GPL-2.0-or-later
"""Two interfaces behind different settings: the finding is the worst one's, and both are mended.

The machine is a recorded one with interfaces made up for the test.
"""
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()

OPEN = ("ingress seen", "nested seen", "echo seen", "forged-echo seen")
EGRESS = ("ingress seen", "nested silent", "echo seen", "forged-echo silent")
INGRESS = ("ingress silent", "nested silent", "echo seen", "forged-echo seen")
EGRESS_FIX, INGRESS_FIX = "--allow-forged-transmits=true", "MacLearningPolicy.Enabled = $true"


def machine(tmp_path, *experiments):
    recording = json.loads((ROOT / "tests/snapshots/esxi-8-exposed.json").read_text())
    table = []
    for number, marks in enumerate(experiments):
        mac = f"00:50:56:00:00:0{number}"
        table += [f"nic {number + 2} eth{number} 0 1500 0x7 - vmxnet3 {mac} {mac}",
                  f"own {number + 2} 0 10.0.{number}.2", f"gateway {number + 2} 0 10.0.{number}.1"]
        recording["answers"][f"mac-experiment eth{number} ipv4"] = {"lines": [
            "family ipv4", f"responder 10.0.{number}.1", "alive seen", *marks, "forged 8", ""]}
    recording["answers"]["nics"] = {"lines": [*table, ""]}
    (tmp_path / "machine.json").write_text(json.dumps(recording))
    return tmp_path / "machine.json"


def check(recording, form):
    done = subprocess.run([BUILD / "nestready", "check", "--snapshot", recording, "--target", "kvm",
                           "--format", form], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


@pytest.mark.parametrize("form", ["text", "tap", "junit"])
def test_each_gap_has_its_fix(tmp_path, form):
    out = check(machine(tmp_path, INGRESS, EGRESS, OPEN, INGRESS), form)
    worst, _, other = out.partition("eth0, eth3: Frames to other MACs than this VM")
    assert "eth2" not in out
    assert EGRESS_FIX in worst and INGRESS_FIX not in worst
    assert EGRESS_FIX not in other and other.count(INGRESS_FIX) == 1
    assert "explain l0.mac-ingress-filtered" in other


@pytest.mark.parametrize("form", ["text", "tap", "junit"])
@pytest.mark.parametrize("second", [EGRESS, OPEN])
def test_one_gap_is_told_once(tmp_path, form, second):
    out = check(machine(tmp_path, EGRESS, second), form)
    assert out.count(EGRESS_FIX) == check(machine(tmp_path, EGRESS), form).count(EGRESS_FIX)
    assert INGRESS_FIX not in out and "eth1" not in out


def test_the_report_names_each(tmp_path):
    report = json.loads(check(machine(tmp_path, INGRESS, EGRESS), "json"))
    finding = next(item for item in report["findings"] if item["id"] == "net.mac-filter")
    assert finding["gap"] == "l0.mac-egress-filtered"
    assert [(nic["nic"], nic["gap"]) for nic in finding["nics"]] == [
        ("eth0", "l0.mac-ingress-filtered"), ("eth1", "l0.mac-egress-filtered")]
