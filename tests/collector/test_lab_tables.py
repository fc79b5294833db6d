# SPDX-License-Identifier: GPL-2.0-or-later
"""What tables of a lab show is what the marks of each student are, whatever happened; and who went silent."""
import csv
import io
import json
import re
import time
from xml.etree import ElementTree

import pytest
from conftest import Collector, make_finding, make_report, new_id
from test_heartbeats import beat, make_heartbeat
from test_labs import RUBRIC, Lab, fail, good, lab

BOTH_STORES = True


@pytest.fixture
def ws(store):
    running = Lab(store)
    yield running
    assert running.collector.end() == (0, "")


def page(ws, query=""):
    return ws.collector.get("/labs/ws-1" + query, ws.read)


def shown(ws, query=""):
    return re.findall(r'id="student-(s\d\d)"', page(ws, query))


def points(ws):
    """Of each student: in the matrix, on the page, and on the page of the student alone."""
    rows = {row["student"]: row["points"] for row in ws.matrix()["students"]}
    on_page = dict(re.findall(r'id="student-(s\d\d)" data-verdict="([0-9.]+)"', page(ws)))
    assert rows == {student: float(value) for student, value in on_page.items()}
    assert all(ws.student(student)["points"] == rows[student] for student in ("s01", "s02", "s03"))
    # Sorted and filtered by what was worked out when the reports came in.
    assert shown(ws, "?sort=points") == sorted(rows, key=lambda student: (rows[student], student))
    assert shown(ws, "?show=open") == [row["student"] for row in ws.matrix()["students"]
                                       if {cell["state"] for cell in row["cells"]} - {"met", "excused"}]
    return [rows[student] for student in ("s01", "s02", "s03")]


def test_tables_follow_reports_marks_by_hand_and_rubrics(ws):
    ws.hand_in("s01", good("vm-1", 1))
    ws.hand_in("s02", fail(good("vm-2", 2), "memory.total", "l0.too-little-memory", "not-ready"))
    assert points(ws) == [50, 30, 0]
    ws.put("/v1/labs/ws-1/students/s02/override", {"item": "memory", "points": 2.5, "note": "seen"})
    assert points(ws) == [50, 32.5, 0]
    rubric = json.loads(RUBRIC.read_text())
    rubric["items"][2]["points"] += 20
    ws.put("/v1/labs/ws-1/rubric", rubric)
    assert points(ws) == [70, 32.5, 0]
    lab(ws.store, "add", "ws-1", "--rubric", RUBRIC)
    ws.hand_in("s02", good("vm-2", 2))
    ws.put("/v1/labs/ws-1/students/s02/override", {"item": "memory", "clear": True, "note": "done"})
    assert points(ws) == [50, 50, 0]


def test_a_student_whose_reports_come_all_at_once(ws):
    """Sums are written beside the attempts, and none is lost to another."""
    key = ws.enrol("s01")["token"]
    for number in range(20):
        assert ws.collector.post(good("vm-1", 1) | {"id": new_id()}, key)[0] == 200
    assert ws.row("s01")["attempts"] == 20 and points(ws)[0] == 50


def test_who_went_silent_is_told_from_who_said_nothing_and_who_says_the_same(ws):
    assert ws.collector.end() == (0, "")
    ws.collector = Collector(ws.store, "--stale", "3")
    same = good("vm-1", 1)
    enrolled = ws.enrol("s01")
    assert ws.collector.post(same, enrolled["token"])[0] == 200
    ws.hand_in("s02", good("vm-2", 2))
    assert ws.student("s02")["stale"] is False and "stale" not in ws.student("s03")
    time.sleep(3.1)
    assert beat(ws.collector, make_heartbeat(same), enrolled["token"])[0] == 200
    rows = {row["student"]: row for row in ws.matrix()["students"]}
    assert (rows["s01"]["stale"], rows["s02"]["stale"], "stale" in rows["s03"]) == (False, True, False)
    assert rows["s01"]["last_seen"] > rows["s02"]["last_seen"]
    assert rows["s02"]["points"] == 50, "marks are of what was received"
    assert shown(ws, "?sort=seen")[:2] == ["s01", "s02"] and "s01" not in shown(ws, "?show=silent")
    assert "s02" in shown(ws, "?show=silent") and "s03" in shown(ws, "?show=silent")
    text = ws.collector.get("/v1/labs/ws-1/export", ws.read)
    cells = {row["student"]: row["stale"] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    assert (cells["s01"], cells["s02"], cells["s03"]) == ("false", "true", "")
    suites = ElementTree.fromstring(ws.collector.get("/v1/labs/ws-1/export?format=junit", ws.read))
    said = {suite.get("name"): [p.get("value") for p in suite.iterfind("properties/property[@name='stale']")]
            for suite in suites}
    assert (said["s01"], said["s02"], said["s03"]) == (["false"], ["true"], [])
    assert "went silent" in ws.collector.get("/labs/ws-1/students/s02", ws.read)


def test_guests_with_a_gap(collector):
    """What the overview links to, on both stores."""
    for number, gap in enumerate(["l0.cpu-type", "l0.cpu-type", "l1.no-bridge", None]):
        findings = [make_finding("cpu.flags", "fail", gap)] if gap else [make_finding()]
        assert collector.post(make_report(f"guest-{number}", findings=findings))[0] == 200
    text = collector.get("/guests?gap=l0.cpu-type&target=kvm")
    assert "2 fit" in text and "guest-0" in text and "guest-1" in text and "guest-2" not in text
    assert "gap=l0.cpu-type" in re.search(r'id="by-heard" data-swap href="([^"]*)"', text)[1], "a link keeps it"
    assert "0 fit" in collector.get("/guests?gap=no.such")
    assert "/guests?gap=l0.cpu-type&amp;target=kvm" in collector.get("/")
    collector.get("/v1/findings?gap=l0.cpu-type", status=400)
