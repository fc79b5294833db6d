#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records machines for tests/snapshots/ that a lab can boot, and makes some of what others dumped.

usage: tests/corpus/record.py lab [NAME...]           the guests below, or only these
       tests/corpus/record.py import NAME DUMP MODEL  a dump of MODEL's registers, of two CPUs

After it: `make bless`.  A recording differs from run to run by timings and free space.
"""
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import corpus

sys.path.insert(0, str(corpus.ROOT / "tests/lab"))
import guest  # noqa: E402

LOAD = "modprobe msr; modprobe kvm-amd"
SVM = "EPYC,+svm,+npt"
VMWARE = ["type=0,vendor=Phoenix Technologies LTD,version=6.00",
          "type=1,manufacturer=VMware,, Inc.,product=VMware Virtual Platform,version=None"]
HYPERV = ["type=0,vendor=American Megatrends Inc.,version=090008",
          "type=1,manufacturer=Microsoft Corporation,product=Virtual Machine,version=7.0"]
VIRTUALBOX = ["type=0,vendor=innotek GmbH,version=VirtualBox",
              "type=1,manufacturer=innotek GmbH,product=VirtualBox,version=1.2",
              "type=2,manufacturer=Oracle Corporation,product=VirtualBox"]
GOOGLE = ["type=0,vendor=Google,version=Google",
          "type=1,manufacturer=Google,product=Google Compute Engine"]
AMAZON = ["type=0,vendor=Amazon EC2,version=1.0",
          "type=1,manufacturer=Amazon EC2,product=c5.metal"]

# name -> what it is, how it is booted, what runs before the recording (and as whom)
GUESTS = {
    "tcg-svm": ("AMD-V with nested paging", {"cpu": SVM}, LOAD, "root"),
    "tcg-svm-without-npt": ("AMD-V without nested paging", {"cpu": "EPYC,+svm,-npt"}, LOAD, "root"),
    "tcg-no-svm": ("a CPU model without svm", {"cpu": "EPYC,-svm"}, LOAD, "root"),
    "tcg-two-cpus": ("two CPUs, i440FX", {"cpu": SVM, "smp": 2, "machine": "pc"}, LOAD, "root"),
    "tcg-96-mb": ("96 MB of memory", {"cpu": SVM, "mem": 96}, LOAD, "root"),
    "tcg-qemu64": ("the model qemu64", {"cpu": "qemu64,+svm"}, LOAD, "root"),
    "tcg-max": ("the model max", {"cpu": "max"}, LOAD, "root"),
    "tcg-user": ("an ordinary user", {"cpu": SVM}, LOAD, "user"),
    "tcg-no-msr": ("no msr module", {"cpu": SVM}, "modprobe kvm-amd", "root"),
    "tcg-no-msr-user": ("no msr module, an ordinary user", {"cpu": SVM}, "modprobe kvm-amd", "user"),
    "tcg-not-loaded": ("kvm_amd is not loaded", {"cpu": SVM}, "modprobe msr", "root"),
    "tcg-no-device": ("/dev/kvm was removed", {"cpu": SVM}, LOAD + "; rm /dev/kvm", "root"),
    "tcg-no-modules": ("kvm_amd is not loaded, its file not installed", {"cpu": SVM},
                       "modprobe msr; cd /lib/modules/*; rm $(find . -name 'kvm-*.ko'); depmod",
                       "root"),
    "tcg-npt-off": ("kvm_amd with npt=0", {"cpu": SVM}, "modprobe msr; modprobe kvm-amd npt=0",
                    "root"),
    "tcg-intel-with-svm": ("a CPU that calls itself Intel and shows svm",
                           {"cpu": SVM + ",vendor=GenuineIntel"}, LOAD, "root"),
    "tcg-hypervisor-off": ("CPUID says that there is no hypervisor",
                           {"cpu": SVM + ",-hypervisor"}, LOAD, "root"),
    "tcg-cpuid-off": ("a hypervisor that gives no name", {"cpu": SVM + ",tcg-cpuid=off"}, LOAD,
                      "root"),
    "tcg-dmi-vmware": ("DMI of VMware, and vmport answers", {
        "cpu": SVM, "machine": "pc,vmport=on", "smbios": VMWARE}, LOAD, "root"),
    "tcg-dmi-hyperv": ("DMI of Hyper-V", {"cpu": SVM, "smbios": HYPERV}, LOAD, "root"),
    "tcg-dmi-virtualbox": ("DMI of VirtualBox, no hypervisor in CPUID", {
        "cpu": "EPYC,-svm,-hypervisor", "smbios": VIRTUALBOX}, LOAD, "root"),
    "tcg-dmi-google": ("DMI of Compute Engine, no hypervisor in CPUID", {
        "cpu": "EPYC,-svm,-hypervisor", "smbios": GOOGLE}, LOAD, "root"),
    "tcg-dmi-metal": ("DMI of a metal instance of EC2, no hypervisor in CPUID", {
        "cpu": SVM + ",-hypervisor", "smbios": AMAZON}, LOAD, "root"),
    "tcg-vmport-off": ("vmport off", {"cpu": SVM, "machine": "pc,vmport=off"}, LOAD, "root"),
    "tcg-locked-down": ("the kernel is locked down for integrity", {
        "cpu": SVM, "append": "lockdown=integrity"},
        "mount -t securityfs security /sys/kernel/security; " + LOAD, "root"),
    "tcg-without-cpu-1": ("CPU 1 of 2 is offline", {"cpu": SVM, "smp": 2},
                          LOAD + "; echo 0 >/sys/devices/system/cpu/cpu1/online", "root"),
    "tcg-container": ("a PID namespace of its own, /dev without kvm", {"cpu": SVM}, LOAD,
                      "container"),
    "tcg-esxi-devices": ("a VM made for ESXi: e1000e, 2 CPUs", {
        "cpu": SVM, "smp": 2, "extra": ["-device", "e1000e"]}, LOAD, "root"),
}

CAPTURE = {
    "root": "nestready capture",
    "user": "su user -c 'nestready capture'",
    "container": "unshare -p -f -m sh -c 'mount -t proc proc /proc; mount -t tmpfs none /dev; "
                 "mknod /dev/null c 1 3; nestready capture'",
}


def version():
    text = subprocess.run(["qemu-system-x86_64", "--version"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return re.search(r"version (\d+\.\d+)", text)[1]


def record(name):
    what, how, before, whom = GUESTS[name]
    outputs = guest.boot({"before": before, "capture": CAPTURE[whom]}, **how)
    assert outputs["capture"].status == 0, outputs["capture"].stderr
    found = json.loads(outputs["capture"].stdout)
    note = f"{what}; recorded in QEMU {version()} TCG by tests/corpus/record.py"
    keep(name, {key: value for key, value in found.items() if key != "answers"}
         | {"note": note, "answers": found["answers"]})


def imported(name, dump, model):
    """What probes ask of a dump's first two CPUs."""
    done = subprocess.run([corpus.BUILD / "nestready", "import", dump], check=True,
                          stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    answers = {key: answer for key, answer in found["answers"].items()
               if not re.match(r"(cpuid|msr) (?![01] )", key)}
    answers["file /sys/devices/system/cpu/online"] = {"text": "0-1\n"}
    note = f"imported from a CPUID dump of {model}, as its owner published it; two of its CPUs"
    keep(name, {"schema": found["schema"], "imported": found["imported"], "note": note,
                "answers": answers})


def keep(name, snapshot):
    corpus.write(corpus.SNAPSHOTS / f"{name}.json", corpus.dump(corpus.trim(snapshot)))
    print(name)


def main():
    if sys.argv[1:2] == ["lab"]:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(record, sys.argv[2:] or GUESTS))
    elif sys.argv[1:2] == ["import"] and len(sys.argv) == 5:
        imported(*sys.argv[2:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
