# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests of the lab, and the table of what they were and what was said of them."""
import pytest
import table
from cases import CASES
from guests import OTHERS, Guests

ROWS = pytest.StashKey()


def wanted(items):
    """The guests that these tests look at, those that others depend on with them."""
    named = {value for item in items if hasattr(item, "callspec")
             for value in item.callspec.params.values() if isinstance(value, str)}
    named |= {CASES[name].after for name in named & set(CASES)}
    return [name for name in [*CASES, *OTHERS] if name in named]


@pytest.fixture(scope="session")
def table_rows(request):
    """To which rows (table.row) are added, in the end."""
    return request.config.stash[ROWS]


@pytest.fixture(scope="session")
def guests(request, table_rows):
    found = Guests(wanted(request.session.items))
    yield found
    table_rows += found.rows()
    found.close()


def pytest_addoption(parser):
    parser.addoption("--write-table", metavar="FILE",
                     help="when all is well, the table with its date and versions goes there")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out but by tests/run --all")
    config.stash[ROWS] = []


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    """Reality against verdict, whatever the tests made of it."""
    rows = config.stash[ROWS]
    if rows:
        terminalreporter.section("reality against verdict")
        terminalreporter.write(table.markdown(rows))
    if config.option.write_table and exitstatus == 0:
        table.write(config.option.write_table, rows)
