# SPDX-License-Identifier: GPL-2.0-or-later
"""An operator's morning: twenty thousand guests, of which those with a new kernel broke over night."""
import re
import time

import fleet
from test_fleet import NAMES, WIDER, shown

HOUR = 3600
NEW = "6.12.41-amd64"


def night(site, count):
    """Yesterday all reported; over night those with one kernel got the next, and most of them broke."""
    now = time.time()
    guests = fleet.make(count)
    fleet.load(site.store, (guest.report(now - 20 * HOUR) for guest in guests), site.tmp_path / "yesterday")
    updated = [guest for guest in guests if guest.kernel == "6.12.38-amd64" and guest.number % 5 == 0]
    lost = kept = 0
    for number, guest in enumerate(updated):
        guest.kernel = NEW
        usable = guest.verdict in ("ready", "degraded")
        broken = number % 10 != 0
        lost += usable and broken
        kept += usable and not broken
        if broken:
            guest.verdict = "not-ready"
    fleet.load(site.store, (guest.report(now - 4 * HOUR) for guest in updated), site.tmp_path / "night")
    return lost, kept


def seconds(page, path):
    start = time.monotonic()
    page.visit(path)
    return time.monotonic() - start


def test_an_operators_morning(site):
    lost, kept = night(site, 20000)
    assert lost > 900
    page = site.start()
    page.visit("/")
    # The first page names the cause.
    cause = page.text(".cause")
    assert f"{lost} guests lost readiness after a change of kernel: 6.12.38-amd64 \u2192 {NEW}" in cause
    assert f"{kept} with the new value are usable" in cause
    assert page.evaluate("document.querySelectorAll('.cause').length") == 1, "and nothing that is none"
    # One click: the guests; another: one of them, with what changed and the fix.
    page.click(".cause a")
    page.wait("location.pathname === '/guests' && document.querySelector('#guests')")
    assert len(shown(page)) == 100
    assert set(page.texts("#guests tbody td:nth-child(5)")) == {NEW}
    page.click(NAMES)
    page.wait("location.pathname.startsWith('/guests/')")
    text = page.text()
    assert f"kernel: 6.12.38-amd64 \u2192 {NEW}" in text and "\u2192 not-ready" in text and "VM powered off" in text
    # The cohorts agree, and blame neither platform nor CPU.
    page.visit("/cohorts")
    assert page.evaluate("[...document.querySelectorAll('tr:has(.mark.not-ready) th a')].map(a => a.innerText)") == [NEW]
    answer = site.collector.get("/v1/cohorts")
    assert [row["value"] for row in answer["cohorts"] if row["outlier"]] == [NEW]
    assert answer["losses"][0]["lost"] == lost and answer["losses"][0]["kept"] == kept
    # Pages hold every guest once and in order, the last ones too, for which not all rows are in memory.
    seen = []
    for number in range(1, 21):
        text = site.collector.get(f"/guests?sort=verdict&limit=1000&page={number}")
        seen += re.findall(r'<tr id="([^"]*)" data-verdict="([^"]*)"', text)
    order = ["not-ready", "indeterminate", "degraded", "ready"]
    assert len({name for name, _ in seen}) == len(seen) == 20000
    assert [verdict for _, verdict in seen] == sorted((verdict for _, verdict in seen), key=order.index)
    # And none of it takes long: a generous bound, as this machine has other things to do.
    for path in ("/", "/guests?sort=heard&order=descending&page=150", "/guests?search=web-1", "/cohorts"):
        assert seconds(page, path) < 5, path
        assert not page.evaluate(WIDER)
