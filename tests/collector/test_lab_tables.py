# SPDX-License-Identifier: GPL-2.0-or-later
"""What tables of a lab show is what the marks of each student are, whatever happened; and who went silent."""
import csv
import io
import json
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from classes import age
from conftest import Collector, make_finding, make_report, new_id, postgresql_only, sql, token
from postgres import Url
from test_heartbeats import beat, make_heartbeat
from test_labs import RUBRIC, Lab, fail, good, lab

BOTH_STORES = True
STUDENTS = 12  # of the roster


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


def draw_report(choice, number):
    """Of a machine on which some things fail, and which may be on another platform than the last time."""
    report = good(f"vm-{number}", number, choice.choice(["vmware-esxi", "virtualbox", "azure"]))
    for finding in ("l2.long-mode", "memory.total", "net.mac-filter"):
        if choice.random() < 0.4:
            report = fail(report, finding, "net.use-nat" if finding == "net.mac-filter" else "l0.too-little-memory",
                          choice.choice(["degraded", "not-ready"]))
    return report


def tables(ws):
    """All that the page of the lab says and sums know."""
    return [shown(ws, query) for query in ("?sort=points", "?show=open", "?show=flagged")] + [
        [(row["points"], row["flags"]) for row in ws.matrix()["students"]]]


