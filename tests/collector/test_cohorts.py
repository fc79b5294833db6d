# SPDX-License-Identifier: GPL-2.0-or-later
"""Cohorts and losses of generated fleets, against the same worked out here from the reports."""
import json
import random
import re
import time
from itertools import groupby
from pathlib import Path

import fleet
import pytest
from conftest import BUILD, Collector, make_report, sql

BOTH_STORES = True
TRAITS = ("platform", "platform-version", "cpu", "microcode", "kernel")
USABLE = ("ready", "degraded")


def traits_of(report):
    value = {name: fact["value"] for name, fact in report["facts"].items()}
    return (report["platform"].get("id"), report["platform"].get("version"), value.get("cpu.name"),
            value.get("cpu.microcode"), value.get("os.kernel"))


class Row:
    """The newest report of a guest, and how its readiness went."""

    def __init__(self):
        self.ready = self.lost = self.since = None
        self.stale = False

    def take(self, report):
        self.platform, self.verdict = report["platform"]["id"], report["verdict"]
        self.target, self.traits = report["target"]["id"], traits_of(report)
        if self.verdict in USABLE:
            self.ready, self.lost, self.since = self.traits, None, None
        elif self.verdict == "not-ready" and self.ready and not self.since:
            self.lost, self.since = self.traits, report["time"]


def is_outlier(rows, everybody):
    """The shares of not-ready ones differ by more than ten points and three standard errors."""
    n, m = len(rows), len(everybody) - len(rows)
    if n < 5 or m == 0:
        return False
    bad = sum(row.verdict == "not-ready" for row in rows)
    every = sum(row.verdict == "not-ready" for row in everybody)
    difference, share = bad / n - (every - bad) / m, every / (n + m)
    return difference > 0.1 and difference ** 2 > 9 * share * (1 - share) * (1 / n + 1 / m)


def cohorts_of(rows):
    """Outliers, then the largest, then in the order of traits and values."""
    made = []
    for i, trait in enumerate(TRAITS):
        alike = {value: [row for row in rows if row.traits[i] == value] for value in {row.traits[i] for row in rows}}
        for value, some in alike.items():
            made.append({"trait": trait, "value": value, "guests": len(some), "stale": sum(row.stale for row in some),
                         "outlier": is_outlier(some, rows)}
                        | {word: sum(row.verdict == word for row in some)
                           for word in ("ready", "degraded", "not-ready", "indeterminate")})
    return sorted(made, key=lambda row: (not row["outlier"], -row["guests"], TRAITS.index(row["trait"]),
                                         row["value"] or ""))


def losses_of(rows):
    changes = []
    for row in rows:
        if row.since:
            changed = [(i, row.ready[i], row.lost[i]) for i in range(len(TRAITS)) if row.ready[i] != row.lost[i]]
            changes += [(*change, row) for change in changed or [(len(TRAITS), None, None)]]

    def order(change):
        return change[0], change[1] or "", change[2] or ""
    made = []
    for (i, before, after), some in groupby(sorted(changes, key=order), key=lambda change: change[:3]):
        since = [change[3].since for change in some]
        silent = i == len(TRAITS)
        kept = 0 if silent else sum(row.verdict in USABLE and row.traits[i] == after for row in rows)
        made.append({"trait": None if silent else TRAITS[i], "before": before, "after": after, "lost": len(since),
                     "kept": kept, "first": min(since), "last": max(since)})
    return sorted(made, key=lambda loss: (loss["trait"] is None, -loss["lost"]))


def draw_reports(count):
    """Reports of so many guests, three of each: some change a kernel, some a verdict, some say less."""
    draw, now = random.Random(count), time.time()
    guests = fleet.make(count)
    for step in range(3):
        for guest in guests:
            if draw.random() < 0.1:
                guest.kernel = "6.13.0"
            if draw.random() < 0.1 or guest.kernel == "6.13.0" and draw.random() < 0.8:
                guest.verdict = draw.choice(["not-ready", "not-ready", "ready", "degraded", "indeterminate"])
            report = guest.report(now - 5000 + 1000 * step + guest.number)
            if guest.number % 9 == 0:
                del report["facts"]["cpu.microcode"]
            if guest.number % 4 == 0:
                report["target"] = {"id": "esxi-8", "title": "ESXi"}
            yield report


def guests(store):
    running = Collector(store)
    found = running.get("/v1/guests?limit=1000")["guests"]
    assert running.end() == (0, "")
    return found


def pages(running, question, limit):
    """All cohorts, so many at a time; `more` says of each page what is behind it."""
    found, cursor, told = [], "", []
    while cursor is not None:
        answer = running.get(f"/v1/cohorts?limit={limit}&cursor={cursor}{question and '&'}{question}")
        assert len(answer["cohorts"]) <= limit
        found += answer["cohorts"]
        told.append((len(found), answer["more"]))
        cursor = answer["next"]
        assert (cursor is None) == (answer["more"] == [])
    for count, more in told:
        left = [row for row in found[count:]]
        assert more == [{"trait": trait, "cohorts": sum(row["trait"] == trait for row in left),
                         "guests": sum(row["guests"] for row in left if row["trait"] == trait)}
                        for trait in TRAITS if any(row["trait"] == trait for row in left)]
    return found


