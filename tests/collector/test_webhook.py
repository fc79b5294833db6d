# SPDX-License-Identifier: GPL-2.0-or-later
"""Who listens behind a webhook hears of readiness that was lost or gained, and of nothing else."""
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import Collector, command, make_report
from waiting import wait_until

SECRET = "a secret of the test"
SETTLE = 1


class Hook:
    """A server on loopback; `status` is what it answers, `heard` what it was told."""

    def __init__(self):
        self.status, self.heard, self.tried = 200, [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                status, body = outer.status, self.rfile.read(int(self.headers["Content-Length"]))
                if status == 200:
                    outer.heard.append((self.headers, body))
                outer.tried.append((time.monotonic(), self.headers["Nestready-Event"]))
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def wait(self, count, what="heard"):
        wait_until(lambda: len(getattr(self, what)) >= count)
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
def hook():
    made = Hook()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


@pytest.fixture
def arguments(hook, tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    return "--webhook", hook.url, "--webhook-secret", tmp_path / "secret", "--settle", str(SETTLE)


def counted(collector, line):
    """The metrics, as soon as that is one of them."""
    return wait_until(lambda: line in (text := collector.get("/metrics")) and text)


def lasting(collector, name, *verdicts):
    """Each of these states lasts; the ids of its reports."""
    ids = []
    for verdict in verdicts:
        ids.append(collector.post(make_report(name, verdict=verdict))[1]["id"])
        time.sleep(SETTLE + 0.3)
    return ids


def test_lost_and_gained_once_each_and_signed(store, hook, arguments):
    collector = Collector(store, *arguments)
    ids = lasting(collector, "a", "ready", "degraded", "not-ready", "not-ready", "indeterminate", "ready")
    told = hook.wait(2)
    assert [(event["readiness"], event["id"], event["report"]["hostname"]) for event in told] == \
        [("lost", ids[2], "a"), ("gained", ids[5], "a")]
    assert told[0]["schema"] == "nestready.transition/1" and told[0]["report"]["verdict"] == "not-ready"
    for headers, body in hook.heard:
        moment, signature = headers["Nestready-Signature"].split(",")
        expected = hmac.new(SECRET.encode(), moment[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
        assert signature == "v1=" + expected and abs(time.time() - int(moment[2:])) < 30
        assert headers["Nestready-Event"] == json.loads(body)["id"]
    metrics = counted(collector, 'webhook_total{result="told"} 2')  # once it has the answer to the last
    assert 'transitions_total{readiness="lost"} 1' in metrics
    assert collector.end() == (0, "")


def test_what_is_only_for_a_moment_is_not_told(store, hook, arguments, tmp_path):
    collector = Collector(store, *arguments)
    lasting(collector, "a", "ready")
    for number, verdict in enumerate(("not-ready", "ready", "not-ready", "ready")):
        (tmp_path / "moment").mkdir(exist_ok=True)
        (tmp_path / f"moment/{number}.json").write_text(json.dumps(make_report("a", verdict=verdict)))
    assert command("import", tmp_path / "moment", store=store).returncode == 0  # received within milliseconds
    lasting(collector, "a", "ready", "ready")
    lasting(collector, "b", "not-ready", "not-ready")  # never was ready: a state
    assert hook.tried == []
    assert collector.end() == (0, "")


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_hook_that_does_not_take_it_is_asked_again_with_the_same_id(store, hook, arguments, status):
    collector = Collector(store, *arguments)
    hook.status = status
    ids = lasting(collector, "a", "ready", "not-ready")
    hook.wait(3, "tried")
    gaps = [later - earlier for (earlier, _), (later, _) in zip(hook.tried, hook.tried[1:])]
    assert gaps[0] > 0.9 and gaps[1] > 1.9, "further and further apart"
    hook.status = 200
    hook.wait(1)
    assert {event for _, event in hook.tried} == {ids[1]} and len(hook.heard) == 1
    ended, complaints = collector.end()
    assert ended == 0 and complaints.count("\n") == 1 and f"answered {status}" in complaints


def test_over_a_death_at_least_once(store, hook, arguments):
    collector = Collector(store, *arguments)
    hook.status = 503
    ids = lasting(collector, "a", "ready", "not-ready")
    hook.wait(1, "tried")
    collector.kill()
    hook.status = 200
    collector = Collector(store, *arguments)
    assert hook.wait(1)[0]["id"] == ids[1]
    assert collector.end() == (0, "")
    collector = Collector(store, *arguments)  # and a peaceful end repeats nothing
    time.sleep(2.5)
    assert len(hook.heard) == 1
    assert collector.end() == (0, "")


def test_what_was_before_there_was_a_courier_is_past(store, hook, arguments):
    collector = Collector(store, "--settle", str(SETTLE))
    lasting(collector, "a", "ready", "not-ready")
    counted(collector, 'transitions_total{readiness="lost"} 1')  # without a webhook, too
    assert collector.end() == (0, "")
    collector = Collector(store, *arguments)
    time.sleep(2.5)
    assert hook.tried == [] and collector.end() == (0, "")


@pytest.mark.parametrize("wrong, status", [
    (["--webhook", "ftp://x"], 64), (["--webhook", "http://x", "--webhook-secret", "/nonexistent"], 66),
    (["--webhook", "http://x", "--webhook-secret", "/dev/null"], 65)])
def test_mistakes_are_one_line(store, wrong, status):
    done = command(*wrong, "--listen", "127.0.0.1:0", store=store)
    assert done.returncode == status and done.stderr.count("\n") == 1 and "--webhook" in done.stderr
