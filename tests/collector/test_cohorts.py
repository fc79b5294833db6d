# SPDX-License-Identifier: GPL-2.0-or-later
"""Cohorts and losses of generated fleets, against the same worked out here from the reports."""
import random
import time
from itertools import groupby

import fleet
from conftest import Collector, sql

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
    made = []
    for i, trait in enumerate(TRAITS):
        alike = {value: [row for row in rows if row.traits[i] == value] for value in {row.traits[i] for row in rows}}
        for value, some in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0] or "")):
            made.append({"trait": trait, "value": value, "guests": len(some), "stale": sum(row.stale for row in some),
                         "outlier": is_outlier(some, rows)}
                        | {word: sum(row.verdict == word for row in some)
                           for word in ("ready", "degraded", "not-ready", "indeterminate")})
    return made


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
        assert question == "platform=none" or len(answer["losses"]) > 0 or "verdict=ready" in question
    assert any(row["outlier"] for row in running.get("/v1/cohorts")["cohorts"])
    assert running.end() == (0, "")

