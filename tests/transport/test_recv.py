# SPDX-License-Identifier: GPL-2.0-or-later
"""`nestready recv`: what a guest sends comes out once and whole, whatever else is on the line."""
import json
import os
import pty
import random
import signal
import socket
import subprocess
import termios
import time

import pytest

from conftest import BUILD, ROOT
from frames import ack, frames, report
from processes import Started
from waiting import wait_until_raw

ONE = "01970000-0000-7000-8000-000000000001"
TWO = "01970000-0000-7000-8000-000000000002"
READY = ROOT / "tests/snapshots/libvirt-esxi-ready.json"


def recv(source, *arguments, **options):
    return subprocess.run([BUILD / "nestready", "recv", "--from", source, *arguments],
                          capture_output=True, timeout=30, **options)


def follow(source, *arguments):
    return Started([BUILD / "nestready", "recv", "--from", source, "--follow", *arguments],
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def read_until(fd, wanted, seconds=10):
    """What comes until `wanted` is part of it."""
    data, end = b"", time.monotonic() + seconds
    os.set_blocking(fd, False)
    while wanted not in data:
        assert time.monotonic() < end, data
        try:
            data += os.read(fd, 65536)
        except BlockingIOError:
            time.sleep(0.01)
    return data


def test_a_file_with_console_text_in_between_and_lines_in_any_order(tmp_path):
    lines = frames(ONE, report(ONE)) + frames(TWO, report(TWO))
    random.Random(6).shuffle(lines)
    noise = b"\x1b[2J[    1.234567] usb 1-1: new device\r\n"
    (tmp_path / "console").write_bytes(b"Linux version 6.1\n" + noise.join(lines) + b"login: ")
    done = recv(tmp_path / "console")
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(done.stdout.splitlines(True)) == [report(ONE), report(TWO)]


def test_a_report_of_nestready_comes_out_byte_for_byte(tmp_path):
    body = subprocess.run([BUILD / "nestready", "check", "--snapshot", READY, "-o", "/dev/null",
                           "--report", "stdout:"], capture_output=True).stdout
    identity = json.loads(body)["id"]
    done = recv("-", input=b"".join(frames(identity, body)))
    assert (done.returncode, done.stdout, done.stderr) == (0, body, b"")
    done = recv("-", "--report", f"file:{tmp_path}/", input=b"".join(frames(identity, body)))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / f"{identity}.json").read_bytes() == body


def test_what_is_sent_again_completes_and_is_printed_once():
    lines = frames(ONE, report(ONE))
    done = recv("-", input=b"".join(lines[2:] + lines + lines))
    assert (done.returncode, done.stdout, done.stderr) == (0, report(ONE), b"")


def test_what_is_lost_or_damaged_is_named():
    lines = frames(ONE, report(ONE))
    lines[1] = lines[1].replace(b"eHh4", b"eHh5", 1)
    done = recv("-", input=b"".join(lines))
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.decode().splitlines() == [
        f"nestready: -: {ONE}: frame 2 of {len(lines)} is damaged",
        f"nestready: -: {ONE}: 1 of {len(lines)} frames are missing, the first is 2",
        "nestready: -: 1 reports did not arrive whole"]


@pytest.mark.parametrize("body, told", [
    (b"\x1b[2Jboo\n", "no report: expected JSON"),
    (b"{}", "its schema is not"),
    (report(TWO), "a report of another id"),
    (json.dumps({"schema": "nestready.report/1", "id": ONE, "verdict": "fine"}).encode(),
     "verdict, facts or findings are missing"),
    (report(ONE).replace(b'{"schema"', b'{"id": "x", "schema"'), "expected JSON"),
    (b"[" * 100000, "expected JSON"),
])
def test_what_is_no_report_goes_nowhere(tmp_path, body, told):
    done = recv("-", "--report", f"file:{tmp_path}/", input=b"".join(frames(ONE, body)))
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (65, b"", [])
    assert f"{ONE}: " in done.stderr.decode() and told in done.stderr.decode()
    assert b"\x1b" not in done.stderr


