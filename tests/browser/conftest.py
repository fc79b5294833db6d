# SPDX-License-Identifier: GPL-2.0-or-later
"""A collector over a store of its own, and a browser that looks at it and is watched."""
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import fleet  # noqa: E402
from browser import Page, missing  # noqa: E402
from collectors import PROGRAM, Collector, token  # noqa: E402


def pytest_collection_modifyitems(items):
    why = "built without the collector's libraries" if not PROGRAM.exists() else missing()
    if why:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def chromium():
    page = Page()
    yield page
    page.end()


class Site:
    """A running collector and a browser on it.  A test that does not say otherwise ends without a complaint."""

    def __init__(self, chromium, store, tmp_path):
        self.page, self.store, self.tmp_path = chromium, store, tmp_path
        self.collector = self.token = None

    def fill(self, reports):
        fleet.load(self.store, reports, self.tmp_path / "reports")

    def start(self, *arguments, **options):
        if self.collector is None:
            self.collector = Collector(self.store, *arguments)
        self.page.open(f"http://127.0.0.1:{self.collector.port}", **options)
        return self.page

    def start_closed(self, **options):
        """The same with tokens, as who has one that may do all."""
        self.token = self.token or token(self.store, "admin")
        return self.start(extraHTTPHeaders={"Authorization": "Bearer " + self.token}, **options)

    def check(self):
        """No page asked another host for anything, ran what it should not, or broke its policy."""
        heard = self.page.heard()
        assert set(heard["hosts"]) <= {f"127.0.0.1:{self.collector.port}"}
        assert (heard["dialogs"], heard["errors"], heard["console"], heard["failed"]) == ([], [], [], [])

    def end(self):
        self.page.call("own", "open", {})  # lets go of the events
        if self.collector and self.collector.process.poll() is None:
            assert self.collector.end() == (0, "")


@pytest.fixture
def site(chromium, tmp_path):
    made = Site(chromium, tmp_path / "collector.db", tmp_path)
    yield made
    made.check()
    made.end()
