# SPDX-License-Identifier: GPL-2.0-or-later
"""Acknowledged means on disk, whatever happens to the collector or its disk."""
import http.client
import json
import os
import random
import sqlite3
import subprocess
import threading
import time

import pytest
from conftest import Collector, both_stores, command, make_report, sql
from postgres import Url
from waiting import wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")


def send(collector, sent, acknowledged, wrong, seed, stop=None):
    """Posts until the collector is gone; repeats some, as a sender whose answer was lost does."""
    choice = random.Random(seed)
    while stop is None or not stop.is_set():
        report = json.dumps(make_report(f"g{choice.randrange(20)}")).encode()
        identifier = json.loads(report)["id"]
        sent[identifier] = report
        try:
            for _ in range(choice.choice([1, 1, 2])):
                status, answer = collector.post(report)
                if (status, answer.get("id")) == (200, identifier):
                    acknowledged.add(identifier)
                else:
                    wrong.append(answer)
        except (OSError, ValueError, http.client.HTTPException):
            return


@both_stores
@pytest.mark.parametrize("kills", [50, pytest.param(1000, marks=pytest.mark.slow)])
def test_kill_9_loses_no_acknowledged_report_and_doubles_none(store, kills):
    sent, acknowledged, wrong = {}, set(), []
    for kill in range(kills):
        running = Collector(store)
        threads = [threading.Thread(target=send, args=(running, sent, acknowledged, wrong, (kill << 8) + i))
                   for i in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(random.Random(kill).uniform(0.02, 0.25))
        running.kill()
        for thread in threads:
            thread.join()
    assert not wrong and len(acknowledged) > kills
    if isinstance(store, Url):
        # The server may be at the last commit of one that was killed.
        sessions = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{store.name}'"
        wait_until(lambda: store.server.sql(sessions) == [["0"]])
        kept = dict(sql(store, "SELECT id, convert_from(body, 'UTF8') FROM bodies"))
        assert sql(store, "SELECT count(DISTINCT id), max(seq) FROM reports") == [[str(len(kept))] * 2]
    else:
        assert sql(store, "PRAGMA integrity_check") == [["ok"]]
        kept = dict(sql(store, "SELECT id, CAST(body AS TEXT) FROM reports"))
    assert sql(store, "SELECT count(*) FROM reports") == [[str(len(kept))]]
    newest = int(sql(store, "SELECT count(*) FROM latest")[0][0])
    assert acknowledged <= set(kept)
    assert all(kept[identifier].encode() == sent[identifier] for identifier in kept)
    assert newest <= 20
    running = Collector(store)
    for identifier in random.Random(1).sample(sorted(sent), 20):  # the senders come again
        assert running.post(sent[identifier])[0] == 200
    assert running.end() == (0, "")


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "nestready-test", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def post_until_refused(running, count=1000):
    acknowledged = []
    for i in range(count):
        report = make_report(f"g{i}", not_proven=["x" * 4000])
        status, answer = running.post(report)
        if status != 200:
            return acknowledged, status, answer
        acknowledged.append(report)
    raise AssertionError("nothing was refused")


@as_root
def test_a_full_disk_refuses_the_new_and_keeps_the_old(small_disk):
    running = Collector(small_disk / "collector.db")
    acknowledged, status, answer = post_until_refused(running)
    assert (status, answer["type"]) == (503, "urn:nestready:problem:store")
    assert running.ask("/readyz")[0] == 503
    assert running.ask("/v1/reports", "POST", json.dumps(make_report(not_proven=["x" * 4000])),
                       headers={"Content-Type": "application/json"})[1]["Retry-After"] == "10"
    for report in acknowledged:
        assert running.get(f"/v1/reports/{report['id']}") == report
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    assert running.post(make_report())[0] == 200
    assert running.get("/readyz") == "ok\n"
    status, complaints = running.end()
    assert status == 0 and "disk is full" in complaints


@as_root
def test_a_disk_that_becomes_read_only(small_disk):
    running = Collector(small_disk / "collector.db")
    report = make_report()
    assert running.post(report)[0] == 200
    running.kill()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = command(store=small_disk / "collector.db")
    assert done.returncode == 66 and "collector.db" in done.stderr and done.stderr.count("\n") == 1
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    running = Collector(small_disk / "collector.db")
    assert running.get(f"/v1/reports/{report['id']}") == report
    assert running.end() == (0, "")


def test_a_locked_database_delays_and_loses_nothing(store):
    running = Collector(store)
    assert running.post(make_report("a"))[0] == 200
    database = sqlite3.connect(store, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    status, problem = running.post(make_report("b"))
    assert (status, problem["type"]) == (503, "urn:nestready:problem:store")
    assert running.ask("/readyz")[0] == 503
    assert len(running.get("/v1/guests")["guests"]) == 1  # reading goes on
    database.execute("ROLLBACK")
    assert running.post(make_report("b"))[0] == 200
    status, complaints = running.end()
    assert status == 0 and "locked" in complaints


@pytest.mark.parametrize("damage", ["text", "header", "schema", "other", "empty-is-new"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(store, damage):
    if damage == "text":
        store.write_text("these are my notes\n" * 500)
    elif damage == "other":
        with sqlite3.connect(store) as database:
            database.execute("CREATE TABLE mine (x)")
    elif damage == "empty-is-new":
        store.write_text("")
        running = Collector(store)
        assert running.end() == (0, "")
        return
    else:
        running = Collector(store)
        running.post(make_report())
        assert running.end() == (0, "")
        content = bytearray(store.read_bytes())
        if damage == "header":
            content[100:300] = os.urandom(200)
        else:
            content[60:64] = (99).to_bytes(4, "big")  # user_version
        store.write_bytes(content)
    before = store.read_bytes()
    done = command(store=store)
    assert done.returncode == 65, done.stderr
    assert str(store) in done.stderr and done.stderr.count("\n") == 1
    assert store.read_bytes() == before
    if damage in ("text", "header"):
        assert "nestready-collector backup" in done.stderr


def test_a_store_of_an_older_program_is_brought_up_to_date_and_keeps_all(store):
    running = Collector(store)
    report = make_report()
    assert running.post(report)[0] == 200
    assert running.end() == (0, "")
    with sqlite3.connect(store) as database:  # as version 1 was
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_schema")}
        assert {"documents", "audits"} <= tables
        for index in ("latest_alike", "latest_lost"):
            database.execute(f"DROP INDEX {index}")
        for table in ("documents", "audits"):
            database.execute(f"DROP TABLE {table}")
        for column in ("traits", "traits_ready", "traits_lost", "lost"):
            database.execute(f"ALTER TABLE latest DROP COLUMN {column}")
        database.execute("PRAGMA user_version = 1")
    assert command("token", "list", store=store).returncode == 0  # any command does it
    with sqlite3.connect(store) as database:
        assert {row[0] for row in database.execute("SELECT name FROM sqlite_schema")} == tables
        assert database.execute("PRAGMA user_version").fetchone() == (6,)
    running = Collector(store)
    assert running.get(f"/v1/reports/{report['id']}") == report
    assert running.end() == (0, "")


def test_damage_names_the_backup_when_it_shows(store):
    running = Collector(store)
    for i in range(50):
        running.post(make_report(f"g{i}", not_proven=["x" * 2000]))
    assert running.end() == (0, "")
    content = bytearray(store.read_bytes())
    for page in range(12, len(content) // 4096):  # the first ones hold the tables' descriptions
        content[page * 4096:page * 4096 + 64] = b"\xff" * 64
    store.write_bytes(content)
    running = Collector(store)
    assert running.post(make_report())[0] == 503
    assert running.ask("/readyz")[0] == 503
    status, complaints = running.end()
    assert status == 0 and "nestready-collector backup" in complaints
