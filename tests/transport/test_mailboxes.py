# SPDX-License-Identifier: GPL-2.0-or-later
"""Reports in stores that the host reads: guestinfo, Hyper-V's key-value pairs, xenstore."""
import base64
import fcntl
import os
import socket
import struct
import subprocess
import threading
import time
import zlib

import pytest

RECORD, KEY = 2560, 512


def opened(values, key, separator):
    """(id, report) that a host puts together out of {name: value}; None without a line."""
    words = values.get(key, "").split()
    if not words or words[0] != "NR1":
        return None
    _, identity, count, length, checksum = words
    body = b"".join(base64.b64decode(values[f"{key}{separator}{n}"], validate=True)
                    for n in range(1, int(count) + 1))
    assert (len(body), f"{zlib.crc32(body):08x}") == (int(length), checksum)
    return identity, body


# ---- guestinfo ---------------------------------------------------------------

# As vmware-rpctool behaves: one argument, the answer and a newline on standard output, or a
# complaint on standard error and status 1.
RPCTOOL = r"""#!/usr/bin/python3
import os, sys
from pathlib import Path
store = Path(os.environ["STORE"])
if len(sys.argv) != 2:
    sys.exit("usage: one argument, please")
with open(store / "log", "a") as log:
    print(sys.argv[1][:60], file=log)
verb, _, rest = sys.argv[1].partition(" ")
name, _, value = rest.partition(" ")
behave = os.environ.get("BEHAVE", "")
if behave == "hang":
    os.execlp("sleep", "sleep", "60")
if behave == "denied" or len(sys.argv[1]) > 65536:
    sys.exit("Permission denied\x1b[2J\nmore")
if verb == "info-set":
    (store / name).write_text("forgotten" if behave == "forget" else value)
    print()
elif verb == "info-get" and (store / name).exists():
    print((store / name).read_text())
else:
    sys.exit("No value found")
"""


class Guestinfo:
    place, key, separator = "guestinfo:nestready.report", "guestinfo.nestready.report", "."

    def __init__(self, directory):
        self.store = directory / "store"
        self.store.mkdir()
        tools = directory / "tools"
        tools.mkdir()
        (tools / "vmware-rpctool").write_text(RPCTOOL)
        (tools / "vmware-rpctool").chmod(0o755)
        self.environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}",
                                         "STORE": str(self.store)}

    def values(self):
        return {file.name: file.read_text() for file in self.store.iterdir() if file.name != "log"}


@pytest.fixture
def guestinfo(tmp_path):
    return Guestinfo(tmp_path)


@pytest.mark.parametrize("size", [100, 45000, 300000])
def test_guestinfo(spool, guestinfo, size):
    identity = spool.add(guestinfo.place, size)
    body = spool.body(identity)
    done = spool.send(env=guestinfo.environment)
    assert (done.returncode, spool.waiting()) == (0, []), done.stderr
    assert opened(guestinfo.values(), guestinfo.key, ".") == (identity, body)
    log = (guestinfo.store / "log").read_text().splitlines()
    assert log[0] == f"info-set {guestinfo.key} -"  # taken away before any piece changes
    assert log[-2:] == [f"info-set {guestinfo.key} NR1 {identity}"[:60], f"info-get {guestinfo.key}"]


@pytest.mark.parametrize("behave, told", [
    ("denied", "failed with 1: Permission denied?[2J\n"), ("forget", "is not there"),
    ("hang", "did not end in time")])
def test_what_guestinfo_did_not_take_stays(spool, guestinfo, behave, told):
    identity = spool.add(guestinfo.place)
    if behave == "hang":
        spool.config.write_text(f"[report {guestinfo.place}]\ntimeout = 1\n")
    start = time.monotonic()
    done = spool.send(env=guestinfo.environment | {"BEHAVE": behave})
    assert (done.returncode, spool.waiting()) == (75, [identity])
    assert told in done.stderr and time.monotonic() - start < 30  # the timeout unless told; what hangs takes 60


