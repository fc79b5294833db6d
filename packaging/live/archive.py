# SPDX-License-Identifier: GPL-2.0-or-later
"""A root file system as the kernel takes it: a newc archive, written without cpio and without root.

See the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.  Nothing of the building
machine but contents gets in (no times, no owners, no inode numbers), so equal contents give equal
bytes.
"""
import re
import subprocess
from pathlib import Path


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def libraries(program):
    """The shared libraries that a program loads, by the paths at which it looks for them."""
    ldd = subprocess.run(["ldd", program], capture_output=True, text=True)
    if ldd.returncode != 0 and "not a dynamic executable" not in ldd.stderr:
        raise RuntimeError(f"ldd {program}: {ldd.stderr}")
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", ldd.stdout)}


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
        """A file, executable or not; the other bits are the building user's umask."""
        executable = path.stat().st_mode & 0o100
        self.file(name, path.read_bytes(), 0o755 if executable else 0o644)

    def device(self, name, major, minor):
        self.directory(str(Path(name).parent))
        self._entry(name, 0o020600, device=(major, minor))

    def program(self, name, path, stand_in=lambda library: library):
        """A program and the libraries that it loads, or what stands in for them."""
        self.copy(name, path)
        if path.read_bytes()[:4] == b"\x7fELF":
            for library in sorted(libraries(path) - self.libraries):
                self.libraries.add(library)
                self.copy(str(library).lstrip("/"), stand_in(library))

    def shared_object(self, name):
        """A library that a program loads only while it runs, and what that loads."""
        cache = run("ldconfig", "-p")
        path = re.search(rf"^\s*{re.escape(name)} \(libc6,x86-64.*\) => (/\S+)$", cache, re.MULTILINE)
        if path is None:
            raise RuntimeError(f"{name}: not in the loader's cache")
        self.program(path[1].lstrip("/"), Path(path[1]))

    def finish(self):
        self._entry("TRAILER!!!", 0)
        return bytes(self.data)
