# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages say what the reports say, and run nothing that a report brought along."""
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from conftest import both_stores, make_finding, make_report

HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='alert(1)",
           "</td></table><h1>x", "javascript:alert(1)", "&lt;b&gt;", "a\u2028b"]
ELEMENTS = set("""html head meta title link script body header nav a main section div h1 h2 p ul li form label
    select option input button table caption thead tbody tr th td pre code b small span strong time del ins
    svg rect""".split())
ATTRIBUTES = set("""lang charset name content rel href src defer action type value selected scope class id role
    tabindex title datetime viewbox preserveaspectratio x width height aria-hidden aria-label aria-current
    aria-sort data-live data-filter data-swap data-verdict""".split())
VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """Well formed, of known elements, without scripts; `text` is what a reader sees."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.links, self.values = [], "", [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag in ELEMENTS, tag
        for name, value in attributes:
            assert name in ATTRIBUTES, name
            if name in ("href", "action", "src"):
                assert value.startswith("/") and not value.startswith("//") or value == "#main"
                self.links += [value] if value[0] == "/" else []
            if name == "value":
                self.values.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def page(collector, path):
    status, headers, data = collector.ask(path)
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert all(rule.split()[1:] in (["'self'"], ["'none'"]) for rule in policy.split("; "))
    return Page(data.decode())


def test_an_empty_fleet(collector):
    assert "No guest reported so far" in page(collector, "/").text


def test_a_guest_from_the_fleet_to_its_fix(collector):
    finding = make_finding("cpu.flags", "fail", "l0.virt-not-exposed")
    finding["remedies"] = [{"tool": "govc", "who": "ESXi administrator", "steps": ["govc vm.change"],
                            "power_off": True, "verify": [], "undo": [], "uncertain": False,
                            "source": "x"}]
    collector.post(make_report("web", verdict="not-ready", findings=[finding]))
    fleet = page(collector, "/")
    for word in ("vmware-esxi", "kvm", "l0.virt-not-exposed"):
        assert word in fleet.text
    guests = page(collector, "/guests?verdict=not-ready")
    for word in ("web", "vmware-esxi", "kvm", "not-ready"):
        assert word in guests.text
    guest, = [link for link in guests.links if link.startswith("/guests/")]
    shown = page(collector, guest)
    for word in ("not-ready for kvm", "CPU virtualization", "l0.virt-not-exposed", "govc vm.change",
                 "powered off", "ESXi administrator"):
        assert word in shown.text
    for link in shown.links:
        assert collector.ask(link)[0] == 200


@both_stores
def test_the_whole_fleet_is_counted_as_its_guests_are(collector):
    """The store counts for the one, the page for the other: none of these guests is stale."""
    kernel = {"status": "observed", "source": "uname"}
    for i in range(12):
        for value, verdict in (("6.1", "ready"), ("6.2", "not-ready" if i % 3 == 0 else "degraded")):
            collector.post(make_report(
                f"g{i}", verdict=verdict, time=f"2026-01-02T03:04:05.{value[2]}00Z", facts={"os.kernel": kernel | {"value": value}},
                platform={"id": f"platform-{i % 2}", "evidence": []}, findings=[make_finding("x", "fail", "l0.x")]))
    for i in range(3):
        collector.post(make_report(f"new-{i}", verdict="not-ready", target={"id": "esxi-8", "title": "ESXi"}))
    whole, part = page(collector, "/").text, page(collector, "/?stale=false").text
    assert whole == part
    assert "15 checks of guests" in whole and "4 guests lost readiness after a change of kernel: 6.1" in whole
    assert "8 with the new value are usable" in whole and "l0.x" in whole


@pytest.mark.parametrize("word", HOSTILE)
def test_what_reports_bring_along_is_text(collector, word):
    finding = make_finding("cpu.flags", "fail", "l0.x") | {"title": word, "why": word}
    finding["remedies"] = [{"tool": word, "who": word, "steps": [word], "power_off": False,
                            "verify": [], "undo": [], "uncertain": False, "source": word}]
    report = make_report(word, platform={"id": word, "evidence": [word]}, findings=[finding])
    guest = collector.post(report)[1]["guest"]
    seen = word.replace("\u2028", "?")  # no line ends in a cell
    assert page(collector, "/").text.count(seen) == 1
    assert page(collector, "/guests").text.count(seen) == 3
    assert page(collector, f"/guests/{guest}").text.count(seen) >= 4


def test_filters_of_the_form_come_back_as_text(collector):
    for word in HOSTILE[:5]:
        shown = page(collector, f"/guests?verdict=&target=&lab=&platform={quote(word, safe='')}")
        assert word in shown.values and "none fits" in shown.text


def test_pages_lead_to_the_next_with_their_filter(collector):
    for name in ("a", "b", "c"):
        collector.post(make_report(name))
    first = page(collector, "/guests?limit=2&target=kvm&lab=")
    following, = [link for link in first.links if "page=2" in link]
    assert "target=kvm" in following and "lab" not in following
    assert page(collector, following).text.count("vmware-esxi") == 2  # wide and narrow


def test_no_such_guest(collector):
    assert collector.ask("/guests/00")[0] == 404
    assert collector.ask("/style.css")[1]["Content-Type"] == "text/css; charset=utf-8"
