# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab with its students, and what each of their guests says; over the collector's own interface."""
import csv
import io
import json

import fleet
from collectors import JSON, command, sql
from postgres import Url

ITEMS = [
    {"id": "cpu", "title": "The CPU offers virtualization", "finding": "cpu.extension", "points": 4},
    {"id": "device", "title": "/dev/kvm is usable", "finding": "kvm.device", "points": 2},
    {"id": "slat", "title": "Second level translation", "finding": "cpu.slat", "points": 1},
    {"id": "bridge", "title": "A bridge for the VMs", "finding": "guest.bridge", "points": 2},
    {"id": "ready", "title": "Ready for KVM", "verdict": "ready", "points": 3},
]
NAMES = ["Ada Lovelace", "Bob Kahn", "Cleve Moler", "Dana Scott", "Edsger Dijkstra", "Frances Allen", "Grace Hopper",
         "Hedy Lamarr", "Ivan Sutherland", "Jean Bartik", "Ken Thompson", "Lynn Conway"]
MULTIPLIERS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35]


def answer(nonce):
    """What the code in an L2 makes of a challenge: base/transform.h, written again."""
    words = [int(nonce[8 * i:8 * i + 8], 16) for i in range(3)]
    return "".join(f"{(word ^ word >> 15) * factor % 2**32:08x}" for word, factor in zip(words, MULTIPLIERS))


def age(store, lab, student, seconds):
    """As if all that a student sent had come so much earlier, and nothing since."""
    text, packed = ("convert_from(body, 'UTF8')", "convert_to('{}', 'UTF8')") if isinstance(store, Url) else \
        ("CAST(body AS text)", "'{}'")
    guests = set()
    for kind, key, body in sql(store, f"SELECT kind, key, {text} FROM documents WHERE kind IN ('lab-attempt', 'lab-sum') "
                                      f"AND key LIKE '{lab}/{student}%'"):
        document = json.loads(body)
        for said in document.get("said", [document]):
            said["received"] -= 1000 * seconds
            guests.add(said["guest"])
        body = packed.format(json.dumps(document).replace("'", "''"))
        sql(store, f"UPDATE documents SET body = {body} WHERE kind = '{kind}' AND key = '{key}'")
    for guest in guests:
        sql(store, f"UPDATE latest SET received = received - {1000 * seconds} WHERE guest = '{guest}'")


class Lab:
    """Made by the commands that a teacher types; `students` is who is in it."""

    def __init__(self, store, directory, name, students):
        self.name, self.store = name, store
        directory.mkdir(parents=True, exist_ok=True)
        roster, rubric = directory / "roster.csv", directory / "rubric.json"
        with open(roster, "w", newline="") as file:
            csv.writer(file).writerows([("student", "name"), *students])
        rubric.write_text(json.dumps({"schema": "nestready.rubric/1", "title": "Nested virtualization, week 3",
                                      "targets": ["kvm"], "attempts": "best", "items": ITEMS}))
        self.run("add", "--roster", roster, "--rubric", rubric)
        self.codes = {row["student"]: row["code"] for row in csv.DictReader(io.StringIO(self.run("token")))}

    def run(self, what, *arguments):
        done = command("lab", what, self.name, *map(str, arguments), store=self.store)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def age(self, student, seconds):
        age(self.store, self.name, student, seconds)


class Student:
    """Whoever has a code: enrols, reports, and reads a receipt."""

    def __init__(self, collector, lab, code):
        self.collector, self.lab = collector, lab
        status, _, data = collector.ask(f"/v1/labs/{lab}/enrol", "POST", json.dumps({"code": code}), None, JSON)
        assert status == 200, data
        given = json.loads(data)
        self.token, self.nonce = given["token"], given["challenge"]["nonce"]

    def report(self, machine, challenge=True, **members):
        """Of this machine, as its agent would make it after the challenge."""
        report = machine.report(**members)
        report["findings"].append(fleet.finding("l2.long-mode"))
        report["facts"]["l2.exit-ns"] = fleet.fact(machine.number + 900)
        if challenge:
            report["challenge"] = {"nonce": self.nonce, "answer": answer(self.nonce)}
        return report

    def send(self, report):
        status, body = self.collector.post(report, self.token)
        assert status == 200, body

    def receipt(self):
        return self.collector.get(f"/v1/labs/{self.lab}/receipt", self.token)
