# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes with a fixed share of a processor, as if each were a small machine; and what others took."""
import os
from pathlib import Path

# The least that the kernel gives out at a time: who has to wait for more, with a lock of the database in hand, keeps it
# no longer than a slow machine would.
QUOTA_US = 1000
TICKS = os.sysconf("SC_CLK_TCK")


class Share:
    """A control group whose processes get so much of a processor together, and no more."""

    def __init__(self, name, share):
        period = int(QUOTA_US / share)
        whole = Path("/sys/fs/cgroup")
        unified = (whole / "cgroup.controllers").exists()
        self.place = whole / ("" if unified else "cpu") / f"nestready-bench-{os.getpid()}-{name}"
        if unified:
            (whole / "cgroup.subtree_control").write_text("+cpu")
        self.place.mkdir()
        if unified:
            (self.place / "cpu.max").write_text(f"{QUOTA_US} {period}")
        else:
            (self.place / "cpu.cfs_period_us").write_text(str(period))
            (self.place / "cpu.cfs_quota_us").write_text(str(QUOTA_US))

    def add(self, pid):
        (self.place / "cgroup.procs").write_text(str(pid))

    def end(self):
        """When its processes have ended."""
        self.place.rmdir()


def seconds(*pids):
    """Of a processor that these processes, and those that they started, took so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])  # utime, stime: 14 and 15 of proc(5)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        total += seconds(*children) * TICKS
    return total / TICKS
