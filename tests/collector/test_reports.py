# SPDX-License-Identifier: GPL-2.0-or-later
"""Reports go in once, and come out as they went in."""
import json
import subprocess
import time

import pytest
from conftest import BUILD, JSON, Collector, command, make_finding, make_report, sql, sqlite_only, token

BOTH_STORES = True


def test_a_report_of_the_agent_comes_back_byte_for_byte(collector):
    report = subprocess.run([BUILD / "nestready", "--passive", "--format", "json"],
                            capture_output=True).stdout
    decoded = json.loads(report)
    decoded["guest"]["hostname"] = "known"  # wherever this test runs
    report = json.dumps(decoded).encode()
    status, answer = collector.post(report)
    assert (status, answer["id"]) == (200, decoded["id"])
    assert collector.ask(f"/v1/reports/{answer['id']}")[2] == report
    assert collector.ask(f"/v1/guests/{answer['guest']}/latest")[2] == report


def test_the_same_bytes_again_are_answered_the_same_and_kept_once(collector):
    report = json.dumps(make_report()).encode()
    assert collector.post(report) == collector.post(report)
    guest = collector.post(report)[1]["guest"]
    assert len(collector.get(f"/v1/guests/{guest}/reports")["reports"]) == 1


def test_other_bytes_under_the_same_id_are_refused(collector):
    report = make_report()
    assert collector.post(report)[0] == 200
    status, problem = collector.post(report | {"verdict": "not-ready"})
    assert (status, problem["type"]) == (409, "urn:nestready:problem:other-report")
    assert collector.get(f"/v1/reports/{report['id']}") == report


def test_the_newest_report_is_the_newest_by_its_time_not_by_its_arrival(collector):
    new = make_report(time="2026-03-02T00:00:00Z", verdict="ready")
    old = make_report(time="2026-03-01T00:00:00Z", verdict="not-ready")
    guest = collector.post(new)[1]["guest"]
    collector.post(old)
    assert collector.get(f"/v1/guests/{guest}/latest") == new
    history = collector.get(f"/v1/guests/{guest}/reports")["reports"]
    assert [row["report"] for row in history] == [old["id"], new["id"]]


def test_a_clock_that_is_ahead_does_not_hide_what_comes_later(collector):
    guest = collector.post(make_report(time="2199-01-01T00:00:00Z"))[1]["guest"]
    later = make_report(time="2199-01-01T00:00:00Z", verdict="degraded")
    collector.post(later)
    assert collector.get(f"/v1/guests/{guest}/latest") == later


def test_each_target_of_a_guest_has_a_newest_report(collector):
    for target in ("kvm", "proxmox"):
        guest = collector.post(make_report(target={"id": target, "title": target}))[1]["guest"]
    rows = collector.get(f"/v1/guests/{guest}")["targets"]
    assert [row["target"] for row in rows] == ["kvm", "proxmox"]
    assert collector.get(f"/v1/guests/{guest}/latest?target=kvm")["target"]["id"] == "kvm"


