# SPDX-License-Identifier: GPL-2.0-or-later
"""Reality beside verdicts: a row for each guest, and beside it what others say in the same guest."""
import datetime
import json
import re
import subprocess
import textwrap
from pathlib import Path

import guest

HEAD = ("guest", "emulator", "KVM module", "a VM runs", "verdict", "basis", "gaps", "platform",
        "kvm-ok", "virt-host-validate", "virt-what", "lscpu", "seconds")

# Whose versions decide what the table says, by Debian's names.
PACKAGES = ("qemu-system-x86", "bochs", "bochsbios", "cpu-checker", "libvirt-clients", "virt-what",
            "util-linux")

PAGE = """\
# Reality against verdict

Made by `tests/lab/table` on {date}, with nestready {nestready}, {kernel} and
{packages}.

{guests} guests of the lab (`tests/lab/`). Reality is the KVM module that the guest's own kernel
loads, or its word on why it loads none, and whether `run_l2` ran a VM: a small program that shares
no line with nestready. Beside it, nestready's verdict for the target kvm, and what others say in
the same guest; **bold** is wrong.

- False ready: {false_ready}.
- False not-ready: {false_not_ready}.

{table}
A guest whose name ends in `-as-told` is the one before that ending after somebody did, as typed,
what nestready's text said in it. `KVM in ...` is KVM in a machine so emulated, and over it a small
VMM that plays the platform ([testing.md](testing.md)). `virt-host-validate` counts as yes when its
checks of hardware virtualization and /dev/kvm pass; its others are about devices, cgroups and the
network. Seconds are those of two guests side by side on a machine that had other work, too; after
`KVM in` they are by that machine's own clock.
"""


def text(output):
    return output.stdout.decode(errors="replace")


def vm_runs(outputs):
    """Reality: a program that is no part of nestready ran a VM, or could not."""
    return outputs["run_l2"].status == 0


def promised(report):
    """Whether the verdict says that VMs run here; None when it leaves that open."""
    return {"ready": True, "degraded": True, "not-ready": False}.get(report["verdict"])


def module(outputs):
    """The module that loaded and whether it uses SLAT, or the kernel's word on why none did."""
    if outputs["kvm"].status != 0:
        said = re.findall(r"kvm: (.*)", text(outputs["dmesg"]))
        return "none: " + next((line for line in said if "disabled" in line), said[-1])
    loaded = {"kvm_intel": "ept", "kvm_amd": "npt"}
    name = text(outputs["module"]).strip()
    return f"{name}, {loaded[name]}={text(outputs['kvm']).strip()}"


def peer_kvm_ok(output):
    return "KVM acceleration can be used" in text(output)


def peer_validate(output):
    """Of its checks those for VMs; the others are about devices, cgroups and the network."""
    checks = re.findall(r"Checking (?:for hardware|if device /dev/kvm).* : (\w+)", text(output))
    assert checks, output
    return set(checks) == {"PASS"}


def peer_lscpu(output):
    found = re.findall(r"^(?:Virtualization|Hypervisor vendor): +(.*)", text(output), re.M)
    return ", ".join(found)


def answer(says, runs):
    """A peer's yes or no, marked where reality is another."""
    word = "yes" if says else "no"
    return word if says == runs else f"**{word}**"


def row(name, case, outputs, seconds=None):
    """Cells of HEAD."""
    report = json.loads(outputs["check"].stdout)
    runs = vm_runs(outputs)
    gaps = sorted({finding["gap"] for finding in report["findings"]
                   if finding["outcome"] == "fail" and finding["severity"] != "informational"
                   and "gap" in finding})
    peers = ["not asked"] * 4
    if case.peers:
        peers = [answer(peer_kvm_ok(outputs["kvm-ok"]), runs),
                 answer(peer_validate(outputs["virt-host-validate"]), runs),
                 ", ".join(text(outputs["virt-what"]).split()) or "nothing",
                 peer_lscpu(outputs["lscpu"]) or "nothing"]
    return [name, case.emulator, module(outputs), "yes" if runs else "no", report["verdict"],
            report["basis"], ", ".join(gaps), report["platform"].get("id") or "unknown", *peers, "" if seconds is None else f"{seconds:.0f}"]


def markdown(rows):
    """The rows as a table that is one in a terminal, too."""
    widths = [max(len(cell) for cell in column) for column in zip(HEAD, *rows)]
    lines = [HEAD, ["-" * width for width in widths], *rows]
    return "".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths))
                   + " |\n" for line in lines)


def wrong(rows, verdicts, runs):
    """The guests with one of these verdicts in which a VM nevertheless runs, or does not."""
    guest, vm, verdict = (HEAD.index(name) for name in ("guest", "a VM runs", "verdict"))
    return ", ".join(row[guest] for row in rows
                     if row[verdict] in verdicts and row[vm] == runs) or "none"


def write(path, rows):
    """The page of the documentation."""
    versions = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *PACKAGES],
        check=True, capture_output=True, text=True).stdout
    nestready = subprocess.run([guest.BUILD / "nestready", "--version"], check=True,
                               capture_output=True, text=True).stdout.split()[1]
    Path(path).write_text(PAGE.format(
        date=datetime.date.today(), nestready=nestready, kernel=guest.kernel(),
        packages=textwrap.fill(versions.strip(", "), 99), guests=len(rows),
        false_ready=wrong(rows, ("ready", "degraded"), "no"),
        false_not_ready=wrong(rows, ("not-ready",), "yes"), table=markdown(rows)))