def test_without_the_tool_and_beyond_the_bound(spool, guestinfo):
    small, large = spool.add(guestinfo.place), spool.add(guestinfo.place, 700000)
    done = spool.send(env=os.environ | {"PATH": "/nonexistent"})
    assert (done.returncode, spool.waiting()) == (75, [small, large])
    assert "vmware-rpctool: no such file" in done.stderr
    assert "are too many: it holds 14 pieces of 45000" in done.stderr


# ---- Hyper-V -----------------------------------------------------------------


def record(key, value):
    return key.encode().ljust(KEY, b"\0") + value.encode().ljust(RECORD - KEY, b"\0")


def pairs_of(data):
    """[(key, value)] of whole records, as hv_kvp_daemon reads: fread() of records, strings in them."""
    return [tuple(part.partition(b"\0")[0].decode()
                  for part in (data[at:at + KEY], data[at + KEY:at + RECORD]))
            for at in range(0, len(data) // RECORD * RECORD, RECORD)]


def read_as_the_daemon(path):
    return pairs_of(path.read_bytes())


OTHERS = [("AzureThing", "x" * 1000), ("nestready.reporter", "1"), ("nestready.report.x", "2"),
          ("nestready.report.01", "3")]


@pytest.fixture
def pool(tmp_path):
    """The pool's directory of a machine of its own: bound over the real one in a mount namespace."""
    directory = tmp_path / "hyperv"
    directory.mkdir()
    path = directory / ".kvp_pool_1"
    path.write_bytes(b"".join(record(*pair) for pair in OTHERS))
    return path


KVP = "kvp:nestready.report"


def in_pool(spool, pool, *arguments):
    command = " ".join(str(word) for word in spool.command(*arguments))
    script = f"""
        mkdir -p /var/lib 2>/dev/null
        mount -t tmpfs none /var/lib && mkdir /var/lib/hyperv &&
        mount --bind {pool.parent} /var/lib/hyperv && exec {command}"""
    return ["unshare", "-m", "sh", "-c", script]


def send(spool, pool):
    return subprocess.run(in_pool(spool, pool, "--once"), capture_output=True, text=True, timeout=60)


def others(pool):
    return [pair for pair in read_as_the_daemon(pool) if pair in OTHERS]


def report_in(pool):
    return opened(dict(read_as_the_daemon(pool)), "nestready.report", ".")


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts")


@needs_root
def test_kvp_splits_replaces_its_own_and_leaves_the_others(spool, pool):
    head = pool.read_bytes()
    for size in (60000, 3000, 3000, 20000, 100):
        identity = spool.add(KVP, size)
        body = spool.body(identity)
        done = send(spool, pool)
        assert (done.returncode, spool.waiting()) == (0, []), done.stderr
        assert report_in(pool) == (identity, body)
        assert pool.read_bytes().startswith(head)  # nobody else's record moved or changed
        assert pool.stat().st_size % RECORD == 0
        assert max(len(value) for _, value in read_as_the_daemon(pool)) <= 1000
    # What the short one does not need is gone, not only unused.
    assert len(read_as_the_daemon(pool)) == len(OTHERS) + 2


@needs_root
def test_kvp_between_records_of_others_is_emptied_not_moved(spool, pool):
    spool.add(KVP, 3000)
    assert send(spool, pool).returncode == 0
    with open(pool, "ab") as file:
        file.write(record("later", "z"))
    before = read_as_the_daemon(pool)
    identity = spool.add(KVP, 100)
    body = spool.body(identity)
    assert send(spool, pool).returncode == 0
    after = read_as_the_daemon(pool)
    assert report_in(pool) == (identity, body)
    assert after.index(("later", "z")) == before.index(("later", "z")) and others(pool) == OTHERS
    assert {value for key, value in after if key in ("nestready.report.3", "nestready.report.4")} == {""}


@needs_root
def test_kvp_repairs_what_a_torn_write_left(spool, pool):
    with open(pool, "ab") as file:
        file.write(b"torn" * 100)
    identity = spool.add(KVP)
    body = spool.body(identity)
    assert send(spool, pool).returncode == 0
    assert report_in(pool) == (identity, body) and others(pool) == OTHERS


@needs_root
def test_kvp_without_the_daemons_file_or_as_no_file_of_its_kind(spool, pool):
    identity = spool.add(KVP)
    pool.unlink()
    done = send(spool, pool)
    assert (done.returncode, spool.waiting()) == (75, [identity])
    assert "/var/lib/hyperv/.kvp_pool_1: No such file" in done.stderr
    pool.symlink_to("/etc/passwd")
    assert send(spool, pool).returncode == 75 and spool.waiting() == [identity]


@needs_root
@pytest.mark.parametrize("kind", ["fcntl", "flock"])
def test_kvp_waits_for_another_writer_and_not_for_ever(spool, pool, kind):
    spool.config.write_text(f"[report {KVP}]\ntimeout = 1\n")
    identity = spool.add(KVP)
    before = pool.read_bytes()
    with open(pool, "r+b") as file:
        if kind == "fcntl":
            fcntl.lockf(file, fcntl.LOCK_EX)  # a POSIX lock, as hv_kvp_daemon's
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        done = send(spool, pool)
        assert (done.returncode, spool.waiting()) == (75, [identity])
        assert "another program locks the pool" in done.stderr
        assert pool.read_bytes() == before
    spool.config.write_text("")
    assert send(spool, pool).returncode == 0


class Daemon(threading.Thread):
    """Changes a record of its own all the time, with the daemon's lock, as the daemon does it."""

    def __init__(self, pool):
        super().__init__(daemon=True)
        self.pool, self.stop, self.rounds, self.torn = pool, threading.Event(), 0, []

    def run(self):
        with open(self.pool, "r+b") as file:
            while not self.stop.is_set():
                fcntl.lockf(file, fcntl.LOCK_EX)
                # Over this descriptor: closing another one of the file would let go of the lock.
                pairs = pairs_of(os.pread(file.fileno(), 1 << 24, 0))
                try:
                    opened(dict(pairs), "nestready.report", ".")
                except (AssertionError, KeyError, ValueError) as error:
                    self.torn.append(repr(error))
                self.rounds += 1
                pairs = [pair for pair in pairs if pair[0] != "mine"] + [("mine", str(self.rounds))]
                file.seek(0)
                file.write(b"".join(record(*pair) for pair in pairs))
                file.truncate()
                file.flush()
                fcntl.lockf(file, fcntl.LOCK_UN)
                time.sleep(0.001)


@needs_root
def test_kvp_beside_a_daemon_that_writes_too(spool, pool):
    daemon = Daemon(pool)
    daemon.start()
    for number in range(12):
        identity = spool.add(KVP, 500 * (number % 4) + 100)
        body = spool.body(identity)
        assert send(spool, pool).returncode == 0
    daemon.stop.set()
    daemon.join(10)
    assert daemon.rounds > 12 and daemon.torn == []
    assert report_in(pool) == (identity, body) and others(pool) == OTHERS
    assert dict(read_as_the_daemon(pool))["mine"] == str(daemon.rounds)


@needs_root
def test_kvp_two_keys_at_once(spool, pool):
    """One sender, two threads, one file: neither lets go of the other's lock."""
    for size in (9000, 3000, 20000):
        ids = {key: spool.add(f"kvp:{key}", size) for key in ("nestready.report", "second")}
        bodies = {key: spool.body(identity) for key, identity in ids.items()}
        assert send(spool, pool).returncode == 0
        values = dict(read_as_the_daemon(pool))
        assert {key: opened(values, key, ".") for key in ids} == {
            key: (ids[key], bodies[key]) for key in ids}
        assert others(pool) == OTHERS


@needs_root
def test_kvp_killed_at_any_write(spool, pool):
    """After each system call there is either a report with all its pieces or no line of one."""
    old = spool.add(KVP, 5000)
    bodies = {old: spool.body(old)}
    assert send(spool, pool).returncode == 0
    killed, without = 0, 0
    for call, numbers in (("pwrite64", range(1, 14)), ("ftruncate", [1]), ("fdatasync", [1, 2, 3])):
        for number in numbers:
            identity = spool.add(KVP, 4000 if number % 2 else 6000)
            bodies[identity] = spool.body(identity)
            trace = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                     f"inject={call}:signal=KILL:when={number}"]
            command = in_pool(spool, pool, "--once")
            command[-1] = command[-1].replace("exec ", "exec " + " ".join(trace) + " ")
            done = subprocess.run(command, stderr=subprocess.DEVNULL,
                                  env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"})
            killed += done.returncode in (-9, 137)
            found = report_in(pool)
            without += found is None
            assert found is None or found[1] == bodies[found[0]]
            assert others(pool) == OTHERS
            assert send(spool, pool).returncode == 0 and report_in(pool)[0] == identity
    assert killed >= 10 and without >= 5


# ---- Xen ---------------------------------------------------------------------


class Xenstore(threading.Thread):
    """A store for Debian's xenstore-write and xenstore-read: the wire format of Xen's
    xs_wire.h, with the bounds that xenstored has for a guest.  xenstored itself does not run
    without Xen: that of 4.17 takes the first question of a client for its end."""

    READ, START, END, WRITE, ERROR = 2, 6, 7, 11, 16

    def __init__(self, path):
        super().__init__(daemon=True)
        self.nodes, self.log, self.refuse = {}, [], False
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()

    def run(self):
        while True:
            client, _ = self.server.accept()
            with client, client.makefile("rb") as stream:
                changes = {}
                while head := stream.read(16):
                    kind, request, transaction, length = struct.unpack("<4I", head)
                    assert length <= 4096  # XENSTORE_PAYLOAD_MAX
                    kind, answer = self.handle(kind, stream.read(length), changes, transaction)
                    client.sendall(struct.pack("<4I", kind, request, transaction, len(answer))
                                   + answer)

    def handle(self, kind, payload, changes, transaction):
        path, _, value = payload.partition(b"\0")
        if kind == self.START:
            changes.clear()
            return kind, b"1\0"
        if kind == self.WRITE and (self.refuse or len(value) > 2000):
            return self.ERROR, b"E2BIG\0" if len(value) > 2000 else b"EACCES\0"
        if kind == self.WRITE:
            self.log.append((path.decode(), transaction))
            changes[path.decode()] = value.decode()
            return kind, b"OK\0"
        if kind == self.END:
            self.nodes |= changes if payload == b"T\0" else {}
            return kind, b"OK\0"
        if kind == self.READ and path.decode() in self.nodes:
            return kind, self.nodes[path.decode()].encode()
        return self.ERROR, b"ENOENT\0"


@pytest.fixture
def xenstore(tmp_path):
    store = Xenstore(tmp_path / "xenstored")
    store.start()
    store.environment = os.environ | {"XENSTORED_PATH": str(tmp_path / "xenstored")}
    return store


@pytest.mark.parametrize("size", [100, 60000, 300000])
def test_xenstore_gets_it_in_one_transaction(spool, xenstore, size):
    identity = spool.add("xenstore:data/nestready", size)
    body = spool.body(identity)
    done = spool.send(env=xenstore.environment)
    assert (done.returncode, spool.waiting()) == (0, []), done.stderr
    assert opened(xenstore.nodes, "data/nestready", "/") == (identity, body)
    assert len({transaction for _, transaction in xenstore.log}) == 1
    # A node's children stand in it, too: xenstored counts 2,048 bytes for all of it.
    children = sum(len(path) - len("data/nestready/") + 1 for path in xenstore.nodes)
    assert len(xenstore.nodes["data/nestready"]) + children < 1900


def test_what_xenstore_refuses_stays(spool, xenstore):
    identity = spool.add("xenstore:data/nestready")
    xenstore.refuse = True
    done = spool.send(env=xenstore.environment)
    assert (done.returncode, spool.waiting(), xenstore.nodes) == (75, [identity], {})
    assert "its program failed with 1: xenstore-write: " in done.stderr
