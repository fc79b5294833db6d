# SPDX-License-Identifier: GPL-2.0-or-later
"""The fleet's pages as an operator uses them."""
import json
import time
from urllib.parse import quote

import fleet
import pytest

from collectors import Collector

ROWS = "#guests tbody tr"
NAMES = "#guests tbody th a"
PATHS = ["/", "/guests", "/cohorts"]
# Each is looked for in the page as text, and must have become nothing else.
HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
           "</td></tr></table></main><h1>x", "javascript:alert(1)", "{{7*7}}${7*7}", "&lt;b&gt;",
           "\u202eevil", "a" * 250, "\U0001f600" * 40, "--><svg onload=alert(1)>", "x\u2028y"]
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# The lowest contrast of any text on the page, and whose (WCAG 2.2: 4.5, or 3 for large text).
CONTRAST = """(() => {
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) =>
        v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (node) => {
        for (; node; node = node.parentElement) {
            const value = rgb(getComputedStyle(node).backgroundColor);
            if (value.length < 4 || value[3] > 0) return value;
        }
        return rgb("255 255 255");
    };
    const low = [];
    let texts = 0;
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || !node.getClientRects().length) continue;
        const [a, b] = [rgb(getComputedStyle(node).color), ground(node)].map(light);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        texts += 1;
        if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${node.tagName} ${node.className} ${walk.currentNode.data}`);
    }
    return { texts, low };
})()"""


def events_are_open(page):
    page.wait("document.getElementById('live').textContent.includes('Live')")


def shown(page):
    return page.texts(NAMES)


@pytest.fixture
def hundred(site):
    site.fill(guest.report() for guest in fleet.make(150))
    return site


def test_an_empty_fleet_says_what_to_do(site):
    page = site.start()
    for path in PATHS:
        page.visit(path)
        assert page.evaluate("document.querySelectorAll('h1').length") == 1
    page.visit("/")
    assert "No guest reported so far" in page.text() and page.texts(".tiles strong") == ["0"] * 5
    page.visit("/guests")
    assert "none fits" in page.text()
    assert site.collector.post(fleet.make(1)[0].report())[0] == 200
    page.visit("/")
    assert "1 check of a guest for a target" in page.text() and page.texts(".tiles strong")[0] == "1"


def test_one_guest_from_the_fleet_to_its_fix_and_its_history(site):
    guest = fleet.make(1)[0]
    guest.platform, guest.verdict = "proxmox", "ready"
    first = guest.report(time.time() - 3600)
    guest.verdict, guest.kernel = "not-ready", "6.99"
    site.fill([first, guest.report()])
    page = site.start()
    page.visit("/")
    page.click(".tiles a[href*='not-ready']")
    page.click(NAMES)
    page.wait("location.pathname.startsWith('/guests/')")
    text = page.text()
    for word in ("not-ready for kvm", "qm set ID --cpu host", "VM powered off", "l0.cpu-type",
                 f"kernel: {first['facts']['os.kernel']['value']} \u2192 6.99", "verdict: ready \u2192 not-ready",
                 "cpu.extension: pass \u2192 fail", "the first that is kept"):
        assert word in text, word


def test_filters_search_and_their_address(hundred):
    page = hundred.start()
    page.visit("/guests")
    assert len(shown(page)) == 100 and "150 fit, 1 to 100" in page.text()
    page.select_option("select[name=verdict]", "not-ready")
    page.wait("location.search.includes('verdict=not-ready')")
    page.wait(f"[...document.querySelectorAll('{ROWS}')].every(r => r.dataset.verdict === 'not-ready')")
    few = shown(page)
    assert 0 < len(few) < 30
    page.fill("input[type=search]", few[0].upper())
    page.wait(f"document.querySelectorAll('{ROWS}').length === 1")
    assert shown(page) == [few[0]]
    page.reload()
    assert shown(page) == [few[0]], "the address is the question"
    page.fill("input[type=search]", "no such guest")
    page.wait(f"document.querySelectorAll('{ROWS}').length === 0")
    assert "none fits" in page.text()


