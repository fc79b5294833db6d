# SPDX-License-Identifier: GPL-2.0-or-later
"""The runner sees what a test framework does not: leaks, undefined behaviour, dead programs."""
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
