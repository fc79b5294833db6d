# SPDX-License-Identifier: GPL-2.0-or-later
"""`nestready diff`: two reports or snapshots, and whether readiness changed between them."""
import json
import re
import subprocess
from pathlib import Path

import pytest
from command import BUILD, complains

DATA = Path(__file__).parents[1] / "data/import"


def run(*arguments, **options):
    return subprocess.run([BUILD / "nestready", *arguments], capture_output=True, text=True,
                          timeout=120, check=False, **options)


@pytest.fixture(scope="module", name="made")
def fixture_made(tmp_path_factory):
    """A machine before and after it lost VMX controls: snapshots, and reports for two targets."""
    path = tmp_path_factory.mktemp("diff")
    files = {}
    for name, source in [("before", "dump-intel"), ("after", "dump-lost-control")]:
        files[name] = path / f"{name}.json"
        assert run("import", DATA / f"{source}.txt", "-o", files[name]).returncode == 0
        for target in ["kvm", "esxi-8"]:
            report = path / f"{name}-{target}.json"
            run("check", "--snapshot", files[name], "--target", target, "--format", "json",
                "-o", report)
            files[f"{name}-{target}"] = report
    return files


def test_a_vmx_control_that_a_migration_dropped(made):
    result = run("diff", made["before"], made["after"])
    assert result.returncode == 1 and result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "READINESS CHANGED for KVM: indeterminate -> not-ready"
    assert lines[1].startswith(" opened: ") and lines[1].endswith("l0.controls-missing")
    assert " cpu.controls: pass -> fail (l0.controls-missing)" in lines
    assert lines[lines.index("Facts") + 2] == "   lost: MONITOR exiting"
    assert lines.index("Findings") < lines.index("Facts")
    assert all(len(line) <= 80 for line in lines)


def test_the_other_way_round_it_is_closed_and_gained(made):
    result = run("diff", made["after"], made["before"])
    assert result.returncode == 1
    assert " closed: " in result.stdout and " opened: " not in result.stdout
    assert "   gained: MONITOR exiting" in result.stdout


def test_nothing_changed(made):
    for name in ["before", "before-kvm", "before-esxi-8"]:
        result = run("diff", made[name], made[name])
        assert result.returncode == 0 and result.stderr == ""
        assert re.fullmatch(r"Readiness unchanged for [^\n]+\n", result.stdout)


@pytest.mark.parametrize("before, after", [
    ("before", "after-kvm"), ("before-kvm", "after"), ("before-kvm", "after-kvm"),
    ("before-esxi-8", "after"), ("before", "after-esxi-8"),
])
def test_reports_and_snapshots_mix(made, before, after):
    result = run("diff", made[before], made[after], "--format", "json")
    diff = json.loads(result.stdout)
    assert result.returncode == 1
    assert diff["schema"] == "nestready.diff/1"
    assert diff["target"] == ("esxi-8" if "esxi-8" in before + after else "kvm")
    assert diff["readiness_changed"] is True
    lost = {fact["key"]: fact["lost"] for fact in diff["facts"] if "lost" in fact}
    assert lost == {"msr.vmx-proc": ["MONITOR exiting"],
                    "msr.vmx-proc2": ["EPT", "unrestricted guest"]}


def test_a_chosen_target(made):
    result = run("diff", "--target", "hyperv-2022", made["before"], made["after"])
    assert result.stdout.startswith("READINESS CHANGED for Hyper-V (Windows Server 2022): ")
    complains(run("diff", "--target", "proxmox", made["before-kvm"], made["after"]), 65,
              "is about kvm", "is about proxmox")


def test_facts_alone_are_no_change_of_readiness(tmp_path, made):
    snapshot = json.loads(made["before"].read_text())
    snapshot["answers"]["msr 0 0x0000048c"]["numbers"] = ["0xf0106314141"]
    snapshot["answers"]["msr 1 0x0000048c"]["numbers"] = ["0xf0106314141"]
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(snapshot))
    result = run("diff", made["before"], changed)
    assert result.returncode == 0, result.stdout
    assert result.stdout.startswith("Readiness unchanged for KVM: indeterminate\nFacts\n")
    assert "lost: 1 GiB EPT pages" in result.stdout


def test_through_pipes_and_into_a_file(tmp_path, made):
    out = tmp_path / "diff.txt"
    result = run("diff", "-", made["after"], "-o", out, input=made["before"].read_text())
    assert result.returncode == 1 and result.stdout == ""
    assert out.read_text().startswith("READINESS CHANGED")


def test_a_recording_of_this_machine_is_the_same_twice(tmp_path):
    recording = tmp_path / "machine.json"
    assert run("capture", "--passive", "-o", recording).returncode == 0
    result = run("diff", recording, recording)
    assert result.returncode == 0 and result.stdout.startswith("Readiness unchanged for ")


def test_mistakes(tmp_path, made):
    other = tmp_path / "other.json"
    complains(run("diff"), 64, "needs two files")
    complains(run("diff", made["before"]), 64, "needs two files")
    complains(run("diff", "a", "b", "c"), 64, "takes A B", "'c' is one too many")
    complains(run("diff", made["before-kvm"], made["after-esxi-8"]), 65, "is about esxi-8")
    complains(run("diff", made["before"], tmp_path / "none"), 66, "No such file")
    for text in ["", "no json", "[]", '{"schema": "nestready.plan/1"}',
                 '{"schema": "nestready.snapshot/9"}',
                 '{"schema": "nestready.snapshot/1", "answers": {"file /x": 5}}']:
        other.write_text(text)
        complains(run("diff", made["before"], other), 65, "other.json")
        complains(run("diff", other, made["before"]), 65, "other.json")
