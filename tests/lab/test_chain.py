# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests of four platforms over real SVM and VMX: each is recognised, and its verdict is true."""
import json
import subprocess

import guest
import pytest
import table
from chains import GUESTS, Chains, l1s, typed

OTHER_TARGETS = ["proxmox", "esxi-8", "hyperv-2022"]


@pytest.fixture(scope="session")
def chains(request, guests, table_rows):
    wanted = {value for item in request.session.items if hasattr(item, "callspec")
              for value in item.callspec.params.values() if isinstance(value, str)}
    found = Chains(guests.pool, {GUESTS[name][0] for name in wanted & set(GUESTS)})
    yield found
    table_rows += found.rows()


def report(output):
    return json.loads(output.stdout)


@pytest.mark.parametrize("name", l1s())
def test_the_guest_is_what_its_platform_was_set_to(chains, name):
    expected, outputs = GUESTS[name][1], chains[name]
    assert outputs["module"].stdout.decode().split() == ([expected.module] if expected.module else [])
    assert outputs["kvm"].stdout.decode().split() \
        == (["NY"[expected.slat]] if expected.module else [])
    assert table.vm_runs(outputs) == expected.runs, outputs["run_l2"]


@pytest.mark.parametrize("name", l1s())
def test_the_verdict_is_true(chains, name):
    expected, found = GUESTS[name][1], report(chains[name]["check"])
    assert found["verdict"] == expected.verdict, chains[name]["text"].stdout.decode()
    assert table.promised(found) == table.vm_runs(chains[name])
    assert found["basis"] == ("proven" if expected.runs else "flags")


@pytest.mark.parametrize("name", l1s())
def test_the_platform_is_recognised(chains, name):
    found = report(chains[name]["check"])["platform"]
    assert found["id"] == GUESTS[name][1].platform
    assert found["confidence"] in ("medium", "high")


@pytest.mark.parametrize("name", l1s(lambda expected: expected.gap))
def test_what_stops_the_guest_comes_first_and_has_a_remedy(chains, name):
    gap = GUESTS[name][1].gap
    findings = report(chains[name]["check"])["findings"]
    named_so = [finding for finding in findings
                if finding["outcome"] == "fail" and finding.get("gap") == gap]
    assert named_so and named_so[0]["remedies"]
    first = next(line for line in chains[name]["text"].stdout.decode().splitlines()
                 if line.startswith(" 1 "))
    assert first.endswith(f" {gap}")


@pytest.mark.parametrize("name", l1s())
def test_only_what_must_fail_does_where_registers_fault(chains, name):
    """Unlike both emulators, KVM answers a register that is not there with a fault."""
    assert b"Input/output error" in chains[name]["register"].stderr
    facts = report(chains[name]["check"])["facts"]
    failed = {key for key, fact in facts.items() if fact["status"] in ("failed", "denied")}
    assert failed == set(GUESTS[name][1].failed)


@pytest.mark.parametrize("name", l1s())
def test_a_recording_answers_for_every_target(chains, tmp_path, name):
    snapshot = tmp_path / "snapshot.json"
    snapshot.write_bytes(chains[name]["capture"].stdout)

    def verdict(target):
        replayed = subprocess.run([guest.BUILD / "nestready", "--format", "json", "--target",
                                   target, "--snapshot", snapshot], capture_output=True)
        return report(replayed)["verdict"]

    assert verdict("kvm") == GUESTS[name][1].verdict
    if not GUESTS[name][1].runs:
        assert {verdict(target) for target in OTHER_TARGETS} == {"not-ready"}


@pytest.mark.parametrize("name, answers, product, version", [
    pytest.param("vmware", ("observed", True), 2, 19, id="vmware"),
    pytest.param("intel-vmware", ("observed", True), 2, 19, marks=pytest.mark.slow, id="intel"),
    pytest.param("workstation", ("observed", True), 4, 19, marks=pytest.mark.slow, id="workstation"),
    pytest.param("vmware-8", ("observed", True), 2, 8, marks=pytest.mark.slow, id="vmware-8"),
    pytest.param("vmware-silent", ("observed", False), None, None, marks=pytest.mark.slow,
                 id="silent"),
    pytest.param("vmware-restricted", ("failed", None), None, None, marks=pytest.mark.slow,
                 id="restricted"),
])
def test_vmware_is_asked_through_its_backdoor(chains, name, answers, product, version):
    facts = report(chains[name]["check"])["facts"]
    assert (facts["vmware.backdoor"]["status"], facts["vmware.backdoor"].get("value")) == answers
    assert facts["vmware.product"].get("value") == product
    assert facts["vmware.hardware-version"].get("value") == version


@pytest.mark.parametrize("name", l1s(lambda expected: expected.after))
def test_the_guest_is_ready_after_what_the_text_said_was_done(chains, name):
    of, expected = GUESTS[name]
    gap = GUESTS[expected.after][1].gap
    stopped = chains[expected.after]
    assert "# N or 0: reload with " in stopped["text"].stdout.decode()
    text = stopped["text-modprobe"].stdout.decode()
    for command in typed(gap):
        assert f"\n       {command}\n" in text
    said = chains.step(of, "as-told")
    assert said.stdout.split()[0] in (b"0", b"N"), said

    found = report(chains[name]["check"])
    assert (found["verdict"], found["basis"]) == ("ready", "proven"), said
    assert table.vm_runs(chains[name])
    assert gap not in {finding.get("gap") for finding in found["findings"]
                       if finding["outcome"] == "fail"}
