# SPDX-License-Identifier: GPL-2.0-or-later
"""What the transport tests share: a spool, and the sender at work on it."""
import json
import os
import subprocess
import sys
import uuid
import zlib
from pathlib import Path

import pytest

from collector import Collector

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()


# LeakSanitizer is a tracer itself, and cannot work under strace.
TRACED = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=50, help="how often the sender is killed")


class Spool:
    def __init__(self, directory):
        self.path = directory / "spool"
        self.path.mkdir()
        self.config = directory / "nestready.conf"
        self.config.write_text("")
        self.count = 0

    def add(self, destination, size=3000):
        """Puts a report there as the agent does; its id."""
        self.count += 1
        identity = f"01970000-0000-7000-8000-{self.count:012d}"
        body = json.dumps({"id": identity, "filler": uuid.uuid4().hex * (size // 32)}).encode()
        name = f"{identity}-{zlib.crc32(destination.encode()):08x}.report"
        (self.path / name).write_bytes(b"NRS1 %d\n%s\n%s" % (len(body), destination.encode(), body))
        return identity

    def command(self, *arguments):
        return [BUILD / "nestready-send", "--spool", self.path, "--config", self.config, *arguments]

    def send(self, *arguments, **options):
        """One attempt at each report, unless told otherwise."""
        return subprocess.run(self.command(*(arguments or ["--once"])), text=True, timeout=60,
                              capture_output=True, **options)

    def waiting(self):
        return sorted(path.name[:36] for path in self.path.glob("*.report"))

    def refused(self):
        return sorted(path.name[:36] for path in self.path.glob("*.refused"))

    def body(self, identity):
        return next(self.path.glob(f"{identity}*")).read_bytes().split(b"\n", 2)[2]


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path)


@pytest.fixture
def collector():
    server = Collector()
    yield server
    server.close()
