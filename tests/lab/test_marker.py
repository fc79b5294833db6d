# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that loses its power in the middle of an L2 remembers that, and does not try again."""
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import guest
import pytest

# The state directory of any prefix is on the disk; the worker is wherever it was installed.
PREPARE = """set -e
modprobe kvm-amd
mkdir -p /var/lib /usr/local/var/lib
mount -t ext4 /dev/nvme0n1 /var/lib
mount -t ext4 /dev/nvme0n1 /usr/local/var/lib
"""
PROBE = "$(find /usr -name nestready-probe) --only l2"
# An L2 that runs until its deadline (see guests.py), of which this guest makes it run for ever.
# The name under which the marker is written first is longer.
HELD = """worker=$(find /usr -name nestready-probe)
echo /lib/endless_l2.so >/etc/ld.so.preload
$worker-net --only l2 &
until grep -qs 'state running' /var/lib/nestready/risk-l2-????????????????; do sleep 0.01; done
kill -STOP $!
while :; do :; done
"""


@pytest.fixture
def disk(tmp_path):
    """Where a file system that survives the guest is."""
    return tmp_path / "disk"


def make_file_system(disk):
    disk.unlink(missing_ok=True)
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", disk, "16M"], check=True)


def files(disk):
    """What a kernel would find in the state directory: names, inodes and contents as one text."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(shutil.copy(disk, directory))
        subprocess.run(["/sbin/e2fsck", "-p", copy], capture_output=True, check=False)
        return debugfs(copy, "ls -l nestready") + "".join(
            debugfs(copy, f"cat nestready/{name}")
            for name in re.findall(r"risk-\S+", debugfs(copy, "ls -l nestready")))


def debugfs(disk, request):
    return subprocess.run(["/sbin/debugfs", "-R", request, disk], check=True,
                          capture_output=True, text=True).stdout


def boot(disk, commands, counted=(), **options):
    drive = ["-drive", f"file={disk},format=raw,if=none,id=disk,cache=writethrough",
             "-device", "nvme,drive=disk,serial=1"]
    return guest.boot({"prepare": PREPARE} | commands, cpu="EPYC,+svm,+npt",
                      extra=[*drive, *counted], **options)


def facts(output):
    lines = [json.loads(line) for line in output.stdout.splitlines()]
    return {line["fact"]: line for line in lines if "fact" in line}


def pull_the_plug(disk):
    """Ends a guest in the middle of its first L2, as soon as the marker counts as written.

    Its clock counts instructions, so that the L2 does not come to its deadline while this machine is busy."""
    def marked():
        found = files(disk)
        return re.search(r"risk-l2-[0-9a-f]{16}\s", found) and "\nstate running\n" in found

    make_file_system(disk)
    boot(disk, {"l2": HELD}, counted=guest.COUNTED, until=marked)


def test_a_guest_killed_in_an_l2_skips_it_at_the_next_boot(disk):
    pull_the_plug(disk)
    outputs = boot(disk, {"again": PROBE, "retry": f"{PROBE} --retry-risky", "after": PROBE})
    assert outputs["prepare"].status == 0, outputs["prepare"].stderr
    again, retry, after = (facts(outputs[name]) for name in ("again", "retry", "after"))

    assert again["l2.previous-run-lost-machine"]["value"] is True
    for fact in ("l2.real-mode", "l2.long-mode", "l2.nested-fault", "l2.exit-ns"):
        assert again[fact]["status"] == "skipped", again[fact]
        assert "--retry-risky" in again[fact]["why"]
    assert retry["l2.real-mode"]["value"] is True
    assert after["l2.real-mode"]["value"] is True
    assert after["l2.previous-run-lost-machine"]["value"] is False


def test_a_guest_that_survived_an_l2_writes_no_second_marker(disk):
    make_file_system(disk)
    boot(disk, {"l2": PROBE})
    before = files(disk)
    assert "\nstate survived\n" in before
    outputs = boot(disk, {"l2": PROBE})
    assert facts(outputs["l2"])["l2.long-mode"]["value"] is True
    assert files(disk) == before
