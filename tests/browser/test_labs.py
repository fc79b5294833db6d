# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix of a lab, and a grader's evening from an empty directory to the marks."""
import csv
import io
import json
import re
import subprocess
import xml.etree.ElementTree as xml

import classes
import fleet
import pytest
from collectors import BUILD
from test_fleet import CONTRAST, HOSTILE, WIDER, events_are_open

ROWS = "#matrix tbody tr"
# No title is cut off, and what is set by hand has its star on the line of its symbol.
WHOLE = """[...document.querySelectorAll('th.item span')].every((e) =>
    e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth) &&
    [...document.querySelectorAll('td.item b + b')].every((e) =>
    e.getBoundingClientRect().top < e.previousElementSibling.getBoundingClientRect().bottom)"""
TWELVE = [(f"s{number:02d}", name) for number, name in enumerate(classes.NAMES, 1)]


def cells(page, student):
    """The states of a row, as a screen reader says them."""
    return [text.split(":")[0] for text in page.evaluate(
        f"[...document.querySelectorAll('#student-{student} .said')].map(e => e.textContent)")]


def students(page):
    return page.texts(ROWS + " th a")


@pytest.fixture
def lab(site):
    """Twelve students who have sent nothing yet, and the collector."""
    made = classes.Lab(site.store, site.tmp_path / "lab", "week-3", TWELVE)
    site.start_closed()
    return made


def guests_of(lab):
    made = fleet.make(len(TWELVE), seed=11)
    for guest in made:
        guest.platform, guest.version, guest.verdict = "proxmox", "9.0", "ready"
        guest.hostname = "vm-" + TWELVE[guest.number][0]
    return made


def own(guest, **more):
    """Who a guest says it is."""
    return {"hostname": guest.hostname, "system_uuid": guest.uuid, "machine_id": guest.uuid.replace("-", ""),
            "macs": [guest.uuid[:16]]} | more


def play(site, lab):
    """The evening: seven do well, of whom one went silent days ago; three do not, one cheats, one is a copy."""
    guests = guests_of(lab)
    who = {name: classes.Student(site.collector, lab.name, lab.codes[name]) for name, _ in TWELVE}
    guests[5].verdict, guests[6].verdict, guests[7].verdict = "not-ready", "degraded", "indeterminate"
    sent = {}
    for guest, (name, _) in zip(guests, TWELVE):
        sent[name] = who[name].report(guest, guest=own(guest))
    cheat = dict(sent["s01"]) | {"id": sent["s09"]["id"]}  # s09: a report of another, under an id of its own
    del cheat["challenge"]
    sent["s09"] = cheat | {"guest": {"hostname": "vm-s09"}}
    # s10: a copy of the VM of s02, to which the platform gave a UUID of its own
    sent["s10"] = who["s10"].report(guests[9], guest=own(guests[9], machine_id=guests[1].uuid.replace("-", "")))
    for name, report in sent.items():
        who[name].send(report)
    lab.age("s11", 3 * 86400)
    return who


