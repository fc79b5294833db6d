# SPDX-License-Identifier: GPL-2.0-or-later
"""Starting the command as a user does, and what a complaint of it looks like."""
import os
import re
import subprocess
from pathlib import Path

BUILD = Path(os.environ.get("NESTREADY_BUILD", Path(__file__).parents[2] / "build")).resolve()
PROGRAM = BUILD / "nestready"
VERDICTS = {0: "READY for", 1: "READY BUT DEGRADED for", 2: "NOT READY for", 3: "INDETERMINATE for"}
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def run(*arguments, before=(), program="./nestready", **options):
    """The finished command; `before` is a program that starts it."""
    options.setdefault("cwd", BUILD)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([*before, program, *arguments], text=True, timeout=120, **options)


def complains(result, status, *parts):
    """One line on standard error, and nothing on standard output."""
    assert result.returncode == status, result.stderr
    assert not result.stdout
    assert re.fullmatch(r"nestready: [^\n]+\n", result.stderr), result.stderr
    for part in parts:
        assert part in result.stderr