def test_cohorts_and_losses_are_what_the_reports_say(store, tmp_path):
    rows = {}
    for lab, count in (("", 120), ("ws-1", 250)):
        reports = list(draw_reports(count))
        fleet.load(store, reports, tmp_path / f"reports-{lab}", lab=lab or None)
        for report in reports:
            row = rows.setdefault((lab, report["guest"]["system_uuid"]), Row())
            row.lab = lab
            row.take(report)
    silent = random.Random(1).sample(sorted(row["guest"] for row in guests(store)), 60)
    sql(store, "UPDATE latest SET received = received - 1000000000 WHERE guest IN "
        f"({', '.join(repr(guest) for guest in silent)})")
    running = Collector(store)
    by_name = {(row["lab"] or "", row["name"]): row for row in running.get("/v1/guests?limit=1000")["guests"]}
    for key, row in rows.items():
        row.stale = by_name[key]["stale"]
    assert sum(row.stale for row in rows.values()) == 60
    questions = {"": lambda row: True,
                 "lab=ws-1": lambda row: row.lab == "ws-1",
                 "target=kvm": lambda row: row.target == "kvm",
                 "verdict=not-ready": lambda row: row.verdict == "not-ready",
                 "verdict=ready&stale=false": lambda row: row.verdict == "ready" and not row.stale,
                 "stale=true": lambda row: row.stale,
                 "platform=proxmox&lab=ws-1": lambda row: row.platform == "proxmox" and row.lab == "ws-1",
                 "platform=none": lambda row: False}
    for question, fits in questions.items():
        some = [row for row in rows.values() if fits(row)]
        answer = running.get(f"/v1/cohorts?{question}")
        assert answer["cohorts"] == cohorts_of(some), question
        assert answer["losses"] == losses_of(some), question
        assert (answer["more"], answer["more_losses"], answer["next"]) == ([], 0, None)
        assert pages(running, question, 3) == answer["cohorts"]
        for trait in TRAITS:
            mine = [row for row in answer["cohorts"] if row["trait"] == trait]
            assert running.get(f"/v1/cohorts?trait={trait}{question and '&'}{question}")["cohorts"] == mine
            assert pages(running, f"trait={trait}{question and '&'}{question}", 2) == mine
        assert question == "platform=none" or len(answer["losses"]) > 0 or "verdict=ready" in question
    assert any(row["outlier"] for row in running.get("/v1/cohorts")["cohorts"])
    assert running.end() == (0, "")



GUESTS = 20000


def fill(store, count):
    """A fleet in which each guest has a kernel of its own and lost readiness with it; beside it a few that broke."""
    if str(store).startswith("postgresql:"):
        number, numbers, line = "lpad(to_hex(n), 32, '0')", f"generate_series(1, {count}) AS n", "chr(10)"
    else:
        number, line = "printf('%032x', n)", "char(10)"
        numbers = (f"(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) "
                   "SELECT n FROM n) AS n")

    def traits(kernel):
        return f"replace('esxi|8|Xeon|0x1|{kernel}' || n || '|', '|', {line})"
    columns = ("lab", "name", "hostname", "platform", "basis", "agent", "profile", "report", "seq", "at", "time",
               "received")
    done = {"guest": number, "target": "'kvm'",
            "verdict": "CASE WHEN n % 100 = 0 OR n <= 7 THEN 'not-ready' ELSE 'ready' END",
            "traits": f"CASE WHEN n <= 7 THEN replace('esxi|8|Xeon|0x1|worst|', '|', {line}) ELSE {traits('6.')} END",
            "traits_ready": traits("5."), "traits_lost": traits("6."),
            "lost": "CASE WHEN n % 100 = 0 THEN received ELSE 0 END"}
    made = (f"INSERT INTO latest ({', '.join(done)}, {', '.join(columns)}) SELECT {', '.join(done.values())}, "
            f"{', '.join(columns)} FROM (SELECT * FROM latest LIMIT 1) AS one, {numbers}")
    sql(store, made)


def peak(process):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1])


def test_a_fleet_in_which_all_differ_is_answered_in_short(store):
    running = Collector(store)
    running.post(make_report())
    fill(store, GUESTS)
    before = peak(running.process)
    _, _, data = running.ask("/v1/cohorts?limit=1000")
    _, _, page = running.ask("/cohorts")
    assert len(data) < 250000 and len(page) < 100000
    if "asan" not in BUILD.name:  # which keeps what was freed
        assert peak(running.process) - before < 20000, "KiB; it took 164,000 when all of them were kept"
    answer = json.loads(data)
    assert len(answer["cohorts"]) == 1000
    assert [row["value"] for row in answer["cohorts"] if row["outlier"]] == ["worst"]
    assert answer["more"][0]["trait"] == "kernel" and answer["more"][0]["cohorts"] > GUESTS - 1010
    # The one that stands out is the first; what explains a loss is said, and how many more there are.
    assert [row["value"] for row in running.get("/v1/cohorts?trait=kernel&limit=1")["cohorts"]] == ["worst"]
    assert len(answer["losses"]) == 50 and answer["more_losses"] == GUESTS // 100 - 50
    more = GUESTS - 7 + 2 - 30
    assert f"and {more} more cohorts with".encode() in page
    # All of them, one after the other.
    rows = pages(running, "trait=kernel", 1000)
    assert len({row["value"] for row in rows}) == len(rows) == GUESTS - 7 + 1 + 1
    assert sum(row["guests"] for row in rows) == GUESTS + 1
    assert running.end() == (0, "")


@pytest.mark.parametrize("question", ["cursor=x", "cursor=0.1.kernel.3", "cursor=12", "trait=colour", "all=true",
                                      "gap=x", "limit=0", "limit=1001"])
def test_what_makes_no_sense(collector, question):
    collector.get(f"/v1/cohorts?{question}", status=400)
    collector.get(f"/cohorts?{question}", status=400)
