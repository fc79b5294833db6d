# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes in may be anything: it is refused, it delays nobody, and it is never believed."""
import json
import random
import socket
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest
from conftest import JSON, Collector, make_finding, make_report
from waiting import wait_until

SCHEMAS = Path(__file__).parents[2] / "schema"
REPORT = json.dumps(make_report())
NAMES = ["'; DROP TABLE reports; --", "\" OR 1=1", "<script>alert(1)</script>", "%s%n%x", "a\tb",
         "\u202e\ufffe", "../../etc/passwd", "x" * 255]


@pytest.mark.parametrize("body, status", [
    (b"", 400), (b"hello", 400), (REPORT[:-1], 400), (REPORT + "}", 400), (b"\0" * 100, 400),
    (REPORT.replace("guest-1", "a\0b"), 400), (REPORT.replace("guest-1", "a\\u0000b"), 400),
    (REPORT.encode().replace(b"guest-1", b"\xff\xfe"), 400), (REPORT.replace("guest-1", "\\ud800"), 400),
    (REPORT.replace('"basis"', '"verdict"'), 400),
    (REPORT.replace('"duration_us": 12', '"duration_us": 99999999999999999999'), 400),
    (REPORT.replace('"duration_us": 12', '"duration_us": 1e999'), 400),
    (REPORT.replace('"duration_us": 12', '"duration_us": -1'), 422),
    (REPORT.replace('"duration_us": 12', '"duration_us": 1.5'), 422),
    (REPORT.replace("report/1", "report/2"), 422), (REPORT.replace("2026-01-02", "2026-02-30"), 422),
    (b"[" * 10000 + b"]" * 10000, 400), (b'{"a":' * 10000 + b"1" + b"}" * 10000, 400),
    (b"[]", 422), (b"null", 400), (b"{}", 422), (json.dumps(make_report("x" * 256)), 422),
    (json.dumps(make_report("")), 422), (json.dumps(make_report(guest={})), 422)],
    ids=lambda value: repr(value[-30:]) if not isinstance(value, int) else str(value))
def test_bodies_that_are_no_reports(collector, body, status):
    body = body if isinstance(body, bytes) else body.encode()
    got, problem = collector.post(body)
    assert got == status and problem["status"] == status and problem["detail"]
    assert collector.post(make_report())[0] == 200


def test_a_body_that_is_too_large(collector):
    large = json.dumps(make_report("g", not_proven=["x" * 2**20])).encode()
    status, headers, _ = collector.ask("/v1/reports", "POST", b"x" * (2**18 + 1), headers=JSON)
    assert (status, headers["Connection"]) == (413, "close")
    pieces = (large[at:at + 1000] for at in range(0, len(large), 1000))  # of no announced length
    connection = collector.connect()
    connection.request("POST", "/v1/reports", pieces, JSON, encode_chunked=True)
    assert connection.getresponse().status == 413
    just = make_report()
    just["not_proven"] = ["x" * (2**18 - len(json.dumps(just)) - 2)]
    assert len(json.dumps(just)) == 2**18 and collector.post(just)[0] == 200


