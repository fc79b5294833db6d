# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab's guests really are, by their own kernel: the ground on which verdicts are judged."""
import pytest
import table
from cases import CASES, cases


@pytest.mark.parametrize("name", cases())
def test_the_kernel_offers_kvm_where_the_processor_can(guests, name):
    case, outputs = CASES[name], guests[name]
    assert (outputs["modprobe"].status == 0) == (case.module is not None), outputs["modprobe"]
    assert outputs["module"].stdout.decode().split() == ([case.module] if case.module else [])
    assert outputs["kvm"].stdout.decode().split() == (["NY"[case.slat]] if case.module else [])


@pytest.mark.parametrize("name", cases())
def test_a_vm_runs_where_the_kernel_offers_kvm(guests, name):
    assert table.vm_runs(guests[name]) == (CASES[name].module is not None), guests[name]["run_l2"]
