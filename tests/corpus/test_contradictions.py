# SPDX-License-Identifier: GPL-2.0-or-later
"""What says one thing and what says another: each combination has its own explanation.

CPUID, /proc/cpuinfo, the control registers, the kernel's log, the module and a VM that ran are
composed against each other; a row is a machine, and what has to be found on it.
"""
import errno

import corpus
import pytest
from compose import Guest, none, numbers
from cpus import COFFEE_LAKE, ICE_LAKE_SP, KVM_SVM, KVM_VMX, RYZEN, ZEN2, ZEN3
from kernels import DEBIAN_12, UBUNTU_24, XCP_NG
from machines import MACHINES
from platforms import LIBVIRT, metal

NPT = {0x8000000a: (1, 8, 0, KVM_SVM)}
REFUSED = {"real-mode": {"status": "failed", "why": "the CPU refused to enter the L2",
                         **numbers(0xd17c007a, 0, 9, 0x80000021, 0x1868, 1)}}
WRONG = {"real-mode": numbers(0xd17c007a, 0, 5, 0, 0x1868, 0),
         "long-mode": numbers(0x99deec63, 0, 5, 0, 0xee69, 0)}
HANGS = {"real-mode": {"status": "failed", "errno": errno.ETIMEDOUT, "why": "the L2 did not come back"}}
BUSY = {"real-mode": none("failed", errno.EBUSY, "KVM_CREATE_VM")}
BOARD = metal("ASUS", "System Product Name", nic="8086:15f3", storage="1022:7901", classes="0106")


def intel(**how):
    return Guest(ICE_LAKE_SP, LIBVIRT, DEBIAN_12, **{"msrs": KVM_VMX} | how)


def amd(**how):
    return Guest(ZEN2, LIBVIRT, DEBIAN_12, **{"leaves": NPT} | how)


def kept(name):
    return MACHINES[name]["guest"]