def test_news_on_the_way_do_not_bring_back_what_was_left(hundred):
    """A question that takes its time, and news of the page before it, which are quicker."""
    page = hundred.start()
    page.visit("/guests")
    page.evaluate("""(() => {
        const real = window.fetch;
        window.asked = [];
        window.fetch = async (url, options) => {
            window.asked.push(String(url));
            if (window.asked.length === 1) await new Promise((done) => setTimeout(done, 2000));
            return real(url, options);
        };
    })()""")
    page.select_option("select[name=verdict]", "not-ready")
    page.wait("window.asked.length === 1")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # whoever comes back looks for news
    page.wait("window.asked.length === 2 && location.search.includes('verdict=not-ready')")
    assert set(page.evaluate(f"[...document.querySelectorAll('{ROWS}')].map(r => r.dataset.verdict)")) == {"not-ready"}


def test_what_the_overview_counts_is_one_click_away(hundred):
    """A gap, a platform, a verdict: each number leads to as many rows."""
    page = hundred.start()
    platform = "th a[href*='platform=']"
    for link, number in (("tbody th a[href*='gap=']", "tbody tr:has(code) td.number"),
                         (platform, f"tr:has({platform}) td:nth-child(2)"), (".tiles a", ".tiles strong")):
        page.visit("/")
        counts = [int(text) for text in page.texts(number)]
        links = page.evaluate(f"[...document.querySelectorAll({json.dumps(link)})].map(a => a.getAttribute('href'))")
        assert len(links) == len(counts) >= 2
        for path, count in zip(links, counts):
            page.visit(path)
            assert page.text("caption").startswith(f"{count} fit"), (path, count)
    page.visit("/guests?gap=l1.no-bridge")
    assert set(page.evaluate(f"[...document.querySelectorAll('{ROWS}')].map(r => r.dataset.verdict)")) == {"degraded"}
    assert page.evaluate("document.querySelector('input[name=gap]').value") == "l1.no-bridge"


def test_columns_sort_and_say_so(hundred):
    page = hundred.start()
    page.visit("/guests")
    names = shown(page)
    assert names == sorted(names)
    for name, order in (("by-guest", "descending"), ("by-verdict", "ascending"), ("by-heard", "ascending")):
        page.click(f"#{name}")
        page.wait(f"document.getElementById('{name}').closest('th').getAttribute('aria-sort') === '{order}'")
        assert page.evaluate("document.querySelectorAll('[aria-sort]').length") == 1
        assert page.evaluate("document.activeElement.id") == name, "focus stays"
    page.click("#by-verdict")
    page.wait("document.getElementById('by-verdict').closest('th').hasAttribute('aria-sort')")
    verdicts = page.evaluate(f"[...document.querySelectorAll('{ROWS}')].map(r => r.dataset.verdict)")
    order = ["not-ready", "indeterminate", "degraded", "ready"]
    assert verdicts == sorted(verdicts, key=order.index) and verdicts[0] == "not-ready"
    page.go_back()
    page.wait("document.getElementById('by-heard').closest('th').hasAttribute('aria-sort')")


def test_pages_hold_every_guest_once(hundred):
    page = hundred.start()
    page.visit("/guests?limit=40&sort=kernel&order=descending")
    seen = shown(page)
    for number in (2, 3, 4):
        page.visit(f"/guests?limit=40&sort=kernel&order=descending&page={number}")
        seen += shown(page)
    assert len(seen) == len(set(seen)) == 150
    page.visit("/guests")
    assert "underline" in page.evaluate("getComputedStyle(document.getElementById('next')).textDecorationLine")
    page.click("#next")
    page.wait("document.querySelector('.pages').innerText.includes('Page 2 of 2')")
    assert len(shown(page)) == 50


def test_what_comes_in_shows_by_itself(hundred):
    page = hundred.start()
    for path, condition in (
            ("/guests?verdict=not-ready", "document.querySelector('#guests').innerText.includes('arrived')"),
            ("/", "document.querySelector(\".tiles a[href*='not-ready'] strong\").innerText !== BEFORE")):
        page.visit(path)
        events_are_open(page)
        before = page.evaluate("document.querySelector(\".tiles a[href*='not-ready'] strong\")?.innerText ?? ''")
        guest = fleet.make(500)[499 if path == "/" else 498]
        guest.hostname, guest.verdict = "arrived-" + str(len(path)), "not-ready"
        page.focus("a[href='/cohorts']")
        assert hundred.collector.post(guest.report())[0] == 200
        page.wait(condition.replace("BEFORE", json.dumps(before)))
        assert page.evaluate("document.activeElement.getAttribute('href')") == "/cohorts"
    page.visit("/guests?search=arrived")
    events_are_open(page)
    guest.verdict = "ready"
    hundred.collector.post(guest.report())
    page.wait("document.querySelector('tr.fresh')?.dataset.verdict === 'ready'")


