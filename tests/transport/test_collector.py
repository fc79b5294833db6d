# SPDX-License-Identifier: GPL-2.0-or-later
"""From a check to the collector that this build made: the report arrives, once."""
import json
import socket
import subprocess
import time
import urllib.request

import pytest

from conftest import BUILD, ROOT

READY = ROOT / "tests/snapshots/libvirt-esxi-ready.json"
PROGRAM = BUILD / "nestready-collector"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="built without the collector")


@pytest.fixture
def place(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--store",
                           f"sqlite:{tmp_path}/collector.db"], stderr=subprocess.DEVNULL) as server:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.wait(10)


def test_a_check_arrives(spool, place):
    (spool.path / "dropped").write_text("7\n")
    done = subprocess.run([BUILD / "nestready", "check", "--snapshot", READY, "--report", place,
                           "--report", "stdout:", "-o", "/dev/null", "--spool", spool.path],
                          capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert spool.waiting() == [report["id"]]
    sent = spool.send()
    assert (sent.returncode, spool.waiting()) == (0, []), sent.stderr
    with urllib.request.urlopen(f"{place}/v1/reports/{report['id']}") as answer:
        assert json.load(answer) == report


def test_sent_twice_is_one_and_other_bytes_are_refused(spool, place):
    command = [BUILD / "nestready", "check", "--snapshot", READY, "--report", place, "--spool",
               spool.path]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    entry = next(spool.path.glob("*.report"))
    first = entry.read_bytes()
    assert spool.send().returncode == 0
    entry.write_bytes(first)
    assert spool.send().returncode == 0 and spool.waiting() == []
    changed = first.replace(b'"evidence":', b'"evidence" :', 1)
    length = len(first.split(b"\n", 2)[2])
    entry.write_bytes(changed.replace(b"NRS1 %d" % length, b"NRS1 %d" % (length + 1), 1))
    assert "refused for good: answered with 409" in spool.send().stderr
    assert len(spool.refused()) == 1
