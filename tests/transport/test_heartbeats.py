# SPDX-License-Identifier: GPL-2.0-or-later
"""From a guest that reports changes to the collector that this build made: whole reports, and heartbeats."""
import json
import subprocess
import urllib.request

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


def read(entry):
    """What is sent of an entry of the spool; a heartbeat waits with the report for whoever needs that."""
    first, _, whole = entry.partition(b"\n")
    said = json.loads(first)
    if kinds([said]) == ["heartbeat"]:
        assert kinds([json.loads(whole)]) == ["report"] and json.loads(whole)["id"] == said["id"]
    return said


def changes(spool, place, **options):
    return [read(entry) for entry in check(spool, place, "--report-mode", "changes", **options)]


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
    beat = beat.partition(b"\n")[0]  # which is what is sent
    assert len(beat) < 500 and len(whole) > 50 * len(beat), (len(whole), len(beat))


def test_a_guest_with_heartbeats_alone_does_not_become_stale(spool, place):
    for i in range(4):
        assert kinds(changes(spool, place.url)) == ["heartbeat" if i else "report"]
        assert spool.send().returncode == 0
        assert not place.get("/v1/guests")["guests"][0]["stale"]
        place.age(3 * 86400)
        assert place.get("/v1/guests")["guests"][0]["stale"]
    assert len(place.history()) == 1


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


def deliver(spool, says):
    """All of it, and nothing that anybody has to look after."""
    sent = spool.send()
    assert (sent.returncode, spool.waiting(), spool.refused()) == (0, [], []), sent.stderr
    assert says in sent.stderr and "refused" not in sent.stderr and "not delivered" not in sent.stderr


WHOLE = "delivered whole"


def test_a_collector_that_lost_its_database_gets_the_report_at_once(spool, place):
    changes(spool, place.url)
    deliver(spool, "delivered\n")
    place.end()
    place.begin()
    beat, = changes(spool, place.url)
    assert kinds([beat]) == ["heartbeat"]
    deliver(spool, WHOLE)
    assert place.history() == [beat["id"]]
    # From then on heartbeats stand for that one.
    for _ in range(2):
        following, = changes(spool, place.url)
        assert (kinds([following]), following["full"]) == (["heartbeat"], beat["id"])
        deliver(spool, "delivered\n")
    assert place.history() == [beat["id"]]
    metrics = urllib.request.urlopen(f"{place.url}/metrics").read().decode().splitlines()
    assert 'nestready_collector_heartbeats_total{result="unknown"} 1' in metrics
    assert 'nestready_collector_heartbeats_total{result="known"} 2' in metrics


def test_another_spool_and_another_program_may_report_the_guest_too(spool, place, tmp_path):
    """Which the collector then has as its newest: `nestready submit`, a spool of one's own, curl."""
    changes(spool, place.url)
    deliver(spool, "delivered\n")
    (tmp_path / "other").mkdir()
    other = type(spool)(tmp_path / "other")
    whole, = changes(other, place.url)
    deliver(other, "delivered\n")
    beat, = changes(spool, place.url)
    deliver(spool, WHOLE)
    assert place.history()[1:] == [whole["id"], beat["id"]]
    following, = changes(spool, place.url)
    assert following["full"] == beat["id"]
    deliver(spool, "delivered\n")
    back, = changes(other, place.url)
    assert back["full"] == whole["id"]
    deliver(other, WHOLE)
    assert place.history()[1:] == [whole["id"], beat["id"], back["id"]]


def test_what_waited_while_the_database_was_lost_arrives_and_heals(spool, place):
    changes(spool, place.url)
    deliver(spool, "delivered\n")
    place.end()
    waiting = [changes(spool, place.url)[-1] for _ in range(3)]
    assert kinds(waiting) == ["heartbeat"] * 3
    place.begin()
    deliver(spool, WHOLE)
    assert place.history() == [beat["id"] for beat in waiting]
    following, = changes(spool, place.url)
    assert following["full"] == waiting[-1]["id"]
    deliver(spool, "delivered\n")


def test_what_was_said_since_is_not_taken_back(spool, place):
    """A newer report was spooled while a heartbeat was on its way."""
    changes(spool, place.url)
    deliver(spool, "delivered\n")
    place.end()
    place.begin()
    beat, = changes(spool, place.url)
    by_hand = json.loads(check(spool, place.url)[-1])
    deliver(spool, WHOLE)
    assert place.history() == [beat["id"], by_hand["id"]]
    following, = changes(spool, place.url)
    assert following["full"] == by_hand["id"]
    deliver(spool, "delivered\n")


def test_a_report_that_is_refused_as_well_is_kept(spool, collector):
    problem = {"Content-Type": "application/problem+json"}
    changes(spool, f"http://127.0.0.1:{collector.port}")
    assert spool.send().returncode == 0
    beat, = changes(spool, f"http://127.0.0.1:{collector.port}")
    collector.script = [(409, problem, {"title": "unknown"}), (422, problem, {"title": "no report"})]
    sent = spool.send()
    assert (sent.returncode, spool.refused()) == (75, [beat["id"]])
    assert "refused for good: answered with 422: no report" in sent.stderr
    assert kinds(changes(spool, f"http://127.0.0.1:{collector.port}")) == ["report"]


@pytest.mark.parametrize("script, tries", [
    ([(409, "application/problem+json"), (503, "application/problem+json")], 2),
    ([(409, "text/html")], 1), ([(500, "application/problem+json")], 1)])
def test_what_is_no_answer_to_a_heartbeat_is_tried_again(spool, collector, script, tries):
    url = f"http://127.0.0.1:{collector.port}"
    changes(spool, url)
    assert spool.send().returncode == 0
    beat, = changes(spool, url)
    collector.script = [(status, {"Content-Type": kind}, {"title": "x"}) for status, kind in script]
    assert (spool.send().returncode, spool.waiting()) == (75, [beat["id"]])
    assert spool.send().returncode == 0
    paths = [path for path, _, _ in collector.requests]
    assert paths == ["/v1/reports", *["/v1/heartbeats", "/v1/reports"][:tries], "/v1/heartbeats"]


def test_a_heartbeat_of_an_older_agent_has_no_report_with_it(spool, collector):
    url = f"http://127.0.0.1:{collector.port}"
    identity = spool.add(url)
    entry, = spool.path.glob("*.report")
    beat = json.dumps({"schema": "nestready.heartbeat/1", "id": identity}, separators=(",", ":"))
    entry.write_text(f"NRS1 {len(beat)}\n{url}\n{beat}")
    collector.script = [(409, {"Content-Type": "application/problem+json"}, {"title": "unknown"})]
    assert (spool.send().returncode, spool.refused()) == (75, [identity])


def test_a_collector_that_knows_no_heartbeats_gets_whole_reports(spool, collector):
    for i in range(4):
        body, = changes(spool, f"http://127.0.0.1:{collector.port}")
        assert kinds([body]) == ["heartbeat" if i else "report"]
        if i:
            collector.script = [(404, {"Content-Type": "application/problem+json"}, {"title": "Nothing is here"})]
        deliver(spool, WHOLE if i else "delivered\n")
    assert [path for path, _, _ in collector.requests] == ["/v1/reports"] + ["/v1/heartbeats", "/v1/reports"] * 3


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
    assert kinds(map(read, bodies)) == ["report", wanted]
