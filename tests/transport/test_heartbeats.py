# SPDX-License-Identifier: GPL-2.0-or-later
"""From a guest that reports changes to the collector that this build made: whole reports, and heartbeats."""
import json
import subprocess
import time

import jsonschema
import pytest

from conftest import BUILD, ROOT
from place import needs_collector, place  # noqa: F401

READY = ROOT / "tests/snapshots/libvirt-esxi-ready.json"
OTHER = ROOT / "tests/snapshots/libvirt-named-model.json"

pytestmark = needs_collector


def check(spool, place, *arguments, snapshot=READY):
    """What became of a run: the bodies that wait for the place."""
    done = subprocess.run([BUILD / "nestready", "check", "--snapshot", snapshot, "--target", "kvm", "--report", place,
                           "--spool", spool.path, *arguments], capture_output=True, text=True)
    assert (done.returncode in (0, 1, 2, 3), done.stderr) == (True, "")
    return [spool.body(identity) for identity in spool.waiting()]


def changes(spool, place, **options):
    return [json.loads(body) for body in check(spool, place, "--report-mode", "changes", **options)]


def kinds(bodies):
    return [body["schema"].split(".")[1].split("/")[0] for body in bodies]


def age(spool, seconds):
    """As if what was said had been said so much earlier."""
    told, = spool.path.glob("*.said")
    words = told.read_text().split()
    told.write_text(" ".join([*words[:3], str(int(words[3]) - seconds)]) + "\n")


def test_a_day_of_a_guest(spool, place):
    seen = []
    for snapshot, older in ((READY, 0), (READY, 0), (READY, 80000), (OTHER, 0), (OTHER, 0), (OTHER, 86400),
                            (OTHER, 0)):
        if older:
            age(spool, older)
        seen += changes(spool, place.url, snapshot=snapshot)
        sent = spool.send()
        assert (sent.returncode, spool.waiting(), spool.refused()) == (0, [], []), sent.stderr
    assert kinds(seen) == ["report", "heartbeat", "heartbeat", "report", "heartbeat", "report", "heartbeat"]
    assert [body["full"] for body in seen if "full" in body] == [seen[i]["id"] for i in (0, 0, 3, 5)]
    assert place.history() == [seen[i]["id"] for i in (0, 3, 5)]
    schemas = {path.name: json.loads(path.read_text()) for path in (ROOT / "schema").glob("*.json")}
    schema = schemas["heartbeat.schema.json"]
    resolver = jsonschema.RefResolver("", schema, store=schemas)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(seen[1])


def test_what_a_heartbeat_saves(spool, place):
    whole, = check(spool, place.url, "--report-mode", "changes")
    spool.send()
    beat, = check(spool, place.url, "--report-mode", "changes")
    assert len(beat) < 500 and len(whole) > 50 * len(beat), (len(whole), len(beat))


def test_a_guest_with_heartbeats_alone_does_not_become_stale(spool, place):
    place.end()
    place.begin(stale=3)
    for i in range(5):
        assert kinds(changes(spool, place.url)) == ["heartbeat" if i else "report"]
        assert spool.send().returncode == 0
        assert not place.get("/v1/guests")["guests"][0]["stale"]
        time.sleep(1)
    assert len(place.history()) == 1
    time.sleep(2.5)
    assert place.get("/v1/guests")["guests"][0]["stale"]


@pytest.mark.parametrize("options", [[], ["--report-mode", "all"], ["--challenge", "0123456789abcdef01234567"]])
def test_a_whole_report_by_hand_is_what_the_next_heartbeat_stands_for(spool, place, options):
    seen = changes(spool, place.url)
    assert spool.send().returncode == 0
    for snapshot in (READY, OTHER, OTHER):
        by_hand, = check(spool, place.url, *options, snapshot=snapshot)
        assert kinds([json.loads(by_hand)]) == ["report"]
        assert spool.send().returncode == 0
        beat, = changes(spool, place.url, snapshot=snapshot)
        assert (kinds([beat]), beat.get("full")) == (["heartbeat"], json.loads(by_hand)["id"])
        sent = spool.send()
        assert (sent.returncode, spool.refused()) == (0, []), sent.stderr
        seen.append(json.loads(by_hand))
    assert place.history() == [report["id"] for report in seen]


