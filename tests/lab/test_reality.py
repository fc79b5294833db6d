# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab's guests really are, by their own kernel: the ground on which verdicts are judged."""
import pytest


@pytest.mark.parametrize("name, loads, npt", [
    ("svm", True, "Y"),
    ("svm-without-npt", True, "N"),
    ("no-svm", False, None),
    ("two-cpus", True, "Y"),
    ("intel-with-svm", False, None),
])
def test_the_kernel_offers_kvm_where_the_processor_has_svm(guests, name, loads, npt):
    outputs = guests[name]
    assert (outputs["modprobe"].status == 0) == loads, outputs["modprobe"].stderr
    assert (outputs["kvm"].status == 0) == loads
    if loads:
        assert outputs["kvm"].stdout.decode().strip() == npt
