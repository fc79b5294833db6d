# SPDX-License-Identifier: GPL-2.0-or-later
"""The root file system of the boot image and of the lab's guests: Debian's kernel modules, busybox
and an installed nestready."""
import tempfile
from pathlib import Path

from archive import Archive, run

HERE = Path(__file__).parent


def module_list():
    lines = (line.partition("#")[0].strip() for line in open(HERE / "modules"))
    return [line for line in lines if line]


# Programs that no guest runs, and the megabytes of libraries that they would bring.
LEFT_OUT = {"nestready-collector", "nestready-send"}


# A build ID is a hash of the debugging information too, and that names the place of the source.
STRIP = "strip --remove-section=.note.gnu.build-id"


def installed(build, scratch):
    """`make install-strip` of a build directory: {path in the root: file}."""
    run("make", "-C", build, "install-strip", f"DESTDIR={scratch}", f"STRIP={STRIP}")
    return {str(file.relative_to(scratch)): file
            for file in sorted(scratch.rglob("*"))
            if file.is_file() and file.name not in LEFT_OUT}


def base(build, kernel, modules, packed=False):
    """What every guest has, its modules packed or not; whoever boots it adds an init."""
    archive = Archive()
    for directory in ("proc", "sys", "dev", "run", "tmp", "var/lib", "var/tmp", "root"):
        archive.directory(directory)
    archive.device("dev/console", 5, 1)
    archive.copy("bin/busybox", Path("/bin/busybox"))
    archive.file("etc/passwd", b"root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n")
    archive.file("etc/group", b"root:x:0:\nuser:x:1000:\n")
    with tempfile.TemporaryDirectory() as scratch:
        for name, file in kernel.modules(modules, Path(scratch), packed).items():
            archive.copy(name, file)
    with tempfile.TemporaryDirectory() as scratch:
        for name, file in installed(build, Path(scratch)).items():
            archive.program(name, file)
    archive.shared_object("libmnl.so.0")
    return archive
