#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Data files and what the program writes, against their schemas.

The build checks data files with tools/schema.py; here the jsonschema package
judges too, over the good files and over every way of breaking them below.
"""
import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", SOURCE / "build"))
SCHEMAS = {path.name: json.loads(path.read_text()) for path in (SOURCE / "schema").glob("*.json")}
KNOWLEDGE = sorted((SOURCE / "knowledge").rglob("*.json"))
FILES = sorted([*KNOWLEDGE, *(SOURCE / "doc/lab").glob("*.json")])
TARGETS = [path.stem for path in (SOURCE / "knowledge/targets").glob("*.json")]

sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "tools"))
import schema as ours  # noqa: E402


def accepts(data):
    """What jsonschema says, by the schema that the data names."""
    schema = SCHEMAS[data["schema"].split(".")[1].split("/")[0] + ".schema.json"]
    resolver = jsonschema.RefResolver("", schema, store=SCHEMAS)
    return list(jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(data))


def we_accept(data, name="made-up.json"):
    try:
        ours.validate(str(SOURCE / "schema"), name, data)
        return None
    except ours.Rejected as rejected:
        return str(rejected)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schemas_are_schemas(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_data_files_are_valid_for_both(path):
    data = json.loads(path.read_text())
    assert accepts(data) == []
    assert we_accept(data) is None


def kvm():
    return json.loads((SOURCE / "knowledge/targets/kvm.json").read_text())


def proxmox():
    return json.loads((SOURCE / "knowledge/targets/proxmox.json").read_text())


def esxi():
    return json.loads((SOURCE / "knowledge/platforms/vmware-esxi.json").read_text())


def shared():
    return json.loads((SOURCE / "knowledge/remedies.json").read_text())


def put(*path_and_value):
    """A change: the value at the end of the path, None to take the member out."""
    *path, last, value = path_and_value

    def change(data):
        for step in path:
            data = data[step]
        if value is None:
            del data[last]
        else:
            data[last] = value
    return change


BROKEN = [
    (kvm, put("id", "Upper"), "id: expected text like"),
    (kvm, put("title", None), "expected a member 'title'"),
    (kvm, put("titel", "KVM"), "titel: expected one of"),
    (kvm, put("title", "x" * 61), "title: expected 3 to 60 characters"),
    (kvm, put("installed_rank", True), "installed_rank: expected integer"),
    (kvm, put("installed_rank", -1), "installed_rank: expected 0 to 1000"),
    (kvm, put("requirements", []), "requirements: expected at least 1 items"),
    (kvm, put("requirements", 0, "severity", "must"),
     "requirements[0].severity: expected one of required, recommended, informational"),
    (kvm, put("requirements", 0, "proves", 1), "requirements[0].proves: expected boolean"),
    (kvm, put("requirements", 0, "applies_why", None),
     "requirements[0]: expected a member 'applies_why' beside 'applies'"),
    (kvm, put("requirements", 0, "condition", {"fact": "a.b"}), "requirements[0].condition: expected"),
    (kvm, put("requirements", 0, "condition", {"fact": "a.b", "is": 1.5}),
     "requirements[0].condition.is: expected boolean or integer or string"),
    (kvm, put("requirements", 0, "condition", {"fact": "A B", "is": 1}),
     "requirements[0].condition.fact: expected text like"),
    (kvm, put("requirements", 0, "condition", {"fact": "a.b", "has_bits": 5}),
     "requirements[0].condition.has_bits: expected string"),
    (kvm, put("requirements", 0, "condition", {"fact": "a.b", "has_bits": "0x10000000000000000"}),
     "requirements[0].condition.has_bits: expected text like"),
    (kvm, put("requirements", 0, "condition", {"fact": "a.b", "uniform": 1}),
     "requirements[0].condition.uniform: expected true"),
    (kvm, put("requirements", 0, "condition", {"all": [{"always": True}, {"any": []}]}),
     "requirements[0].condition.all[1].any: expected at least 1 items"),
    (kvm, put("requirements", 0, "condition", {"fact": "a.b", "is": 1, "at_least": 1}),
     "requirements[0].condition"),
    (kvm, put("matrix", 0, "support", "maybe"), "matrix[0].support: expected one of supported"),
    (proxmox, put("id", None), "expected a member 'id'"),
    (proxmox, put("titel", "Proxmox"), "titel: expected one of"),
    (proxmox, put("requirements", 0, "id", None), "requirements[0]: expected a member 'id'"),
    (proxmox, put("requirements", 0, "applies", 1), "requirements[0].applies: expected"),
    (proxmox, put("drop", [{"id": "cpu.nx"}]), "drop[0]: expected a member 'why'"),
    (esxi, put("rank", "high"), "rank: expected integer"),
    (esxi, put("recognitions", 0, "confidence", "certain"),
     "recognitions[0].confidence: expected one of low, medium, high"),
    (esxi, put("finders", 0, "command", "govc vm.info NAME"),
     "finders[0].command: expected text like UUID"),
    (shared, put("remedies", "qemu-cpu-host", "steps", []),
     "remedies.qemu-cpu-host.steps: expected at least 1 items"),
    (shared, put("remedies", "qemu-cpu-host", "undo", None),
     "remedies.qemu-cpu-host: expected a member 'undo'"),
    (shared, put("remedies", "qemu-cpu-host", "power_off", "yes"),
     "remedies.qemu-cpu-host.power_off: expected boolean"),
]


@pytest.mark.parametrize("make,change,message", BROKEN, ids=[row[2][:60] for row in BROKEN])
def test_both_reject_what_is_broken_and_the_build_says_where(make, change, message):
    data = make()
    change(data)
    assert accepts(data) != []
    said = we_accept(data)
    assert said is not None and said.startswith("made-up.json: ")
    assert message in said


def mutations(data, place=()):
    """Every way of taking out one member, or of giving one value another type."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*place, key), "another type"
        if isinstance(data, dict):
            yield (*place, key), "missing"
        if isinstance(value, (dict, list)):
            yield from mutations(value, (*place, key))


