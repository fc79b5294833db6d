# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the collector have in common; most of it is tests/lib/collectors.py."""
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from collectors import (BUILD, JSON, PROGRAM, Collector, command, make_finding,  # noqa: E402, F401
                        make_report, new_id, sql, token, url_of)
from postgres import Server, find_programs  # noqa: E402

# What holds of every kind of store is asked of both; a module says so of all of its tests (BOTH_STORES).
both_stores = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
sqlite_only = pytest.mark.sqlite_only
postgresql_only = pytest.mark.postgresql_only


@pytest.fixture(scope="session")
def postgres():
    if find_programs() is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    if "postgresql:" not in subprocess.run([PROGRAM, "--help"], capture_output=True, text=True).stdout:
        pytest.skip("built without libpq")
    server = Server()
    yield server
    server.end()


@pytest.fixture
def store(request, tmp_path):
    """A place for a store: a file's path, or, where a test is parametrized so, a database's URL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return tmp_path / "collector.db"
    return request.getfixturevalue("postgres").database()


@pytest.fixture
def collector(store):
    running = Collector(store)
    yield running
    if running.process.poll() is None:
        assert running.end() == (0, "")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out but by tests/run --all")
    config.addinivalue_line("markers", "sqlite_only: about a file")
    config.addinivalue_line("markers", "postgresql_only: about a database, which several may open")


def pytest_generate_tests(metafunc):
    only = [kind for kind in ("sqlite", "postgresql") if list(metafunc.definition.iter_markers(f"{kind}_only"))]
    if getattr(metafunc.module, "BOTH_STORES", False) and "store" in metafunc.fixturenames:
        metafunc.parametrize("store", only or ["sqlite", "postgresql"], indirect=True)


def pytest_collection_modifyitems(items):
    if not PROGRAM.exists():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="built without the collector's libraries"))
