# SPDX-License-Identifier: GPL-2.0-or-later
"""The man page is well formed and knows every option of the command."""
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
PAGE = BUILD / "packaging/man/nestready.1"


def test_mandoc_finds_no_error():
    # Warnings are about empty paragraphs that scdoc makes.
    subprocess.run(["mandoc", "-T", "lint", "-W", "error", PAGE], check=True)


def test_every_option_of_check_is_there():
    usage = subprocess.run([BUILD / "nestready", "help", "check"], check=True, capture_output=True, text=True).stdout
    text = subprocess.run(["mandoc", "-T", "utf8", PAGE], check=True, capture_output=True, text=True).stdout
    text = re.sub(".\b", "", text)
    options = set(re.findall(r"--[a-z0-9-]+", usage)) - {"--help", "--version"}
    assert len(options) > 5
    assert {option for option in options if option not in text} == set()