@pytest.mark.parametrize("make", [kvm, proxmox, esxi, shared])
def test_both_agree_on_every_mutation(make):
    data = make()
    places = list(mutations(data))[::7]  # each costs jsonschema milliseconds
    rejected = 0
    for place, how in places:
        broken = copy.deepcopy(data)
        put(*place, None if how == "missing" else [[]])(broken)
        if "schema" not in broken or not isinstance(broken["schema"], str):
            continue
        said = we_accept(broken)
        assert (said is None) == (accepts(broken) == []), (place, how, said)
        rejected += said is not None
    assert rejected > len(places) / 2


def compile_changed(tmp_path, name, change):
    """Runs the compiler over all files, one of them changed.  Its exit status and complaint."""
    files = []
    for path in KNOWLEDGE:
        copied = tmp_path / path.relative_to(SOURCE)  # a target and a platform are called xen
        copied.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text()
        if path.name == name:
            data = json.loads(text)
            text = change(data) or json.dumps(data)
        copied.write_text(text)
        files.append(copied)
    done = subprocess.run([SOURCE / "tools/knowledge-compile", SOURCE / "schema", *files],
                          capture_output=True, text=True)
    return done.returncode, done.stderr, done.stdout


def condition(value):
    return put("requirements", 0, "condition", value)


