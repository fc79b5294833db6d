# SPDX-License-Identifier: GPL-2.0-or-later
"""`nestready import`: what people already have, judged by `check --snapshot` against every target.

The files in tests/data/import/ are written by hand after the form of the real ones.
"""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("NESTREADY_BUILD", Path(__file__).parents[2] / "build")).resolve()
DATA = Path(__file__).parents[1] / "data/import"
TARGETS = ["kvm", "proxmox", "esxi-8", "hyperv-2022"]
EXIT = {"ready": 0, "degraded": 1, "not-ready": 2, "indeterminate": 3}


def run(*arguments, **options):
    return subprocess.run([BUILD / "nestready", *arguments], capture_output=True, timeout=120,
                          check=False, **options)


def snapshot_of(path, name):
    made = path / f"{name}.json"
    result = run("import", DATA / f"{name}.txt", "-o", made)
    assert result.returncode == 0, result.stderr
    assert result.stdout == b"" and result.stderr == b""
    return made


def judge(snapshot, target):
    result = run("check", "--snapshot", snapshot, "--target", target, "--format", "json")
    report = json.loads(result.stdout)
    assert result.stderr == b""
    assert result.returncode == EXIT[report["verdict"]]
    assert report["basis"] == "imported"
    return report


def outcomes(report):
    return {finding["id"]: finding["outcome"] for finding in report["findings"]}


def complains(result, status, *parts):
    assert result.returncode == status, result.stderr
    assert result.stdout == b""
    assert re.fullmatch(rb"nestready: [^\n]+\n", result.stderr), result.stderr
    for part in parts:
        assert part in result.stderr.decode()


IMPORTABLE = {
    "dump-intel": "cpuid-dump", "dump-lost-control": "cpuid-dump", "dump-old": "cpuid-dump",
    "dump-msr-once": "cpuid-dump", "cpuid-raw": "cpuid-raw", "systeminfo": "systeminfo", "systeminfo-hypervisor": "systeminfo",
    "coreinfo": "coreinfo", "esxcfg-info": "esxcfg-info",
}


@pytest.mark.parametrize("name", IMPORTABLE)
def test_every_sample_is_recognised_and_judged_for_every_target(tmp_path, name):
    made = snapshot_of(tmp_path, name)
    snapshot = json.loads(made.read_text())
    assert snapshot["schema"] == "nestready.snapshot/1"
    assert snapshot["imported"] == IMPORTABLE[name]
    for target in TARGETS:
        report = judge(made, target)
        assert "error" not in outcomes(report).values()
        text = run("--snapshot", made, "--target", target)
        assert text.returncode == EXIT[report["verdict"]]


def test_a_dump_with_vmx_controls(tmp_path):
    report = judge(snapshot_of(tmp_path, "dump-intel"), "kvm")
    found = outcomes(report)
    assert report["verdict"] == "indeterminate"
    for finding in ["cpu.extension", "cpu.controls", "cpu.slat", "cpu.nx", "cpu.uniform"]:
        assert found[finding] == "pass", finding
    assert found["cpu.extension-enabled"] == "not-checked"
    assert found["kvm.device"] == "not-checked"
    assert report["facts"]["cpu.count"]["value"] == 2
    assert report["facts"]["msr.vmx-proc2"]["value"] == "0x00007cff00000000"


def test_registers_that_were_read_on_one_cpu_say_nothing_of_the_others(tmp_path):
    report = judge(snapshot_of(tmp_path, "dump-msr-once"), "kvm")
    assert report["verdict"] == "indeterminate"
    assert outcomes(report)["cpu.controls"] == "not-checked"
    assert report["facts"]["msr.vmx-pin"]["exceptions"] == [
        {"cpus": "1", "status": "skipped", "why": "not recorded"}]


def test_a_control_that_is_missing(tmp_path):
    report = judge(snapshot_of(tmp_path, "dump-lost-control"), "kvm")
    assert report["verdict"] == "not-ready"
    assert outcomes(report)["cpu.controls"] == "fail"


@pytest.mark.parametrize("target", TARGETS)
def test_a_cpu_of_1997(tmp_path, target):
    report = judge(snapshot_of(tmp_path, "dump-old"), target)
    assert report["verdict"] == "not-ready"
    assert outcomes(report)["cpu.extension"] == "fail"


def test_cpuid_raw_of_a_guest(tmp_path):
    report = judge(snapshot_of(tmp_path, "cpuid-raw"), "kvm")
    found = outcomes(report)
    assert found["cpu.extension"] == "pass" and found["cpu.slat"] == "pass"
    assert report["facts"]["hypervisor.signatures"]["value"] == ["KVMKVMKVM"]
    assert report["facts"]["cpu.count"]["value"] == 2


