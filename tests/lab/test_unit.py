# SPDX-License-Identifier: GPL-2.0-or-later
"""The shipped unit under a real systemd: its hardening hides nothing from the probes."""
import json

import pytest


def properties(output):
    return dict(line.split("=", 1) for line in output.stdout.decode().splitlines())


def outcomes(output):
    return {finding["id"]: (finding["outcome"], finding.get("gap"))
            for finding in json.loads(output.stdout)["findings"]}


@pytest.mark.parametrize("name, status, result", [
    ("systemd", "0", "success"),
    ("systemd-no-svm", "2", "exit-code"),
])
def test_the_exit_status_is_the_verdict(guests, name, status, result):
    shown = properties(guests[name]["show"])
    assert (shown["ExecMainStatus"], shown["Result"]) == (status, result)
    assert (guests[name]["start"].status == 0) == (result == "success")


@pytest.mark.parametrize("name", ["systemd", "systemd-no-svm"])
def test_the_hardened_unit_finds_what_root_finds(guests, name):
    assert outcomes(guests[name]["last"]) == outcomes(guests[name]["check"])
    facts = json.loads(guests[name]["last"].stdout)["facts"]
    assert [key for key, fact in facts.items() if fact["status"] == "denied"] == []


@pytest.mark.parametrize("name", ["systemd", "systemd-no-svm"])
def test_the_journal_gets_the_report_that_the_file_gets(guests, name):
    assert guests[name]["journal"].stdout == guests[name]["last"].stdout
