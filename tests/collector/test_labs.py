# SPDX-License-Identifier: GPL-2.0-or-later
"""A grader's evening: twelve students, of whom three are wrong in different ways, one cheats, one is
a clone and one is silent; and all around it: codes, challenges, marks by hand, exports, bad input."""
import copy
import csv
import io
import json
import time
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from conftest import JSON, Collector, command, make_finding, make_report, new_id, sqlite_only, token
from waiting import wait_until

ROOT = Path(__file__).parents[2]
ROSTER = ROOT / "doc/lab/roster.csv"
RUBRIC = ROOT / "doc/lab/rubric.json"
BOTH_STORES = True
MULTIPLIERS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35]


def answer_of(nonce):
    """What code in an L2 makes of a challenge, worked out a third time."""
    words = [int(nonce[i:i + 8], 16) for i in range(0, 24, 8)]
    return "".join(f"{((word ^ word >> 15) * factor) & 0xffffffff:08x}"
                   for word, factor in zip(words, MULTIPLIERS))


def lab(store, *arguments, status=0):
    done = command("lab", *arguments, store=store)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout if status == 0 else done.stderr


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))


def good(name, number, platform="vmware-esxi", **members):
    """The report of a machine of its own on which all is well."""
    passed = ["l2.long-mode", "memory.total", "platform.hardware-version", "net.mac-filter"]
    findings = [make_finding(finding) for finding in passed]
    proved = make_finding("cpu.extension", "not-applicable")
    proved["because"] = "l2.long-mode passed: A 64-bit VM really runs"
    return make_report(name, time=now(), findings=[*findings, proved],
                       platform={"id": platform, "evidence": []},
                       guest={"hostname": name, "system_uuid": f"00000000-0000-4000-8000-{number:012}",
                              "machine_id": f"{number:032x}", "macs": [f"{number:032d}"]},
                       probes=[{"id": "l2", "status": "observed", "duration_us": 1000 + number}],
                       facts={"l2.exit-ns": {"status": "observed", "value": 2000 + number,
                                             "source": "KVM_RUN"}}) | members


def fail(report, finding, gap, verdict, severity="required", why="it is not so"):
    """The same report with a finding that failed."""
    report = copy.deepcopy(report) | {"verdict": verdict}
    for entry in report["findings"]:
        if entry["id"] == finding:
            entry.update(outcome="fail", severity=severity, gap=gap, why=why,
                         remedies=[{"tool": "govc", "who": "ESXi administrator", "steps": ["govc vm.change"],
                                    "power_off": True, "verify": [], "undo": [], "uncertain": False,
                                    "source": "x"}])
            entry.pop("because", None)
    return report


class Lab:
    """ws-1 with its twelve students, who have codes, and a grader's token."""

    def __init__(self, store):
        self.store = store
        lab(store, "add", "ws-1", "--roster", ROSTER, "--rubric", RUBRIC)
        self.codes = {row["student"]: row["code"] for row in
                      csv.DictReader(io.StringIO(lab(store, "token", "ws-1")))}
        self.read, self.admin = token(store, "read"), token(store, "admin")
        self.collector = Collector(store)

    def enrol(self, student, status=200, **more):
        got, _, data = self.collector.ask("/v1/labs/ws-1/enrol", "POST",
                                          json.dumps({"code": self.codes[student]} | more), headers=JSON)
        assert got == status, data
        return json.loads(data)

    def hand_in(self, student, report, challenge=True):
        """As `nestready submit` does; the id of the report."""
        enrolled = self.enrol(student)
        if challenge:
            nonce = enrolled["challenge"]["nonce"]
            report = report | {"challenge": {"nonce": nonce, "answer": answer_of(nonce)}}
        status, said = self.collector.post(report, enrolled["token"])
        assert status == 200, said
        return report["id"]

    def matrix(self):
        return self.collector.get("/v1/labs/ws-1/matrix", self.read)

    def row(self, student):
        return next(row for row in self.matrix()["students"] if row["student"] == student)

    def student(self, student):
        return self.collector.get(f"/v1/labs/ws-1/students/{student}", self.read)

    def states(self, student):
        items = [item["id"] for item in self.matrix()["items"]]
        return {item: cell["state"] for item, cell in zip(items, self.row(student)["cells"])}

    def put(self, path, body, status=200, who=None):
        got, _, data = self.collector.ask(path, "PUT", json.dumps(body), who or self.admin, JSON)
        assert got == status, data
        return json.loads(data)


