# SPDX-License-Identifier: GPL-2.0-or-later
"""Every format that another program reads, read by that program.

The recorded machines of MACHINES are printed in each format; a consumer that is not ours must take
it, and must come to the verdict that nestready's exit status is.  A consumer that is not installed
is a skipped test with its name as the reason.
"""
import functools
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
NEGATE = "/usr/lib/nagios/plugins/negate"  # Debian's place; it is in nobody's PATH

# What breaks formats: every character that one of them gives a meaning, and some that none may carry.
HOSTILE = "a'\"<b>&amp;]]>|#1 # SKIP # TODO\\n\t\x1b[31m{{ 7*7 }} %s $(id) ;0;\u2028\ufffe\x7f=1 -->"

# machine -> recording, target, exit status
MACHINES = {
    "ready": ("tcg-svm", "kvm", 0),
    "degraded": ("tcg-svm-without-npt", "kvm", 1),
    "not-ready": ("tcg-no-svm", "kvm", 2),
    "not-ready-esxi": ("esxi-8-hidden", "proxmox", 2),
    "indeterminate": ("libvirt-user", "kvm", 3),
    "imported": ("imported-zen3", "kvm", 3),
    "hopeless": ("firecracker-pvm", "esxi-8", 2),
    "hostile": ("tcg-no-svm", "kvm", 2),
}
each_machine = pytest.mark.parametrize("name", MACHINES)


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        pytest.skip(f"no Python module {name}")


@functools.cache
def recording(name):
    """The bytes of a machine's recording; the hostile one says HOSTILE for all DMI strings."""
    text = (ROOT / f"tests/snapshots/{MACHINES[name][0]}.json").read_text(encoding="utf-8")
    if name != "hostile":
        return text
    snapshot = json.loads(text)
    for key, answer in snapshot["answers"].items():
        if key.startswith("file /sys/class/dmi/id/product_") and "lines" in answer:
            answer["lines"] = [HOSTILE, ""]
    return json.dumps(snapshot)


def run(*arguments, stdin="", program=(), **options):
    return subprocess.run([*program, str(BUILD / "nestready"), *arguments], input=stdin,
                          capture_output=True, encoding="utf-8", timeout=60, check=False, **options)


@functools.cache
def shown(name, form, *more):
    _, target, status = MACHINES[name]
    result = run("--snapshot", "-", "--target", target, "--format", form, *more, stdin=recording(name))
    assert result.stderr == ""
    if "--accept" not in more:
        assert result.returncode == status
    return result.stdout


def report(name):
    return json.loads(shown(name, "json"))


def findings(name, outcome, severity):
    return {finding["id"] for finding in report(name)["findings"]
            if finding["outcome"] == outcome and finding["severity"] == severity}


def test_the_hostile_machine_is_hostile():
    assert report("hostile")["platform"]["version"] == HOSTILE.replace("\x1b", "?").replace("\x7f", "?")


# ---- junit -------------------------------------------------------------------
@each_machine
def test_junit_is_read_by_junitparser(name):
    junitparser = module("junitparser")
    suites = junitparser.JUnitXml.fromstring(shown(name, "junit").encode())
    suite, = suites
    cases = list(suite)
    how = {case.name: [type(result).__name__ for result in case.result] for case in cases}
    assert set(how) == {finding["id"] for finding in report(name)["findings"]}
    failed = findings(name, "fail", "required") | findings(name, "fail", "recommended")
    assert {case for case, result in how.items() if result == ["Failure"]} == failed
    assert {case for case, result in how.items() if result == []} == {
        finding["id"] for finding in report(name)["findings"] if finding["outcome"] == "pass"}
    assert (MACHINES[name][2] == 0) == (suite.failures + suite.errors == 0)
    counted = [sum(result == [kind] for result in how.values())
               for kind in ("Failure", "Error", "Skipped")]
    assert [suite.failures, suite.errors, suite.skipped] == counted
    assert suite.tests == suites.tests == len(cases)
    for case in cases:
        for result in case.result:
            assert result.message