def test_a_collector_that_goes_away_and_comes_back_is_said(hundred):
    page = hundred.start()
    page.visit("/guests")
    events_are_open(page)
    assert hundred.collector.end() == (0, "")
    page.wait("document.getElementById('live').textContent.includes('Not live')")
    assert len(shown(page)) == 100, "what is there stays"
    guest = fleet.make(500)[499]
    guest.hostname = "arrived-meanwhile"
    hundred.fill([guest.report()])
    hundred.collector = Collector(hundred.store, held=hundred.collector.held)
    page.wait("document.querySelector('#guests').innerText.includes('arrived-meanwhile')")
    hundred.start()  # what the console has said of the break is no fault


def test_without_a_mouse(hundred):
    page = hundred.start()
    page.visit("/guests")
    page.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.press("/")
    assert page.evaluate("document.activeElement.name") == "search"
    page.focus(NAMES)
    names = shown(page)
    page.press("ArrowDown", "ArrowDown", "ArrowUp")
    assert page.evaluate("document.activeElement.innerText") == names[1]
    page.press("Enter")
    page.wait("location.pathname.startsWith('/guests/')")
    assert page.text("h1") == names[1]
    # Everything that can be clicked can be reached, in the order in which it is read.
    page.visit("/")
    reached = []
    for _ in range(40):
        page.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert [link for link in reached if link in PATHS][:4] == ["/", "/", "/guests", "/cohorts"]
    assert "/guests?verdict=not-ready" in reached and any("platform=" in (link or "") for link in reached)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_and_layout_at_every_width(hundred, scheme):
    page = hundred.start(colorScheme=scheme)
    hundred.collector.post(fleet.make(1)[0].report(guest={"hostname": "x" * 200}))
    guest = shown_guest(page)
    grounds = set()
    for width in (1280, 768, 375, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for path in [*PATHS, guest]:
            page.visit(path)
            measured = page.evaluate(CONTRAST)
            assert measured["low"] == [] and measured["texts"] > 10, path
            assert not page.evaluate(WIDER), (path, width)
            assert page.evaluate("[...document.querySelectorAll('.tiles .mark')].every(e => "
                                 "e.getBoundingClientRect().right < e.closest('a').getBoundingClientRect().right)")
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 1


def shown_guest(page):
    page.visit("/guests?sort=verdict")
    return page.evaluate(f"document.querySelector('{NAMES}').getAttribute('href')")


def test_on_paper(hundred):
    page = hundred.start(colorScheme="dark")
    page.visit("/guests?sort=verdict")
    page.emulate_media({"media": "print", "colorScheme": "dark"})
    assert page.evaluate("getComputedStyle(document.querySelector('form')).display") == "none"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert page.evaluate("getComputedStyle(document.querySelector('time'), '::after').content").count("20") > 0
    assert page.texts("#guests tbody td .mark")[0] == "\u2715 not-ready", "a symbol and a word, not a colour"
    page.set_viewport_size({"width": 794, "height": 1000})  # A4
    page.visit(shown_guest(page))
    lines = "(e) => { const all = document.createRange(); all.selectNodeContents(e); return all.getClientRects().length; }"
    assert set(page.evaluate(f"[...document.querySelectorAll('.findings td:nth-child(3)')].map({lines})")) == {1}
    page.emulate_media({"media": None, "colorScheme": None})


def test_many_cohorts_are_shown_in_short_and_all_of_them_are_a_way_to_go(site):
    guests = fleet.make(260)
    for guest in guests[:205]:
        guest.kernel = f"6.1.{guest.number}"
        guest.verdict = "ready"
    for guest in guests[205:]:
        guest.kernel, guest.verdict = "6.9", "ready"
    for guest in guests[-6:]:
        guest.kernel, guest.verdict = "6.10-broken", "not-ready"
    site.fill(guest.report() for guest in guests)
    page = site.start(width=375, height=800)
    page.visit("/cohorts?stale=false")
    names = "main table:last-of-type tbody th a"
    seen = page.texts(names)
    assert len(seen) == 30 and seen[:2] == ["6.10-broken", "6.9"] and not page.evaluate(WIDER)
    assert "outlier" in page.texts("main table:last-of-type tbody th")[0]
    for more in ("and 177 more cohorts with 177 guests", "and 77 more cohorts with 77 guests", None):
        links = page.texts("main a[href*=cursor]")
        assert links == ([more] if more else [])
        if more:
            page.click("main a[href*=cursor]")
            page.wait(f"!document.body.innerText.includes('{more}') && document.querySelector('{names}')")
            assert "stale=false" in page.evaluate("location.search") and not page.evaluate(WIDER)
            seen += page.texts(names)
    assert len(seen) == len(set(seen)) == 207
    page.click("main a[href='/cohorts']")
    page.wait("location.search === '' && document.querySelectorAll('main table').length === 5")


def test_tables_are_tables_to_a_screen_reader(hundred):
    page = hundred.start()
    for path in ["/", "/guests", "/cohorts", shown_guest(page)]:
        page.visit(path)
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.evaluate("[...document.querySelectorAll('thead th')].every(e => e.scope === 'col')")
        assert page.evaluate("[...document.querySelectorAll('tbody tr')].every(e => "
                             "e.querySelectorAll('th[scope=row]').length === 1)")
        assert page.evaluate("[...document.querySelectorAll('input:not([type=hidden]), select')]"
                             ".every(e => e.labels.length === 1)")
        assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size === "
                             "document.querySelectorAll('[id]').length")