@pytest.fixture
def ws(store):
    running = Lab(store)
    yield running
    assert running.collector.end() == (0, "")


@pytest.fixture
def evening(ws):
    """The whole class: s01 to s05 and s12 are fine, each of the others is something else."""
    for number in (1, 2, 3, 4, 5):
        ws.hand_in(f"s{number:02}", good(f"vm-{number}", number))
    wrong = good("vm-6", 6)
    wrong = fail(wrong, "l2.long-mode", "l0.virt-not-exposed", "not-ready")
    ws.hand_in("s06", fail(wrong, "cpu.extension", "l0.virt-not-exposed", "not-ready"))
    ws.hand_in("s07", fail(good("vm-7", 7), "memory.total", "l0.too-little-memory", "not-ready"))
    ws.hand_in("s08", fail(good("vm-8", 8), "net.mac-filter", "l0.mac-filtered", "degraded", "recommended"))
    cheat = good("vm-1", 1) | {"id": new_id()}  # what s01 handed in, with an id of its own
    ws.hand_in("s09", cheat, challenge=False)
    clone = good("vm-10", 10)
    clone["guest"] |= {"machine_id": f"{2:032x}"}  # a copy of s02's machine
    ws.hand_in("s10", clone)
    # s11 says nothing
    azure = good("vm-12", 12, "azure")
    ws.hand_in("s12", fail(azure, "net.mac-filter", "net.use-nat", "degraded", "recommended"))
    return ws


def test_the_matrix_tells_the_story(evening):
    points = {row["student"]: (row["points"], row["possible"]) for row in evening.matrix()["students"]}
    assert points == {"s01": (50, 50), "s02": (50, 50), "s03": (50, 50), "s04": (50, 50), "s05": (50, 50),
                      "s06": (15, 50), "s07": (30, 50), "s08": (30, 50), "s09": (50, 50), "s10": (50, 50),
                      "s11": (0, 50), "s12": (40, 40)}
    assert evening.states("s06")["vm-runs"] == evening.states("s06")["extension"] == "not-met"
    assert evening.states("s07") == {"extension": "met", "vm-runs": "met", "memory": "not-met",
                                     "hardware-version": "met", "network": "met", "ready": "not-met"}
    assert set(evening.states("s11").values()) == {"not-received"}
    # Azure passes no MACs of others: that costs nothing, and neither does the verdict that comes of it
    assert evening.states("s12")["network"] == "excused" and evening.states("s12")["ready"] == "met"
    reason = evening.student("s12")["items"][4]["reason"]
    assert reason.startswith("impossible on azure: ")


def test_a_student_reads_why_and_what_to_do(evening):
    marks = evening.student("s06")
    item = next(item for item in marks["items"] if item["id"] == "vm-runs")
    assert item["reason"] == "it is not so" and item["gap"] == "l0.virt-not-exposed"
    assert item["fix"] == {"tool": "govc", "who": "ESXi administrator", "steps": ["govc vm.change"],
                           "power_off": True}
    enrolled = evening.enrol("s06")
    own = evening.collector.get("/v1/labs/ws-1/receipt", enrolled["token"])
    assert own == {key: value for key, value in marks.items() if key != "flags"}
    # and nothing else
    for path in ("matrix", "students/s06", "export", "log", ""):
        assert evening.collector.ask(f"/v1/labs/ws-1/{path}".rstrip("/"), token=enrolled["token"])[0] == 403


def test_cheat_and_clone_are_told_and_nobody_else(evening):
    flags = {row["student"]: row["flags"] for row in evening.matrix()["students"] if row["flags"]}
    copied = ["same-evidence", "same-timing", "same-system-uuid", "same-machine-id", "same-mac"]
    assert flags == {"s01": copied, "s09": [*copied, "no-challenge"], "s02": ["same-machine-id"],
                     "s10": ["same-machine-id"]}
    told = evening.student("s09")["flags"]
    assert {tuple(flag["with"]) for flag in told} == {("s01",), ()}
    clones = evening.collector.get("/v1/clones", evening.read)
    shared = {(clone["same"], tuple(sorted(guest["hostname"] for guest in clone["guests"])))
              for clone in clones["clones"]}
    # s09 speaks as s01's guest: one machine, two students
    assert shared == {("machine-id", ("vm-10", "vm-2"))}
    assert "nestready preclone" in clones["remedy"]


