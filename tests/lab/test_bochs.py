# SPDX-License-Identifier: GPL-2.0-or-later
"""What only VMX has: a register that the firmware locks, and controls that a CPU model lacks."""
import json

import pytest
from cases import named


def findings(output):
    return {finding["id"]: finding for finding in json.loads(output.stdout)["findings"]}


def fact(output, key):
    return json.loads(output.stdout)["facts"][key].get("value")


@pytest.mark.parametrize("name", named("bochs-locked-off"))
def test_locked_off_is_not_called_hidden_or_not_loaded(guests, name):
    found = findings(guests[name]["check"])
    assert found["cpu.extension"]["outcome"] == "pass"
    assert found["cpu.extension-enabled"]["outcome"] == "fail"
    assert found["cpu.kernel-agrees"]["outcome"] == "fail"
    assert {finding["gap"] for finding in found.values()
            if finding["outcome"] == "fail" and finding["severity"] == "required"} \
        == {"l0.virt-disabled"}
    assert fact(guests[name]["check"], "msr.feature-control") == "0x0000000000000001"
    assert b"disabled by bios" in guests[name]["dmesg"].stdout


@pytest.mark.parametrize("name", named("bochs-locked-off"))
def test_an_ordinary_user_is_told_of_the_lock_too(guests, name):
    found = findings(guests[name]["user"])
    assert found["cpu.kernel-agrees"]["gap"] == "l0.virt-disabled"
    assert found["kvm.module"]["gap"] == "l0.virt-disabled"


@pytest.mark.parametrize("name", named("bochs-haswell", "bochs-unlocked"))
def test_what_the_firmware_left_is_not_proven_to_hyper_v(guests, name):
    """Linux locks the register itself: unlocked or locked on by the firmware look the same."""
    assert fact(guests[name]["check"], "msr.feature-control") == "0x0000000000000005"
    hyperv = json.loads(guests[name]["hyperv"].stdout)
    assert findings(guests[name]["hyperv"])["cpu.feature-control"]["outcome"] == "not-checked"
    assert "feature-control" in hyperv["not_proven"]
    assert hyperv["basis"] == "flags" and hyperv["verdict"] != "ready"


@pytest.mark.parametrize("name", named("bochs-haswell", "bochs-lynnfield", "bochs-penryn"))
def test_unrestricted_guest_is_what_the_kernel_makes_of_it(guests, name):
    allowed = guests[name]["unrestricted"].stdout.strip() == b"Y"
    assert allowed == (name == "bochs-haswell")
    found = findings(guests[name]["check"])["cpu.unrestricted-guest"]
    assert found["outcome"] == ("pass" if allowed else "fail")
