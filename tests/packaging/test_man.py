# SPDX-License-Identifier: GPL-2.0-or-later
"""The man pages are well formed and know every option of their commands."""
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
# page, and what prints the options that it has to know
PAGES = [("nestready.1", ["nestready", "help", "check"]),
         ("nestready.1", ["nestready", "help", "recv"]),
         ("nestready.1", ["nestready", "help", "submit"]),
         ("nestready-send.8", ["nestready-send", "--help"])]
if (BUILD / "nestready-collector").exists():
    PAGES += [("nestready-collector.8", ["nestready-collector", command, "--help"])
              for command in ("serve", "token", "import", "lab", "prune", "backup")]


@pytest.mark.parametrize("page", sorted({page for page, _ in PAGES}))
def test_mandoc_finds_no_error(page):
    # Warnings are about empty paragraphs that scdoc makes.
    subprocess.run(["mandoc", "-T", "lint", "-W", "error", BUILD / "packaging/man" / page], check=True)


@pytest.mark.parametrize("page, command", PAGES)
def test_every_option_is_there(page, command):
    usage = subprocess.run([BUILD / command[0], *command[1:]], check=True, capture_output=True, text=True).stdout
    text = subprocess.run(["mandoc", "-T", "utf8", BUILD / "packaging/man" / page], check=True,
                          capture_output=True, text=True).stdout
    text = re.sub(".\b", "", text)
    options = set(re.findall(r"--[a-z0-9-]+", usage)) - {"--help", "--version"}
    assert options
    assert {option for option in options if option not in text} == set()