def test_two_copies_with_one_system_uuid_are_found(store, collector):
    for name, expected in (("a", []), ("b", []), ("c", []), ("b", []), ("a", [("system-uuid", {"a", "b"})])):
        report = good(name, 3 if name == "c" else 1)
        report["guest"] |= {"machine_id": name * 32, "macs": [name * 32]}
        assert collector.post(report)[0] == 200
        clones = collector.get("/v1/clones")["clones"]
        # b may be what became of a, until a is heard of again
        assert [(clone["same"], {guest["hostname"] for guest in clone["guests"]}) for clone in clones] == expected


@pytest.mark.parametrize("change, flag", [
    (lambda nonce: {"nonce": nonce, "answer": "0" * 24}, "wrong-answer"),
    (lambda nonce: {"nonce": nonce}, "wrong-answer"),
    (lambda nonce: {"nonce": "0" * 24, "answer": answer_of("0" * 24)}, "other-challenge")])
def test_a_challenge_that_was_not_met(ws, change, flag):
    enrolled = ws.enrol("s01")
    report = good("vm-1", 1) | {"challenge": change(enrolled["challenge"]["nonce"])}
    assert ws.collector.post(report, enrolled["token"])[0] == 200
    assert ws.row("s01")["flags"] == [flag]


def test_a_report_older_than_its_challenge_and_a_challenge_used_twice(ws):
    nonce = ws.enrol("s01")["challenge"]["nonce"]
    key = ws.enrol("s01")["token"]
    for stamp, flags in (("2026-01-02T03:04:05Z", ["older-than-challenge"]),
                         (now(), ["older-than-challenge", "challenge-used-again"])):
        report = good("vm-1", 1, time=stamp, challenge={"nonce": nonce, "answer": answer_of(nonce)})
        assert ws.collector.post(report, key)[0] == 200
        assert sorted(ws.row("s01")["flags"]) == sorted(flags)


def test_a_rubric_that_changes_grades_what_was_received_again(evening):
    before = evening.matrix()
    assert evening.matrix() == before
    rubric = json.loads(RUBRIC.read_text())
    rubric["items"][2]["points"] = 25
    version = evening.collector.get("/v1/labs/ws-1", evening.read)["version"]
    evening.put("/v1/labs/ws-1/rubric?version=99", rubric, 409)
    evening.put("/v1/labs/ws-1/rubric", rubric, 403, evening.read)
    assert evening.put(f"/v1/labs/ws-1/rubric?version={version}", rubric)["version"] == version + 1
    points = {row["student"]: (row["points"], row["possible"]) for row in evening.matrix()["students"]}
    assert points["s01"] == (70, 70) and points["s07"] == (30, 70)
    rubric["items"][0]["finding"] = "cpu.extnsion"
    problem = evening.put("/v1/labs/ws-1/rubric", rubric, 422)
    assert "items[0] (extension): expected a finding" in problem["detail"]
    # from the command line, too; the reports may be gone by then
    assert command("prune", "--older-than", "1", store=evening.store).returncode == 0
    lab(evening.store, "add", "ws-1", "--rubric", RUBRIC)
    again = evening.matrix()
    assert [row["points"] for row in again["students"]] == [row["points"] for row in before["students"]]


def test_late_reports_and_the_best_or_the_last(ws):
    rubric = json.loads(RUBRIC.read_text()) | {"deadline": "2026-01-02T00:00:00Z"}
    ws.hand_in("s01", good("vm-1", 1))
    ws.hand_in("s01", fail(good("vm-1", 1), "memory.total", "l0.too-little-memory", "not-ready"))
    assert ws.row("s01")["points"] == 50 and ws.row("s01")["attempts"] == 2
    ws.put("/v1/labs/ws-1/rubric", rubric | {"attempts": "last", "deadline": "2099-01-01T00:00:00Z"})
    assert ws.row("s01")["points"] == 30
    ws.put("/v1/labs/ws-1/rubric", rubric)
    assert ws.row("s01")["points"] == 22.5  # half of all, nothing of network
    assert set(ws.states("s01").values()) == {"late"}
    assert "received after 2026-01-02T00:00:00Z" in ws.student("s01")["items"][0]["reason"]