@pytest.mark.parametrize("attempts", ["best", "last"])
def test_sums_are_the_marks_however_they_came_about(ws, attempts):
    choice = random.Random(attempts)
    rubric = json.loads(RUBRIC.read_text()) | {"attempts": attempts}
    ws.put("/v1/labs/ws-1/rubric", rubric)
    seen = set()
    for _ in range(40):
        number = choice.randint(1, 3)
        kind = choice.choices(["report", "override", "rubric"], [7, 2, 1])[0]
        if kind == "report":
            ws.hand_in(f"s{number:02}", draw_report(choice, number), choice.random() < 0.8)
        elif kind == "override":
            way = choice.choice([{"points": 2.5}, {"excused": True}, {"clear": True}])
            ws.put(f"/v1/labs/ws-1/students/s{number:02}/override", {"item": "memory", "note": "seen"} | way)
        else:
            rubric["items"][choice.randrange(6)]["points"] += 3
            rubric["deadline"] = choice.choice(["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
            ws.put("/v1/labs/ws-1/rubric", rubric)
        seen.add(tuple(points(ws)))
    assert len(seen) > 10
    kept = tables(ws)
    sql(ws.store, "DELETE FROM documents WHERE kind = 'lab-sum'")
    assert tables(ws) == kept, "made of all that is there, they are the same"


def test_a_store_that_is_older_than_sums_has_the_same_tables(ws):
    ws.hand_in("s01", good("vm-1", 1))
    ws.hand_in("s02", fail(good("vm-2", 2), "memory.total", "l0.too-little-memory", "not-ready"))
    ws.hand_in("s03", good("vm-1", 1) | {"id": new_id()}, challenge=False)
    ws.put("/v1/labs/ws-1/students/s04/override", {"item": "memory", "points": 2.5, "note": "seen"})
    kept = tables(ws)
    assert kept[2] == ["s01", "s03"] and "s01" not in kept[1]
    assert ws.collector.end() == (0, "")
    sql(ws.store, "DELETE FROM documents WHERE kind = 'lab-sum'")
    ws.collector = Collector(ws.store)
    assert tables(ws) == kept
    assert points(ws) == [50, 30, 50]
    ws.hand_in("s02", good("vm-2", 2))  # of which the sum is written again
    assert points(ws) == [50, 50, 50] and shown(ws, "?show=flagged") == ["s01", "s03"]


def sums(store):
    """Who has a sum, of which version of the lab, and how often it was written."""
    text = "CAST(body AS TEXT)" if not isinstance(store, Url) else "convert_from(body, 'UTF8')::json"
    return sql(store, f"SELECT key, {text} ->> 'lab', version FROM documents WHERE kind = 'lab-sum' ORDER BY key")


def wait_for_sums(store, wanted):
    end = time.monotonic() + 20
    while sums(store) != wanted:
        assert time.monotonic() < end, sums(store)
        time.sleep(0.02)


@pytest.mark.parametrize("path", ["/labs/ws-1", "/labs/ws-1/students/s02", "/v1/labs/ws-1/matrix",
                                  "/v1/labs/ws-1/export?format=csv", "/v1/labs/ws-1/students/s02"])
def test_what_an_older_store_has_not_is_summed_once(ws, path):
    for number in range(1, 4):
        ws.hand_in(f"s{number:02}", good(f"vm-{number}", number))
    kept = tables(ws)
    lab = sums(ws.store)[0][1]
    sql(ws.store, "DELETE FROM documents WHERE kind = 'lab-sum'")
    once = [[f"ws-1/s{number:02}", lab, "1"] for number in range(1, STUDENTS + 1)]
    ws.collector.ask(path, token=ws.read)
    wait_for_sums(ws.store, once)
    assert tables(ws) == kept
    # One that is of another version of the lab, too; and those that are right are not touched.
    sql(ws.store, "UPDATE documents SET body = replace_it WHERE kind = 'lab-sum' AND key = 'ws-1/s02'".replace(
        "replace_it", "CAST(json_set(CAST(body AS TEXT), '$.lab', 0) AS BLOB)" if not isinstance(ws.store, Url) else
        "convert_to((convert_from(body, 'UTF8')::jsonb || '{\"lab\": 0}')::text, 'UTF8')"))
    ws.collector.ask(path, token=ws.read)
    wait_for_sums(ws.store, [once[0], ["ws-1/s02", lab, "2"], *once[2:]])
    assert tables(ws) == kept


@postgresql_only
def test_two_collectors_and_reports_that_come_in_sum_the_same(ws):
    """Both are asked at once, again and again, while sums go and reports come."""
    second = Collector(ws.store)
    first = ws.collector
    with ThreadPoolExecutor(4) as pool:
        for number in range(12):
            sql(ws.store, "DELETE FROM documents WHERE kind = 'lab-sum'")
            report = good(f"vm-{number % 3}", number % 3)
            made = fail(report, "memory.total", "l0.too-little-memory", "not-ready") if number % 2 else report
            asked = [pool.submit(running.ask, "/labs/ws-1", token=ws.read) for running in (first, second, first, second)]
            ws.hand_in(f"s{number % 3 + 1:02}", made)
            assert {future.result()[0] for future in asked} == {200}
    wanted = [f"ws-1/s{number:02}" for number in range(1, STUDENTS + 1)]
    first.ask("/labs/ws-1", token=ws.read)
    end = time.monotonic() + 20
    while [row[0] for row in sums(ws.store)] != wanted and time.monotonic() < end:
        time.sleep(0.02)
    assert [row[0] for row in sums(ws.store)] == wanted
    kept = tables(ws)
    sql(ws.store, "DELETE FROM documents WHERE kind = 'lab-sum'")
    assert tables(ws) == kept
    assert second.end() == (0, "")


def test_a_lab_that_somebody_else_changed_is_the_changed_one(ws, tmp_path):
    """Reports that come in through a collector that knew the lab before."""
    ws.hand_in("s01", good("vm-1", 1))
    rubric = json.loads(RUBRIC.read_text())
    rubric["items"][2]["points"] += 20
    if isinstance(ws.store, Url):
        here, ws.collector = ws.collector, Collector(ws.store)
        ws.put("/v1/labs/ws-1/rubric", rubric)
        assert ws.collector.end() == (0, "")
        ws.collector = here
    else:
        (tmp_path / "rubric.json").write_text(json.dumps(rubric))
        lab(ws.store, "add", "ws-1", "--rubric", tmp_path / "rubric.json")
    ws.hand_in("s02", good("vm-2", 2))
    assert points(ws) == [70, 70, 0]
    versions = sql(ws.store, "SELECT version FROM documents WHERE kind = 'lab'")
    assert versions == [["2"]]
    (tmp_path / "roster.csv").write_text("student,name,guest\ns01,Ada,\ns02,Ben,\ns03,Cem,\ns77,New,vm-77\n")
    lab(ws.store, "add", "ws-1", "--roster", tmp_path / "roster.csv")
    key = token(ws.store, "enrol", "--lab", "ws-1")
    assert ws.collector.post(good("vm-77", 77), key)[0] == 200
    assert ws.row("s77")["points"] == 70 and shown(ws, "?sort=points")[0] == "s03"


def test_a_rubric_that_changes_while_reports_come_in(ws, tmp_path):
    """Whoever is faster, what is kept of each student in the end is of the last rubric."""
    keys = {student: ws.enrol(student)["token"] for student in ("s01", "s02", "s03")}
    rubric = json.loads(RUBRIC.read_text())

    def send(student):
        for _ in range(25):
            number = int(student[1:])
            assert ws.collector.post(good(f"vm-{number}", number), keys[student])[0] == 200
    with ThreadPoolExecutor(3) as threads:
        sending = [threads.submit(send, student) for student in keys]
        for _ in range(8):
            rubric["items"][2]["points"] += 1
            (tmp_path / "rubric.json").write_text(json.dumps(rubric))
            lab(ws.store, "add", "ws-1", "--rubric", tmp_path / "rubric.json")
        for sent in sending:
            sent.result()
    text = "convert_from(body, 'UTF8')::json" if isinstance(ws.store, Url) else "CAST(body AS text)"
    assert sql(ws.store, f"SELECT DISTINCT {text} ->> 'lab' FROM documents WHERE kind = 'lab-sum'") == [["9"]]
    assert ws.row("s01")["attempts"] == 25 and points(ws) == [58, 58, 58]


def test_what_came_first_and_is_known_later_is_no_later_attempt(ws, tmp_path):
    rubric = json.loads(RUBRIC.read_text()) | {"attempts": "last"}
    ws.put("/v1/labs/ws-1/rubric", rubric)
    key = token(ws.store, "enrol", "--lab", "ws-1")
    early = fail(good("vm-1", 1), "memory.total", "l0.too-little-memory", "not-ready")
    assert ws.collector.post(early, key)[0] == 200
    time.sleep(0.01)
    ws.hand_in("s01", good("vm-1", 1))
    (tmp_path / "roster.csv").write_text("student,name,guest\ns01,Ada,vm-1\ns02,Ben,\ns03,Cem,\n")
    lab(ws.store, "add", "ws-1", "--roster", tmp_path / "roster.csv")
    assert ws.row("s01")["attempts"] == 2
    assert points(ws) == [50, 0, 0]


def test_who_went_silent_is_told_from_who_said_nothing_and_who_says_the_same(ws):
    same = good("vm-1", 1)
    enrolled = ws.enrol("s01")
    assert ws.collector.post(same, enrolled["token"])[0] == 200
    ws.hand_in("s02", good("vm-2", 2))
    assert ws.student("s02")["stale"] is False and "stale" not in ws.student("s03")
    age(ws.store, "ws-1", "s01", 3 * 86400)
    age(ws.store, "ws-1", "s02", 3 * 86400)
    assert [ws.student(student)["stale"] for student in ("s01", "s02")] == [True, True]
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
