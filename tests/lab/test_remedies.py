# SPDX-License-Identifier: GPL-2.0-or-later
"""Who does what the text of a failing guest says makes that guest ready."""
import json

import pytest
import table
from cases import CASES, cases

# What stops each guest; the text names it first, and the remedy under it was carried out.
STOPPED_BY = {
    "no-svm": "l0.virt-not-exposed",
    "svm-without-npt": "l0.slat-not-exposed",
    "bochs-locked-off": "l0.virt-disabled",
    "bochs-penryn": "l0.slat-not-exposed",
    "bochs-generic": "l0.virt-not-exposed",
}


def gaps(found):
    return {finding["gap"] for finding in found["findings"] if finding["outcome"] == "fail"}


@pytest.mark.parametrize("name", cases(lambda case: case.after))
def test_the_guest_is_ready_after_what_the_text_said_was_done(guests, name):
    stopped, gap = guests[CASES[name].after], STOPPED_BY[CASES[name].after]
    first = next(line for line in stopped["text"].stdout.decode().splitlines()
                 if line.startswith(" 1 "))
    assert first.endswith(f" {gap}")
    assert gap in gaps(json.loads(stopped["check"].stdout))

    found = json.loads(guests[name]["check"].stdout)
    assert (found["verdict"], found["basis"]) == ("ready", "proven")
    assert gap not in gaps(found)
    assert table.vm_runs(guests[name])
