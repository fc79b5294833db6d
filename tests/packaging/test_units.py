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
EXPOSURE_MAX = {"nestready.service": 20, "nestready-send.service": 16}
if (BUILD / "nestready-collector").exists():
    EXPOSURE_MAX["nestready-collector.service"] = 16


@pytest.fixture
def units(tmp_path):
    """The installed units, with the command where this build has it."""
    stage = tmp_path / "stage"
    subprocess.run(["make", "-C", BUILD, "install-data", f"DESTDIR={stage}"], check=True,
                   capture_output=True)
    for name in EXPOSURE_MAX:
        service = next(stage.rglob(name))
        text, count = re.subn(r"^ExecStart=\S+/(nestready\S*)", rf"ExecStart={BUILD}/\1",
                              service.read_text(), flags=re.MULTILINE)
        assert count == 1
        (tmp_path / name).write_text(text)
    for name in ("nestready.timer", "nestready-send.path"):
        shutil.copy(service.with_name(name), tmp_path)
    return [tmp_path / name for name in (*EXPOSURE_MAX, "nestready.timer", "nestready-send.path")]


def test_systemd_finds_nothing_to_say(units):
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", EXPOSURE_MAX)
def test_the_service_is_exposed_to_no_more_than_the_bound(units, name):
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                           f"--threshold={EXPOSURE_MAX[name]}", units[0].with_name(name)],
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


def test_what_the_timer_starts_sends_whole_reports_once_a_day_unless_configured(units):
    command, = re.findall(r"^ExecStart=(.*)$", units[0].read_text(), re.MULTILINE)
    assert command.split()[-4:] == ["--report", "config:", "--report-mode", "auto"]


def test_the_timer_runs_at_boot_and_every_quarter_of_an_hour(units):
    text = units[0].with_name("nestready.timer").read_text()
    assert "OnBootSec=" in text and "RandomizedDelaySec=" in text
    calendar = re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE)[1]
    shown = subprocess.run(["systemd-analyze", "calendar", "--iterations=3", calendar],
                           capture_output=True, text=True, check=True).stdout
    minutes = re.findall(r":(\d\d):00", shown)
    assert set(minutes) <= {"00", "15", "30", "45"} and len(minutes) >= 3


def test_everybody_owns_what_they_need_and_no_more(tmp_path):
    stage = tmp_path / "stage"
    subprocess.run(["make", "-C", BUILD, "install-data", f"DESTDIR={stage}"], check=True,
                   capture_output=True)
    sysusers = next(stage.rglob("sysusers.d/nestready.conf"))
    tmpfiles = next(stage.rglob("tmpfiles.d/nestready.conf"))
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    for command, lines in ((["systemd-sysusers"], sysusers),
                           (["systemd-tmpfiles", "--create"], tmpfiles)):
        subprocess.run([*command, f"--root={root}", "-"], stdin=lines.open(), check=True)
    group = next(line for line in (root / "etc/group").read_text().splitlines()
                 if line.startswith("nestready-send:"))
    spool = (root / "var/lib/nestready/spool").stat()
    assert (spool.st_uid, spool.st_gid, oct(spool.st_mode)) == (0, int(group.split(":")[2]),
                                                                "0o42770")
    user = next(line for line in (root / "etc/passwd").read_text().splitlines()
                if line.startswith("nestready-collector:"))
    kept = (root / "var/lib/nestready/collector").stat()
    assert (kept.st_uid, oct(kept.st_mode)) == (int(user.split(":")[2]), "0o40700")


def test_the_sender_reaches_the_channels_and_no_other_device(units, tmp_path):
    lines = units[0].with_name("nestready-send.service").read_text().splitlines()
    assert "DevicePolicy=closed" in lines and "SupplementaryGroups=dialout" in lines
    assert {line for line in lines if line.startswith("DeviceAllow=")} == {
        "DeviceAllow=char-ttyS rw", "DeviceAllow=char-ttyAMA rw", "DeviceAllow=/dev/xen/xenbus rw",
        "DeviceAllow=char-virtio-portsdev rw"}
    families = next(line for line in lines if line.startswith("RestrictAddressFamilies="))
    assert "AF_VSOCK" in families.split()[1:]
    assert "ReadWritePaths=-/var/lib/hyperv" in lines
    rules = next((tmp_path / "stage").rglob("udev/rules.d/60-nestready.rules")).read_text()
    assert 'ATTR{name}=="org.nestready.*", GROUP="nestready-send", MODE="0660"' in rules
