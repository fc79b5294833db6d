# SPDX-License-Identifier: GPL-2.0-or-later
"""The chains of the lab: what is done in each L0 in turn, and what is true of the L1s it boots.

As many guests as possible share an L0, whose boot takes as long as one of theirs.
"""
import json
from typing import NamedTuple

import chain
import guest
import pytest
import table

SHARED = guest.ROOT / "knowledge/remedies.json"


class Guest(NamedTuple):
    """An L1: how its platform is set, and what is then true of it."""

    options: str
    platform: str = "kvm-libvirt"
    module: str | None = "kvm_amd"
    slat: bool = True
    verdict: str = "ready"
    gap: str | None = None
    runs: bool = True
    failed: tuple = ()  # facts whose question fails
    after: str | None = None  # ... once the KVM host did what nestready said in that guest
    peers: bool = False
    emulator: str = "KVM in QEMU TCG"


def hidden(options, platform="kvm-libvirt", gap="l0.virt-not-exposed"):
    return Guest(options, platform, None, False, "not-ready", gap, runs=False)


def on_intel(expected):
    return expected._replace(emulator="KVM in Bochs", module=expected.module and "kvm_intel")


def typed(gap):
    """What a KVM host's administrator types against this gap; the other steps are sentences."""
    remedy = {"l0.virt-not-exposed": "kvm-nested", "l0.slat-not-exposed": "kvm-ept"}[gap]
    steps = json.loads(SHARED.read_text())["remedies"][remedy]["steps"]
    return [step for step in steps if not step.endswith((":", "."))]


def as_told(gap):
    return "\n".join(typed(gap))


def host_with(module, option):
    """A KVM host whose administrator once set this."""
    return f"echo 'options {module} {option}' >/etc/modprobe.d/kvm.conf; modprobe {module}"


BACKDOOR = "modprobe kvm enable_vmware_backdoor=1 && modprobe kvm_amd"

# Guests, and scripts for the L0 between them.
CHAINS = {
    "identities": {
        "load": BACKDOOR,
        "vmware": Guest("--identity vmware", "vmware-esxi"),
        "virtualbox": Guest("--identity virtualbox", "virtualbox"),
        "hyperv": Guest("--identity hyperv", "hyperv"),
    },
    # ... and KVM, the fourth platform.
    "nested-off": {
        "load": host_with("kvm_amd", "nested=0"),
        "nested=0": hidden(""),
        "as-told": as_told("l0.virt-not-exposed"),
        "nested=0-as-told": Guest("", after="nested=0"),
    },
    "npt-off": {
        "load": host_with("kvm_amd", "npt=0"),
        "npt=0": Guest("", slat=False, verdict="degraded", gap="l0.slat-not-exposed"),
        "by-hand": "sed -i 's/ npt=0//' /etc/modprobe.d/kvm.conf",
        "as-told": as_told("l0.slat-not-exposed"),
        "npt=0-as-told": Guest("", after="npt=0"),
    },
    "switched-off": {
        "load": BACKDOOR,
        "kvm-off": hidden("--hide svm"),
        "vmware-off": hidden("--identity vmware --hide svm", "vmware-esxi"),
        "vmware-8": hidden("--identity vmware --hide svm --vmware-hardware 8", "vmware-esxi",
                           "l0.hardware-version"),
        "virtualbox-off": hidden("--identity virtualbox --hide svm", "virtualbox"),
        "hyperv-off": hidden("--identity hyperv --hide svm", "hyperv"),
        # L0 has NPT and hides it; then its processor refuses what its kernel makes of the L2.
        "npt-hidden": Guest("--hide npt", slat=False, verdict="not-ready", gap="l0.entry-refused",
                            runs=False, failed=("l2.real-mode",)),
    },
    "variants": {
        "load": BACKDOOR,
        "workstation": Guest("--identity vmware --vmware-product 4", "vmware-workstation"),
        "vmware-silent": Guest("--identity vmware --vmware-silent", "vmware-esxi"),
        "virtualbox-as-kvm": Guest("--identity virtualbox-as-kvm", "virtualbox"),
        "restrict": "modprobe -r kvm_amd kvm && modprobe kvm_amd",
        "vmware-restricted": Guest("--identity vmware", "vmware-esxi", failed=(
            "vmware.backdoor", "vmware.product", "vmware.hardware-version")),
    },
    "intel": {
        "backdoor": "echo 'options kvm enable_vmware_backdoor=1' >/etc/modprobe.d/vmware.conf",
        "load": host_with("kvm_intel", "nested=0"),
        "intel-nested=0": on_intel(hidden("")),
        "as-told": as_told("l0.virt-not-exposed"),
        "intel-nested=0-as-told": on_intel(Guest("", after="intel-nested=0")),
        "intel-vmware": on_intel(Guest("--identity vmware", "vmware-esxi")),
        "intel-virtualbox": on_intel(Guest("--identity virtualbox", "virtualbox")),
        "intel-hyperv": on_intel(Guest("--identity hyperv", "hyperv")),
    },
}
SLOW = ["npt-off", "switched-off", "variants", "intel"]
GUESTS = {name: (of, step) for of, steps in CHAINS.items() for name, step in steps.items()
          if isinstance(step, Guest)}


def l1s(wanted=lambda expected: True):
    """Guests as parameters of a test."""
    return [pytest.param(name, marks=[pytest.mark.slow] if of in SLOW else [])
            for name, (of, expected) in GUESTS.items() if wanted(expected)]


class Chains:
    """chains[NAME] is what an L1 said.  They run in the pool of the lab's other guests."""

    def __init__(self, pool, wanted):
        self.running = {of: pool.submit(self.run, of) for of in CHAINS if of in wanted}

    @staticmethod
    def run(of):
        steps = CHAINS[of]
        guests_of = [name for name, step in steps.items() if isinstance(step, Guest)]
        return chain.boot(steps[guests_of[0]].emulator,
                          {name: step.options if isinstance(step, Guest) else step
                           for name, step in steps.items()}, guests_of)

    def step(self, of, name):
        return self.running[of].result()[name]

    def __getitem__(self, name):
        return self.step(GUESTS[name][0], name).outputs

    def rows(self):
        """Of the table: the guests of the chains that ran."""
        return [table.row(name, expected, self[name], self.step(of, name).seconds)
                for name, (of, expected) in GUESTS.items()
                if of in self.running and self.running[of].exception() is None]
