# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames over a serial port, here a pseudo-terminal: acknowledged, taken up again, set back."""
import os
import pty
import resource
import signal
import subprocess
import termios
import threading
import time

import pytest

from conftest import BUILD
from frames import Reader, ack, report
from processes import Started
from waiting import wait_until, wait_until_raw


class Port:
    """A serial port and its host's end; whatever is in `serve` reads there."""

    def __init__(self):
        self.host, self.guest = pty.openpty()
        self.place = f"serial:{os.ttyname(self.guest)}"
        self.reader = Reader()
        self.stop = threading.Event()
        self.server = None
        self.taken = 0
        os.set_blocking(self.host, False)

    def serve(self, answer=True, pause=0.0, piece=1 << 20, drop=()):
        """Reads and answers in a thread, with a pause after each piece; the frames whose number is in `drop` are lost."""
        def work():
            count = 0
            while not self.stop.is_set():
                try:
                    data = os.read(self.host, piece - self.taken % piece)
                except BlockingIOError:
                    time.sleep(0.002)
                    continue
                except OSError:
                    return
                lines = []
                for line in data.split(b"\n") if drop else [data]:
                    count += line.startswith(b"NR1 ")
                    lines.append(b"lost" if count in drop else line)
                for identity in set(self.reader.feed(b"\n".join(lines))):
                    if answer:
                        os.write(self.host, ack(identity))
                self.taken += len(data)
                if self.taken % piece == 0:
                    self.stop.wait(pause)
        self.server = threading.Thread(target=work, daemon=True)
        self.server.start()

    def close(self):
        """The next port gets the same descriptors: whoever still reads here would take its frames, and acknowledge them."""
        self.stop.set()
        if self.server:
            self.server.join()
        os.close(self.host)
        os.close(self.guest)


@pytest.fixture
def port():
    port = Port()
    yield port
    port.close()


def timeout(spool, port, seconds, *more):
    spool.config.write_text("\n".join([f"[report {port.place}]", f"timeout = {seconds}", *more, ""]))


def test_acknowledged_by_its_reader_and_set_back(spool, port):
    before = termios.tcgetattr(port.guest)
    ids = [spool.add(port.place, 60000) for _ in range(2)]
    bodies = {identity: spool.body(identity) for identity in ids}
    port.serve()
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (0, []), done.stderr
    assert port.reader.reports == bodies
    assert termios.tcgetattr(port.guest) == before


def test_nobody_reads_and_the_report_stays(spool, port):
    """A port that takes nothing more: the deadline holds, and closing it does not wait either."""
    identity = spool.add(port.place, 60000)
    timeout(spool, port, 1)
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (75, [identity])
    assert "frames in time" in done.stderr
    assert time.monotonic() - start < 30  # the timeout unless told, and what the kernel gives a serial port at its end
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5  # it slept


def test_read_but_not_acknowledged_is_not_delivered(spool, port):
    identity = spool.add(port.place)
    timeout(spool, port, 1)
    port.serve(answer=False)
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (75, [identity])
    assert "nobody acknowledged it" in done.stderr
    assert wait_until(lambda: list(port.reader.reports)) == [identity]


def test_another_reports_acknowledgement_is_none(spool, port):
    identity = spool.add(port.place)
    timeout(spool, port, 1)
    os.write(port.host, ack("01970000-0000-7000-8000-999999999999") + b"NR1 x ack\nlogin:\n")
    port.serve(answer=False)
    assert spool.send().returncode == 75 and spool.waiting() == [identity]


def test_written_is_enough_where_that_was_said(spool, port):
    identity = spool.add(port.place, 60000)
    body = spool.body(identity)
    timeout(spool, port, 10, "acknowledge = written")
    port.serve(answer=False)
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (0, []), done.stderr
    wait_until(lambda: port.reader.reports)
    assert port.reader.reports == {identity: body}


def test_a_slow_reader_gets_it_in_several_attempts(spool, port):
    """Each attempt goes on where the last one was cut off: from the start it would never come to the end.  The frames are
    two pieces, of which no attempt gets more than one, as the reader then rests for longer than it has."""
    identity = spool.add(port.place, 60000)
    body = spool.body(identity)
    timeout(spool, port, 1)
    port.serve(pause=1.5, piece=45000)
    done = spool.send("--spool", spool.path)
    assert (done.returncode, spool.waiting()) == (0, []), done.stderr
    assert port.reader.reports == {identity: body}
    assert done.stderr.count("frames in time") >= 2


def test_lost_frames_come_with_the_next_attempt(spool, port):
    identity = spool.add(port.place)
    body = spool.body(identity)
    timeout(spool, port, 1)
    port.serve(drop=(2, 3))
    done = spool.send("--spool", spool.path)
    assert (done.returncode, port.reader.reports) == (0, {identity: body}), done.stderr
    assert "nobody acknowledged it" in done.stderr


def test_nestready_recv_on_the_other_end(spool, port, tmp_path):
    """Both ends are ours, with a cable in between; the reader comes after the first attempt."""
    identity = spool.add(port.place)
    body = report(identity)
    next(spool.path.glob("*.report")).write_bytes(
        b"NRS1 %d\n%s\n%s" % (len(body), port.place.encode(), body))
    timeout(spool, port, 1)
    assert spool.send().returncode == 75
    cable, end = pty.openpty()
    os.set_blocking(cable, False)

    def carry():
        while not port.stop.is_set():
            for source, sink in ((port.host, cable), (cable, port.host)):
                try:
                    os.write(sink, os.read(source, 1024))
                except OSError:
                    time.sleep(0.002)

    with Started([BUILD / "nestready", "recv", "--from", os.ttyname(end), "--follow"],
                 stdout=subprocess.PIPE) as reader:
        wait_until_raw(end)
        port.server = threading.Thread(target=carry)
        port.server.start()
        done = spool.send("--spool", spool.path)
        assert (done.returncode, spool.waiting()) == (0, []), done.stderr
        assert reader.stdout.readline() == body
        reader.send_signal(signal.SIGTERM)
        assert reader.wait(10) == 0


@pytest.mark.parametrize("place, why", [
    ("serial:/nonexistent", "No such file"),
    ("serial:/dev/null", "cannot be waited for"),
    ("virtio-serial:org.nestready.none", "no virtio-serial port"),
])
def test_a_channel_that_is_not_there_keeps_the_report(spool, place, why):
    identity = spool.add(place)
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (75, [identity])
    assert "not delivered" in done.stderr and why in done.stderr


def test_a_connection_is_acknowledged_by_its_reader_only(spool):
    place = "vsock:1:4242"
    identity = spool.add(place)
    spool.config.write_text(f"[report {place}]\nacknowledge = written\ntimeout = 1\n")
    done = spool.send()
    assert (done.returncode, spool.waiting()) == (75, [identity])


def test_killed_at_any_time_nothing_is_lost(spool, port):
    ids = [spool.add(port.place, 20000) for _ in range(10)]
    bodies = {identity: spool.body(identity) for identity in ids}
    port.serve()
    for round_number in range(10):
        with subprocess.Popen(spool.command(), stderr=subprocess.DEVNULL) as sender:
            time.sleep(0.003 * round_number)
            sender.send_signal(signal.SIGKILL)
        for identity in set(ids) - set(spool.waiting()):
            assert port.reader.reports[identity] == bodies[identity]
    assert spool.send("--spool", spool.path).returncode == 0
    assert port.reader.reports == bodies
