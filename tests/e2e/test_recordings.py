# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings of this machine say the same as the machine, and bad ones say what is wrong."""
import json
import os
import re
from pathlib import Path

import pytest
from command import NOBODY, VERDICTS, complains, run


def without_timings(value):
    """Findings without what time does: nanoseconds masked, the age of a MAC test before left out."""
    if isinstance(value, dict):
        if value.get("fact", value.get("key", "")) == "l2.exit-ns":
            return {**value, "value": "masked"}
        return {key: without_timings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_timings(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"; [^;]* measured .* ago by the MAC test$", "", value)
    return value


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A recording of this machine."""
    path = tmp_path_factory.mktemp("snapshot") / "machine.json"
    result = run("capture", "-o", path)
    assert result.returncode == 0, result.stderr
    return path


def test_a_recording_says_what_the_machine_says(tmp_path):
    """The same findings byte for byte; both runs see the same answers."""
    path = tmp_path / "machine.json"
    assert run("capture", "-o", path).returncode == 0
    live = json.loads(run("--format", "json").stdout)
    replayed = json.loads(run("--format", "json", "--snapshot", path).stdout)
    dumps = [json.dumps(without_timings(r["findings"]), indent=1) for r in (live, replayed)]
    assert dumps[0] == dumps[1]
    assert replayed["guest"].get("hostname", "") == ""
    assert replayed["platform"] == live["platform"]


def test_a_recording_is_judged_the_same_by_anybody(snapshot):
    first = run("--snapshot", snapshot)
    assert first.stdout.startswith(VERDICTS[first.returncode])
    assert run("--snapshot", snapshot).stdout == first.stdout
    if os.geteuid() == 0:
        snapshot.parent.chmod(0o755)
        shown = json.loads(run("--snapshot", "/dev/stdin", "--format", "json", before=NOBODY,
                               stdin=snapshot.open()).stdout)
        assert shown["findings"] == json.loads(
            run("--snapshot", snapshot, "--format", "json").stdout)["findings"]


def test_a_recording_remembers_that_the_last_l2_took_the_machine_down(tmp_path, snapshot):
    recorded = json.loads(snapshot.read_text())
    answers = {k: v for k, v in recorded["answers"].items() if not k.startswith(("l2 ", "lost "))}
    path = tmp_path / "lost.json"
    path.write_text(json.dumps({**recorded, "answers": {**answers, "lost l2": {"numbers": ["0x1"]}}}))
    report = json.loads(run("--snapshot", path, "--format", "json").stdout)
    l2 = next(probe for probe in report["probes"] if probe["id"] == "l2")
    assert l2["status"] == "skipped" and "--retry-risky" in l2["why"]
    survived = next(f for f in report["findings"] if f["id"] == "l2.survived")
    assert (survived["outcome"], survived["gap"]) == ("fail", "l1.lost-machine")


def test_a_recording_is_redacted(snapshot):
    recorded = json.loads(snapshot.read_text())
    assert recorded["schema"] == "nestready.snapshot/1"
    assert recorded["redacted"] is True
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert boot_id not in snapshot.read_text()
    whole = run("capture", "--no-redact")
    assert json.loads(whole.stdout)["redacted"] is False
    assert json.loads(whole.stdout)["answers"].keys() == recorded["answers"].keys()


def test_bad_recordings(tmp_path, snapshot):
    text = snapshot.read_text()
    cases = {
        "empty": "",
        "cut": text[: len(text) // 2],
        "no-json": "this is no snapshot\n",
        "later": text.replace("nestready.snapshot/1", "nestready.snapshot/9"),
        "deep": "[" * 100000,
        "hostile": '{"schema": "nestready.snapshot/1", "answers": {"file /x": {"status": 7}}}',
        "binary": "\x00\x01\x02" * 100,
    }
    for name, content in cases.items():
        path = tmp_path / f"{name}.json"
        path.write_text(content)
        complains(run("--snapshot", path), 65, path.name)
    complains(run("--snapshot", tmp_path / "none.json"), 66, "none.json", "No such file")
    complains(run("--snapshot", tmp_path), 66, str(tmp_path), "directory")


def test_a_check_asks_nothing_that_only_a_clone_needs(snapshot):
    answers = json.loads(snapshot.read_text())["answers"]
    assert "file /etc/machine-id" not in answers
