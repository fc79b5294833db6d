# SPDX-License-Identifier: GPL-2.0-or-later
"""`check --report`: what is kept, and that the answer does not depend on it."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import TRACED

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
READY = ROOT / "tests/snapshots/libvirt-esxi-ready.json"


def check(*arguments, snapshot=READY, **options):
    return subprocess.run([BUILD / "nestready", "check", "--snapshot", snapshot, *arguments],
                          text=True, capture_output=True, timeout=60, **options)


@pytest.fixture
def spool(tmp_path):
    path = tmp_path / "spool"
    path.mkdir()
    return path


def entries(spool):
    """(destination, report) of each file, in order."""
    found = []
    for path in sorted(spool.glob("*.report")):
        mark, destination, body = path.read_bytes().split(b"\n", 2)
        assert mark == b"NRS1 %d" % len(body)
        report = json.loads(body)
        assert path.name.startswith(report["id"] + "-")
        found.append((destination.decode(), report))
    return found


def test_the_answer_is_the_same_with_and_without(spool):
    plain = check()
    sent = check("--report", "https://collector.example", "--spool", spool)
    assert (sent.returncode, sent.stdout, sent.stderr) == (plain.returncode, plain.stdout, "")
    assert [place for place, _ in entries(spool)] == ["https://collector.example"]


def test_one_run_is_one_report_wherever_it_goes(spool, tmp_path):
    places = ["https://a.example", "http://b.example", f"file:{tmp_path}/last.json", f"file:{spool}/"]
    done = check(*[word for place in places for word in ("--report", place)],
                 "--report", "stdout:", "-o", "/dev/null", "--spool", spool)
    assert (done.returncode, done.stderr) == (0, "")
    line = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert sorted(entries(spool)) == [("http://b.example", line), ("https://a.example", line)]
    assert json.loads((tmp_path / "last.json").read_text()) == line
    assert json.loads((spool / f"{line['id']}.json").read_text()) == line


def test_what_was_dropped_is_said_by_the_next_report(spool, tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[report https://a.example]\n[spool]\nbytes = 100K\n")
    last = None
    for _ in range(6):
        done = check("--report", f"config:{conf}", "--report", "stdout:", "-o", "/dev/null",
                     "--spool", spool)
        assert (done.returncode, done.stderr) == (0, "")
        last = json.loads(done.stdout)
    kept = entries(spool)
    assert 0 < len(kept) < 6 and kept[-1][1] == last
    # The last report was made before it pushed out one more.
    assert last["spool"]["dropped"] == 6 - len(kept) - 1 == int((spool / "dropped").read_text()) - 1


@pytest.mark.parametrize("place, told", [
    ("htps://x", "is no place for a report"),
    ("https://user:secret@host", "is not written as https://HOST"),
    ("stdout:x", "is not written as stdout:"),
])
def test_a_mistyped_place_is_said_before_anything_is_asked(place, told):
    done = check("--report", place)
    assert (done.returncode, done.stdout) == (64, "")
    assert told in done.stderr and done.stderr.count("\n") == 1


def test_a_report_that_cannot_be_spooled_is_status_69_and_the_answer_is_there(tmp_path):
    plain = check()
    done = check("--report", "https://a.example", "--spool", tmp_path / "missing",
                 "--report", f"file:{tmp_path}/kept.json")
    assert (done.returncode, done.stdout) == (69, plain.stdout)
    assert "no report to https://a.example" in done.stderr and "missing" in done.stderr
    assert json.loads((tmp_path / "kept.json").read_text())["verdict"] == "ready"


def test_a_plug_in_says_it_in_its_own_words(tmp_path):
    done = check("--format", "nagios", "--report", "https://a.example", "--spool",
                 tmp_path / "missing")
    assert done.returncode == 3
    assert done.stdout.startswith("NESTREADY OK")


def test_a_mistake_in_the_configuration_costs_no_answer(tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[report https://a.example]\ntokenfile = /x\n")
    done = check("--report", f"config:{conf}")
    assert (done.returncode, done.stdout) == (65, check().stdout)
    assert f"{conf}:2: unknown key 'tokenfile'" in done.stderr
    done = check("--report", f"config:{tmp_path}/none")
    assert done.returncode == 66


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a tmpfs")
def test_a_full_disk_loses_the_new_report_loudly_and_nothing_else(tmp_path):
    script = f"""
mount -t tmpfs -o size=128k none {tmp_path}
for n in 1 2 3 4 5 6; do
  {BUILD}/nestready check -s {READY} --report https://a.example --spool {tmp_path} >/dev/null
  echo "$? $(ls {tmp_path}/*.report | wc -l)"
done"""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True,
                          timeout=60)
    runs = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    kept = [count for status, count in runs if status == 0]
    lost = [count for status, count in runs if status == 69]
    assert kept == list(range(1, len(kept) + 1)) and kept
    assert lost == [kept[-1]] * (6 - len(kept)) and lost
    assert done.stderr.count("No space left on device") == len(lost)


def test_the_report_is_of_the_schema(spool):
    (spool / "dropped").write_text("7\n")
    check("--report", "https://a.example", "--spool", spool)
    sys.path.insert(0, str(ROOT / "tools"))
    import schema
    report = entries(spool)[0][1]
    assert report["spool"] == {"dropped": 7}
    schema.validate(str(ROOT / "schema"), "spooled", report)


def test_without_report_nothing_of_the_transports_is_opened(tmp_path):
    trace = tmp_path / "trace"
    subprocess.run(["strace", "-o", trace, "-e", "trace=file,network",
                    BUILD / "nestready", "check", "-s", READY], stdout=subprocess.DEVNULL,
                   env=TRACED)
    text = trace.read_text()
    assert "execve" in text and "spool" not in text and "nestready.conf" not in text
    assert "socket(" not in text.replace("socketpair(", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
@pytest.mark.parametrize("made, place", [
    ("mkdir /var/lib/hyperv; touch /var/lib/hyperv/.kvp_pool_1", "kvp:nestready.report"),
    ("mkdir -p /sys/class/tty/ttyS1; echo 4 >/sys/class/tty/ttyS1/type", "serial:/dev/ttyS1"),
    ("true", None),
])
def test_auto_says_what_it_chose(spool, made, place):
    script = f"""
        mount -t tmpfs none /sys && mount -t tmpfs none /var/lib && {made} &&
        exec {BUILD}/nestready check -s {READY} --report auto: --spool {spool}"""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True,
                          timeout=60)
    assert done.stdout == check().stdout
    if place:
        assert (done.returncode, done.stderr) == (0, f"nestready: auto: is {place}\n")
        assert [found for found, _ in entries(spool)] == [place]
    else:
        assert done.returncode == 69 and entries(spool) == []
        assert "no report to auto:: this guest has no vsock" in done.stderr