def test_pages_hold_every_guest_once(collector):
    sent = {collector.post(make_report(f"guest-{i}"))[1]["guest"] for i in range(25)}
    seen, cursor = [], None
    while True:
        page = collector.get("/v1/guests?limit=4" + (f"&cursor={cursor}" if cursor else ""))
        seen += [row["guest"] for row in page["guests"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == 25 and set(seen) == sent


def test_pages_of_a_history_hold_every_report_once(collector):
    for _ in range(5):
        guest = collector.post(make_report())[1]["guest"]
    first = collector.get(f"/v1/guests/{guest}/reports?limit=3")
    second = collector.get(f"/v1/guests/{guest}/reports?limit=3&cursor={first['next']}")
    assert len({row["report"] for row in first["reports"] + second["reports"]}) == 5
    assert second["next"] is None


@pytest.mark.parametrize("question, hosts", [
    ("verdict=ready", {"a", "c"}), ("verdict=not-ready", {"b"}), ("platform=hyperv", {"b"}),
    ("target=kvm&verdict=ready", {"a", "c"}), ("target=esxi-8", set()), ("stale=true", set()),
    ("stale=false", {"a", "b", "c"}), ("before=2020-01-01T00:00:00Z", set()),
    ("since=2020-01-01T00:00:00Z", {"a", "b", "c"})])
def test_filters(collector, question, hosts):
    collector.post(make_report("a"))
    collector.post(make_report("b", verdict="not-ready",
                               platform={"id": "hyperv", "evidence": []}))
    collector.post(make_report("c"))
    rows = collector.get(f"/v1/guests?{question}")["guests"]
    assert {row["hostname"] for row in rows} == hosts


@pytest.mark.parametrize("question", [
    "verdit=ready", "verdict=maybe", "limit=0", "limit=1001", "limit=x", "cursor=x", "stale=1",
    "since=yesterday", "before=2026-02-30T00:00:00Z", "cursor=99999999999999999999", "verdict"])
def test_a_mistyped_question_is_no_question_about_everything(collector, question):
    assert collector.get(f"/v1/guests?{question}", status=400)["title"] == "Mistyped"


def test_a_silent_guest_is_stale(store):
    running = Collector(store)
    running.post(make_report())
    assert not running.get("/v1/guests")["guests"][0]["stale"]
    assert running.end() == (0, "")
    time.sleep(1.2)
    running = Collector(store, "--stale", "1")
    assert running.get("/v1/guests?stale=true")["guests"][0]["stale"]
    assert running.end() == (0, "")


def test_what_is_not_there(collector):
    for path in ("/v1/reports/x", "/v1/reports/01a1f97f-5e43-74c1-bf6d-e158365fef0f",
                 "/v1/guests/0000", "/v1/guests/0000/latest", "/x", "/v1/guests/a/b/c", "/v1/"):
        assert collector.get(path, status=404)["status"] == 404
    status, headers, _ = collector.ask("/v1/guests", "DELETE")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_metrics_count_what_became_of_reports(collector):
    report = make_report()
    for body in (report, report, report | {"verdict": "degraded"}, b"{"):
        collector.post(body)
    lines = collector.get("/metrics").splitlines()
    for word, count in (("new", 1), ("same", 1), ("other", 1), ("refused", 1)):
        assert f'nestready_collector_reports_total{{result="{word}"}} {count}' in lines
    assert lines[-1] == "# EOF"


def test_metrics_say_how_long_the_disk_took(collector):
    for i in range(3):
        collector.post(make_report(f"g{i}"))
    values = dict(line.rsplit(" ", 1) for line in collector.get("/metrics").splitlines() if line[0] != "#")
    name = "nestready_collector_commit_seconds"
    within = [int(value) for key, value in values.items() if key.startswith(f"{name}_bucket")]
    assert within == sorted(within) and within[-1] == int(values[f"{name}_count"]) == 3
    assert 0 < float(values[f"{name}_sum"]) < 60


def test_metrics_are_openmetrics(collector):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    families = list(parser.text_string_to_metric_families(collector.get("/metrics")))
    assert {"nestready_collector_reports", "nestready_collector_queue"} <= {f.name for f in families}


def test_health(collector):
    assert collector.get("/healthz") == "ok\n"
    assert collector.get("/readyz") == "ok\n"


# ---- commands ---------------------------------------------------------------------

def test_import_takes_what_is_a_report_and_names_what_is_not(tmp_path, store):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "good.json").write_text(json.dumps(make_report()))
    (stick / "bad.json").write_text("{")
    (stick / "notes.txt").write_text("not looked at")
    (stick / "link.json").symlink_to("/etc/passwd")
    done = command("import", stick, "--lab", "ws-1", store=store)
    assert done.returncode == 65
    assert done.stdout == "1 added, 0 there already, 2 refused\n"
    assert "bad.json: line 1" in done.stderr and "link.json" in done.stderr
    (stick / "bad.json").unlink()
    (stick / "link.json").unlink()
    done = command("import", stick, "--lab", "ws-1", store=store)
    assert (done.returncode, done.stdout) == (0, "0 added, 1 there already, 0 refused\n")
    running = Collector(store)
    assert running.get("/v1/guests?lab=ws-1")["guests"][0]["lab"] == "ws-1"
    assert running.end() == (0, "")


def test_prune_keeps_the_newest_of_each_guest(tmp_path, store, collector):
    for verdict in ("ready", "not-ready"):
        guest = collector.post(make_report(verdict=verdict))[1]["guest"]
    sql(store, "UPDATE reports SET received = 0")
    done = command("prune", "--older-than", "30", store=store)
    assert done.stdout.startswith("1 reports removed"), done.stderr
    rows = collector.get(f"/v1/guests/{guest}/reports")["reports"]
    assert [row["verdict"] for row in rows] == ["not-ready"]


@sqlite_only
def test_a_backup_is_a_store(tmp_path, store, collector):
    report = make_report()
    collector.post(report)
    copy = tmp_path / "copy.db"
    assert command("backup", copy, store=store).returncode == 0
    again = command("backup", copy, store=store)
    assert again.returncode != 0 and "already exists" in again.stderr
    second = Collector(copy)
    assert second.get(f"/v1/reports/{report['id']}") == report
    assert second.end() == (0, "")


@pytest.mark.parametrize("arguments, status", [
    (["nonsense"], 64), (["--listen", "here"], 64), (["--listen", "nobody.invalid:1"], 64),
    (["--listen", "127.0.0.1:x"], 64), (["--body-max", "0"], 64), (["--tls-cert", "x"], 64),
    (["--store", "mysql:x"], 64), (["token"], 64), (["token", "add"], 64),
    (["token", "add", "--scope", "root"], 64), (["prune"], 64), (["backup"], 64),
    (["import"], 64), (["import", "/nowhere"], 66), (["serve", "x"], 64), (["--note", "x"], 64),
    (["token", "revoke", "x", "--store", "sqlite:/nowhere/x"], 66),
    (["--store", "sqlite:/nowhere/x"], 66)])
def test_mistakes_are_one_line_and_a_status(tmp_path, arguments, status):
    if "--store" not in arguments:
        arguments = [*arguments, "--store", f"sqlite:{tmp_path}/x.db"]
    done = command(*arguments)
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("nestready-collector: ") and done.stderr.count("\n") == 1


def test_findings_with_the_same_id_twice_are_refused(collector):
    status, problem = collector.post(make_report(findings=[make_finding(), make_finding()]))
    assert status == 422 and "twice" in problem["detail"]


def test_a_type_that_a_form_can_send_is_refused(collector):
    body = json.dumps(make_report())
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        assert collector.ask("/v1/reports", "POST", body, headers={"Content-Type": kind})[0] == 415
    kind = "application/json; charset=utf-8"
    assert collector.ask("/v1/reports", "POST", body, headers={"Content-Type": kind})[0] == 200


def test_a_name_that_is_not_this_machine_is_refused_without_tokens(collector, store):
    for host, status in (("evil.example", 421), ("127.0.0.1.evil.example", 421),
                         ("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200)):
        assert collector.ask("/v1/guests", headers={"Host": host})[0] == status
    body = json.dumps(make_report())
    assert collector.ask("/v1/reports", "POST", body, headers=JSON | {"Host": "evil.example"})[0] == 421
    assert token(store, "read").startswith("nrt_")


# ---- the fleet as a whole ------------------------------------------------------------

@pytest.fixture
def fleet(collector):
    gap = "l0.virt-not-exposed"
    bad = [make_finding("cpu.flags", "fail", gap), make_finding("l2.runs", "fail", gap)]
    for name in ("a", "b"):
        collector.post(make_report(name, verdict="not-ready", findings=bad))
    collector.post(make_report("c"))
    collector.post(make_report("c", target={"id": "esxi-8", "title": "x"},
                               findings=[make_finding("cpu.flags", "unknown")]))
    return collector


def test_findings_over_the_fleet(fleet):
    rows = {(row["target"], row["finding"], row["outcome"], row["gap"], row["guests"])
            for row in fleet.get("/v1/findings")["findings"]}
    assert rows == {("kvm", "cpu.flags", "fail", "l0.virt-not-exposed", 2),
                    ("kvm", "l2.runs", "fail", "l0.virt-not-exposed", 2),
                    ("esxi-8", "cpu.flags", "unknown", None, 1)}
    assert len(fleet.get("/v1/findings?all=true")["findings"]) == 4
    assert len(fleet.get("/v1/findings?target=esxi-8")["findings"]) == 1


def test_gaps_count_guests_not_findings(fleet):
    assert fleet.get("/v1/gaps")["gaps"] == [
        {"target": "kvm", "gap": "l0.virt-not-exposed", "guests": 2}]
    fleet.post(make_report("a"))  # closed
    assert fleet.get("/v1/gaps")["gaps"][0]["guests"] == 1
    assert fleet.get("/v1/gaps?verdict=ready")["gaps"] == []


def guests_of(fleet, question, limit):
    """Pages of so many, to the last."""
    found, cursor = [], ""
    while cursor is not None:
        page = fleet.get(f"/v1/guests?{question}&limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        found += [(row["hostname"], row["target"]) for row in page["guests"]]
        cursor = page["next"]
    return found


def test_guests_with_a_gap_are_as_many_as_it_counts(fleet):
    for number in range(7):
        fleet.post(make_report(f"more-{number}", verdict="degraded", target={"id": "esxi-8", "title": "x"}, findings=[
            make_finding("cpu.flags", "fail", "l1.other" if number % 2 else "l0.virt-not-exposed"),
            make_finding("l2.runs", "unknown", "l0.more" if number % 3 else None)]))
    for question in ("", "&verdict=degraded", "&verdict=not-ready"):
        counted = {(row["target"], row["gap"]): row["guests"] for row in fleet.get(f"/v1/gaps?{question[1:]}")["gaps"]}
        assert counted
        for (target, gap), count in counted.items():
            found = guests_of(fleet, f"gap={gap}&target={target}{question}", 2)
            assert len(set(found)) == len(found) == count
        for gap in ("l0.virt-not-exposed", "l1.other", "l0.more"):
            every = sum(count for (_, name), count in counted.items() if name == gap)
            assert len(guests_of(fleet, f"gap={gap}{question}", 100)) == every
    assert guests_of(fleet, "gap=no.such", 2) == []
    # Where it would be left out, it is no filter.
    for path in ("/v1/gaps", "/v1/changes", "/v1/cohorts"):
        fleet.get(f"{path}?gap=l1.other", status=400)


def test_the_overview_adds_up(fleet):
    groups = fleet.get("/v1/overview")["groups"]
    assert {(g["target"], g["verdict"], g["guests"], g["stale"]) for g in groups} == \
        {("kvm", "ready", 1, 0), ("kvm", "not-ready", 2, 0), ("esxi-8", "ready", 1, 0)}


def test_what_changed_since(collector):
    def changes(cursor=None):
        page = collector.get("/v1/changes" + (f"?cursor={cursor}" if cursor else ""))
        return [(row["hostname"], row["verdict"]) for row in page["changes"]], page["next"]
    assert changes() == ([], None)
    for name, verdict in (("a", "ready"), ("b", "ready"), ("a", "ready"), ("a", "not-ready")):
        collector.post(make_report(name, verdict=verdict))
    seen, cursor = changes()
    assert seen == [("a", "ready"), ("b", "ready"), ("a", "not-ready")]
    assert changes(cursor) == ([], cursor)
    collector.post(make_report("b", findings=[make_finding("cpu.flags", "unknown")]))
    assert changes(cursor)[0] == [("b", "ready")]
    collector.post(make_report("b", time="2025-01-01T00:00:00Z", verdict="degraded"))  # late
    assert len(changes(cursor)[0]) == 1