def test_junit_of_a_degraded_machine_passes_when_degraded_is_accepted():
    junitparser = module("junitparser")
    suite, = junitparser.JUnitXml.fromstring(
        shown("degraded", "junit", "--accept", "degraded").encode())
    assert suite.failures + suite.errors == 0


@each_machine
def test_junit_is_well_formed_for_xmllint(name):
    needs("xmllint")
    result = subprocess.run(["xmllint", "--noout", "--nonet", "-"], input=shown(name, "junit"),
                            capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stderr) == (0, "")


# ---- tap ---------------------------------------------------------------------
def prove(text, tmp_path):
    needs("prove")
    path = tmp_path / "nestready.tap"
    path.write_text(text, encoding="utf-8")
    result = subprocess.run(["prove", "--exec", "cat", path], capture_output=True, text=True,
                            env=os.environ | {"LC_ALL": "C.UTF-8"}, check=False)
    assert "Parse errors" not in result.stdout + result.stderr, result.stdout
    assert result.stderr == "" or result.returncode != 0
    return result


@each_machine
def test_tap_passes_prove_exactly_when_the_machine_is_ready(name, tmp_path):
    result = prove(shown(name, "tap"), tmp_path)
    count = len(report(name)["findings"])
    assert f"Tests={count}," in result.stdout
    assert (result.returncode == 0) == (MACHINES[name][2] == 0), result.stdout


def test_tap_of_a_degraded_machine_passes_when_degraded_is_accepted(tmp_path):
    assert prove(shown("degraded", "tap", "--accept", "degraded"), tmp_path).returncode == 0


@each_machine
def test_tap_failures_are_the_findings_that_stand_in_the_way(name, tmp_path):
    numbers = [finding["id"] for finding in report(name)["findings"]]
    said = prove(shown(name, "tap"), tmp_path).stdout
    failed = set()
    for part in re.findall(r"Failed tests?:\s+([0-9, \n-]+)", said):
        for span in re.findall(r"\d+(?:-\d+)?", part):
            first, *last = map(int, span.split("-"))
            failed |= {numbers[i - 1] for i in range(first, (last or [first])[0] + 1)}
    for outcome in ("fail", "error"):
        assert findings(name, outcome, "required") <= failed
    assert not failed & findings(name, "fail", "informational")
    if MACHINES[name][2] == 2:
        assert findings(name, "fail", "required")


# ---- nagios ------------------------------------------------------------------
PERFORMANCE = """
use Monitoring::Plugin::Performance; use JSON::PP; local $/; my ($data) = <STDIN> =~ /\\|(.*)/;
my @parsed = Monitoring::Plugin::Performance->parse_perfstring($data) or die "not performance data";
print encode_json([map { [$_->label, $_->value + 0, $_->uom, "" . $_->threshold->warning,
                          "" . $_->threshold->critical] } @parsed]);
"""
STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]


@functools.cache
def has_perl_module():
    return subprocess.run(["perl", "-MMonitoring::Plugin::Performance", "-e", "1"],
                          capture_output=True, check=False).returncode == 0


