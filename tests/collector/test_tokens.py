# SPDX-License-Identifier: GPL-2.0-or-later
"""Nobody gets in without the right token, and nobody outside without TLS."""
import base64
import ssl
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import JSON, PROGRAM, Collector, command, make_report, sqlite_only, token, url_of
from waiting import wait_until

BOTH_STORES = True

ROUTES = [("POST", "/v1/reports"), ("POST", "/v1/heartbeats"),
          ("GET", "/v1/reports/01a1f97f-5e43-74c1-bf6d-e158365fef0f"),
          ("GET", "/v1/guests"), ("GET", "/v1/guests/0"), ("GET", "/v1/guests/0/latest"),
          ("GET", "/v1/guests/0/reports"), ("GET", "/v1/findings"), ("GET", "/v1/gaps"),
          ("GET", "/v1/overview"), ("GET", "/v1/changes"), ("GET", "/metrics"),
          ("GET", "/v1/events?limit=x"), ("GET", "/"), ("GET", "/guests/0")]


@pytest.fixture
def keys(store):
    return {"enrol": token(store, "enrol"), "read": token(store, "read"),
            "admin": token(store, "admin")}


@pytest.mark.parametrize("method, path", ROUTES)
def test_every_route_without_and_with_the_wrong_token(keys, collector, method, path):
    right = "enrol" if method == "POST" else "read"
    wrong = "read" if method == "POST" else "enrol"
    changed = keys[right][:-1] + ("0" if keys[right][-1] != "0" else "1")
    other = keys[right][:17] + keys["admin"][17:]  # the id of one, the secret of another
    for bad in (None, "x", changed, other, keys[right] + "0", "nrt_", "é" * 30):
        headers = {"Authorization": f"Bearer {bad}".encode()} if bad else {}
        status, answer, _ = collector.ask(path, method, "{}", headers=JSON | headers)
        assert (status, "Bearer" in answer["WWW-Authenticate"]) == (401, True)
    assert collector.ask(path, method, "{}", keys[wrong], JSON)[0] == 403
    for good in (right, "admin"):
        assert collector.ask(path, method, "{}", keys[good], JSON)[0] in (200, 400, 404, 422)


def test_health_is_for_everybody(keys, collector):
    assert collector.get("/healthz") == collector.get("/readyz") == "ok\n"


def test_a_browser_may_give_the_token_as_password(keys, collector):
    for user in ("", "me"):
        pair = base64.b64encode(f"{user}:{keys['read']}".encode()).decode()
        assert collector.ask("/v1/guests", headers={"Authorization": f"Basic {pair}"})[0] == 200
    for bad in ("", "!", base64.b64encode(keys["read"].encode()).decode()):
        assert collector.ask("/v1/guests", headers={"Authorization": f"Basic {bad}"})[0] == 401


def wait_until_shut(collector):
    """A door that stood open shuts when the collector has heard of its first token."""
    wait_until(lambda: collector.ask("/v1/guests")[0] == 401)


def test_a_token_of_one_guest_speaks_for_no_other(store, collector):
    mine = token(store, "enrol", "--guest", "mine")
    wait_until_shut(collector)
    assert collector.post(make_report("mine"), mine)[0] == 200
    status, problem = collector.post(make_report("yours"), mine)
    assert (status, problem["type"]) == (403, "urn:nestready:problem:other-guest")
    as_mine = make_report("mine", guest={"hostname": "mine", "system_uuid": "yours"})
    assert collector.post(as_mine, mine)[0] == 403


def test_a_lab_cannot_write_into_another(store, collector):
    tokens = {lab: token(store, "enrol", "--lab", lab) for lab in ("ws-1", "ws-2")}
    read = token(store, "read")
    wait_until_shut(collector)
    report = make_report("same-name")
    assert collector.post(report, tokens["ws-1"])[0] == 200
    assert collector.post(report, tokens["ws-2"])[0] == 409  # its id is ws-1's
    assert collector.post(make_report("same-name", verdict="not-ready"), tokens["ws-2"])[0] == 200
    rows = {row["lab"]: row["verdict"] for row in collector.get("/v1/guests", read)["guests"]}
    assert rows == {"ws-1": "ready", "ws-2": "not-ready"}
    assert [row["lab"] for row in collector.get("/v1/guests?lab=ws-2", read)["guests"]] == ["ws-2"]


