# SPDX-License-Identifier: GPL-2.0-or-later
"""The verdict in a real guest is true, and a recording of that guest says the same elsewhere."""
import json
import subprocess

import guest
import pytest
import table
from cases import CASES, RECORD, cases

STATUS = {"ready": 0, "degraded": 1, "not-ready": 2, "indeterminate": 3}
RECORDED = cases(lambda case: RECORD.items() <= case.commands.items())

# What was measured anew in each run: times, and the free space that the runs themselves take.
MEASURED = {"l2.exit-ns", "disk.free"}


def report(output):
    found = json.loads(output.stdout)
    assert output.status == STATUS[found["verdict"]], output.stderr
    return found


def findings(found):
    return {finding["id"]: finding for finding in found["findings"]}


def comparable(found):
    """The findings as text, but for what was measured and what depends on that."""
    for finding in found["findings"]:
        for evidence in finding["evidence"]:
            if evidence["key"] in MEASURED:
                evidence["value"] = finding["outcome"] = None
    return json.dumps(found["findings"], indent=1)


@pytest.mark.parametrize("name", cases())
def test_the_verdict_is_true(guests, name):
    case, found = CASES[name], report(guests[name]["check"])
    assert found["verdict"] == case.verdict, guests[name]["text"].stdout.decode()
    assert table.promised(found) == table.vm_runs(guests[name])
    assert found["basis"] == ("proven" if case.module else "flags")
    assert found["platform"].get("id") == case.platform


@pytest.mark.parametrize("name", cases(lambda case: case.verdict == "ready"))
def test_where_guests_run_that_is_what_was_seen(guests, name):
    found = report(guests[name]["check"])
    for proof in ("l2.real-mode", "l2.slat", "cpu.slat"):
        assert findings(found)[proof]["outcome"] in ("pass", "not-applicable"), proof
    assert findings(found)["l2.long-mode"]["outcome"] == "pass"


@pytest.mark.parametrize("name", cases(lambda case: case.module and not case.slat))
def test_without_slat_guests_run_and_the_missing_slat_is_said(guests, name):
    found = report(guests[name]["check"])
    assert findings(found)["cpu.slat"]["gap"] == "l0.slat-not-exposed"
    assert findings(found)["l2.long-mode"]["outcome"] == "pass"
    assert findings(found)["cpu.slat"]["outcome"] == "fail"
    assert findings(found)["l2.slat"]["outcome"] != "pass"


def test_without_svm_nothing_runs_and_the_platform_is_named_as_the_cause(guests):
    found = report(guests["no-svm"]["check"])
    assert found["verdict"] == "not-ready"
    assert found["findings"]
    gaps = {finding["gap"] for finding in found["findings"] if finding["outcome"] == "fail"}
    assert "l0.virt-not-exposed" in gaps
    assert "l0.virt-not-exposed" in guests["no-svm"]["text"].stdout.decode()


def test_svm_on_a_processor_that_calls_itself_intel_is_not_called_ready(guests):
    """The kernel refuses it (test_reality.py), whatever the bit says."""
    assert report(guests["intel-with-svm"]["check"])["verdict"] == "not-ready"


@pytest.mark.parametrize("name", RECORDED)
def test_an_ordinary_user_fails_nothing_for_lack_of_rights(guests, name):
    root, user = report(guests[name]["check"]), report(guests[name]["user"])
    assert user["guest"]["boot_id"] == root["guest"]["boot_id"]
    root_outcomes = {key: finding["outcome"] for key, finding in findings(root).items()}
    for key, finding in findings(user).items():
        if finding["outcome"] == "fail":
            assert root_outcomes[key] in ("fail", "not-applicable"), key
    assert root["verdict"] == user["verdict"] or user["verdict"] == "indeterminate"
    if user["verdict"] == "indeterminate":
        assert "sudo " in guests[name]["user-text"].stdout.decode()


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("check, capture", [("check", "capture"), ("user", "user-capture")])
def test_a_recording_gives_the_same_findings_elsewhere(guests, tmp_path, name, check, capture):
    assert guests[name][capture].status == 0, guests[name][capture].stderr
    snapshot = tmp_path / "snapshot.json"
    snapshot.write_bytes(guests[name][capture].stdout)
    replayed = subprocess.run(
        [guest.BUILD / "nestready", "--format", "json", "--target", "kvm", "--snapshot", snapshot],
        capture_output=True)
    assert replayed.returncode == guests[name][check].status, replayed.stderr
    there, here = report(guests[name][check]), json.loads(replayed.stdout)
    assert comparable(there) == comparable(here)
    assert (there["verdict"], there["platform"]) == (here["verdict"], here["platform"])


def test_a_guest_without_disks_has_none_rather_than_an_error(guests):
    assert report(guests["svm"]["check"])["facts"]["disk.largest"]["status"] == "absent"
