# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole chains: an emulated machine is L0, nestready-lab-l0 in it a platform, its guests are L1."""
import functools
import gzip
from pathlib import Path
from typing import NamedTuple

import bochs
import guest
import initramfs
from cases import CHECK, KERNEL

L1_COMMANDS = KERNEL | CHECK | {
    "text-modprobe": "nestready --target kvm --tool modprobe",
    "capture": "nestready capture",
    # A register that no processor has.
    "register": "dd if=/dev/cpu/0/msr bs=8 skip=$((0x500 / 8)) count=1",
}

# busybox's shell prefers its own modprobe; a KVM host has that of kmod.
L0_SCRIPT = """
modprobe() { /usr/local/bin/modprobe "$@"; }
"""
L1_SCRIPT = """
time -f %e nestready-lab-l0 --kernel /l1/vmlinuz --initrd /l1/initrd --append '{} end=reboot' {}
"""

MEMORY = 768
SECONDS_AN_L1 = 60  # of a processor, at most

# Without it a chain of seven L1s spun for good in its first one, in two runs of two; why is a guess:
# a counted clock, and a tickless L0 with nothing to wake for.  With it no run of three did.
TICKING = "nohz=off highres=off"

# L0s, by the name that the table has for what runs in them.
MACHINES = {
    "KVM in QEMU TCG": lambda commands, **more: guest.boot(
        commands, cpu="EPYC,+svm,+npt", extra=guest.COUNTED, append=TICKING, **more),
    "KVM in Bochs": lambda commands, **more: bochs.boot(
        commands, lines=["cpu: model=corei7_haswell_4770"], **more),
}


class L1(NamedTuple):
    """What a guest said, and the seconds it took in its L0."""

    outputs: dict
    seconds: float


def packed(script):
    """A script whose output is compressed: each byte that an L1 sends is an exit to L0."""
    return f"({script}) >/tmp/packed; status=$?; gzip -c /tmp/packed; exit $status"


@functools.cache
def platform():
    """An archive of what L0 has beside the usual: the L1, and what a KVM host has."""
    vmlinuz, initrd = guest.payload({name: packed(script) for name, script in L1_COMMANDS.items()})
    archive = initramfs.Archive()
    archive.file("l1/vmlinuz", vmlinuz.read_bytes())
    archive.file("l1/initrd", initrd)
    archive.directory("etc/modprobe.d")
    for name, program in (("nestready-lab-l0", guest.BUILD / "tests/lab/l0/nestready-lab-l0"),
                          ("modprobe", Path("/bin/kmod")), ("depmod", Path("/bin/kmod"))):
        archive.program(f"usr/local/bin/{name}", program)
    return archive.finish()


def boot(machine, scripts, guests):
    """Runs {name: shell script} in L0; to those in `guests`, options of nestready-lab-l0 are due.

    {name: Output of the script, or L1}
    """
    commands = {name: L1_SCRIPT.format(guest.OPTIONS, step) if name in guests else L0_SCRIPT + step
                for name, step in scripts.items()}
    found = MACHINES[machine]({"depmod": "/usr/local/bin/depmod"} | commands, mem=MEMORY,
                              more=platform(), seconds=SECONDS_AN_L1 * (len(guests) + 1))
    return {name: l1(name, found[name]) if name in guests else found[name] for name in scripts}


def l1(name, output):
    console = output.stderr.decode(errors="replace")
    assert output.status == 0, f"{name}: exit status {output.status}\n{console}"
    outputs = {command: said._replace(stdout=gzip.decompress(said.stdout))
               for command, said in guest.parse(output.stdout).items()}
    return L1(outputs, float(console.split()[-1]))
