# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root: the boot image's (packaging/live/), with what runs the lab's commands in it.

The kernel is Debian's cloud kernel, which boots in half the time of the generic one.
"""
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "packaging/live"))
from archive import Archive, run  # noqa: E402
from debian import Kernel  # noqa: E402
import root as live  # noqa: E402

# Of the boot image's modules only what the lab's guests have hardware for, and `cpuid`.
MODULES = ["kvm-amd", "kvm-intel", "msr", "cpuid", "virtio-pci", "virtio-net", "macvlan", "bridge", "veth", "8021q",
           "virtio-console", "vsock-loopback"]

# Whose word stands beside nestready's, and what they ask through.
PEERS = [
    "/usr/sbin/kvm-ok", "/usr/sbin/rdmsr", "/usr/bin/lscpu", "/usr/bin/virt-host-validate",
    "/usr/sbin/virt-what", "/usr/libexec/virt-what-cpuid-helper", "/usr/sbin/dmidecode"]


def endless_l2(cache):
    """What makes nestready's L2 run for ever where it is preloaded."""
    library = cache / "endless_l2.so"
    run("gcc", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared", "-o", library,
        HERE / "endless_l2.c")
    return library


def root(build, cache):
    """(vmlinuz, archive) of a guest with everything but its list of commands."""
    kernel = Kernel("linux-image-cloud-amd64", cache)
    archive = live.base(build, kernel, MODULES)
    archive.directory("home")
    archive.program("bin/run_l2", build / "tests/lab/run_l2")
    archive.program("lib/endless_l2.so", endless_l2(cache))
    for script in ("init", "run-commands"):
        archive.copy(script, HERE / script)
    return kernel.vmlinuz, archive.finish()


def without_tables(library, cache):
    """The library; of ICU's 30 MB of tables, of which no peer reads one, only what links."""
    if not library.name.startswith("libicudata."):
        return library
    stand_in = cache / library.name
    symbol = re.search(r"icudt\d+_dat", run("nm", "-D", library))[0]
    run("gcc", "-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-o", stand_in,
        "-x", "c", "-", input=f"const char {symbol}[16];")
    return stand_in


def peers(cache):
    """An archive of the peers."""
    archive = Archive()
    for program in PEERS:
        archive.program(program.lstrip("/"), Path(program),
                        lambda library: without_tables(library, cache))
    return archive.finish()


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
