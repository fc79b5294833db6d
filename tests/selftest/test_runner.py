# SPDX-License-Identifier: GPL-2.0-or-later
"""The runner sees what a test framework does not: leaks, undefined behaviour, dead programs."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(program):
    return subprocess.run([ROOT / "tests/run", "--program", program], capture_output=True,
                          text=True, timeout=120)


@pytest.fixture(scope="module")
def planted():
    """The four planted tests: one clean, one that leaks, one that overflows, one that crashes."""
    return run("tests/selftest/planted")


def test_the_framework_passes_the_leak_and_the_runner_counts_its_report(planted):
    assert planted.returncode == 1
    assert "FAILED program-asan: planted.passes_and_leaks" not in planted.stdout
    assert "LeakSanitizer: detected memory leaks" in planted.stdout
    assert "4242 byte(s) leaked" in planted.stdout
    # Passed: the clean one and the leak.  Failed: two tests and two sanitizer reports.
    assert planted.stdout.splitlines()[-1] == "2 passed, 4 failed, 0 skipped"


def test_undefined_behaviour_leaves_a_report(planted):
    assert planted.stdout.count("FAILED program-asan: sanitizer report") == 2
    assert "signed integer overflow" in planted.stdout


def test_a_crash_is_a_failure_by_name(planted):
    assert "FAILED program-asan: planted.crashes\nThe test crashed." in planted.stdout


def test_a_program_that_is_not_there_is_a_failure():
    done = run("tests/selftest/no-such-program")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_checkout_in_a_home_of_roots_is_within_reach_of_those_who_test_as_nobody(tmp_path):
    private = tmp_path / "private"
    tests = private / "checkout/tests"
    tests.mkdir(parents=True)
    private.chmod(0o700)
    shutil.copy(ROOT / "tests/run", tests)
    check = tests / "check-layers"
    check.write_text("#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups test -x \"$0\"\n")
    check.chmod(0o755)
    # who runs this may have been moved to such a place itself
    environment = {key: value for key, value in os.environ.items() if key != "NESTREADY_MOUNTED"}
    done = subprocess.run([tests / "run", "layers"], capture_output=True, text=True, timeout=60,
                          env=environment)
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped", done.stdout + done.stderr
    assert (tests.parent / "build/log/test-layers.txt").exists()
