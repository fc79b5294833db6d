# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root: the boot image's (packaging/live/), with what runs the lab's commands in it.

The kernel is Debian's cloud kernel, which boots in half the time of the generic one.
"""
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "packaging/live"))
from archive import Archive  # noqa: E402
from debian import Kernel  # noqa: E402
import root as live  # noqa: E402

# Of the boot image's modules only what the lab's guests have hardware for, and `cpuid`.
MODULES = ["kvm-amd", "kvm-intel", "msr", "cpuid"]


def root(build, cache):
    """(vmlinuz, archive) of a guest with everything but its list of commands."""
    kernel = Kernel("linux-image-cloud-amd64", cache)
    archive = live.base(build, kernel, MODULES)
    archive.directory("home")
    for script in ("init", "run-commands"):
        archive.copy(script, HERE / script)
    return kernel.vmlinuz, archive.finish()


def systemd():
    """An archive that turns the guest into one where systemd is process 1 and runs the commands."""
    archive = Archive()
    for program in ("/lib/systemd/systemd", "/bin/systemctl"):
        archive.program(program.lstrip("/"), Path(program).resolve())
    for unit in ("sysinit.target", "basic.target", "shutdown.target", "umount.target"):
        archive.copy(f"lib/systemd/system/{unit}", Path("/lib/systemd/system") / unit)
    archive.copy("etc/systemd/system/lab.service", HERE / "lab.service")
    archive.file("etc/machine-id", b"0123456789abcdef0123456789abcdef\n")
    return archive.finish()