def test_a_graders_evening(site, lab):
    page = site.page
    page.visit("/labs")
    assert "12" in page.text("#main tbody")
    page.click("tbody th a")
    page.wait("location.pathname === '/labs/week-3'")
    assert page.text("h1") == "Nested virtualization, week 3"
    assert len(students(page)) == 12 and set(cells(page, "s01")) == {"not-received"}
    events_are_open(page)
    who = play(site, lab)

    # Marks came by themselves, in the page that was open.
    page.wait("document.querySelector('#student-s12 td.number').innerText === '12 / 12'")
    for name in ("s01", "s02", "s03", "s04", "s05", "s12"):
        assert cells(page, name) == ["met"] * 5
    assert cells(page, "s06") == ["not-met", "met", "met", "met", "not-met"]
    assert cells(page, "s07") == ["met", "met", "met", "not-met", "not-met"]
    assert cells(page, "s08")[1] == "unknown" and cells(page, "s08")[4] != "met"
    page.reload()
    assert cells(page, "s11") == ["met"] * 5, "marks are of what was received"
    assert "stale" in page.text("#student-s11 th") and "3 d" in page.text("#student-s11")
    assert page.evaluate("document.querySelectorAll('#matrix .mark.stale').length") == 1

    # Whom to look at, and why.
    page.select_option("select[name=show]", "flagged")
    page.wait("!document.querySelector('#student-s03')")
    flagged = students(page)
    assert "s09" in flagged and "s10" in flagged and not {"s03", "s06", "s07", "s11"} & set(flagged)
    row = page.text("#student-s09")
    assert "no-challenge" in row and "same-evidence" in row
    row = page.text("#student-s10")
    assert "same-machine-id" in row and "no-challenge" not in row and "same-evidence" not in row
    page.select_option("select[name=show]", "silent")
    page.wait(f"document.querySelectorAll('{ROWS}').length === 1")
    assert students(page) == ["s11"]

    # Why a student lost points, and what mends it.
    page.click("#student-s11 th a")
    page.wait("location.pathname.endsWith('/s11')")
    assert "The guest went silent" in page.text() and "12 of 12 points" in page.text()
    page.click("#student a[href^='/guests/']")
    page.wait("location.pathname.startsWith('/guests/')")
    assert "stale" in page.text()
    page.visit("/labs/week-3?sort=points")
    assert students(page)[0] == "s06"
    page.focus("#student-s06 td a")
    assert "VMs need it" in page.evaluate("getComputedStyle(document.activeElement, '::after').content")
    page.press("Enter")
    page.wait("location.pathname.endsWith('/s06')")
    assert page.text("h1") == "Frances Allen"
    for word in ("5 of 12 points", "qm set ID --cpu host", "VM powered off", "l0.cpu-type"):
        assert word in page.text(), word
    page.visit("/clones")
    text = page.text()
    assert "vm-s02" in text and "vm-s10" in text and "nestready preclone" in text and "vm-s03" not in text
    check_papers(site, lab, who)


def test_the_one_step_of_a_student(site, lab):
    """The real agent hands in what this machine is; its receipt and the page say the same."""
    page = site.page
    page.visit("/labs/week-3")
    events_are_open(page)  # the collector has learnt of the codes by then
    spool = site.tmp_path / "spool"
    spool.mkdir()
    done = subprocess.run([BUILD / "nestready", "submit", "--passive", "--spool", spool,
                           f"{page.base}#{lab.codes['s12']}"], text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, (done.stdout, done.stderr)
    points, possible = re.search(r"^points: (\S+) of (\S+)$", done.stdout, re.MULTILINE).groups()
    page.wait("!document.querySelector('#student-s12').innerText.includes('never')")
    assert f"{points} / {possible}" in page.text("#student-s12")
    page.click("#student-s12 th a")
    page.wait("location.pathname.endsWith('/s12')")
    text = page.text()
    assert f"{points} of {possible} points" in text
    for state, title in re.findall(r"^  \S+  (\S+): (.*)$", done.stdout, re.MULTILINE):
        row, = [row for row in page.texts("#student tbody tr") if row.startswith(title)]
        assert state in row


def check_papers(site, lab, who):
    """What a teacher takes away, and what each student is told."""
    expected = {"s06": 5, "s07": 7} | {name: 12 for name in ("s01", "s02", "s03", "s04", "s05", "s11", "s12")}
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(lab.run("export").lstrip("\ufeff")))}
    assert len(rows) == 12
    for name, points in expected.items():
        assert float(rows[name]["points"]) == points, rows[name]
        assert who[name].receipt()["points"] == points
        assert rows[name]["stale"] == ("true" if name == "s11" else "false")
    assert "flags" not in who["s09"].receipt(), "what a student is suspected of is not told"
    states = {item["id"]: item["state"] for item in who["s08"].receipt()["items"]}
    assert states["device"] == "unknown"
    suites = xml.fromstring(lab.run("export", "--format", "junit"))
    assert len(suites.findall(".//testsuite")) == 12
    assert [suite.get("name") for suite in suites.iterfind(".//property[@name='stale'][@value='true']/../..")] == ["s11"]
    marks = json.loads(lab.run("export", "--format", "json"))["students"]
    assert len(marks) == 12 and [row["student"] for row in marks if row["stale"]] == ["s11"]
    assert ", stale" in lab.run("grade", "s11").splitlines()[0]


