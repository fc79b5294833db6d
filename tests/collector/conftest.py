# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the collector have in common; most of it is tests/lib/collectors.py."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from collectors import (BUILD, JSON, PROGRAM, Collector, command, make_finding,  # noqa: E402, F401
                        make_report, new_id, token)


@pytest.fixture
def store(tmp_path):
    return tmp_path / "collector.db"


@pytest.fixture
def collector(store):
    running = Collector(store)
    yield running
    if running.process.poll() is None:
        assert running.end() == (0, "")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out but by tests/run --all")


def pytest_collection_modifyitems(items):
    if not PROGRAM.exists():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="built without the collector's libraries"))
