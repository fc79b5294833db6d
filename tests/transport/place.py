# SPDX-License-Identifier: GPL-2.0-or-later
"""The collector that this build made, as the place where reports go."""
import json
import sqlite3
import subprocess
import urllib.request

import pytest

from conftest import BUILD
from processes import Port

PROGRAM = BUILD / "nestready-collector"

needs_collector = pytest.mark.skipif(not PROGRAM.exists(), reason="built without the collector")


class Place:
    """A collector whose database can be lost; its port stays its own meanwhile."""

    def __init__(self, directory):
        self.directory, self.port, self.count = directory, Port(), 0
        self.url = f"http://127.0.0.1:{self.port.number}"
        self.begin()

    def database(self):
        return f"{self.directory}/{self.count}.db"

    def age(self, seconds):
        """As if all that it heard of had been so much earlier."""
        with sqlite3.connect(self.database()) as database:
            database.execute(f"UPDATE latest SET received = received - {1000 * seconds}")

    def begin(self):
        self.count += 1
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", f"127.0.0.1:{self.port.number}", "--store",
             f"sqlite:{self.database()}"], stdout=subprocess.PIPE, text=True)
        assert self.url in self.process.stdout.readline()

    def end(self):
        self.process.terminate()
        self.process.communicate(timeout=10)

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def history(self):
        guest, = {row["guest"] for row in self.get("/v1/guests")["guests"]}
        return [row["report"] for row in self.get(f"/v1/guests/{guest}/reports")["reports"]][::-1]


@pytest.fixture
def place(tmp_path):
    running = Place(tmp_path)
    yield running
    running.end()
    running.port.close()
