# SPDX-License-Identifier: GPL-2.0-or-later
"""The shipped units are well formed, hardened to a bound, and keep the verdict."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()

# Of 100: systemd's own sum of what a service could still do.
EXPOSURE_MAX = 20


@pytest.fixture
def units(tmp_path):
    """The installed units, with the command where this build has it."""
    stage = tmp_path / "stage"
    subprocess.run(["make", "-C", BUILD, "install-data", f"DESTDIR={stage}"], check=True,
                   capture_output=True)
    service = next(stage.rglob("nestready.service"))
    text, count = re.subn(r"^ExecStart=\S+/nestready ", f"ExecStart={BUILD}/nestready ",
                          service.read_text(), flags=re.MULTILINE)
    assert count == 1
    (tmp_path / service.name).write_text(text)
    shutil.copy(service.with_suffix(".timer"), tmp_path)
    return [tmp_path / "nestready.service", tmp_path / "nestready.timer"]


def test_systemd_finds_nothing_to_say(units):
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_service_is_exposed_to_no_more_than_the_bound(units):
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                           f"--threshold={EXPOSURE_MAX}", units[0]],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("line", [
    "SuccessExitStatus=1",   # degraded is no failed unit; 2 and 3 are
    "StateDirectory=nestready",
    "DeviceAllow=/dev/kvm rw",
    "DeviceAllow=char-cpu/msr r",
])
def test_the_service_says(units, line):
    assert line in units[0].read_text().splitlines()


def test_the_timer_runs_at_boot_and_every_quarter_of_an_hour(units):
    text = units[1].read_text()
    assert "OnBootSec=" in text and "RandomizedDelaySec=" in text
    calendar = re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE)[1]
    shown = subprocess.run(["systemd-analyze", "calendar", "--iterations=3", calendar],
                           capture_output=True, text=True, check=True).stdout
    minutes = re.findall(r":(\d\d):00", shown)
    assert set(minutes) <= {"00", "15", "30", "45"} and len(minutes) >= 3