def test_a_report_by_hand_that_says_something_else_is_followed_by_a_whole_one(spool, place):
    changes(spool, place.url)
    check(spool, place.url, snapshot=OTHER)
    assert spool.send().returncode == 0
    assert kinds(changes(spool, place.url)) == ["report"]
    assert (spool.send().returncode, spool.refused()) == (0, [])


def test_a_collector_that_lost_its_database_gets_a_whole_report_again(spool, place):
    changes(spool, place.url)
    assert spool.send().returncode == 0
    place.end()
    place.begin()
    beat, = changes(spool, place.url)
    sent = spool.send()
    assert (sent.returncode, spool.refused()) == (75, [beat["id"]])
    assert "refused for good" in sent.stderr
    whole, = changes(spool, place.url)
    assert kinds([whole]) == ["report"] and spool.send().returncode == 0
    assert place.history() == [whole["id"]]
    assert kinds(changes(spool, place.url)) == ["heartbeat"] and spool.send().returncode == 0


def test_a_collector_that_knows_no_heartbeats_gets_whole_reports(spool, collector):
    for i in range(4):
        body, = changes(spool, f"http://127.0.0.1:{collector.port}")
        beat = i % 2 == 1
        assert kinds([body]) == ["heartbeat" if beat else "report"]
        if beat:
            collector.script = [(404, {"Content-Type": "application/problem+json"}, {"title": "Nothing is here"})]
        assert spool.send().returncode == (75 if beat else 0)
    assert spool.waiting() == []
    assert [path for path, _, _ in collector.requests] == ["/v1/reports", "/v1/heartbeats"] * 2


def test_while_nobody_is_there_the_report_goes_first(spool, place):
    place.end()
    whole = changes(spool, place.url)
    assert kinds(whole) == ["report"]
    bodies = changes(spool, place.url)
    assert kinds(bodies) == ["report", "heartbeat"] and bodies[0] == whole[0]
    place.begin()
    assert spool.send().returncode == 0 and spool.waiting() == []
    assert place.history() == [whole[0]["id"]]


@pytest.mark.parametrize("content", [b"", b"\0" * 130, b"NRF1 " + b"0" * 200, b"x" * 5000, b"NRF1 \n"])
def test_what_is_not_ours_means_a_whole_report(spool, content):
    changes(spool, "https://a.example")
    told, = spool.path.glob("*.said")
    told.write_bytes(content)
    assert kinds(changes(spool, "https://a.example")) == ["report", "report"]
    assert kinds(changes(spool, "https://a.example")) == ["report", "report", "heartbeat"]


def test_a_clock_that_went_back_means_a_whole_report(spool):
    changes(spool, "https://a.example")
    age(spool, -1000)
    assert kinds(changes(spool, "https://a.example")) == ["report", "report"]


def test_each_place_and_target_is_told_by_itself(spool, tmp_path):
    changes(spool, "https://a.example")
    assert kinds(changes(spool, "https://b.example")) == ["report", "report"]
    check(spool, "https://a.example", "--report-mode", "changes", "--target", "proxmox")
    assert kinds(changes(spool, "https://a.example")) == ["report", "report", "report", "heartbeat"]
    for _ in range(2):  # only collectors
        bodies = check(spool, "vsock:2:20050", "--report-mode", "changes", "--report", f"file:{tmp_path}/last.json")
        assert json.loads(bodies[-1])["schema"] == "nestready.report/1"
        assert json.loads((tmp_path / "last.json").read_text())["schema"] == "nestready.report/1"


@pytest.mark.parametrize("mode, options, wanted", [
    ("changes", [], "heartbeat"), ("all", [], "report"), ("changes", ["--report-mode", "all"], "report"),
    ("all", ["--report-mode", "changes"], "heartbeat"), (None, [], "report"),
    (None, ["--report-mode", "auto"], "heartbeat"), ("changes", ["--report-mode", "auto"], "heartbeat"),
    ("all", ["--report-mode", "auto"], "report"),
    ("changes", ["--challenge", "0123456789abcdef01234567"], "report")])
def test_the_configuration_says_the_mode_and_the_command_line_says_it_better(spool, mode, options, wanted):
    said = f"[reports]\nmode = {mode}\n" if mode else ""
    spool.config.write_text(said + "[report https://a.example]\n")
    for _ in range(2):
        bodies = check(spool, f"config:{spool.config}", *options)
    assert kinds(map(json.loads, bodies)) == ["report", wanted]