def test_systeminfo_with_virtualization_off_in_the_firmware(tmp_path):
    made = snapshot_of(tmp_path, "systeminfo")
    text = made.read_text()
    for secret in ["LAB-PC07", "192.0.2.7"]:
        assert secret not in text
    report = judge(made, "hyperv-2022")
    found = outcomes(report)
    assert report["verdict"] == "not-ready"
    assert found["cpu.extension"] == "pass"
    assert found["cpu.extension-enabled"] == "fail"
    assert found["memory.total"] == "pass"
    assert found["cpu.features"] == "not-checked"
    assert found["cpu.count"] == "not-checked"


def test_systeminfo_that_hides_behind_a_hypervisor(tmp_path):
    report = judge(snapshot_of(tmp_path, "systeminfo-hypervisor"), "hyperv-2022")
    found = outcomes(report)
    assert report["verdict"] == "indeterminate"
    assert found["cpu.extension"] == found["cpu.slat"] == "not-checked"
    assert report["platform"]["id"] in ("vmware-esxi", "vmware-workstation", None)


def test_coreinfo_without_ept(tmp_path):
    made = snapshot_of(tmp_path, "coreinfo")
    assert judge(made, "hyperv-2022")["verdict"] == "not-ready"
    found = outcomes(judge(made, "kvm"))
    assert found["cpu.extension"] == "pass" and found["cpu.slat"] == "fail"


def test_esxi_with_virtualization_off_in_the_firmware(tmp_path):
    report = judge(snapshot_of(tmp_path, "esxcfg-info"), "esxi-8")
    found = outcomes(report)
    assert report["verdict"] == "not-ready"
    assert found["cpu.extension"] == "pass"
    assert found["cpu.extension-enabled"] == "fail"
    assert found["cpu.slat"] == "not-checked"


def test_as_a_pipe_and_as_windows_writes_it():
    text = (DATA / "coreinfo.txt").read_text().replace("\n", "\r\n").encode("utf-16")
    made = run("import", "-", input=text)
    assert made.returncode == 0, made.stderr
    judged = run("check", "--snapshot", "-", "--format", "json", input=made.stdout)
    assert json.loads(judged.stdout)["facts"]["cpu.vmx"]["value"] is True


def test_what_is_no_dump(tmp_path):
    formats = "cpuid-dump, cpuid-raw, systeminfo, coreinfo, esxcfg-info"
    complains(run("import", DATA / "not-a-dump.txt"), 65, "not-a-dump.txt", formats)
    complains(run("import", DATA / "dump-torn.txt"), 65, "dump-torn.txt:2: expected CPUID")
    complains(run("import", "/dev/null"), 65, "an empty file")
    complains(run("import", BUILD / "nestready"), 65, "no text")
    complains(run("import", tmp_path / "none"), 66, "No such file")
    complains(run("import", tmp_path), 66, "directory")
    complains(run("import"), 64, "needs a FILE")
    complains(run("import", "a", "b"), 64, "one too many")
    large = tmp_path / "large"
    with open(large, "wb") as out:
        out.truncate(100 << 20)
    complains(run("import", large), 65, "larger than 16 MiB")
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        complains(run("import", "-", stdin=endless.stdout), 65, "larger than 16 MiB")
        endless.stdout.close()
        endless.kill()


def test_facts_that_are_none_are_refused(tmp_path):
    made = tmp_path / "made.json"
    made.write_text('{"schema": "nestready.snapshot/1", "answers": {}, '
                    '"facts": {"cpu.nx": {"status": "observed"}}}')
    complains(run("check", "--snapshot", made), 65, "made.json", '"cpu.nx" is no fact')


def test_what_the_probes_know_is_not_overruled(tmp_path):
    made = snapshot_of(tmp_path, "dump-intel")
    snapshot = json.loads(made.read_text())
    snapshot["facts"] = {
        "cpu.vmx": {"status": "observed", "value": False},
        "memory.total": {"status": "observed", "value": 17179869184, "source": "a label"},
    }
    made.write_text(json.dumps(snapshot))
    facts = judge(made, "kvm")["facts"]
    assert facts["cpu.vmx"]["value"] is True
    assert facts["memory.total"] == {"status": "observed", "value": 17179869184,
                                     "source": "a label"}


def test_help_names_every_format():
    text = run("import", "--help").stdout.decode()
    for name in IMPORTABLE.values():
        assert re.search(rf"^  {name} ", text, re.M)
