# SPDX-License-Identifier: GPL-2.0-or-later
"""A VM that never comes back costs nestready its deadline, and this guest nothing."""
import json

import pytest


@pytest.mark.parametrize("name", ["endless-l2"])
def test_an_l2_that_never_ends_is_ended(guests, name):
    found = json.loads(guests[name]["endless"].stdout)
    assert (found["verdict"], guests[name]["endless"].status) == ("indeterminate", 3)
    assert found["facts"]["l2.real-mode"]["status"] == "failed"
    assert "did not come back within 2000 ms" in found["facts"]["l2.real-mode"]["why"]
    assert found["facts"]["l2.long-mode"]["status"] == "skipped"
    probe = next(probe for probe in found["probes"] if probe["id"] == "l2")
    assert probe["status"] == "observed"  # it ended by itself: no worker had to be killed
    assert 2_000_000 <= probe["duration_us"] < 5_000_000


@pytest.mark.parametrize("name", ["endless-l2"])
def test_the_guest_runs_vms_afterwards(guests, name):
    found = json.loads(guests[name]["after"].stdout)
    assert (found["verdict"], found["basis"]) == ("ready", "proven")