def test_without_scripts_all_is_there(hundred):
    page = hundred.start(javaScriptEnabled=False)
    page.visit("/guests?verdict=not-ready")
    page.click("#by-kernel")
    page.wait("location.search.includes('sort=kernel')")
    page.click(NAMES)
    page.wait("location.pathname.startsWith('/guests/')")
    assert "not-ready for kvm" in page.text()


def hostile_report(word):
    finding = fleet.finding("cpu.extension", "fail", "l0.x", steps=[word])
    finding |= {"title": word, "why": word}
    finding["remedies"][0] |= {"tool": word, "who": word, "source": word}
    return fleet.make(1)[0].report(
        agent={"version": word}, guest={"hostname": word, "system_uuid": word, "boot_id": word},
        platform={"id": word, "version": word, "product": word, "evidence": [word]},
        target={"id": "kvm", "title": word}, verdict="not-ready", findings=[finding],
        facts={"cpu.name": fleet.fact(word), "cpu.microcode": fleet.fact(word), "os.kernel": fleet.fact(word)})


def test_nothing_that_a_report_brings_along_runs_or_breaks_the_page(site):
    page = site.start()
    for word in HOSTILE:
        first = hostile_report(word) | {"verdict": "ready", "facts": {}}
        assert site.collector.post(first)[0] == 200
        first = hostile_report(word)
        first["id"] = first["id"][:-12] + f"{HOSTILE.index(word):012x}"
        status, answer = site.collector.post(first)
        assert status == 200, answer
        for path in ("/", "/guests?sort=platform", "/cohorts", f"/guests/{answer['guest']}"):
            page.visit(path)
            assert page.evaluate("document.querySelectorAll('h1, main, script').length") == 3, (word, path)
            assert page.evaluate("document.querySelectorAll('img, iframe, object, [onerror], [onload], "
                                 "[onmouseover], [style]').length") == 0
            assert page.evaluate("[...document.querySelectorAll('a')].every(a => a.origin === location.origin)")
            assert not page.evaluate(WIDER), (word, path)
        assert word.replace("\u2028", "?")[:100] in page.text()
        page.visit("/guests?sort=guest")
        for link in page.evaluate("[...document.querySelectorAll('tbody th a')].map(a => a.getAttribute('href'))"):
            assert site.collector.ask(link)[0] == 200
    for word in HOSTILE:  # and what comes with the address
        page.visit("/guests?kernel=" + quote(word, safe=""))
        assert page.evaluate("document.querySelectorAll('h1, main, script').length") == 3


def test_five_thousand_guests(site):
    site.fill(guest.report() for guest in fleet.make(5000))
    page = site.start()
    page.visit("/guests?sort=heard&page=50")
    assert len(shown(page)) == 100 and "Page 50 of 50" in page.text()
    page.visit("/")
    assert sum(int(count) for count in page.texts(".tiles strong")[:4]) == 5000
    size = len(site.collector.ask("/guests?limit=100")[2])
    assert size < 100_000, "a page's size is that of its rows, not of the fleet"