def test_what_is_set_by_hand_counts_and_is_logged(evening):
    path = "/v1/labs/ws-1/students/s07/override"
    evening.put(path, {"item": "memory", "points": 2.5, "note": "swapped"})
    evening.put(path, {"item": "ready", "excused": True, "note": "no RAM to be had"})
    assert (evening.row("s07")["points"], evening.row("s07")["possible"]) == (32.5, 35)
    assert evening.student("s07")["items"][2]["reason"] == "set by hand: swapped"
    evening.put(path, {"item": "ready", "clear": True, "note": "there was some"})
    assert (evening.row("s07")["points"], evening.row("s07")["possible"]) == (32.5, 50)
    lab(evening.store, "override", "ws-1", "s07", "memory", "--points", "5", "--note", "=1+1")
    assert evening.row("s07")["points"] == 35
    for body in ({}, {"item": "memory", "points": 1}, {"item": "memory", "note": "x"},
                 {"item": "memory", "note": "x", "points": 1, "clear": True},
                 {"item": "memory", "note": "x", "points": -1}, {"item": "memory", "note": "x", "points": "1"},
                 {"item": "nothing", "note": "x", "points": 1}, []):
        evening.put(path, body, 422)
    evening.put("/v1/labs/ws-1/students/nobody/override", {"item": "memory", "points": 1, "note": "x"}, 404)
    evening.put(path, {"item": "memory", "points": 1, "note": "x"}, 403, evening.read)
    log = evening.collector.get("/v1/labs/ws-1/log", evening.read)["log"]
    mine = [(line["student"], line["what"], line["note"]) for line in log if line["what"] not in ("made", "code")]
    assert mine == [("s07", "memory: 2.5 points", "swapped"), ("s07", "excused ready", "no RAM to be had"),
                    ("s07", "taken back ready", "there was some"), ("s07", "memory: 5 points", "=1+1")]
    admin = evening.admin.split("_")[1]
    assert [line["who"] for line in log][-4:-1] == [admin] * 3 and "command line" in log[-1]["who"]
    assert lab(evening.store, "log", "ws-1").count("\n") == len(log)
    lab(evening.store, "override", "ws-1", "s07", "memory", "--points", "5", "--note", b"\xff", status=65)
    for length in range(95, 130):  # a reason is cut somewhere, and never within a character
        evening.put(path, {"item": "memory", "points": 5, "note": "ü" * length})
        assert evening.student("s07")["items"][2]["reason"].startswith("set by hand: üüü")


def test_exports_are_read_by_programs_that_are_not_ours(evening):
    lab(evening.store, "override", "ws-1", "s08", "network", "--points", "1", "--note", "=HYPERLINK(\"x\")")
    schema = json.loads((ROOT / "schema/marks.schema.json").read_text())
    for source in (lambda name: lab(evening.store, "export", "ws-1", "--format", name),
                   lambda name: evening.collector.ask(f"/v1/labs/ws-1/export?format={name}",
                                                      token=evening.read)[2].decode()):
        rows = list(csv.DictReader(io.StringIO(source("csv"), newline="")))
        assert [row["student"] for row in rows] == [f"s{i:02}" for i in range(1, 13)]
        assert rows[2]["name"] == "Cem, Can" and rows[6]["name"] == "Gesa Groß"
        assert rows[5]["vm-runs state"] == "not-met" and float(rows[5]["points"]) == 15
        assert rows[8]["flags"].split()[0] == "same-evidence"
        suites = ElementTree.fromstring(source("junit"))
        cases = {suite.get("name"): {case.get("name"): [child.tag for child in case] for case in suite}
                 for suite in suites}
        assert len(cases) == 12 and cases["s06"]["vm-runs"] == ["failure", "system-out"]
        assert cases["s12"]["network"] == ["skipped", "system-out"] and cases["s01"]["ready"] == ["system-out"]
        for suite in junitparser.JUnitXml.fromstring(source("junit").encode()):
            assert suite.tests == len(list(suite)) == 6
            tags = [part._tag for case in suite for part in case.result]
            assert [suite.failures, suite.errors, suite.skipped] == \
                [tags.count(tag) for tag in ("failure", "error", "skipped")]
        marks = json.loads(source("json"))
        jsonschema.Draft202012Validator(schema).validate(marks)
        assert [student["points"] for student in marks["students"]] == \
            [row["points"] for row in evening.matrix()["students"]]
    assert "format: expected" in evening.collector.get("/v1/labs/ws-1/export?format=x", evening.read, 400)["detail"]


