# SPDX-License-Identifier: GPL-2.0-or-later
"""From a check to the collector that this build made: the report arrives, once."""
import json
import subprocess

from conftest import BUILD, ROOT
from place import needs_collector, place  # noqa: F401

READY = ROOT / "tests/snapshots/libvirt-esxi-ready.json"

pytestmark = needs_collector


def test_a_check_arrives(spool, place):
    (spool.path / "dropped").write_text("7\n")
    done = subprocess.run([BUILD / "nestready", "check", "--snapshot", READY, "--report", place.url,
                           "--report", "stdout:", "-o", "/dev/null", "--spool", spool.path],
                          capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert spool.waiting() == [report["id"]]
    sent = spool.send()
    assert (sent.returncode, spool.waiting()) == (0, []), sent.stderr
    assert place.get(f"/v1/reports/{report['id']}") == report


def test_sent_twice_is_one_and_other_bytes_are_refused(spool, place):
    command = [BUILD / "nestready", "check", "--snapshot", READY, "--report", place.url, "--spool",
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
