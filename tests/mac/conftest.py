# SPDX-License-Identifier: GPL-2.0-or-later
"""How often each case is run."""


def pytest_addoption(parser):
    parser.addoption("--mac-runs", type=int, default=1, help="runs of each case of tests/mac")
