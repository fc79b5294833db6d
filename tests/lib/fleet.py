# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up fleets: whole reports, valid by the schema, of as many guests as asked for.

A guest is drawn by a generator of numbers with a fixed seed, so that a fleet is the same each time.
"""
import json
import random
import time
import uuid
from datetime import datetime, timezone

from collectors import command

PLATFORMS = {  # id: share, versions, the gap that is frequent there, the command that closes it
    "vmware-esxi": (40, ["8.0.3", "8.0.2", "7.0.3"], "l0.virt-not-exposed",
                    ["govc vm.power -off NAME", "govc vm.change -vm NAME -nested-hv-enabled=true",
                     "govc vm.power -on NAME"]),
    "proxmox": (30, ["9.0", "8.4"], "l0.cpu-type", ["qm stop ID", "qm set ID --cpu host", "qm start ID"]),
    "hyperv": (15, ["10.0.26100.1", "10.0.20348.1"], "l0.virt-not-exposed",
               ["Stop-VM NAME", "Set-VMProcessor NAME -ExposeVirtualizationExtensions $true", "Start-VM NAME"]),
    "aws-ec2": (15, [None], "net.mac-filter", ["use NAT or routing for the VMs"]),
}
KERNELS = ["6.1.0-37-amd64", "6.12.38-amd64", "6.8.0-64-generic"]
CPUS = [("Intel(R) Xeon(R) Gold 6348 CPU @ 2.60GHz", "0xd0003f5"), ("AMD EPYC 9354 32-Core Processor", "0xa101154"),
        ("Intel(R) Xeon(R) Platinum 8488C", "0x2b000639")]
TITLES = {"cpu.extension": "The CPU offers virtualization", "kvm.device": "/dev/kvm is there and usable",
          "cpu.slat": "Second level address translation", "net.mac-filter": "The network takes MACs of VMs",
          "guest.bridge": "A bridge for the VMs", "memory.total": "Enough memory"}


def stamp(seconds):
    """A moment as reports have it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"


def uuid7(seconds, draw):
    word = f"{int(seconds * 1000):012x}"
    rest = f"{draw.getrandbits(76):019x}"
    return f"{word[:8]}-{word[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


def finding(name, outcome="pass", gap=None, severity="required", steps=(), power_off=False):
    made = {"id": name, "outcome": outcome, "severity": severity, "group": name.split(".")[0],
            "title": TITLES.get(name, name), "why": "VMs need it.", "evidence": []}
    if gap:
        made |= {"gap": gap, "remedies": [
            {"tool": "shell", "who": "the platform's administrator", "steps": list(steps), "power_off": power_off,
             "verify": ["nestready"], "undo": [], "uncertain": False, "source": "made up"}] if steps else []}
    return made


def fact(value):
    return {"status": "observed", "value": value, "source": "made up"}


class Guest:
    """What stays the same of a guest between its reports; `report` makes one of them."""

    def __init__(self, number, draw):
        self.draw = draw
        self.number = number
        self.platform = draw.choices(list(PLATFORMS), [row[0] for row in PLATFORMS.values()])[0]
        self.version = draw.choice(PLATFORMS[self.platform][1])
        self.kernel = draw.choice(KERNELS)
        self.cpu, self.microcode = draw.choice(CPUS)
        self.hostname = f"{draw.choice(['web', 'db', 'ci', 'build', 'edge', 'lab'])}-{number:05d}"
        self.uuid = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        self.verdict = draw.choices(["ready", "degraded", "not-ready", "indeterminate"], [82, 10, 6, 2])[0]

    def findings(self):
        _, _, gap, steps = PLATFORMS[self.platform]
        names = ["cpu.extension", "kvm.device", "cpu.slat", "memory.total"]
        made = [finding(name) for name in names]
        if self.verdict == "not-ready":
            made[0] = finding("cpu.extension", "fail", gap, steps=steps, power_off=True)
        if self.verdict == "indeterminate":
            made[1] = finding("kvm.device", "unknown")
        made.append(finding("guest.bridge", "fail" if self.verdict == "degraded" else "pass",
                            "l1.no-bridge" if self.verdict == "degraded" else None, "recommended",
                            ["ip link add br0 type bridge"]))
        return made

    def report(self, seconds=None, **members):
        seconds = time.time() if seconds is None else seconds
        platform = {"id": self.platform, "confidence": "high", "evidence": ["made up"]}
        if self.version:
            platform["version"] = self.version
        return {
            "schema": "nestready.report/1", "id": uuid7(seconds, self.draw), "time": stamp(seconds),
            "agent": {"version": "1.0"}, "guest": {"hostname": self.hostname, "system_uuid": self.uuid},
            "platform": platform, "target": {"id": "kvm", "title": "KVM"}, "verdict": self.verdict,
            "basis": "proven" if self.verdict == "ready" else "flags", "not_proven": [],
            "findings": self.findings(), "others": [],
            "probes": [{"id": "cpuid", "status": "observed", "duration_us": 12}],
            "facts": {"cpu.name": fact(self.cpu), "cpu.microcode": fact(self.microcode),
                      "os.kernel": fact(self.kernel)},
        } | members


def make(count, seed=7):
    draw = random.Random(seed)
    return [Guest(number, draw) for number in range(count)]


def load(store, reports, directory, lab=None):
    """Puts many reports into a store at once, by the command that imports them."""
    directory.mkdir(parents=True, exist_ok=True)
    for number, report in enumerate(reports):
        (directory / f"{number:06d}.json").write_text(json.dumps(report))
    done = command("import", str(directory), *(["--lab", lab] if lab else []), store=store)
    assert done.returncode == 0, done.stderr
