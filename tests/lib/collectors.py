# SPDX-License-Identifier: GPL-2.0-or-later
"""A collector on a free port of loopback, its commands, and reports to send to it."""
import atexit
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path

from postgres import Url
from processes import Port

BUILD = Path(os.environ.get("NESTREADY_BUILD", Path(__file__).parents[2] / "build")).resolve()
PROGRAM = BUILD / "nestready-collector"
JSON = {"Content-Type": "application/json"}
STARTED = []


@atexit.register
def end_what_is_left():
    """A test that fails does not come to the end of its collector."""
    for process in STARTED:
        if process.poll() is None:
            process.kill()


def new_id():
    """Later ones are greater, within a millisecond, too (RFC 9562, 6.2, method 3): of two reports with one time
    the greater id is the newer."""
    ns = time.time_ns()
    ms, part, word = f"{ns // 10**6:012x}", f"{ns % 10**6 * 4096 // 10**6:03x}", uuid.uuid4().hex
    return f"{ms[:8]}-{ms[8:]}-7{part}-8{word[:3]}-{word[3:15]}"


def make_finding(name="cpu.flags", outcome="pass", gap=None):
    finding = {"id": name, "outcome": outcome, "severity": "required", "group": "cpu",
               "title": "CPU virtualization", "why": "no VM without it", "evidence": []}
    if gap:
        finding |= {"gap": gap, "remedies": []}
    return finding


def make_report(hostname="guest-1", **members):
    """A whole report, small; `members` replace those at the top."""
    return {
        "schema": "nestready.report/1", "id": new_id(), "time": "2026-01-02T03:04:05.678Z",
        "agent": {"version": "1.0"}, "guest": {"hostname": hostname},
        "platform": {"id": "vmware-esxi", "evidence": []},
        "target": {"id": "kvm", "title": "KVM"}, "verdict": "ready", "basis": "proven",
        "not_proven": [], "findings": [make_finding()], "others": [],
        "probes": [{"id": "cpuid", "status": "observed", "duration_us": 12}],
        "facts": {"cpu.vmx": {"status": "observed", "value": True, "source": "CPUID"}},
    } | members


def url_of(store):
    return store if str(store).startswith("postgresql:") else f"sqlite:{store}"


def sql(store, text):
    """Rows of a store, past the collector; all values are texts."""
    if isinstance(store, Url):
        return store.sql(text)
    with sqlite3.connect(store) as database:
        return [[str(value) for value in row] for row in database.execute(text).fetchall()]


class Collector:
    """A running collector; `end` stops it in peace, `kill` does not.

    Its port is nobody else's as long as somebody knows it: who posts to one that was killed gets no answer of another."""

    def __init__(self, store, *arguments, before=(), held=None, **options):
        self.store = store
        self.held = held or Port()
        self.process = subprocess.Popen(
            [*before, PROGRAM, "--store", url_of(store), "--listen", f"127.0.0.1:{self.held.number}",
             *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, **options)
        STARTED.append(self.process)
        self.greeting = self.process.stdout.readline()
        found = re.search(r"//(\S+):(\d+)/", self.greeting)
        if not found:
            self.process.kill()  # or what it has to say would not end
            raise AssertionError((self.greeting, self.process.stderr.read()))
        self.port = int(found[2])

    def connect(self, timeout=30, source=None):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout,
                                          source_address=(source, 0) if source else None)

    def ask(self, path, method="GET", body=None, token=None, headers=(), source=None):
        """(status, headers, bytes) of one request on a connection of its own."""
        connection = self.connect(source=source)
        extra = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, body, dict(headers) | extra)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers, data

    def get(self, path, token=None, status=200):
        got, headers, data = self.ask(path, token=token)
        assert got == status, data
        return json.loads(data) if "json" in headers["Content-Type"] else data.decode()

    def post(self, report, token=None):
        """(status, decoded answer)"""
        body = report if isinstance(report, bytes) else json.dumps(report).encode()
        status, _, data = self.ask("/v1/reports", "POST", body, token, JSON)
        return status, json.loads(data)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def end(self):
        """Its exit status and what it complained about."""
        self.process.send_signal(signal.SIGTERM)
        out, complaints = self.process.communicate(timeout=60)
        return self.process.returncode, complaints


def command(*arguments, store=None, **options):
    where = ["--store", url_of(store)] if store else []
    return subprocess.run([PROGRAM, *arguments, *where], text=True, capture_output=True,
                          timeout=60, stdin=subprocess.DEVNULL, **options)


def token(store, scope, *arguments):
    done = command("token", "add", "--scope", scope, *arguments, store=store)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