def test_a_roster_of_formulas_is_no_danger_to_a_spreadsheet(store, tmp_path):
    (tmp_path / "roster.csv").write_text('student,name\n"=cmd|\'/c calc\'!A1",@x\n-2,"\t+1"\n')
    # a slash is no part of a student
    assert "line 2, column 1" in lab(store, "add", "w", "--roster", tmp_path / "roster.csv", "--rubric", RUBRIC,
                                     status=65)
    (tmp_path / "roster.csv").write_text("student,name\n=1+1,@x\n-2,+1\n")
    lab(store, "add", "w", "--roster", tmp_path / "roster.csv", "--rubric", RUBRIC)
    for text in (lab(store, "export", "w"), lab(store, "token", "w")):
        rows = list(csv.reader(io.StringIO(text)))
        assert [row[:2] for row in rows[1:]] == [["'=1+1", "'@x"], ["'-2", "'+1"]]


@sqlite_only
def test_codes_are_kept_by_digest_and_only_the_newest_is_good(ws):
    assert lab(ws.store, "token", "ws-1") == "student,name,code\n"  # all have one
    old = ws.enrol("s01")
    secret = ws.codes["s01"].split(".")[1]
    for file in ws.store.parent.iterdir():
        content = file.read_bytes()
        assert secret.encode() not in content and secret.replace("-", "").encode() not in content
        assert old["token"].split("_")[2].encode() not in content
    sloppy = ws.codes["s01"].lower().replace("-", "").replace("ws1", "ws-1")
    assert ws.enrol("s01", code=sloppy)["token"] == old["token"]
    ws.codes["s01"] = lab(ws.store, "token", "ws-1", "s01", "--url", "https://x").splitlines()[1].split(",")[2]
    assert ws.enrol("s01")["token"] != old["token"]
    ws.enrol("s01", 403, code="ws-1." + secret)
    wait_until(lambda: ws.collector.post(good("vm-1", 1), old["token"])[0] == 401)
    for code in ("", "x", 5, None, "ws-2." + secret, ws.codes["s02"][:-1] + "U"):
        ws.enrol("s01", 403, code=code)
    assert ws.collector.ask("/v1/labs/ws-2/enrol", "POST", json.dumps({"code": ws.codes["s02"]}),
                            headers=JSON)[0] == 403
    assert ws.collector.ask("/v1/labs/ws-1/enrol", "POST", "[]", headers=JSON)[0] == 422
    assert ws.collector.ask("/v1/labs/ws-1/enrol", "POST", "{", headers=JSON)[0] == 400


def test_a_report_of_another_students_guest_stays_that_students(ws):
    mine = good("vm-1", 1)
    ws.hand_in("s01", mine)
    status, _ = ws.collector.post(mine | {"verdict": "degraded"}, ws.enrol("s02")["token"])
    assert status == 409  # an id is one report
    assert ws.row("s02")["attempts"] == 0
    handed_on = ws.collector.ask("/v1/reports/" + mine["id"], token=ws.read)[2]
    assert ws.collector.post(handed_on, ws.enrol("s02")["token"])[0] == 200  # byte for byte
    assert ws.row("s02")["flags"][0] == ws.row("s01")["flags"][0] == "same-report"
    assert ws.student("s02")["flags"][0]["with"] == ["s01"]


def test_a_roster_may_name_guests_and_tokens_and_reports_may_be_there_before(store, tmp_path):
    plain = token(store, "enrol", "--lab", "w")
    running = Collector(store)
    assert running.post(good("early", 1), plain)[0] == 200
    (tmp_path / "roster.csv").write_text(
        f"student,guest,token\na,early,\nb,00000000-0000-4000-8000-000000000002,\nc,,{plain.split('_')[1]}\nd,,\n")
    lab(store, "add", "w", "--roster", tmp_path / "roster.csv", "--rubric", RUBRIC)
    assert running.post(good("late", 2), plain)[0] == 200
    attempts = {row["student"]: row["attempts"] for row in
                json.loads(lab(store, "export", "w", "--format", "json"))["students"]}
    assert attempts["a"] == 1 and attempts["b"] + attempts["c"] == 1 and attempts["d"] == 0
    assert running.end() == (0, "")