# what is composed; the machine; what KVM's verdict is; findings with the gap that explains them
ROWS = [
    ("all agree", intel(), "ready", {"l2.flags": "pass", "l2.long-mode": "pass"}),
    ("all agree on AMD", amd(), "ready", {"l2.flags": "pass", "l2.long-mode": "pass"}),
    # ---- exposed, and not to be used ----
    ("register locked off", intel(msrs=KVM_VMX | {0x3a: 0x1}), "not-ready",
     {"cpu.extension": "pass", "cpu.extension-enabled": "l0.virt-disabled",
      "cpu.kernel-agrees": "l0.virt-disabled", "kvm.device": "l0.virt-disabled"}),
    ("locked off, and nobody may read the register", intel(msrs=KVM_VMX | {0x3a: 0x1}, root=False),
     "not-ready", {"cpu.kernel-agrees": "l0.virt-disabled", "kvm.device": "l0.virt-disabled"}),
    ("SVMDIS", Guest(RYZEN, BOARD, UBUNTU_24, msrs={0xc0010114: 0x18}), "not-ready",
     {"cpu.extension-enabled": "l0.virt-disabled", "kvm.device": "l0.virt-disabled"}),
    ("no register to read, but the log says that it is disabled",
     Guest(RYZEN, BOARD, DEBIAN_12, msrs={0xc0010114: 0x18}, msr="none"), "not-ready",
     {"cpu.kernel-agrees": "pass", "kvm.device": "l0.virt-disabled"}),
    ("the kernel was told to clear vmx", intel(clears="vmx"), "not-ready",
     {"cpu.extension-enabled": "pass", "cpu.kernel-agrees": "l1.flag-cleared",
      "kvm.device": "l1.flag-cleared"}),
    ("the kernel was told to clear svm", amd(clears="svm"), "not-ready",
     {"cpu.kernel-agrees": "l1.flag-cleared", "kvm.device": "l1.flag-cleared"}),
    ("the same without registers, by the command line alone", intel(clears="vmx", msr="none"), "not-ready",
     {"cpu.kernel-agrees": "l1.flag-cleared", "kvm.device": "l1.flag-cleared"}),
    ("the log says that this is an SEV guest",
     Guest(ZEN3, LIBVIRT, UBUNTU_24, leaves=NPT, module="not-loaded",
           log=["kvm_amd: KVM is unsupported when running as an SEV guest"]), "not-ready",
     {"cpu.extension": "pass", "kvm.device": "l0.confidential-vm"}),
    ("nothing but the module is missing", amd(module="not-loaded"), "not-ready",
     {"cpu.kernel-agrees": "pass", "kvm.device": "l1.module-not-loaded"}),
    # ---- CPUs that differ ----
    ("CPU 1 has no svm", kept("libvirt-differing"), "not-ready",
     {"cpu.extension": "l0.cpus-differ", "kvm.device": "l0.cpus-differ"}),
    ("CPU 1 is locked off", intel(odd_msrs={1: {0x3a: 0x1}}), "not-ready",
     {"cpu.extension": "pass", "cpu.kernel-agrees": "l0.cpus-differ", "kvm.device": "l0.cpus-differ"}),
    ("CPU 1 has other controls", intel(odd_msrs={1: {0x482: 0x0}}, module="not-loaded"), "not-ready",
     {"cpu.controls": "l0.cpus-differ"}),
    ("the log says that they differ",
     intel(module="not-loaded", msr="none", log=["kvm_intel: Inconsistent VMCS config on CPU 1"]), "not-ready",
     {"cpu.kernel-agrees": "pass", "kvm.device": "l0.cpus-differ"}),
    # ---- the flag is there, and a VM does not run ----
    ("the entry is refused", intel(l2=REFUSED), "not-ready",
     {"l2.real-mode": "l0.entry-refused", "l2.long-mode": "l0.entry-refused", "cpu.extension": "pass"}),
    ("the VM gives a wrong answer", intel(l2=WRONG), "not-ready", {"l2.long-mode": "l1.l2-fails"}),
    ("the VM does not come back", intel(l2=HANGS), "indeterminate",
     {"l2.real-mode": "error", "cpu.extension": "pass"}),
    ("another hypervisor of this guest is at work", intel(l2=BUSY), "not-ready",
     {"l2.real-mode": "l1.kvm-busy", "l2.long-mode": "l1.kvm-busy"}),
    ("SLAT is missing", kept("libvirt-no-ept"), "degraded",
     {"cpu.slat": "l0.slat-not-exposed", "l2.slat": "l0.slat-not-exposed"}),
    ("SLAT is there, and the module does without", intel(slat="N"), "degraded",
     {"cpu.slat": "pass", "l2.slat": "l1.slat-off"}),
    # ---- the flag is not there ----
    ("no flag, and the kernel knows it", intel(hide=("vmx",)), "not-ready",
     {"cpu.extension": "l0.virt-not-exposed", "cpu.kernel-agrees": "pass",
      "kvm.device": "l0.virt-not-exposed"}),
    ("no flag, and a VM runs through KVM", intel(hide=("vmx",), stale=("vmx",)), "ready",
     {"l2.long-mode": "pass", "cpu.extension": "not-applicable", "l2.flags": "l0.flag-hidden"}),
    ("the flag went away, and VMs with it", intel(hide=("vmx",), stale=("vmx",), l2=WRONG), "not-ready",
     {"cpu.kernel-agrees": "l0.flag-vanished", "l2.long-mode": "l0.flag-vanished"}),
    ("the flag went away on AMD", amd(hide=("svm",), stale=("svm",), l2=WRONG), "not-ready",
     {"cpu.kernel-agrees": "l0.flag-vanished", "l2.long-mode": "l0.flag-vanished"}),
    # ---- this system nests already ----
    ("Hyper-V's root partition", kept("hyperv-root"), "not-ready",
     {"kvm.device": "l1.own-hypervisor", "cpu.extension": "not-checked"}),
    ("Xen's control domain", kept("xcp-ng-dom0"), "not-ready",
     {"kvm.device": "l1.own-hypervisor", "cpu.extension": "not-checked"}),
]


def explained(report):
    return {finding["id"]: finding.get("gap") or finding["outcome"] for finding in report["findings"]}


def judged(tmp_path, guest, target):
    path = tmp_path / "machine.json"
    path.write_text(corpus.dump({"schema": "nestready.snapshot/1", "note": "a contradiction",
                                 "answers": guest.answers()}), encoding="utf-8")
    assert corpus.missed(corpus.asked(path)) == []
    return corpus.judge(path, target)


@pytest.mark.parametrize("guest,verdict,expected", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_combination_is_explained(tmp_path, guest, verdict, expected):
    report = judged(tmp_path, guest, "kvm")
    found = explained(report)
    assert {key: found[key] for key in expected} == expected
    assert report["verdict"] == verdict


def test_a_flag_runs_vms_without_the_cpu_where_pvm_does():
    report = corpus.judge(corpus.SNAPSHOTS / "firecracker-pvm.json", "kvm")
    assert report["verdict"] == "ready"
    assert explained(report)["l2.flags"] == "l1.runs-without-flag"


def test_what_this_kernel_was_told_is_not_held_against_another_hypervisor(tmp_path):
    report = judged(tmp_path, intel(clears="vmx"), "hyperv-2022")
    assert explained(report)["cpu.kernel-agrees"] == "pass"
    assert report["verdict"] == "ready"


def test_a_refused_entry_is_held_against_every_target(tmp_path):
    report = judged(tmp_path, intel(l2=REFUSED), "hyperv-2022")
    assert explained(report)["l2.agrees"] == "l0.entry-refused"