def test_the_matrix_by_keys_on_paper_and_at_375(site, lab):
    page = site.page
    play(site, lab)
    lab.run("override", "s06", "cpu", "--points", "2.5", "--note", "shown in class")
    for scheme in ("light", "dark"):
        site.start_closed(colorScheme=scheme)
        for width in (1280, 375, 320):
            page.set_viewport_size({"width": width, "height": 800})
            for path in ("/labs", "/labs/week-3", "/labs/week-3/students/s06", "/labs/week-3/students/s09", "/clones"):
                page.visit(path)
                assert not page.evaluate(WIDER), (path, width)
                assert page.evaluate(CONTRAST)["low"] == [], path
    page.visit("/labs/week-3")
    assert "Frances Allen" in page.text("#student-s06") and page.evaluate(WHOLE), "names, titles and stars"
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate(WHOLE)
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('.scroll'))"), "five items fit"
    page.focus("#student-s06 td a")
    page.press("ArrowRight")
    assert "Ready for KVM" in page.evaluate("document.activeElement.dataset.reason")
    page.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').id") == "student-s07"
    page.emulate_media({"media": "print"})
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert "\u2715" in page.text("#student-s06") and page.evaluate(WHOLE)
    page.emulate_media({"media": None})


def test_a_matrix_of_many_items_on_a_phone_is_still_of_somebody(site, lab):
    items = [{"id": f"i{n}", "title": f"The item that has number {n} here", "finding": "cpu.slat", "points": 1}
             for n in range(24)]
    rubric = site.tmp_path / "many.json"
    rubric.write_text(json.dumps({"schema": "nestready.rubric/1", "title": "Many", "targets": ["kvm"], "attempts": "best",
                                  "items": items}))
    lab.run("add", "--rubric", rubric)
    page = site.start_closed(width=375, height=700)
    page.visit("/labs/week-3")
    assert not page.evaluate(WIDER) and page.evaluate(WHOLE)
    name = "document.querySelector('#student-s06 th').getBoundingClientRect()"
    assert page.evaluate(f"{name}.width") > 90, "and not a letter a line"
    page.evaluate("document.querySelector('.scroll').scrollLeft = 9999")
    page.evaluate("document.querySelector('#student-s06').scrollIntoView()")
    assert page.evaluate(f"{name}.left") >= 0, "who it is stays in sight"
    assert page.evaluate(f"(({{left, top}}) => document.elementFromPoint(left + 5, top + 5).closest('th') !== null)({name})")


def test_a_lab_whose_names_are_hostile(site):
    words = [word for word in HOSTILE if "/" not in word and len(word.encode()) <= 60 and "\u2028" not in word]
    lab = classes.Lab(site.store, site.tmp_path / "lab", "evil", [(word, "<b>" + word) for word in words])
    page = site.start_closed()
    student = classes.Student(site.collector, "evil", lab.codes[words[0]])
    guest = fleet.make(1)[0]
    finding = fleet.finding("cpu.extension", "fail", "l0.x", steps=["<script>alert(1)</script>"]) | {"why": HOSTILE[1]}
    student.send(student.report(guest, findings=[finding], verdict="not-ready"))
    paths = ["/labs", "/labs/evil", "/labs/evil?search=%3Cb%3E"]
    page.visit("/labs/evil")
    paths += page.evaluate(f"[...document.querySelectorAll('{ROWS} th a')].map(a => a.getAttribute('href'))")
    assert len(paths) == len(words) + 3
    for path in paths:
        page.visit(path)
        assert page.evaluate("document.querySelectorAll('h1, main, script').length") == 3, path
        assert page.evaluate("document.querySelectorAll('img, iframe, [onerror], [onload], [style]').length") == 0
        assert not page.evaluate(WIDER), path


def test_two_thousand_students(site):
    lab = classes.Lab(site.store, site.tmp_path / "lab", "big", [(f"s{n:04d}", f"Name {n}") for n in range(2000)])
    page = site.start_closed()
    for n, guest in enumerate(fleet.make(40)):
        student = classes.Student(site.collector, "big", lab.codes[f"s{n:04d}"])
        student.send(student.report(guest))
    page.visit("/labs/big?sort=points&order=descending")
    assert "2000 of 2000 students" in page.text() and "Page 1 of 20" in page.text()
    assert len(students(page)) == 100
    page.fill("input[type=search]", "name 1999")
    page.wait(f"document.querySelectorAll('{ROWS}').length === 1")
    page.visit("/labs/big?limit=1000&page=2")
    assert students(page)[-1] == "s1999" and not page.evaluate(WIDER)