def test_two_labs_whose_names_begin_alike_have_nothing_in_common(ws):
    lab(ws.store, "add", "ws-10", "--roster", ROSTER, "--rubric", RUBRIC)
    ws.hand_in("s01", good("vm-1", 1))
    lab(ws.store, "override", "ws-10", "s01", "memory", "--excused", "--note", "other lab")
    assert "other lab" not in lab(ws.store, "log", "ws-1")
    assert json.loads(lab(ws.store, "export", "ws-10", "--format", "json"))["students"][0]["attempts"] == 0
    assert [entry["lab"] for entry in ws.collector.get("/v1/labs", ws.read)["labs"]] == ["ws-1", "ws-10"]


def test_what_is_mistyped_is_one_line_and_a_status(ws, tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"student,name\ns1,\xff\n")
    (tmp_path / "bad.json").write_text("{")
    cases = [(64, "expected add", []), (64, "expected add", ["x"]), (64, "lab add LAB", ["add"]),
             (64, "a name of a-z", ["add", "A B", "--roster", ROSTER]), (64, "--roster FILE", ["add", "new"]),
             (64, "a new lab needs", ["add", "new", "--roster", ROSTER]),
             (66, "nowhere", ["add", "new", "--roster", "nowhere", "--rubric", RUBRIC]),
             (65, "bad.csv: line 2, column 2", ["add", "new", "--roster", tmp_path / "bad.csv"]),
             (65, "bad.json: line 1", ["add", "new", "--rubric", tmp_path / "bad.json"]),
             (66, "no such lab", ["grade", "ws-2"]), (66, "not in the roster", ["grade", "ws-1", "s99"]),
             (66, "not in the roster", ["token", "ws-1", "s99"]), (66, "no such lab", ["log", "ws-2"]),
             (64, "expected csv", ["export", "ws-1", "--format", "xls"]),
             (64, "one of --points", ["override", "ws-1", "s01", "memory", "--note", "x"]),
             (64, "--note", ["override", "ws-1", "s01", "memory", "--points", "1"]),
             (64, "--points x", ["override", "ws-1", "s01", "memory", "--points", "x", "--note", "x"]),
             (64, "--points 1.234", ["override", "ws-1", "s01", "memory", "--points", "1.234", "--note", "x"]),
             (66, "no item", ["override", "ws-1", "s01", "nothing", "--points", "1", "--note", "x"])]
    for status, words, arguments in cases:
        said = lab(ws.store, *arguments, status=status)
        assert words in said and said.count("\n") == 1, said


@pytest.mark.parametrize("method, path, right", [
    ("GET", "/v1/labs", "read"), ("GET", "/v1/labs/ws-1", "read"), ("GET", "/v1/labs/ws-1/matrix", "read"),
    ("GET", "/v1/labs/ws-1/export", "read"), ("GET", "/v1/labs/ws-1/log", "read"), ("GET", "/v1/clones", "read"),
    ("GET", "/v1/labs/ws-1/students/s01", "read"), ("PUT", "/v1/labs/ws-1/rubric", "admin"),
    ("PUT", "/v1/labs/ws-1/students/s01/override", "admin"), ("GET", "/v1/labs/ws-1/receipt", "enrol")])
def test_every_route_of_labs_without_and_with_the_wrong_token(ws, method, path, right):
    keys = {"read": ws.read, "admin": ws.admin, "enrol": ws.enrol("s01")["token"]}
    body = "{}" if method == "PUT" else None
    assert ws.collector.ask(path, method, body, headers=JSON)[0] == 401
    for scope, key in keys.items():
        status = ws.collector.ask(path, method, body, key, JSON)[0]
        if scope in (right, "admin"):
            assert status in (200, 422) or (path.endswith("receipt") and status == 403)
        else:
            assert status == 403


def test_two_thousand_students(store, tmp_path):
    names = "".join(f"m{i:04},Student Number {i}\n" for i in range(2000))
    (tmp_path / "roster.csv").write_text("student,name\n" + names)
    lab(store, "add", "big", "--roster", tmp_path / "roster.csv", "--rubric", RUBRIC)
    running = Collector(store)
    start = time.monotonic()
    matrix = running.get("/v1/labs/big/matrix")
    taken = time.monotonic() - start
    assert len(matrix["students"]) == 2000 and matrix["students"][1999]["name"] == "Student Number 1999"
    assert taken < 10, taken
    assert running.end() == (0, "")