def test_tokens_come_and_go_while_it_runs_and_the_door_stays_shut(store, collector):
    assert collector.ask("/v1/guests")[0] == 200
    old = token(store, "read", "--note", "old")
    wait_until_shut(collector)
    assert collector.ask("/v1/guests", token=old)[0] == 200
    identifier = old.split("_")[1]
    assert command("token", "revoke", identifier, store=store).returncode == 0
    again = command("token", "revoke", identifier, store=store)
    assert again.returncode == 66 and "no such token" in again.stderr
    wait_until(lambda: collector.ask("/v1/guests", token=old)[0] == 401)
    assert collector.ask("/v1/guests")[0] == 401
    assert collector.end() == (0, "")
    after = Collector(store)
    assert after.ask("/v1/guests")[0] == 401
    assert after.end() == (0, "")


def test_a_token_made_this_moment_is_known(keys, collector):
    """As a student's is, who submits at once."""
    for i in range(5):
        made = token(collector.store, "enrol")
        assert collector.post(make_report(f"g{i}"), made)[0] == 200
        assert collector.ask("/v1/guests", token=made)[0] == 403
    assert len(collector.get("/v1/guests", keys["read"])["guests"]) == 5


def test_guessers_wait_for_one_look_together(keys, collector):
    collector.get("/v1/guests", keys["read"])
    bad = [keys["read"][:-4] + f"{i:04x}" for i in range(40)]
    begin = time.monotonic()
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda made: collector.ask("/v1/reports", "POST", "{}", made, JSON)[0], bad * 5))
    assert set(answers) == {401} and time.monotonic() - begin < 20
    assert collector.get("/healthz") == "ok\n"


def test_one_whose_token_is_looked_for_may_leave_and_the_collector_end(keys, store):
    running = Collector(store)
    for _ in range(20):
        connection = running.connect()
        connection.request("POST", "/v1/reports", "{}", JSON | {"Authorization": "Bearer x"})
        connection.close()
    waiting = running.connect()
    waiting.request("GET", "/v1/guests", headers={"Authorization": "Bearer x"})
    assert running.end() == (0, "")


@sqlite_only
def test_the_store_holds_no_token_and_the_list_shows_none(store):
    made = token(store, "read", "--note", "a\x1b[31mb", "--guest", "g", "--lab", "l")
    secret = made.split("_")[2]
    assert secret.encode() not in store.read_bytes()
    listed = command("token", "list", store=store).stdout
    assert secret not in listed and "\x1b" not in listed
    assert "guest: g  lab: l  note: a?[31mb" in listed and "valid" in listed
    assert store.stat().st_mode & 0o077 == 0


# ---- doors ------------------------------------------------------------------------

@pytest.fixture
def certificate(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key,
                    "-out", certificate, "-subj", "/CN=localhost", "-days", "1"], check=True,
                   capture_output=True)
    return certificate, key


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_others_are_served_only_with_tls_and_a_token(store, certificate, address):
    tls = ["--tls-cert", certificate[0], "--tls-key", certificate[1]]
    for arguments in ([], tls):
        done = command("--listen", address, *arguments, store=store)
        assert done.returncode == 64, done.stderr
        assert "--insecure" in done.stderr and done.stdout == ""
    token(store, "read")
    done = command("--listen", address, store=store)
    assert done.returncode == 64 and "--tls-cert" in done.stderr
    for arguments in ([*tls], ["--insecure"]):
        running = Collector(store, "--listen", address, *arguments)
        assert running.end() == (0, "")


def test_tls(store, certificate):
    running = Collector(store, "--tls-cert", certificate[0], "--tls-key", certificate[1])
    assert running.greeting.startswith("nestready-collector: https://127.0.0.1:")
    context = ssl.create_default_context(cafile=certificate[0])
    context.check_hostname = False
    with urllib.request.urlopen(f"https://127.0.0.1:{running.port}/healthz",
                                context=context) as answer:
        assert answer.read() == b"ok\n"
    assert running.end() == (0, "")


def test_tls_files_that_are_none(store, certificate, tmp_path):
    (tmp_path / "empty").write_text("")
    for pair, status in ((("nowhere", certificate[1]), 66), ((tmp_path / "empty", certificate[1]), 65),
                         ((certificate[1], certificate[1]), 70)):
        done = subprocess.run([PROGRAM, "--store", url_of(store), "--listen", "127.0.0.1:0",
                               "--tls-cert", pair[0], "--tls-key", pair[1]], text=True,
                              capture_output=True, timeout=60)
        assert done.returncode == status, done.stderr
        assert done.stderr.count("\n") == 1
