# SPDX-License-Identifier: GPL-2.0-or-later
"""What only a database has that several collectors share: it comes and goes, and so do they."""
import json
import os
import random
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from collectors import BUILD, JSON, PROGRAM, Collector, command, make_finding, make_report, url_of
from postgres import PASSWORD, Server, Url
from test_durable import send
from test_events import Listener
from waiting import wait_until

BUSY = (503, "urn:nestready:problem:store")


@pytest.fixture
def database(postgres):
    return postgres.database()


@pytest.fixture(scope="session")
def own(postgres):  # after the shared one, for its reasons to skip
    """A server that may be stopped and killed."""
    server = Server(["wal_writer_delay = 10s", "autovacuum = off"])  # nobody else writes to its log
    yield server
    server.end()


@pytest.fixture
def pair(database):
    both = [Collector(database), Collector(database)]
    yield both
    for collector in both:
        assert collector.end() == (0, "")


class Held:
    """The row that whoever commits needs, in the hands of somebody else, until `drop`."""

    def __init__(self, database):
        server = database.server
        self.psql = subprocess.Popen(
            [server.programs / "psql", "-X", "-q", "-At", "-h", server.directory, "-p", str(server.port),
             "-U", "tester", database.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("SET search_path = nestready; BEGIN; UPDATE arrival SET last = last WHERE what = 'report' RETURNING 'held';")

    def ask(self, text):
        self.psql.stdin.write(text + "\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline()

    def drop(self):
        self.psql.communicate("COMMIT;\n")


def waiting(database, count=1):
    """Until that many collectors wait for the row."""
    for _ in range(200):
        rows = database.server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                   f"AND datname = '{database.name}'")
        if int(rows[0][0]) >= count:
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


# ---- several collectors ---------------------------------------------------------------

def test_many_that_start_at_once_make_the_tables_once(database):
    with ThreadPoolExecutor(8) as threads:
        running = list(threads.map(lambda _: Collector(database), range(8)))
    for i, collector in enumerate(running):
        assert collector.post(make_report(f"g{i}"))[0] == 200
        assert collector.end() == (0, "")
    assert database.sql("SELECT version FROM store_version") == [["3"]]
    assert database.sql("SELECT last FROM arrival WHERE what = 'report'") == [["8"]]


def test_a_store_of_an_older_program_is_brought_up_to_date(database):
    first = Collector(database)
    assert first.post(make_report("a"))[0] == 200
    assert first.end() == (0, "")
    database.sql("DROP INDEX latest_lost; UPDATE store_version SET version = 1")
    second = Collector(database)
    assert [row["hostname"] for row in second.get("/v1/guests")["guests"]] == ["a"]
    assert second.end() == (0, "")
    assert database.sql("SELECT version FROM store_version") == [["3"]]
    assert database.sql("SELECT indexname FROM pg_indexes WHERE indexname IN ('latest_lost', 'latest_usable')") == [["latest_lost"]]


def test_what_came_in_through_another_one_is_heard_and_read(pair):
    listener = Listener(pair[1])
    report = make_report("elsewhere")
    assert pair[0].post(report)[0] == 200
    assert listener.next()[2]["hostname"] == "elsewhere"
    assert pair[1].get(f"/v1/reports/{report['id']}") == report


def test_one_id_at_two_collectors_at_once_is_one_report(pair, database):
    with ThreadPoolExecutor(2) as threads:
        for i in range(30):
            report = make_report(f"g{i % 3}")
            same = list(threads.map(lambda c, r=report: c.post(r), pair))
            assert same[0] == same[1] and same[0][0] == 200
            bodies = [json.dumps(make_report(id=report["id"][:-4] + f"{0xffff - i:04x}", verdict=verdict)).encode()
                      for verdict in ("ready", "not-ready")]
            other = sorted(status for status, _ in threads.map(lambda c, b: c.post(b), pair, bodies))
            assert other == [200, 409]
    assert database.sql("SELECT count(*), max(seq), count(DISTINCT id) FROM reports") == [["60"] * 3]
    assert database.sql("SELECT count(*) FROM bodies") == [["60"]]


def follow(collector, stop, seen):
    """By the cursor of changes, until it was told to stop and nothing new is there."""
    cursor = 0
    while True:
        ended = stop.is_set()
        page = collector.get(f"/v1/changes?limit=7&cursor={cursor}" if cursor else "/v1/changes?limit=7")
        seen += [(row["seq"], row["report"]) for row in page["changes"]]
        cursor = page["next"] or 0
        if ended and not page["changes"]:
            return


def test_a_cursor_skips_nothing_that_commits_late(pair, database):
    """Both write as fast as they can; followers of either see every report, in one order."""
    stop, written, sent, seen = threading.Event(), threading.Event(), [], [[], []]

    def write(collector, seed):
        choice = random.Random(seed)
        while not stop.is_set():
            report = make_report(f"g{choice.randrange(9)}", verdict=choice.choice(["ready", "degraded"]),
                                 time="2026-01-02T03:04:05Z", findings=[make_finding(f"a.b{choice.random()}"[:9])])
            assert collector.post(report)[0] == 200
            sent.append(report["id"])

    threads = [threading.Thread(target=write, args=(pair[i % 2], i)) for i in range(6)]
    followers = [threading.Thread(target=follow, args=(pair[i], written, seen[i])) for i in range(2)]
    listener = Listener(pair[1])
    for thread in threads + followers:
        thread.start()
    time.sleep(4)
    stop.set()
    for thread in threads:
        thread.join()
    written.set()
    for thread in followers:
        thread.join()
    changed = [(int(seq), report) for seq, report in
               database.sql("SELECT seq, id FROM reports WHERE changed ORDER BY seq")]
    assert len(changed) > 20 and seen[0] == changed and seen[1] == changed
    assert database.sql("SELECT count(*), max(seq) FROM reports") == [[str(len(sent))] * 2]
    heard = [listener.next()[0] for _ in range(20)]
    assert heard == list(range(heard[0], heard[0] + 20))


def test_a_place_is_not_to_be_seen_before_those_ahead_of_it(pair, database):
    assert pair[0].post(make_report("a"))[0] == 200
    held = Held(database)
    first = held.ask("UPDATE arrival SET last = last + 1 WHERE what = 'report' RETURNING last;").strip()
    assert first == "2"
    with ThreadPoolExecutor(1) as thread:
        later = thread.submit(pair[1].post, make_report("b"))
        waiting(database)
        assert [row["seq"] for row in pair[0].get("/v1/changes")["changes"]] == [1]
        held.ask("INSERT INTO reports SELECT guest, 2, gen_random_uuid(), lab, name, 'late', platform, target, "
                 "verdict, basis, agent, time, received, changed FROM reports WHERE seq = 1 RETURNING 1;")
        held.drop()
        assert later.result()[0] == 200
    assert [(row["seq"], row["hostname"]) for row in pair[0].get("/v1/changes")["changes"]] == \
        [(1, "a"), (2, "late"), (3, "b")]


def test_one_batch_with_everything_in_it(database):
    """All that waits is one batch: the same id twice, other bytes, one guest three times."""
    running = Collector(database)
    known = make_report("known")
    reports = [make_report("a", time="2026-01-01T00:00:02Z"),
               make_report("a", time="2026-01-01T00:00:03Z", verdict="degraded"),
               make_report("a", time="2026-01-01T00:00:01Z", verdict="not-ready"),
               make_report("b", target={"id": "esxi-8", "title": "x"}),
               make_report("known", time="2025-01-01T00:00:00Z", verdict="degraded")]
    twice = make_report("twice")
    assert running.post(known)[0] == 200
    held = Held(database)
    with ThreadPoolExecutor(20) as threads:
        answers = [threads.submit(running.post, make_report("first"))]
        waiting(database)
        for report in [*reports, twice, twice, twice | {"verdict": "degraded"}, known,
                       known | {"verdict": "degraded"}]:
            answers.append(threads.submit(running.post, report))
            wait_until(lambda: f"\nnestready_collector_queue {len(answers) - 1}\n" in running.get("/metrics"))
        held.drop()
    assert [answer.result()[0] for answer in answers] == [200] * 8 + [409, 200, 409]
    rows = [(r["hostname"], r["target"], r["verdict"]) for r in running.get("/v1/changes")["changes"]]
    assert rows == [("known", "kvm", "ready"), ("first", "kvm", "ready"), ("a", "kvm", "ready"),
                    ("a", "kvm", "degraded"), ("b", "esxi-8", "ready"), ("twice", "kvm", "ready")]
    newest = {(r["hostname"], r["target"]): r["report"] for r in running.get("/v1/guests")["guests"]}
    assert newest[("a", "kvm")] == reports[1]["id"] and newest[("known", "kvm")] == known["id"]
    assert database.sql("SELECT max(seq), count(*) FROM reports") == [["8", "8"]]
    assert running.end() == (0, "")


# ---- documents --------------------------------------------------------------------------

UNIT = BUILD / "tests/unit/unit"


def test_documents_are_what_they_are_in_a_file(postgres):
    """The unit tests of the other store, each over an empty database."""
    if not UNIT.exists():
        pytest.skip("built without Criterion")
    listed = subprocess.run([UNIT, "--list"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"\S+", re.search(r"^documents: .*\n((?:[ ├└─]+ .*\n)+)", listed, re.MULTILINE)[1])
    names = [name for name in names if re.fullmatch(r"[a-z0-9_]+", name)]
    assert len(names) >= 3
    for name in names:
        done = subprocess.run([UNIT, "--filter", f"documents/{name}", "-j1"], capture_output=True, text=True,
                              env=os.environ | {"NESTREADY_TEST_STORE": postgres.database()}, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


# ---- the database goes away -----------------------------------------------------------

def post_until(collector, status, seconds=20):
    end = time.monotonic() + seconds
    while True:
        answer = collector.post(make_report())
        if answer[0] == status or time.monotonic() > end:
            return answer


def read_until(collector, path, seconds=20):
    """Who reads has a connection of its own, and looks once a second whether the server is back."""
    end = time.monotonic() + seconds
    while collector.ask(path)[0] == 503 and time.monotonic() < end:
        time.sleep(0.05)
    return collector.get(path)


def test_a_restart_delays_and_loses_nothing(own):
    database = own.database()
    running = Collector(database)
    report = make_report("before")
    assert running.post(report)[0] == 200
    own.stop()
    own.start()
    assert running.post(make_report("after"))[0] == 200  # on a new connection, unasked
    own.stop()
    status, headers, body = running.ask("/v1/reports", "POST", json.dumps(make_report()), headers=JSON)
    assert (status, json.loads(body)["type"], headers["Retry-After"]) == (*BUSY, "10")
    assert running.ask("/v1/guests")[0] == 503 and running.ask("/readyz")[0] == 503
    assert running.ask("/healthz")[0] == 200
    done = command(store=database)
    assert done.returncode == 69 and done.stderr.count("\n") == 1 and database.name in done.stderr
    own.start()
    assert post_until(running, 200)[0] == 200
    assert running.get("/readyz") == "ok\n"
    assert read_until(running, f"/v1/reports/{report['id']}") == report
    assert running.end()[0] == 0


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_kill_9_of_the_database_loses_no_acknowledged_report_and_doubles_none(own, kills):
    database = own.database()
    running = [Collector(database), Collector(database)]
    sent, acknowledged, refused = {}, set(), []
    for kill in range(kills):
        stop = threading.Event()
        threads = [threading.Thread(target=send, args=(running[i % 2], sent, acknowledged, refused, (kill << 8) + i,
                                                       stop)) for i in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(random.Random(kill).uniform(0.1, 0.4))
        own.kill()
        time.sleep(0.1)
        stop.set()
        own.start()
        for thread in threads:
            thread.join()
    assert acknowledged and all(answer["type"] == BUSY[1] for answer in refused)
    for identifier in list(sent):  # the senders come again
        assert post_until_same(running[0], sent[identifier]) == 200
    rows = dict(database.sql("SELECT id, convert_from(body, 'UTF8') FROM bodies"))
    assert set(rows) == set(sent) and all(rows[i].encode() == sent[i] for i in sent)
    count = str(len(sent))
    assert database.sql("SELECT count(*), max(seq), count(DISTINCT id) FROM reports") == [[count] * 3]
    assert [collector.end()[0] for collector in running] == [0, 0]


def post_until_same(collector, report, seconds=20):
    end = time.monotonic() + seconds
    while True:
        status = collector.post(report)[0]
        if status == 200 or time.monotonic() > end:
            return status


def test_read_only_and_back(database):
    running = Collector(database)
    end = f"SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = '{database.name}'"
    assert running.post(make_report("a"))[0] == 200
    database.server.sql(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    database.server.sql(end)
    status, problem = running.post(make_report("b"))
    assert (status, problem["type"]) == BUSY
    assert len(running.get("/v1/guests")["guests"]) == 1
    database.server.sql(f"ALTER DATABASE {database.name} RESET default_transaction_read_only")
    database.server.sql(end)
    assert post_until(running, 200)[0] == 200
    status, complaints = running.end()
    assert status == 0 and "read-only" in complaints


def test_locked_for_long_is_said_in_time(database):
    running = Collector(database)
    held = Held(database)
    began = time.monotonic()
    assert running.post(make_report())[0] == 503 and time.monotonic() - began < 20
    held.drop()
    assert running.post(make_report())[0] == 200
    status, complaints = running.end()
    assert status == 0 and "lock timeout" in complaints


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk_refuses_the_new_and_keeps_the_old(own):
    (place := own.directory / "small").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "nestready-test", place], check=True)
    try:
        shutil.chown(place, own.user)
        own.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        own.sql("CREATE DATABASE full_db TABLESPACE small")
        own.sql("CHECKPOINT")  # until then its catalogs are files with holes, and a full disk has no room for them
        running = Collector(Url(own, "full_db"))
        assert running.get("/v1/guests")["guests"] == []  # connected: a full server may take nobody new
        acknowledged, choice = [], random.Random(1)
        while True:
            report = make_report(f"g{len(acknowledged)}", not_proven=[choice.randbytes(60000).hex()])
            status, problem = running.post(report)
            if status != 200:
                break
            acknowledged.append(report)
        assert (status, problem["type"]) == BUSY and acknowledged
        for report in acknowledged:
            assert running.get(f"/v1/reports/{report['id']}") == report
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        assert post_until(running, 200)[0] == 200
        status, complaints = running.end()
        assert status == 0 and "No space left on device" in complaints
        own.sql("DROP DATABASE full_db")
        own.sql("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", place], check=True)


# ---- what it is given -------------------------------------------------------------------

def test_a_commit_is_flushed_even_where_the_server_would_not(own):
    database = own.database()
    own.sql(f"ALTER DATABASE {database.name} SET synchronous_commit = off")
    running = Collector(database)
    own.sql("CHECKPOINT")
    for i in range(20):
        assert running.post(make_report(f"g{i}"))[0] == 200
        rows = own.sql("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn())")
        assert int(rows[0][0]) < 200  # a report's own records are more
    assert running.end() == (0, "")


def test_the_password_is_never_shown(database):
    running = Collector(database.tcp)
    assert running.post(make_report())[0] == 200
    assert PASSWORD not in running.greeting and f"/{database.name}" in running.greeting
    assert running.end() == (0, "")
    for url, status in ((database.tcp.replace(PASSWORD, "wr0ng"), 69), (database.tcp.replace("/db", "/nodb"), 69),
                        (database.tcp.replace(PASSWORD, "wr0ng%zz"), 64), ("postgres:" + PASSWORD, 64),
                        (database.tcp + "?nonsense=1", 64),
                        (f"postgresql://tester:{PASSWORD}@127.0.0.1:1/x", 69)):
        done = subprocess.run([PROGRAM, "--store", url, "--listen", "127.0.0.1:0"], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == status and done.stderr.count("\n") == 1, done.stderr
        assert PASSWORD not in done.stderr and "wr0ng" not in done.stderr


@pytest.mark.parametrize("what", ["newer", "strange", "empty", "encoding"])
def test_what_is_no_store_is_refused_and_left_alone(database, what):
    arguments = []
    if what == "newer":
        assert Collector(database).end() == (0, "")
        database.sql("UPDATE store_version SET version = 99")
    elif what == "strange":
        database.server.sql("CREATE SCHEMA nestready; CREATE TABLE nestready.mine (x int)", database.name)
    elif what == "empty":
        arguments = ["token", "list"]
    else:
        database.server.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        database = Url(database.server, "latin")
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'nestready'"
    before = database.server.sql(tables, database.name)
    done = command(*arguments, store=database)
    assert done.returncode == 65 and done.stderr.count("\n") == 1, done.stderr
    assert f"/{database.name}" in done.stderr
    assert database.server.sql(tables, database.name) == before


def test_fsync_off_is_refused(postgres):
    server = Server(["fsync = off"])
    try:
        done = command(store=server.database())
        assert done.returncode == 65 and "fsync=off" in done.stderr
    finally:
        server.end()


def test_a_copy_by_the_tools_of_the_database_is_a_store(database, tmp_path):
    running = Collector(database)
    report = make_report()
    assert running.post(report)[0] == 200
    done = command("backup", "x", store=database)
    assert done.returncode == 64 and "pg_dump --format=custom --schema=nestready" in done.stderr
    programs, copy = database.server.programs, database.server.database()
    subprocess.run([programs / "pg_dump", "--format=custom", "--schema=nestready", f"--file={tmp_path}/copy",
                    url_of(database)], check=True)
    subprocess.run([programs / "pg_restore", "--dbname", url_of(copy), tmp_path / "copy"], check=True)
    second = Collector(copy)
    assert second.get(f"/v1/reports/{report['id']}") == report
    assert second.post(make_report())[0] == 200
    assert running.end() == second.end() == (0, "")


def test_pruning_takes_bodies_and_findings_along(database):
    running = Collector(database)
    for i in range(30):
        assert running.post(make_report(f"g{i % 3}", findings=[make_finding(f"a.b{i}")]))[0] == 200
    database.sql("UPDATE reports SET received = 0")
    done = command("prune", "--older-than", "1", store=database)
    assert done.stdout.startswith("27 reports removed"), done.stderr
    for table in ("reports", "bodies", "profiles", "profile_findings", "latest"):
        assert database.sql(f"SELECT count(*) FROM {table}") == [["3"]], table
    assert running.post(make_report("g0", findings=[make_finding("a.b0")]))[0] == 200
    assert len(running.get("/v1/findings?all=true")["findings"]) == 3
    assert running.end() == (0, "")
