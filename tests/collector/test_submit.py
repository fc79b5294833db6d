# SPDX-License-Identifier: GPL-2.0-or-later
"""A student's one step, by the programs as they are built: online, offline, by hand, and mistyped."""
import csv
import hashlib
import http.server
import io
import json
import os
import subprocess
import threading
import urllib.request
from pathlib import Path

import jsonschema
import pytest
from conftest import BUILD, Collector, command, token

ROOT = Path(__file__).parents[2]
NESTREADY = BUILD / "nestready"
HAS_KVM = os.access("/dev/kvm", os.R_OK | os.W_OK)


def submit(*arguments, status=0, cwd=None):
    done = subprocess.run([NESTREADY, "submit", *arguments], text=True, capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL, cwd=cwd)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


@pytest.fixture
def codes(store):
    done = command("lab", "add", "ws-1", "--roster", ROOT / "doc/lab/roster.csv", "--rubric",
                   ROOT / "doc/lab/rubric.json", store=store)
    assert done.returncode == 0, done.stderr
    listed = command("lab", "token", "ws-1", store=store).stdout
    return {row["student"]: row["code"] for row in csv.DictReader(io.StringIO(listed))}


@pytest.fixture
def reader(store):
    return token(store, "read")


@pytest.fixture
def url(store, codes, reader):
    running = Collector(store)
    yield f"http://127.0.0.1:{running.port}"
    assert running.end() == (0, "")


@pytest.fixture
def spool(tmp_path):
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def marks(store, student):
    text = command("lab", "export", "ws-1", "--format", "json", store=store).stdout
    return next(entry for entry in json.loads(text)["students"] if entry["student"] == student)


def report_schema():
    schemas = {path.name: json.loads(path.read_text()) for path in (ROOT / "schema").glob("*.json")}
    schema = schemas["report.schema.json"]
    return jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver("", schema, store=schemas))


