# SPDX-License-Identifier: GPL-2.0-or-later
"""nestready-send and a collector: what is acknowledged, refused, postponed; and whom it trusts."""
import json
import random
import re
import signal
import socket
import subprocess
import time

import pytest

from collector import Collector, certificates, tls
from conftest import TRACED
from processes import Started
from waiting import wait_until

PROBLEM = {"Content-Type": "application/problem+json"}


def url(server, scheme="http", host="localhost"):
    return f"{scheme}://{host}:{server.port}"


def test_delivered_once_as_it_was_and_then_deleted(spool, collector):
    ids = [spool.add(url(collector)) for _ in range(5)]
    bodies = [spool.body(identity) for identity in ids]
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (0, [])
    assert [body for _, _, body in collector.requests] == bodies
    path, headers, _ = collector.requests[0]
    assert path == "/v1/reports" and headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers and "Expect" not in headers
    assert done.stderr.count("delivered") == 5


@pytest.mark.parametrize("typed, path", [("", "/v1/reports"), ("/", "/v1/reports"),
                                         ("/base/", "/base/v1/reports"),
                                         ("/v1/reports", "/v1/reports")])
def test_where_it_is_posted(spool, collector, typed, path):
    spool.add(url(collector) + typed)
    assert spool.send().returncode == 0
    assert collector.requests[0][0] == path


@pytest.mark.parametrize("answer", [
    (200, {}, b""), (200, {}, b"OK"), (200, {}, {"id": "another"}), (204, {}, b""),
    (200, {"Content-Type": "text/html"}, b"<html>log in</html>"), (201, {}, b"x" * 100000),
    (302, {"Location": "/elsewhere"}, b""), (401, {}, b""), (403, PROBLEM, {"title": "not yours"}),
    (404, {}, b""), (500, {}, b""), (400, {}, b"a proxy says so"), (503, {}, b""),
])
def test_nothing_else_acknowledges_or_refuses(spool, collector, answer):
    identity = spool.add(url(collector))
    collector.script = [answer]
    done = spool.send()
    assert (done.returncode, spool.waiting(), spool.refused()) == (75, [identity], [])
    assert "not delivered" in done.stderr
    assert spool.send().returncode == 0 and spool.waiting() == []


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_the_collector_refuses_for_good_is_set_aside(spool, collector, status):
    first, second = spool.add(url(collector)), spool.add(url(collector))
    collector.script = [(status, PROBLEM, {"title": "no", "detail": "not this one"})]
    done = spool.send()
    assert (spool.waiting(), spool.refused()) == ([], [first])
    assert list(collector.reports) == [second]
    assert f"refused for good: answered with {status}: not this one" in done.stderr


def test_the_same_id_with_other_bytes_is_refused(spool, collector):
    identity = spool.add(url(collector))
    collector.reports[identity] = b"other"
    spool.send()
    assert spool.refused() == [identity]


def test_retry_after_is_kept(spool, collector):
    spool.add(url(collector))
    collector.script = [(429, {"Retry-After": "2"}, b""), (503, {"Retry-After": "1"}, b"")]
    start = time.monotonic()
    assert spool.send("--spool", spool.path).returncode == 0
    assert 3 <= time.monotonic() - start < 10
    assert len(collector.requests) == 3


def test_it_comes_back_until_it_is_taken(spool, collector):
    ids = [spool.add(url(collector)) for _ in range(3)]
    collector.script = [(500, {}, b"")] * 3
    assert spool.send("--spool", spool.path).returncode == 0
    assert (spool.waiting(), sorted(collector.reports)) == ([], ids)


def test_one_that_fails_does_not_hold_up_the_others(spool, collector):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = spool.add(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        alive = spool.add(url(collector))
        done = spool.send()
    assert (done.returncode, spool.waiting(), list(collector.reports)) == (75, [dead], [alive])


def test_a_server_that_never_answers_costs_the_timeout(spool, collector):
    spool.add(url(collector))
    spool.config.write_text(f"[report {url(collector)}]\ntimeout = 1\n")
    collector.answering.clear()
    done = spool.send()
    assert done.returncode == 75 and len(collector.requests) == 1 and not collector.answering.is_set()
    took, = re.findall(r"timed out after (\d+) milliseconds", done.stderr)
    assert 1000 <= int(took) < 30000, "and not what it is unless told"


def test_a_report_that_comes_while_it_works_is_sent_too(spool, collector):
    collector.answering.clear()
    spool.add(url(collector))
    with Started(spool.command(), stderr=subprocess.DEVNULL) as sender:
        wait_until(lambda: collector.requests)
        spool.add(url(collector))
        collector.answering.set()
        assert sender.wait(20) == 0
    assert (spool.waiting(), len(collector.reports)) == ([], 2)


def test_one_sender_a_spool(spool, collector):
    collector.answering.clear()
    spool.add(url(collector))
    with Started(spool.command(), stderr=subprocess.DEVNULL) as sender:
        wait_until(lambda: collector.requests)
        second = spool.send()
        collector.answering.set()
        assert sender.wait(20) == 0
    assert second.returncode == 69 and "another sender" in second.stderr


def test_rubbish_in_the_spool_is_set_aside(spool, collector):
    identity = spool.add(url(collector))
    next(spool.path.iterdir()).write_bytes(b"NRS1 7\nhttp://x\n{}")
    other = spool.add("ftp://nowhere")
    done = spool.send()
    assert spool.refused() == [identity, other] and collector.requests == []
    assert "no whole report" in done.stderr


# ---- whom it trusts ----------------------------------------------------------


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("keys"))


