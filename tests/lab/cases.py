# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests of the lab: how each is booted, what it really is, and the verdict that is true of it.

test_reality.py holds them against the guests' kernels, test_verdicts.py nestready against them.
"""
from typing import NamedTuple

import bochs
import guest
import pytest
import remedies

BOOT = {"QEMU TCG": guest.boot, "Bochs": bochs.boot}

# name -> what runs in a guest, in this order.
KERNEL = {
    "modprobe": "modprobe msr; modprobe kvm-intel || modprobe kvm-amd",
    "module": "cd /sys/module && ls -d kvm_intel kvm_amd",
    "kvm": "test -c /dev/kvm && cat /sys/module/kvm_*/parameters/[en]pt",
    "dmesg": "dmesg | grep -i -e kvm -e vmx -e svm",
    "run_l2": "run_l2",
}
CHECK = {
    "check": "nestready --format json --target kvm",
    "text": "nestready --target kvm",
}
RECORD = {
    "capture": "nestready capture",
    "user": "su user -c 'nestready --format json --target kvm'",
    "user-text": "su user -c 'nestready --target kvm'",
    "user-capture": "su user -c 'nestready capture'",
}
PEERS = {
    "kvm-ok": "kvm-ok",
    "virt-host-validate": "virt-host-validate qemu",
    "virt-what": "virt-what",
    "lscpu": "lscpu",
}
VMX = {
    "unrestricted": "cat /sys/module/kvm_intel/parameters/unrestricted_guest",
    "hyperv": "nestready --format json --target hyperv-2022",
}


class Case(NamedTuple):
    emulator: str
    how: dict  # what its BOOT is told
    module: str | None  # the KVM module that loads
    slat: bool  # which uses EPT or NPT
    verdict: str
    platform: str = "qemu-tcg"
    after: str | None = None  # ... once somebody did what nestready said in that guest
    peers: bool = True
    slow: bool = False
    commands: dict = KERNEL | CHECK | RECORD

    def boot(self, guests):
        how = self.how
        if self.after is not None:
            said = guests[self.after]["text"].stdout.decode()
            how = remedies.OF_EMULATOR[self.emulator](how, said)
        commands = self.commands | (PEERS if self.peers else {})
        return BOOT[self.emulator](commands, peers=self.peers, **how)


def qemu(how, module="kvm_amd", slat=True, verdict="ready", **more):
    clock = {} if "smp" in how else {"extra": guest.COUNTED}  # QEMU counts for one processor only
    return Case("QEMU TCG", {"cpu": "EPYC,+svm,+npt"} | clock | how, module, slat, verdict, **more)


def posing(*smbios, **more):
    """A guest whose DMI tables say what CPUID does not."""
    return qemu({"smbios": smbios}, commands=KERNEL | CHECK, **more)


def on_bochs(*lines, module="kvm_intel", slat=True, verdict="ready", feature_control=None, **more):
    return Case("Bochs", {"lines": lines, "feature_control": feature_control}, module, slat,
                verdict, platform="bochs", **more)


def as_told(name, module):
    return CASES[name]._replace(after=name, module=module, slat=True, verdict="ready",
                                commands=KERNEL | CHECK)


CASES = {
    "svm": qemu({}),
    "svm-without-npt": qemu({"cpu": "EPYC,+svm,-npt"}, slat=False, verdict="degraded"),
    "no-svm": qemu({"cpu": "EPYC,-svm"}, None, False, "not-ready"),
    "two-cpus": qemu({"smp": 2}),
    "intel-with-svm": qemu({"cpu": "EPYC,+svm,+npt,vendor=GenuineIntel"}, None, False,
                           "not-ready"),
    "96-mb": qemu({"mem": 96}, peers=False),
    "no-hypervisor-bit": qemu({"cpu": "EPYC,+svm,+npt,-hypervisor,tcg-cpuid=off"},
                              platform="kvm-libvirt", commands=KERNEL | CHECK, slow=True),
    "vmport-on": qemu({"machine": "q35,vmport=on"}, commands=KERNEL | CHECK, slow=True),
    "vmport-off": qemu({"machine": "q35,vmport=off"}, commands=KERNEL | CHECK),
    "dmi-vmware": posing("type=1,manufacturer=VMware,, Inc.,product=VMware Virtual Platform"),
    "dmi-hyperv": posing("type=1,manufacturer=Microsoft Corporation,product=Virtual Machine",
                         slow=True),
    "dmi-virtualbox": posing("type=0,vendor=innotek GmbH",
                             "type=1,manufacturer=innotek GmbH,product=VirtualBox"),
    "dmi-openstack": posing("type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova",
                            slow=True),
    "dmi-gcp": posing("type=0,vendor=Google",
                      "type=1,manufacturer=Google,product=Google Compute Engine", slow=True),
    "dmi-ec2": posing("type=0,vendor=Amazon EC2",
                      "type=1,manufacturer=Amazon EC2,product=m8i.xlarge", slow=True),
    "bochs-haswell": on_bochs("cpu: model=corei7_haswell_4770",
                              commands=KERNEL | CHECK | VMX),
    "bochs-penryn": on_bochs("cpu: model=core2_penryn_t9600", slat=False, verdict="degraded",
                             commands=KERNEL | CHECK | RECORD | VMX),
    "bochs-locked-off": on_bochs(
        "cpu: model=corei7_haswell_4770", "romimage: file=firmware", feature_control=1,
        module=None, slat=False, verdict="not-ready"),
    "bochs-unlocked": on_bochs(
        "cpu: model=corei7_haswell_4770", "romimage: file=firmware", feature_control=0, slow=True,
        commands=KERNEL | CHECK | VMX),
    "bochs-lynnfield": on_bochs("cpu: model=corei5_lynnfield_750", slow=True,
                                commands=KERNEL | CHECK | RECORD | VMX),
    "bochs-trinity": on_bochs("cpu: model=trinity_apu", module="kvm_amd", slow=True),
    "bochs-turion": on_bochs("cpu: model=turion64_tyler", module="kvm_amd", slat=False,
                             verdict="degraded", slow=True),
    "bochs-generic": on_bochs("cpu: model=bx_generic", "cpuid: vmx=0, svm=0", module=None,
                              slat=False, verdict="not-ready", slow=True),
}
CASES |= {
    "no-svm-as-told": as_told("no-svm", "kvm_amd"),
    "svm-without-npt-as-told": as_told("svm-without-npt", "kvm_amd"),
    "bochs-locked-off-as-told": as_told("bochs-locked-off", "kvm_intel"),
    "bochs-penryn-as-told": as_told("bochs-penryn", "kvm_intel")._replace(slow=True),
    "bochs-generic-as-told": as_told("bochs-generic", "kvm_intel"),
}


def named(*names):
    """Cases as parameters of a test."""
    return [pytest.param(name, marks=[pytest.mark.slow] if CASES[name].slow else [])
            for name in names]


def cases(wanted=lambda case: True):
    return named(*(name for name, case in CASES.items() if wanted(case)))