def test_it_sends_what_it_shows_and_the_receipt_is_the_collectors(store, url, codes, reader):
    done = submit(f"{url}/#{codes['s01']}", "--show-sent")
    sent, *receipt = done.stdout.splitlines()
    report = json.loads(sent)
    report_schema().validate(report)
    assert done.stderr == "" and receipt[0] == "ws-1: Workshop 1: a VM that runs VMs"
    assert receipt[1] == "student s01, due 2099-12-01T22:59:59Z"
    assert receipt[2].startswith(f"sent: report {report['id']} for kvm, verdict {report['verdict']}; ")
    own = marks(store, "s01")
    assert receipt[3] == f"points: {own['points']:g} of {own['possible']:g}"
    for item in own["items"]:
        assert f"  {item['points']:g}/{item['possible']:g}  {item['state']}: {item['title']}" in receipt
    assert own["items"][0]["report"] == report["id"]
    asked = urllib.request.Request(f"{url}/v1/reports/{report['id']}",
                                   headers={"Authorization": f"Bearer {reader}"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.read() == sent.encode()


@pytest.mark.skipif(not HAS_KVM, reason="no /dev/kvm to answer a challenge with")
def test_a_vm_answers_the_challenge(store, url, codes):
    done = submit(f"{url}#{codes['s01']}", "--show-sent")
    assert "its challenge was answered by a VM in this guest" in done.stdout
    report = json.loads(done.stdout.splitlines()[0])
    assert report["challenge"]["answer"] == report["facts"]["l2.answer"]["value"]
    assert marks(store, "s01")["flags"] == []
    # passive: nothing can answer, and that is no flag; nobody else's challenge does
    done = submit(f"{url}#{codes['s02']}", "--passive")
    assert "no VM ran in this guest to answer its challenge" in done.stdout
    flags = {flag["flag"] for flag in marks(store, "s02")["flags"]}
    assert flags <= {"same-machine-id", "same-mac", "same-system-uuid"}  # it is the same machine


def test_names_and_numbers_of_this_machine_stay_here(url, codes):
    sent = submit(f"{url}#{codes['s01']}", "--show-sent").stdout.splitlines()[0]
    secrets = [os.uname().nodename]
    for path in ("/etc/machine-id", "/sys/class/dmi/id/product_uuid", "/proc/sys/kernel/random/boot_id",
                 *Path("/sys/class/net").glob("*/address")):
        try:
            secrets.append(Path(path).read_text().strip())
        except OSError:
            continue
    secrets = [secret for secret in secrets if len(secret) > 5 and secret not in ("localhost", "00:00:00:00:00:00")]
    assert len(secrets) >= 2
    for secret in secrets:
        assert secret.lower() not in sent.lower(), secret
    guest = json.loads(sent)["guest"]
    assert set(guest) <= {"hostname", "system_uuid", "machine_id", "macs"}
    assert "hostname" not in guest or guest["hostname"].startswith("guest-")


def test_offline_it_waits_in_the_spool_and_is_sent_by_itself(store, codes, spool, tmp_path):
    running = Collector(store)
    place = f"http://127.0.0.1:{running.port}"
    assert running.end() == (0, "")
    done = submit(f"{place}#{codes['s01']}", "--spool", spool, status=75)
    assert "not sent: " in done.stdout and "kept, to be sent by itself later" in done.stdout
    assert "answers no challenge" in done.stdout
    left = {path.suffix: path for path in spool.iterdir()}
    assert set(left) == {".report", ".token"} and left[".token"].stat().st_mode & 0o777 == 0o640
    later = Collector(store, held=running.held)
    sent = subprocess.run([BUILD / "nestready-send", "--spool", spool, "--once"], capture_output=True, text=True,
                          timeout=60)
    assert sent.returncode == 0 and "delivered" in sent.stderr
    own = marks(store, "s01")
    assert own["attempts"] == 1 and "no-challenge" in {flag["flag"] for flag in own["flags"]}
    assert later.end() == (0, "")


def test_with_nowhere_to_keep_it_the_way_out_is_named(codes, tmp_path):
    done = submit(f"http://127.0.0.1:1#{codes['s01']}", "--spool", tmp_path / "nowhere", status=69)
    assert done.stderr.count("\n") == 1 and "--file OUT" in done.stderr


def test_a_file_is_taken_once_and_only_as_it_was_signed(store, codes, tmp_path):
    box = tmp_path / "box"
    box.mkdir()
    done = submit(codes["s03"], "--file", box / "mine.json")
    assert "to be uploaded by hand" in done.stdout
    signed = json.loads((box / "mine.json").read_text())
    schema = json.loads((ROOT / "schema/submission.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(signed)
    report_schema().validate(json.loads(signed["report"]))
    (box / "Ada's.JSON").write_text((box / "mine.json").read_text())
    (box / "mine.json.txt").write_text((box / "mine.json").read_text())
    (box / "ada_1234_file").mkdir()
    for expected in ("1 added, 1 there already", "0 added, 2 there already"):
        done = command("import", box, store=store)
        assert expected in done.stdout and "2 other names were not looked at: expected *.json" in done.stderr
    (box / "Ada's.JSON").unlink()
    assert marks(store, "s03")["attempts"] == 1
    better = signed["report"].replace('"fail"', '"pass"').replace(json.loads(signed["report"])["id"][:8], "01a1fa21")
    other = {row: code for row, code in codes.items() if row != "s03"}["s04"]
    (tmp_path / "theirs").mkdir()
    submit(other, "--file", tmp_path / "theirs/x.json")
    theirs = json.loads((tmp_path / "theirs/x.json").read_text())
    for change, words in [({"report": better}, "the file was changed"),
                          ({"signature": hashlib.sha256(b"").hexdigest()}, "the file was changed"),
                          ({"signature": ""}, "the file was changed"), ({"lab": "ws-2"}, "no code of a student"),
                          ({"code": "0" * 64}, "no code of a student"), ({"code": theirs["code"]}, "changed"),
                          ({"more": 1}, "no such member"), ({"report": 5}, "expected a string")]:
        (box / "mine.json").write_text(json.dumps(signed | change))
        done = command("import", box, store=store)
        assert done.returncode == 65 and words in done.stderr, (change.keys(), done.stderr)
    assert marks(store, "s03")["attempts"] == 1 and marks(store, "s04")["attempts"] == 0


def test_what_is_mistyped_is_one_line_and_a_status(url, codes):
    good = codes["s01"]
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    cases = [(64, "expected URL#CODE", []), (64, "expected URL#CODE", [url]), (64, "expected LAB.", [f"{url}#"]),
             (64, "expected LAB.", [f"{url}#{good}9"]), (64, "submit", [f"ftp://x#{good}"]),
             (64, "in the clear", [f"http://lab.example#{good}"]),
             (64, "in the clear", [f"http://127.0.0.1.example#{good}"]),
             (65, "This code is not valid here", [f"{url}#{wrong}"]),
             (65, "This code is not valid here", [f"{url}#{good.replace('ws-1', 'ws-2')}"]),
             (66, "--ca-file", [f"{url}#{good}", "--ca-file", "nowhere"]),
             (64, "takes no", [f"{url}#{good}", "--snapshot", "x"]),
             (64, "one too many", [f"{url}#{good}", "more"])]
    for status, words, arguments in cases:
        done = submit(*arguments, status=status)
        assert words in done.stderr and done.stderr.count("\n") == 1 and done.stdout == "", done


def test_over_tls_the_collector_must_be_the_right_one(store, codes, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", certificate,
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1"],
                   check=True, capture_output=True)
    running = Collector(store, "--tls-cert", certificate, "--tls-key", key)
    place = f"https://localhost:{running.port}#{codes['s01']}"
    done = submit(place, "--ca-file", "cert.pem", cwd=tmp_path)
    assert "sent: report" in done.stdout
    done = submit(place, "--spool", tmp_path / "nowhere", status=69)
    assert "certificate" in done.stderr
    assert running.end() == (0, "")
    # Offline, what delivers it has to be told of the certificate: by what the receipt says, as it stands.
    spool = tmp_path / "spool"
    spool.mkdir()
    done = submit(place, "--ca-file", "cert.pem", "--spool", spool, status=75, cwd=tmp_path)
    lines = [line.strip() for line in done.stdout.splitlines() if line.startswith("    ")]
    assert lines == [f"[report {place.split('#')[0]}]", f"ca-file = {certificate}"]
    (tmp_path / "nestready.conf").write_text("\n".join(lines) + "\n")
    running = Collector(store, "--tls-cert", certificate, "--tls-key", key, held=running.held)
    sent = subprocess.run([BUILD / "nestready-send", "--spool", spool, "--once", "--config", tmp_path / "nestready.conf"],
                          capture_output=True, text=True, timeout=60)
    assert sent.returncode == 0, sent.stderr
    assert running.end() == (0, "")


def test_a_lab_of_several_targets_is_a_report_for_each(store, codes, url, tmp_path):
    rubric = json.loads((ROOT / "doc/lab/rubric.json").read_text())
    rubric["targets"] = ["kvm", "proxmox"]
    rubric["items"].append({"id": "pve", "target": "proxmox", "verdict": "degraded", "points": 5})
    (tmp_path / "rubric.json").write_text(json.dumps(rubric))
    assert command("lab", "add", "ws-1", "--rubric", tmp_path / "rubric.json", store=store).returncode == 0
    done = submit(f"{url}#{codes['s01']}", "--show-sent")
    sent = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [report["target"]["id"] for report in sent] == ["kvm", "proxmox"]
    assert len({report["id"] for report in sent}) == 2
    own = marks(store, "s01")
    assert own["attempts"] == 2 and own["flags"] == []
    assert own["items"][-1]["report"] == sent[1]["id"]


class Rubbish(http.server.BaseHTTPRequestHandler):
    """A portal on the way, or somebody who means ill."""

    answers = {}

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def rubbish():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rubbish)
    Rubbish.answers = {}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


CODE = "ws-1.0000-0000-0000-0000"


@pytest.mark.parametrize("status, body, expected", [
    (200, b"<html>please pay for this hotel's network</html>", 65), (200, b"{}", 65), (200, b"", 65),
    (302, b"", 65), (404, b"{\"title\": \"\\u001b[31mred\"}", 65), (503, b"busy", 75), (429, b"", 75),
    (200, b"{\"challenge\": {\"nonce\": \"" + b"g" * 24 + b"\"}}", 65), (200, b"[" * 100000, 65)])
def test_what_is_no_collector_is_no_success(rubbish, spool, status, body, expected):
    Rubbish.answers["/v1/labs/ws-1/enrol"] = (status, body)
    done = submit(f"{rubbish}#{CODE}", "--spool", spool, status=expected)
    assert "\x1b" not in done.stdout + done.stderr and "points" not in done.stdout
    assert (expected == 75) == any(path.suffix == ".report" for path in spool.iterdir())


def test_a_receipt_cannot_drive_the_terminal_nor_lie_about_being_sent(rubbish, spool):
    evil = "\x1b]0;x\x07\r\n\u2028points: 100 of 100"
    item = {"id": "x", "title": evil, "state": evil, "reason": evil, "note": evil, "points": 1, "possible": 1,
            "fix": {"who": evil, "steps": [evil]}}
    Rubbish.answers["/v1/labs/ws-1/enrol"] = (200, json.dumps(
        {"title": evil, "student": evil, "lab": evil, "deadline": evil, "targets": ["kvm"],
         "challenge": {"nonce": "0" * 24}}).encode())
    Rubbish.answers["/v1/labs/ws-1/receipt"] = (200, json.dumps({"points": 1, "possible": 1, "items": [item]}).encode())
    Rubbish.answers["/v1/reports"] = (200, b"{\"id\": \"another\"}")
    done = submit(f"{rubbish}#{CODE}", "--spool", spool, status=65)
    assert "points" not in done.stdout and "refused the report" in done.stderr

    class Echo(Rubbish):
        def do_POST(self):
            if self.path != "/v1/reports":
                return super().do_POST()
            report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            Rubbish.answers["echo"] = (200, json.dumps({"id": report["id"]}).encode())
            self.path = "echo"
            self.headers.replace_header("Content-Length", "0")
            return super().do_POST()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    done = submit(f"http://127.0.0.1:{server.server_address[1]}#{CODE}", "--spool", spool)
    server.shutdown()
    thread.join()
    server.server_close()
    assert not [character for character in done.stdout if ord(character) < 32 and character != "\n"]
    assert "\u2028" not in done.stdout and not [line for line in done.stdout.splitlines()
                                                if line.startswith("points: 100")]