@each_machine
def test_nagios_performance_data_is_read_by_monitoring_plugin(name):
    if not has_perl_module():
        pytest.skip("no Perl module Monitoring::Plugin::Performance")
    parsed = subprocess.run(["perl", "-e", PERFORMANCE], input=shown(name, "nagios"),
                            stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    values = {label: (value, unit) for label, value, unit, *_ in json.loads(parsed)}
    facts = report(name)["facts"]
    assert values["stops"] == (len(findings(name, "fail", "required")), "")
    assert values["degrades"] == (len(findings(name, "fail", "recommended")), "")
    if facts["memory.total"]["status"] == "observed":
        assert values["memory"] == (facts["memory.total"]["value"], "B")
    thresholds = {label: (warning, critical) for label, _, _, warning, critical in json.loads(parsed)}
    assert thresholds["stops"] == ("", "0") and thresholds["degrades"] == ("0", "")


@each_machine
def test_nagios_labels_are_the_same_for_every_machine(name):
    first = shown(name, "nagios").splitlines()[0]
    assert first.startswith(f"NESTREADY {STATES[MACHINES[name][2]]} - ")
    words = first.split(" | ")
    assert len(words) == 2
    assert [word.split("=")[0] for word in words[1].split()] == [
        "stops", "degrades", "undecided", "not_proven", "cpus", "memory", "l2_exit"]


@each_machine
def test_nagios_lines_are_short_and_have_one_bar(name):
    text = shown(name, "nagios")
    assert text.count("|") == 1 and text.endswith("\n")
    assert len(text.encode()) < 1024 or name == "hostile"


@each_machine
def test_nagios_is_taken_by_negate(name, tmp_path):
    if not os.access(NEGATE, os.X_OK):
        pytest.skip("no negate (Debian's monitoring-plugins-basic)")
    _, target, status = MACHINES[name]
    machine = tmp_path / "machine.json"
    machine.write_text(recording(name), encoding="utf-8")
    other = ["WARNING", "CRITICAL", "UNKNOWN", "OK"][status]
    result = run("--snapshot", machine, "--target", target, "-f", "nagios",
                 program=[NEGATE, "--substitute", f"--{STATES[status].lower()}={other}"])
    assert result.stdout.startswith(f"NESTREADY {other} - ")
    assert STATES[result.returncode] == other


@pytest.mark.parametrize("arguments,words", [
    (["--format", "nagios", "--target", "kwm"], "unknown target 'kwm'"),
    (["--target", "kwm", "-f", "nagios"], "unknown target 'kwm'"),
    (["--target", "kwm", "-fnagios"], "unknown target 'kwm'"),
    (["check", "--snapshot", "/nowhere/machine.json", "--format=nagios"], "/nowhere/machine.json"),
    (["--snapshot", "/dev/null", "-f", "nagios"], "/dev/null"),
    (["-f", "nagios", "--bogus|x"], "unknown option 'bogus/x'"),
    (["-f", "nagios", "-o", "/nowhere/out"], "cannot write /nowhere/out"),
])
def test_nagios_knows_no_exit_status_above_three(arguments, words):
    result = run(*arguments)
    assert result.returncode == 3
    assert result.stderr == ""
    assert re.fullmatch(r"NESTREADY UNKNOWN - [^\n|]+\n", result.stdout)
    assert words in result.stdout


def test_only_a_format_that_was_asked_for_changes_the_exit_status():
    assert run("--target", "nagios").returncode == 64
    assert run("-o", "nagios", "--target", "kwm").returncode == 64
    assert run("--", "--format", "nagios").returncode == 64


# ---- openmetrics -------------------------------------------------------------
def series(families):
    return {(sample.name, *sorted(sample.labels.items())): float(sample.value)
            for family in families for sample in family.samples}


@each_machine
def test_openmetrics_is_read_by_both_parsers_of_prometheus_client(name):
    new = module("prometheus_client.openmetrics.parser")
    old = module("prometheus_client.parser")
    text = shown(name, "openmetrics")
    families = list(new.text_string_to_metric_families(text))
    assert {family.type for family in families} == {"gauge"}
    values = series(families)
    classic = series(old.text_string_to_metric_families(text))
    assert repr(sorted(classic.items())) == repr(sorted(values.items()))  # NaN is not NaN
    for target in [report(name)["target"]["id"], *(o["target"] for o in report(name)["others"])]:
        assert ("nestready_verdict", ("target", target)) in values
    target = MACHINES[name][1]
    assert values["nestready_verdict", ("target", target)] == MACHINES[name][2]
    failed = {dict(labels)["finding"] for (metric, *labels), value in values.items()
              if metric == "nestready_finding_failed" and value == 1}
    assert failed == {finding["id"] for finding in report(name)["findings"]
                      if finding["outcome"] == "fail"}


@each_machine
def test_openmetrics_pleases_promtool(name):
    needs("promtool")
    result = subprocess.run(["promtool", "check", "metrics"], input=shown(name, "openmetrics"),
                            capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_openmetrics_has_the_same_series_whatever_was_found():
    new = module("prometheus_client.openmetrics.parser")
    sets = []
    for name, (_, target, _) in MACHINES.items():
        if target == "kvm":
            found = series(new.text_string_to_metric_families(shown(name, "openmetrics")))
            sets.append({key for key in found if key[0] != "nestready_info"})
    assert len(sets) > 3 and all(one == sets[0] for one in sets)


SCRAPE = """
import subprocess, sys, time, urllib.request
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
exporter = subprocess.Popen(["prometheus-node-exporter", "--collector.disable-defaults",
                             "--collector.textfile", "--collector.textfile.directory=" + sys.argv[1],
                             "--web.listen-address=127.0.0.1:9100"])
try:
    for attempt in range(500):  # who started this waits for a minute
        try:
            print(urllib.request.urlopen("http://127.0.0.1:9100/metrics", timeout=10).read().decode())
            break
        except OSError:
            time.sleep(0.1)
finally:
    exporter.kill()
    exporter.wait()
"""


def test_openmetrics_goes_through_node_exporters_textfile_collector(tmp_path):
    needs("prometheus-node-exporter")
    needs("unshare")
    if os.geteuid() != 0:
        pytest.skip("needs root for a network of its own")
    old = module("prometheus_client.parser")
    for name in ("degraded", "not-ready-esxi"):  # two targets: else the same series would come twice
        _, target, status = MACHINES[name]
        result = run("--snapshot", "-", "--target", target, "-f", "openmetrics", "-o",
                     tmp_path / f"{name}.prom", stdin=recording(name))
        assert result.returncode == status
    (tmp_path / "not-ready-esxi.prom").rename(tmp_path / "later")
    result = subprocess.run(["unshare", "--net", sys.executable, "-c", SCRAPE, tmp_path],
                            capture_output=True, encoding="utf-8", timeout=60, check=False)
    scraped = series(old.text_string_to_metric_families(result.stdout))
    assert scraped[("node_textfile_scrape_error",)] == 0, result.stderr
    written = series(old.text_string_to_metric_families((tmp_path / "degraded.prom").read_text()))
    assert {key: repr(value) for key, value in written.items()}.items() <= {
        key: repr(value) for key, value in scraped.items()}.items()


# ---- facts -------------------------------------------------------------------
def test_facts_follow_their_schema():
    schema = json.loads((ROOT / "schema/facts.schema.json").read_text())
    for name in MACHINES:
        jsonschema.Draft202012Validator(schema).validate(json.loads(shown(name, "facts")))


def test_facts_are_gathered_by_ansible(tmp_path):
    """Written to facts.d, and printed there by a program, as doc/formats.md says."""
    needs("ansible")
    facts = tmp_path / "facts.d"
    facts.mkdir()
    for name in MACHINES:
        (facts / f"{name.replace('-', '_')}.fact").write_text(shown(name, "facts"), encoding="utf-8")
    script = facts / "program.fact"
    script.write_text(f"#!/bin/sh\n{BUILD}/nestready --passive --format facts || test $? -le 3\n")
    script.chmod(0o755)
    environment = os.environ | {
        "HOME": str(tmp_path), "ANSIBLE_LOCALHOST_WARNING": "false", "LC_ALL": "C.UTF-8",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3"}
    result = subprocess.run(
        ["ansible", "localhost", "-c", "local", "-m", "setup", "-a",
         f"fact_path={facts} gather_subset=!all,!min,local filter=ansible_local"],
        capture_output=True, encoding="utf-8", timeout=120, env=environment, check=False, cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    # "localhost | SUCCESS => {": JSON alone takes a callback that ansible-core has not.
    gathered = json.loads(result.stdout[result.stdout.index("{"):])["ansible_facts"]["ansible_local"]
    assert gathered.pop("program")["verdict"] in ("ready", "degraded", "not-ready", "indeterminate")
    assert gathered == {name.replace("-", "_"): json.loads(shown(name, "facts")) for name in MACHINES}
    for name, (_, target, status) in MACHINES.items():
        facts_of = gathered[name.replace("-", "_")]
        assert facts_of["target"] == target
        assert facts_of["verdict"] == ["ready", "degraded", "not-ready", "indeterminate"][status]