CROSS = [
    ("kvm.json", put("requirements", 0, "gaps", [{"gap": "l0.never-heard-of"}]),
     "requirements[0].gaps[0].gap: expected the id of a gap; found l0.never-heard-of"),
    ("kvm.json", put("requirements", 3, "id", "no.page"),
     "requirements[3].id: expected the id of a finding; found no.page"),
    ("kvm.json", put("requirements", 3, "id", "l2.survived"),
     "requirements[3].id: expected an id of its own; found l2.survived"),
    ("kvm.json", put("matrix", 1, "platform", "kvm-libvirt"),
     "matrix[1].platform: expected an id of its own; found kvm-libvirt"),
    ("kvm.json", put("requirements", 0, "superseded_by", "no.such"),
     "requirements[0].superseded_by: expected a requirement that is not superseded itself"),
    ("kvm.json", put("requirements", 0, "superseded_by", "cpu.extension"),
     "requirements[0].superseded_by: expected a requirement that is not superseded itself"),
    ("kvm.json", condition({"use": "no-such"}), "expected a name in conditions.json; found no-such"),
    ("kvm.json", put("matrix", 0, "platform", "amiga"), "matrix[0].platform: expected the id of a platform"),
    ("kvm.json", put("id", "qvm"), "id: expected the file's own name; found qvm"),
    ("kvm.json", lambda data: '{"schema": "nestready.target/1", "id": "a", "id": "b"}',
     "expected a JSON file; found key 'id' twice in one object"),
    ("kvm.json", lambda data: '{"schema": "nestready.target/1", ', "top: expected a JSON file"),
    ("kvm.json", lambda data: "[]", "schema: expected the name of a schema"),
    ("kvm.json", put("schema", "nestready.target/2"), 'schema: expected "nestready.target/1"'),
    ("kvm.json", put("schema", "nestready.novel/1"), "schema: expected the name of a schema"),
    ("proxmox.json", put("extends", "amiga"), "extends: expected the id of a target or family; found amiga"),
    ("proxmox.json", put("extends", "proxmox"), "extends: expected a target that does not extend itself"),
    ("proxmox.json", put("drop", [{"id": "cpu.nix", "why": "made up"}]),
     "drop[0].id: expected what is extended to have it; found cpu.nix"),
    ("proxmox.json", put("requirements", 0, "before", "cpu.nix"),
     "requirements[0].before: expected the id of another requirement; found cpu.nix"),
    ("proxmox.json", put("requirements", 0, {"id": "cpu.features", "severity": "required"}),
     "expected a member 'group'"),
    ("proxmox.json", put("number", None), "expected a member 'number'"),
    ("conditions.json", put("conditions", "amd", {"not": {"use": "amd"}}),
     "expected a condition that does not use itself; found amd"),
    ("proxmox.json", put("number", 1), "proxmox.number: expected a number that nothing else has; found 1"),
    ("gaps.json", put("gaps", 1, "number", 1),
     "l0.virt-disabled.number: expected a number that nothing else has; found 1"),
    ("gaps.json", put("gaps", 1, "after", ["l0.nothing"]),
     "l0.virt-disabled.after: expected the id of a gap; found l0.nothing"),
    ("gaps.json", put("gaps", 1, "after", ["l0.virt-disabled"]),
     "l0.virt-disabled.after: expected an order without a circle; found l0.virt-disabled"),
    ("gaps.json", put("gaps", 0, "after", ["l0.slat-not-exposed"]),
     ".after: expected an order without a circle; found "),
    ("bhyve.json", put("never", "l0.nothing", "why"), "never.l0.nothing: expected the id of a gap"),
    ("bhyve.json", put("gaps", 0, "instead", None),
     "gaps[0]: expected remedies, or 'instead' and 'source'"),
    ("bhyve.json", put("gaps", 0, "remedies", ["no-such"]),
     "gaps[0].remedies[0]: expected the name of a remedy in remedies.json; found no-such"),
    ("proxmox-ve.json", put("extends", "amiga"), "extends: expected a platform that extends no other"),
    ("remedies.json", put("remedies", "virsh-cpus", "cycle", "no-such"),
     "remedies.virsh-cpus.cycle: expected the name of a cycle in remedies.json; found no-such"),
    ("remedies.json", put("remedies", "virsh-cpus", "cycle", None),
     "remedies.virsh-cpus: expected a member 'power_off', or a 'cycle'"),
    ("gaps.json", put("gaps", 0, "only", ["amiga"]), "only[0]: expected the id of a platform"),
    ("bhyve.json", put("gaps", 0, "gap", "l0.nothing"), "gaps[0].gap: expected the id of a gap"),
    ("gaps.json", put("gaps", 1, "id", "l0.virt-not-exposed"), "gaps[1].id: expected an id of its own"),
]


@pytest.mark.parametrize("name,change,message", CROSS, ids=[row[2][:60] for row in CROSS])
def test_the_compiler_says_what_does_not_fit_and_writes_nothing(tmp_path, name, change, message):
    status, said, written = compile_changed(tmp_path, name, change)
    assert status == 1
    assert name in said and message in said
    assert written == ""


def test_the_compiler_accepts_what_is_shipped(tmp_path):
    status, said, written = compile_changed(tmp_path, "kvm.json", lambda data: None)
    assert (status, said) == (0, "")
    assert written.startswith("/* Generated by")


def test_every_data_file_is_built_in():
    makefile = (SOURCE / "Makefile.am").read_text()
    for path in KNOWLEDGE:
        assert str(path.relative_to(SOURCE)) in makefile


def run(*arguments):
    return subprocess.run([BUILD / "nestready", *arguments], capture_output=True, text=True,
                          timeout=60)


@pytest.mark.parametrize("target", TARGETS)
def test_reports_of_this_machine_are_valid(target):
    done = run("--target", target, "--format", "json")
    assert done.returncode in (0, 1, 2, 3), done.stderr
    report = json.loads(done.stdout)
    assert accepts(report) == []
    assert report["target"]["id"] == target
    verdicts = ["ready", "degraded", "not-ready", "indeterminate"]
    assert report["verdict"] == verdicts[done.returncode]
    assert {other["target"] for other in report["others"]} == set(TARGETS) - {target}


def test_a_recording_of_this_machine_is_valid_and_gives_the_same_findings(tmp_path):
    recording = tmp_path / "machine.json"
    assert run("capture", "-o", recording).returncode == 0
    assert accepts(json.loads(recording.read_text())) == []
    done = run("--snapshot", recording, "--format", "json")
    report = json.loads(done.stdout)
    assert accepts(report) == []
    assert report["basis"] == "imported"