def test_a_hostile_report_never_reaches_the_terminal_as_it_is():
    hostile = "\x7f\u009b2J\u202e\u2028é"
    body = json.dumps({"schema": "nestready.report/1", "id": ONE, "verdict": "ready", "findings": [],
                       "facts": {"x": hostile}}, ensure_ascii=False, indent=1).encode()
    for arguments in ([], ["--report", "stdout:"]):
        done = recv("-", *arguments, input=b"".join(frames(ONE, body)))
        assert (done.returncode, done.stderr) == (0, b"")
        assert all(0x20 <= byte <= 0x7e for byte in done.stdout.rstrip(b"\n"))
        assert json.loads(done.stdout)["facts"]["x"] == hostile


def test_forwarded_into_a_spool_and_a_spool_that_is_missing_is_no_acknowledgement(spool, tmp_path):
    sent = b"".join(frames(ONE, report(ONE)))
    done = recv("-", "--report", "https://a.example", "--spool", spool.path, input=sent)
    assert (done.returncode, spool.waiting(), spool.body(ONE)) == (0, [ONE], report(ONE))
    done = recv("-", "--report", "https://a.example", "--spool", tmp_path / "none", input=sent)
    assert done.returncode == 69 and b"no report to https://a.example" in done.stderr


def test_a_socket_is_answered_and_connected_to_again(tmp_path):
    """As QEMU does it: the hypervisor listens, and goes and comes with its guest."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{tmp_path}/port")
    server.listen()
    server.settimeout(10)
    lines = frames(ONE, report(ONE))
    with follow(tmp_path / "port") as reader:
        first, _ = server.accept()
        first.sendall(b"".join(lines[:2]) + lines[2][:100])
        first.close()
        second, _ = server.accept()
        second.sendall(b"\n" + b"".join(lines[2:]))
        assert read_until(second.fileno(), b"ack\n") == ack(ONE)
        second.sendall(b"".join(lines))
        assert read_until(second.fileno(), b"ack\n") == ack(ONE)
        reader.send_signal(signal.SIGTERM)
        out, err = reader.communicate(timeout=10)
    assert (reader.returncode, out) == (0, report(ONE))
    assert err.decode() == f"nestready: {tmp_path}/port: {ONE}: frame 3 of {len(lines)} is damaged\n"


def test_a_report_that_cannot_be_forwarded_is_not_acknowledged(tmp_path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{tmp_path}/port")
    server.listen()
    server.settimeout(10)
    with follow(tmp_path / "port", "--report", f"file:{tmp_path}/later/") as reader:
        ours, _ = server.accept()
        ours.sendall(b"".join(frames(ONE, report(ONE))))
        assert b"later" in reader.stderr.readline()
        (tmp_path / "later").mkdir()
        ours.sendall(b"".join(frames(ONE, report(ONE))))
        assert read_until(ours.fileno(), b"ack\n") == ack(ONE)
        reader.send_signal(signal.SIGTERM)
        assert reader.wait(10) == 69
    assert (tmp_path / f"later/{ONE}.json").read_bytes() == report(ONE)


def test_a_terminal_is_raw_meanwhile_and_then_as_it_was():
    guest, host = pty.openpty()
    before = termios.tcgetattr(host)
    name = os.ttyname(host)
    with follow(name) as reader:
        wait_until_raw(host)
        os.write(guest, b"".join(frames(ONE, report(ONE))))
        assert read_until(guest, b"ack\n") == ack(ONE)
        reader.send_signal(signal.SIGINT)
        assert reader.communicate(timeout=10)[0] == report(ONE)
    assert termios.tcgetattr(host) == before


def test_a_file_that_grows_and_begins_anew(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"".join(frames(ONE, report(ONE))) + b"\n" * 4000)
    with follow(log) as reader:
        assert reader.stdout.readline() == report(ONE)
        log.write_bytes(b"".join(frames(TWO, report(TWO, 10))))
        assert reader.stdout.readline() == report(TWO, 10)
        reader.send_signal(signal.SIGTERM)
        assert reader.wait(10) == 0


@pytest.mark.parametrize("arguments, status, told", [
    ([], 64, "needs --from SOURCE"),
    (["--from", "vsock:x"], 64, "is not written as vsock:PORT"),
    (["--from", "/nonexistent"], 66, "No such file"),
    (["--from", "/"], 66, "Is a directory"),
    (["--from", "-", "--report", "nowhere:"], 64, "is no place for a report"),
])
def test_mistakes_are_one_line(arguments, status, told):
    done = subprocess.run([BUILD / "nestready", "recv", *arguments], capture_output=True, text=True,
                          timeout=10, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (status, "")
    assert told in done.stderr and done.stderr.count("\n") == 1
