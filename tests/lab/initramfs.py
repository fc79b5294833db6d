# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root: Debian's cloud kernel and modules, busybox, and an installed nestready.

The kernel package is downloaded, not installed, and kept in build/lab/.  The archive is written
here (newc, see the kernel's Documentation/driver-api/early-userspace/buffer-format.rst), so that
neither cpio nor root is needed.
"""
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
MODULES = ["kvm-amd", "kvm-intel", "kvm", "irqbypass", "msr", "cpuid"]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


class Archive:
    """A newc archive in memory."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0
        self.directories = set()
        self.libraries = set()

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        self.inode += 1
        fields = [self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0]
        self.data += b"070701" + b"".join(b"%08x" % field for field in fields)
        self.data += name.encode() + b"\0"
        self.data += bytes(-len(self.data) % 4) + content
        self.data += bytes(-len(self.data) % 4)

    def directory(self, name):
        if name not in self.directories and name not in ("", "."):
            self.directory(str(Path(name).parent))
            self.directories.add(name)
            self._entry(name, 0o040755)

    def file(self, name, content, mode=0o644):
        self.directory(str(Path(name).parent))
        self._entry(name, 0o100000 | mode, content)

    def copy(self, name, path):
        self.file(name, path.read_bytes(), path.stat().st_mode & 0o777)

    def device(self, name, major, minor):
        self.directory(str(Path(name).parent))
        self._entry(name, 0o020600, device=(major, minor))

    def finish(self):
        self._entry("TRAILER!!!", 0)
        return bytes(self.data)


def kernel(cache):
    """Downloads and unpacks Debian's cloud kernel once: (vmlinuz, directory of modules)."""
    unpacked = cache / "kernel"
    if not (unpacked / "complete").exists():
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir(parents=True)
        depends = run("apt-cache", "depends", "linux-image-cloud-amd64")
        package = re.search(r"Depends: (linux-image-\S+-cloud-amd64)", depends)[1]
        run("apt-get", "-q", "download", package, cwd=unpacked)
        deb = next(unpacked.glob("*.deb"))
        unpack(deb, unpacked)
        (unpacked / "complete").touch()
    return next(unpacked.glob("boot/vmlinuz-*")), next(unpacked.glob("lib/modules/*"))


def unpack(deb, target):
    """The kernel and the few modules of a package, with the index that modprobe reads."""
    wanted = re.compile(r"\./(boot/vmlinuz-.*|lib/modules/[^/]+/modules\.(builtin|order)"
                        r"|lib/modules/.*/(%s)\.ko)" % "|".join(MODULES))
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as tar:
        with tarfile.open(fileobj=tar.stdout, mode="r|") as members:
            for member in members:
                if wanted.fullmatch(member.name):
                    members.extract(member, target)
    release = next(target.glob("lib/modules/*")).name
    run("/bin/busybox", "depmod", "-b", target, release)


def libraries(program):
    """The shared libraries that a program loads, by the paths at which it looks for them."""
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", run("ldd", program))}


def installed(build, cache):
    """`make install` of a build directory; (path in the guest, file) of each file."""
    stage = cache / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    run("make", "-C", build, "install", f"DESTDIR={stage}")
    return [(str(file.relative_to(stage)), file)
            for file in sorted(stage.rglob("*")) if file.is_file()]


def add_program(archive, name, file):
    """A program and the libraries that it loads."""
    archive.copy(name, file)
    if file.read_bytes()[:4] == b"\x7fELF":
        for library in sorted(libraries(file)):
            if str(library) not in archive.libraries:
                archive.libraries.add(str(library))
                archive.copy(str(library).lstrip("/"), library)


def root(build, cache):
    """(vmlinuz, archive) of a guest with everything but its list of commands."""
    vmlinuz, modules = kernel(cache)
    archive = Archive()
    for directory in ("proc", "sys", "dev", "run", "tmp", "var/lib", "var/tmp", "root", "home"):
        archive.directory(directory)
    archive.device("dev/console", 5, 1)
    archive.copy("bin/busybox", Path("/bin/busybox"))
    for script in ("init", "run-commands"):
        archive.copy(script, HERE / script)
    archive.file("etc/passwd", b"root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n")
    archive.file("etc/group", b"root:x:0:\nuser:x:1000:\n")
    for file in sorted(modules.rglob("*")):
        if file.is_file():
            archive.copy(f"lib/modules/{modules.name}/{file.relative_to(modules)}", file)
    for name, file in installed(build, cache):
        add_program(archive, name, file)
    return vmlinuz, archive.finish()


def systemd():
    """An archive that turns the guest into one where systemd is process 1 and runs the commands."""
    archive = Archive()
    for program in ("/lib/systemd/systemd", "/bin/systemctl"):
        add_program(archive, program.lstrip("/"), Path(program).resolve())
    for unit in ("sysinit.target", "basic.target", "shutdown.target", "umount.target"):
        archive.copy(f"lib/systemd/system/{unit}", Path("/lib/systemd/system") / unit)
    archive.copy("etc/systemd/system/lab.service", HERE / "lab.service")
    archive.file("etc/machine-id", b"0123456789abcdef0123456789abcdef\n")
    return archive.finish()