def test_what_is_to_be_reset_before_cloning_is_valid():
    done = run("preclone", "--format", "json")
    found = json.loads(done.stdout)
    assert accepts(found) == []
    states = {reset["state"] for reset in found["resets"]}
    assert done.returncode == (2 if "reset" in states else 3 if "unknown" in states else 0)


# What short codes out there stand for: a number, once given, keeps its meaning, and a new target or
# gap gets a line here.
NUMBERS = {
    "kvm": 1, "proxmox": 2, "esxi-8": 3, "hyperv-2022": 4, "esxi-6.7": 5, "esxi-7": 6, "esx-9": 7,
    "hyperv-2016": 8, "hyperv-2019": 9, "hyperv-2025": 10, "virtualbox-7": 11, "xen": 12,
    "vmware-workstation-17": 13, "firecracker-kata": 14, "windows-vbs": 15, "hyperv-containers": 16,
    "esxi-vsan-witness": 17, "eve-ng": 18, "gns3-vm": 19,
}
GAP_NUMBERS = {
    "l0.virt-not-exposed": 1,
    "l0.virt-disabled": 2,
    "l0.slat-not-exposed": 3,
    "l0.cpus-differ": 4,
    "l0.controls-missing": 5,
    "l0.hardware-version": 6,
    "l0.platform-too-old": 7,
    "l0.dynamic-memory": 8,
    "l0.adapter-model": 9,
    "l0.storage-model": 10,
    "l0.too-few-cpus": 11,
    "l0.too-little-memory": 12,
    "l0.confidential-vm": 13,
    "l0.platform-cannot": 14,
    "l0.cpu-features": 15,
    "l1.module-not-loaded": 16,
    "l1.module-missing": 17,
    "l1.kvm-device-missing": 18,
    "l1.kvm-busy": 19,
    "l1.l2-fails": 20,
    "l1.lost-machine": 21,
    "l1.slat-off": 22,
    "l1.own-hypervisor": 23, "l0.cpu-generation": 24,
    "l1.no-bridge": 25,
    "l1.no-forwarding": 26,
    "l1.bridge-firewall": 27,
    "l1.subnets-overlap": 28,
    "l1.service-stopped": 29,
    "l1.vms-killed": 30,
    "l1.no-kvm-access": 31,
    "l1.no-libvirt-access": 32,
    "l1.iommu-off": 33,
    "l1.huge-pages-off": 34,
    "l1.slow-clock": 35,
    "l1.flag-cleared": 36,
    "l0.entry-refused": 37,
    "l0.flag-vanished": 38,
    "l1.runs-without-flag": 39,
    "l0.flag-hidden": 40,
    "l0.too-small-disk": 41,
    "l1.kvm-holds-cpu": 42,
    "l0.mac-egress-filtered": 43,
    "l0.mac-ingress-filtered": 44,
    "l0.mac-filtered": 45,
    "l1.mac-local-filter": 46,
    "net.use-nat": 47,
    "l0.mtu-no-headroom": 48,
    "l0.vlan-filtered": 49,
    "l0.duplicate-frames": 50,
    "l1.mac-changed": 51,
}


def test_numbers_in_short_codes_keep_their_meaning():
    gaps = json.loads((SOURCE / "knowledge/gaps.json").read_text())["gaps"]
    assert {gap["id"]: gap["number"] for gap in gaps} == GAP_NUMBERS
    targets = [json.loads((SOURCE / f"knowledge/targets/{name}.json").read_text())
               for name in TARGETS]
    assert {target["id"]: target["number"] for target in targets} == NUMBERS


IMPORTS = sorted(path for path in (SOURCE / "tests/data/import").glob("*.txt")
                 if path.stem not in ("not-a-dump", "dump-torn"))


@pytest.mark.parametrize("path", IMPORTS, ids=lambda path: path.stem)
def test_imports_and_what_is_judged_of_them_are_valid(tmp_path, path):
    snapshot = tmp_path / "snapshot.json"
    assert run("import", path, "-o", snapshot).returncode == 0
    assert accepts(json.loads(snapshot.read_text())) == []
    report = json.loads(run("--snapshot", snapshot, "--format", "json").stdout)
    assert accepts(report) == []


def test_diffs_are_valid(tmp_path):
    for path in IMPORTS:
        run("import", path, "-o", tmp_path / f"{path.stem}.json")
    for first in sorted(tmp_path.iterdir()):
        for second in sorted(tmp_path.iterdir()):
            done = run("diff", first, second, "--format", "json")
            assert done.returncode in (0, 1), done.stderr
            assert accepts(json.loads(done.stdout)) == []