@pytest.fixture(params=[False, True], ids=["server", "mutual"])
def secure(request, keys):
    server = Collector(tls(keys, client=request.param))
    server.mutual = request.param
    yield server
    server.close()


def said(keys, place, **more):
    lines = [f"{name.replace('_', '-')} = {value}" for name, value in more.items()]
    return f"[report {place}]\nca-file = {keys}/ca.pem\n" + "\n".join(lines) + "\n"


def test_tls_with_its_own_ca_and_a_token(spool, keys, secure, tmp_path):
    place = url(secure, "https")
    spool.add(place)
    (tmp_path / "token").write_text("secret.token\n")
    client = {"cert_file": keys / "client.pem", "key_file": keys / "client.key"}
    spool.config.write_text(said(keys, place, token_file=tmp_path / "token",
                                 **(client if secure.mutual else {})))
    done = spool.send()
    assert done.returncode == 0, done.stderr
    assert secure.requests[0][1]["Authorization"] == "Bearer secret.token"
    assert "secret" not in done.stderr


def test_an_unknown_ca_another_name_or_no_client_certificate_gets_nothing(spool, keys, secure):
    unknown, other = url(secure, "https"), url(secure, "https", "127.0.0.1")
    spool.add(unknown)
    spool.add(other)
    spool.config.write_text(said(keys, other))
    done = spool.send()
    assert done.returncode == 75 and len(spool.waiting()) == 2
    assert secure.requests == []
    assert done.stderr.count("not delivered") == 2 and "certificate" in done.stderr
    if secure.mutual:
        spool.config.write_text(said(keys, unknown))
        assert spool.send().returncode == 75 and secure.requests == []


def test_a_token_goes_to_its_own_place_only_and_never_in_the_clear(spool, collector, tmp_path):
    (tmp_path / "token").write_text("secret\n")
    other = url(collector, host="127.0.0.1") + "/other"
    far = "http://collector.invalid"
    for place in (url(collector), other, far):
        spool.add(place)
    spool.config.write_text("".join(f"[report {place}]\ntoken-file = {tmp_path}/token\n"
                                    for place in (url(collector), far)))
    done = spool.send()
    by_path = {path: headers["Authorization"] for path, headers, _ in collector.requests}
    assert by_path == {"/v1/reports": "Bearer secret", "/other/v1/reports": None}
    assert "no token is sent in the clear" in done.stderr


def test_through_a_proxy_and_not_by_the_environment(spool, collector):
    place = "http://collector.invalid"
    identity = spool.add(place)
    proxy = url(collector)
    assert spool.send(env={"http_proxy": proxy}).returncode == 75
    assert collector.requests == []
    spool.config.write_text(f"[report {place}]\nproxy = {proxy}\n")
    assert spool.send().returncode == 0
    assert collector.requests[0][0] == f"{place}/v1/reports" and identity in collector.reports


# ---- killed at any moment ----------------------------------------------------


def test_killed_again_and_again_nothing_is_lost_and_nothing_is_new(spool, collector, request):
    """What left the spool was committed, with its own bytes; what was sent twice is one report."""
    expected, interrupted = {}, 0
    collector.delay = 0.002
    for round_number in range(request.config.getoption("kills")):
        for _ in range(3):
            identity = spool.add(url(collector))
            expected[identity] = spool.body(identity)
        with subprocess.Popen(spool.command(), stderr=subprocess.DEVNULL) as sender:
            time.sleep(random.Random(round_number).uniform(0.0, 0.04))
            sender.send_signal(signal.SIGKILL)
        waiting = set(spool.waiting())
        interrupted += bool(waiting)
        for identity in set(expected) - waiting:
            assert collector.reports[identity] == expected[identity]
        if len(waiting) > 100:
            assert spool.send().returncode == 0
    assert interrupted > 0
    assert spool.send().returncode == 0
    assert collector.reports == expected and spool.waiting() == []


# Each system call by which the sender changes the spool or the connection.
@pytest.mark.parametrize("call", ["openat", "unlinkat", "connect", "sendto", "recvfrom", "flock",
                                  "getdents64", "newfstatat", "close", "epoll_ctl"])
def test_killed_at_each_stage(spool, collector, call):
    ids = [spool.add(url(collector)) for _ in range(2)]
    bodies = {identity: spool.body(identity) for identity in ids}
    killed = 0
    for number in (1, 2, 3, 5, 8, 13):
        done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                               f"inject={call}:signal=KILL:when={number}", *spool.command("--once")],
                              stderr=subprocess.DEVNULL, env=TRACED)
        killed += done.returncode in (-9, 137)
        for identity in set(ids) - set(spool.waiting()):
            assert collector.reports[identity] == bodies[identity]
    assert killed > 0
    assert spool.send().returncode == 0
    assert collector.reports == bodies
