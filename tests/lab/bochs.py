# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots a guest in Bochs, which emulates Intel's VMX, with and without EPT, and AMD's SVM.

To the guest it is hardware: there is no hypervisor bit.  Bochs reads no kernel, so the guest boots
from an ISO image, by BIOS.
"""
import re
import subprocess
from pathlib import Path

import guest

BIOS = Path("/usr/share/bochs/BIOS-bochs-latest")
ISOLINUX = Path("/usr/lib/ISOLINUX/isolinux.bin")
LDLINUX = Path("/usr/lib/syslinux/modules/bios/ldlinux.c32")
MENU = "DEFAULT linux\nLABEL linux\nLINUX /linux\nINITRD /initrd\nAPPEND {}\n"

# Without a sound driver Bochs gives up, and Linux asks for registers that no model has.
CONFIG = """
config_interface: textconfig
display_library: rfb, options="timeout=0"
sound: driver=dummy
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: count=1, ips=100000000, ignore_bad_msrs=1
memory: guest={mem}, host={mem}
clock: sync=none
ata0-master: type=cdrom, path=guest.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=console
com2: enabled=1, mode=file, dev=data
log: log
panic: action=fatal
"""


def firmware(feature_control):
    """The BIOS, storing another value than 5 (locked, on) in IA32_FEATURE_CONTROL (0x3A).

    On the first CPU and on the others: mov ecx, 0x3A; rdmsr; or eax, 5; wrmsr.
    """
    store = rb"(\xB9\x3A\0\0\0\x0F\x32\x66?\x83\xC8)\x05(?=\x0F\x30)"
    patched, count = re.subn(store, lambda match: match[1] + bytes([feature_control]),
                             BIOS.read_bytes())
    assert count == 2, "this BIOS sets the register in another way"
    return patched


def make_iso(scratch, vmlinuz, archive, append):
    tree = scratch / "iso"
    tree.mkdir()
    (tree / "linux").write_bytes(vmlinuz.read_bytes())
    (tree / "initrd").write_bytes(archive)
    (tree / "isolinux.cfg").write_text(MENU.format(f"{guest.OPTIONS} {append}"))
    for file in (ISOLINUX, LDLINUX):
        (tree / file.name).write_bytes(file.read_bytes())
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-o", scratch / "guest.iso", "-b", ISOLINUX.name,
         "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", tree],
        check=True, capture_output=True, text=True)


def run(scratch, lines, mem=512, seconds=120):
    """Runs Bochs on scratch/guest.iso until the guest has switched itself off.

    `lines` end its bochsrc; of two about one thing the later counts.
    """
    (scratch / "bochsrc").write_text("\n".join([CONFIG.format(mem=mem), *lines, ""]))
    # Debian builds the debugger in, which waits for its first command.
    (scratch / "debugger").write_text("c\n")
    # The exit status is 1 even when the guest has switched itself off: its end mark counts.
    guest.emulate(["bochs", "-q", "-f", "bochsrc", "-rc", "debugger"], seconds, cwd=scratch)


def boot(commands, lines, feature_control=None, mem=512, append="", peers=False, more=b"",
         seconds=120):
    """Runs {name: shell script} in a guest of Bochs, in that order; {name: Output}.

    With feature_control there is a firmware(feature_control) in the file `firmware`.
    `lines` are as in run(), `more` as in guest.boot().
    """
    vmlinuz, archive = guest.payload(commands, peers=peers)

    def bochs(scratch):
        make_iso(scratch, vmlinuz, archive + more, append)
        if feature_control is not None:
            (scratch / "firmware").write_bytes(firmware(feature_control))
        run(scratch, lines, mem, seconds)

    return guest.outputs(bochs)
