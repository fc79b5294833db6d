# SPDX-License-Identifier: GPL-2.0-or-later
"""A heartbeat says that a guest's newest report still holds: it was heard of, and nothing else changes."""
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import JSON, Collector, make_report, new_id, sql, sqlite_only, token

BOTH_STORES = True


def make_heartbeat(report, **members):
    return {"schema": "nestready.heartbeat/1", "id": new_id(), "time": report["time"],
            "guest": report["guest"], "target": report["target"]["id"], "verdict": report["verdict"],
            "digest": "0" * 64, "full": report["id"]} | members


def beat(collector, heartbeat, token=None):
    body = heartbeat if isinstance(heartbeat, bytes) else json.dumps(heartbeat)
    status, _, data = collector.ask("/v1/heartbeats", "POST", body, token, JSON)
    return status, json.loads(data)


def problem(collector, heartbeat, token=None):
    status, answer = beat(collector, heartbeat, token)
    return status, answer["type"].removeprefix("urn:nestready:problem:")


def received(collector):
    return collector.get("/v1/guests")["guests"][0]["received"]


def test_a_guest_was_heard_of_and_its_history_is_as_it_was(collector):
    report = make_report()
    guest = collector.post(report)[1]["guest"]
    before, history = received(collector), collector.get(f"/v1/guests/{guest}/reports")
    time.sleep(0.01)
    heartbeat = make_heartbeat(report)
    assert beat(collector, heartbeat) == (200, {"id": heartbeat["id"], "guest": guest})
    once = received(collector)
    assert once > before
    assert beat(collector, heartbeat)[0] == 200, "an answer that was lost"
    assert received(collector) >= once
    assert collector.get(f"/v1/guests/{guest}/reports") == history
    assert collector.get(f"/v1/guests/{guest}/latest") == report
    assert len(collector.get("/v1/changes")["changes"]) == 1


def test_a_guest_with_heartbeats_alone_is_not_stale(store):
    running = Collector(store)
    report = make_report()
    running.post(report)
    for _ in range(3):
        sql(store, "UPDATE latest SET received = received - 3 * 86400000")  # three days pass
        assert running.get("/v1/guests")["guests"][0]["stale"]
        assert running.get("/v1/overview")["groups"][0]["stale"] == 1
        assert beat(running, make_heartbeat(report))[0] == 200
        assert not running.get("/v1/guests")["guests"][0]["stale"]
        assert running.get("/v1/overview")["groups"][0]["stale"] == 0
    assert running.end() == (0, "")


def test_a_report_that_is_not_the_newest_or_says_something_else_is_refused(collector):
    old = make_report(time="2026-03-01T00:00:00Z")
    assert problem(collector, make_heartbeat(old)) == (409, "unknown-report")
    collector.post(old)
    assert problem(collector, make_heartbeat(old, verdict="degraded")) == (409, "unknown-report")
    assert problem(collector, make_heartbeat(old, target="proxmox")) == (409, "unknown-report")
    assert problem(collector, make_heartbeat(old, guest={"hostname": "copy"})) == (409, "unknown-report")
    assert beat(collector, make_heartbeat(old))[0] == 200
    new = make_report(time="2026-03-02T00:00:00Z")
    collector.post(new)
    assert problem(collector, make_heartbeat(old)) == (409, "unknown-report")
    assert beat(collector, make_heartbeat(new))[0] == 200
    lines = collector.get("/metrics").splitlines()
    assert 'nestready_collector_heartbeats_total{result="known"} 2' in lines
    assert 'nestready_collector_heartbeats_total{result="unknown"} 5' in lines


@pytest.mark.parametrize("change, status", [
    ({"full": "x"}, 422), ({"verdict": "fine"}, 422), ({"guest": {}}, 422), ({"target": "a" * 300}, 422),
    ({"guest": {"hostname": "a" * 256}}, 422), ({"schema": "nestready.report/1"}, 422), ({"digest": 1}, 422),
    ({"more": "a newer agent says more"}, 200), ({"id": None}, 422)])
def test_what_is_no_heartbeat(collector, change, status):
    report = make_report()
    collector.post(report)
    assert beat(collector, make_heartbeat(report) | change)[0] == status
    assert problem(collector, b"{") == (400, "not-json")
    assert problem(collector, b"[" * 100) == (400, "not-json")


def test_a_token_speaks_for_its_guest_and_its_lab(store):
    mine, lab = token(store, "enrol", "--guest", "mine"), token(store, "enrol", "--lab", "ws-1")
    running = Collector(store)
    report = make_report("mine")
    assert running.post(report, mine)[0] == 200
    assert beat(running, make_heartbeat(report), mine)[0] == 200
    assert problem(running, make_heartbeat(make_report("yours")), mine) == (403, "other-guest")
    assert problem(running, make_heartbeat(report), lab) == (409, "unknown-report")
    assert running.end() == (0, "")


def test_many_at_once_with_their_reports(collector):
    reports = [make_report(f"g{i}") for i in range(60)]

    def one(report):
        assert collector.post(report)[0] == 200
        return [beat(collector, make_heartbeat(report, **change))[0]
                for change in ({}, {"full": new_id()}, {})]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, reports)) == [[200, 409, 200]] * 60


@sqlite_only
def test_what_was_acknowledged_outlives_a_kill(store):
    running = Collector(store)
    report = make_report()
    running.post(report)
    time.sleep(0.01)
    assert beat(running, make_heartbeat(report))[0] == 200
    heard = received(running)
    running.kill()
    running = Collector(store)
    assert received(running) == heard
    assert running.end() == (0, "")