def raw(collector, data, seconds=10):
    with socket.create_connection(("127.0.0.1", collector.port), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.mark.parametrize("data", [
    b"\r\n" * 10, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\0" * 100,
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
    b"POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: -1\r\n\r\n",
    b"POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 99999999999999999999999\r\n\r\n",
    b"GET /v1/guests%00x HTTP/1.1\r\n\r\n"], ids=lambda data: repr(data[:30]))
def test_what_is_no_request(store, data):
    running = Collector(store, "--header-ms", "500")
    try:
        answer = raw(running, data)
        assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505")), answer
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert running.get("/healthz") == "ok\n"
    assert running.end() == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_names_are_data(collector, name):
    report = make_report(name, agent={"version": name}, platform={"id": name, "evidence": [name]})
    status, answer = collector.post(report)
    assert status == 200
    row, = collector.get("/v1/guests")["guests"]
    assert (row["hostname"], row["platform"], row["agent"]) == (name, name, name)
    assert collector.get(f"/v1/guests/{answer['guest']}/latest") == report


@pytest.mark.parametrize("name", NAMES)
def test_questions_are_data(collector, name):
    collector.post(make_report())
    assert collector.get(f"/v1/guests?lab={quote(name, safe='')}&platform={quote(name, safe='')}") \
        == {"guests": [], "next": None}


# ---- time -------------------------------------------------------------------------

def dribble(collector, first, seconds):
    """How long a connection lives that sends one byte in 50 ms."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", collector.port), timeout=10) as connection:
        connection.sendall(first)
        try:
            while time.monotonic() - start < seconds:
                connection.sendall(b"a")
                connection.settimeout(0.05)
                try:
                    if connection.recv(1) == b"":
                        break
                except TimeoutError:
                    pass
        except (ConnectionResetError, BrokenPipeError):
            pass
    return time.monotonic() - start


@pytest.mark.parametrize("first", [
    b"", b"GET /healthz HTTP/1.1\r\nX: ",
    b"POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n"])
def test_slow_senders_are_cut_off_however_lively_they_are(store, first):
    running = Collector(store, "--header-ms", "1000", "--body-ms", "1000")
    assert 0.9 < dribble(running, first, 15) < 10
    assert running.end() == (0, "")


def test_a_thousand_dribbling_connections_keep_no_honest_post_out(store):
    running = Collector(store, "--connections-per-address", "600", "--header-ms", "3600000")
    idle = []
    for i in range(1000):
        connection = socket.socket()
        connection.bind((f"127.0.0.{2 + i % 4}", 0))
        connection.connect(("127.0.0.1", running.port))
        connection.sendall(b"POST /v1/reports HTTP/1.1\r\nX: ")
        idle.append(connection)
    stop = threading.Event()

    def keep_dribbling():
        while not stop.wait(0.1):
            for connection in random.sample(idle, 200):
                try:
                    connection.send(b"a")
                except OSError:
                    pass
    thread = threading.Thread(target=keep_dribbling)
    thread.start()
    took = []
    for i in range(100):
        start = time.monotonic()
        assert running.post(make_report(f"g{i}"))[0] == 200
        took.append(time.monotonic() - start)
    stop.set()
    thread.join()
    open_ = int(running.get("/metrics").split("\nnestready_collector_connections ")[1].split()[0])
    assert open_ > 900, "they were cut off before they could disturb"
    assert sorted(took)[95] < 2, took
    for connection in idle:
        connection.close()
    assert running.end() == (0, "")


def test_one_address_gets_its_share_of_connections(store):
    running = Collector(store, "--connections-per-address", "5")
    mine = [socket.create_connection(("127.0.0.1", running.port), source_address=("127.0.0.2", 0))
            for _ in range(20)]
    time.sleep(0.2)
    assert running.get("/healthz") == "ok\n"
    for connection in mine:
        connection.close()
    assert running.end() == (0, "")


def test_a_full_queue_says_when_to_come_again(store):
    running = Collector(store, "--queue-max", "1")
    answers = []
    lock = threading.Lock()

    def post(i):
        body = json.dumps(make_report(f"g{i}"))
        status, headers, _ = running.ask("/v1/reports", "POST", body, headers=JSON)
        with lock:
            answers.append((status, headers["Retry-After"]))
    database = sqlite3.connect(store)
    database.execute("BEGIN IMMEDIATE")  # the disk is slow
    threads = [threading.Thread(target=post, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answers) >= 6)  # one is being written, one waits
    database.rollback()
    for thread in threads:
        thread.join()
    assert (429, "1") in answers and (200, None) in answers
    assert {status for status, _ in answers} == {200, 429}
    assert running.end() == (0, "")


# ---- the schema --------------------------------------------------------------------

def opened(schema):
    """As a collector reads it: what a newer agent says besides, under the same number, passes."""
    if isinstance(schema, list):
        return [opened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: opened(value) for key, value in schema.items()
            if (key, value) != ("additionalProperties", False)}


def validator():
    schemas = {path.name: opened(json.loads(path.read_text())) for path in SCHEMAS.glob("*.json")}
    resolver = jsonschema.RefResolver("report.schema.json", schemas["report.schema.json"], store=schemas)
    return jsonschema.Draft202012Validator(schemas["report.schema.json"], resolver=resolver)


def places(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


VALUES = [None, True, -1, 0, 7, "", "x", "A", "l0.x-y", "l2.x", "a.b-c", "a.{id}", "{id}", "a..b",
          "ready", "observed", "high", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.Z", [], ["x"],
          [1], {}, {"x": 1}, "x" * 41]


def test_a_newer_agent_may_say_more_but_nothing_else(collector):
    whole = make_report(findings=[make_finding() | {"weight": 1.5e3}], newer={"a": [{"b": None}, -1.5, "\\u00e9"]})
    whole["facts"]["cpu.vmx"]["since"] = {"x": [True]}
    body = json.dumps(whole)
    assert collector.post(body.encode())[0] == 200
    assert collector.ask(f"/v1/reports/{whole['id']}")[2] == body.encode()
    fresh = json.dumps(make_report(newer={"a": 1}))
    for wrong, status in ((fresh.replace('"a": 1', '"a": 1, "a": 1'), 400),  # a key twice
                          (fresh.replace('"a": 1', '"a": ' + "[" * 40 + "]" * 40), 400),  # too deep
                          (fresh.replace('"a": 1', '"a": 01'), 400), (fresh.replace('"a": 1', '"a": "\0"'), 400),
                          (fresh.replace('"newer"', '"basis"'), 400),
                          (fresh.replace('"basis": "proven"', '"basis": "sure"'), 422),  # a word that is none
                          (fresh.replace('"basis": "proven", ', ""), 422)):
        assert collector.post(wrong.encode())[0] == status, wrong


def test_the_collector_takes_what_the_schema_takes_and_nothing_else(collector):
    judge = validator()
    whole = make_report(findings=[make_finding("l2.runs", "fail", "l0.virt-not-exposed")],
                        others=[{"target": "esxi-8", "verdict": "ready", "basis": "flags",
                                 "not_proven": [], "reason": "x"}])
    whole["findings"][0]["evidence"] = [{"key": "cpu.vmx", "status": "observed", "value": True}]
    whole["target"]["support"] = {"level": "works", "uncertain": True, "source": "x"}
    whole["guest"]["system_uuid"] = "u"
    cases = random.Random(6)
    verdicts = set()
    connection = collector.connect()
    for place in places(whole):
        for value in [..., "member", *cases.sample(VALUES, 6)]:
            changed = json.loads(json.dumps(whole))
            holder = changed
            for key in place[:-1]:
                holder = holder[key]
            if not place:
                continue
            if value is ...:
                del holder[place[-1]]
            elif value == "member":
                if isinstance(holder[place[-1]], dict):
                    holder[place[-1]]["added"] = "x"
            else:
                holder[place[-1]] = value
            if place != ("id",):
                changed["id"] = make_report()["id"]
            connection.request("POST", "/v1/reports", json.dumps(changed), JSON)
            answer = connection.getresponse()
            data = answer.read()
            wanted = judge.is_valid(changed)
            if wanted:  # whose would it be?
                wanted = any(changed["guest"].get(key) for key in ("system_uuid", "hostname"))
            assert (answer.status == 200) == wanted, (place, value, data)
            verdicts.add(wanted)
    assert verdicts == {True, False}
