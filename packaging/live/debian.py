# SPDX-License-Identifier: GPL-2.0-or-later
"""What the image takes from Debian: packages that are downloaded and unpacked, not installed.

They stay in the build directory, each in a directory of its version, until Debian has a newer one.
"""
import gzip
import os
import re
import shutil
import tempfile
from functools import partial
from pathlib import Path

from archive import run


def dependency(package, pattern):
    """The package that another one, which is but a name, depends on today."""
    found = re.search(rf"Depends: ({pattern})$", run("apt-cache", "depends", package), re.M)
    if not found:
        raise RuntimeError(f"{package} depends on no {pattern}: is `apt-get update` due?")
    return found[1]


def unpacked(package, cache):
    """Downloads and unpacks a package once: (directory, version)."""
    shown = run("apt-cache", "show", "--no-all-versions", package)
    version = re.search(r"^Version: (\S+)$", shown, re.M)[1]
    directory = cache / f"{package}_{version}"
    if not directory.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            run("apt-get", "-q", "download", f"{package}={version}", cwd=scratch)
            run("dpkg-deb", "-x", *Path(scratch).glob("*.deb"), f"{scratch}/content")
            os.rename(f"{scratch}/content", directory)
    return directory, version


def module_name(file):
    return file.name.removesuffix(".ko").replace("-", "_")


# What ends a signed module: the signature, 8 bytes about it, its length, and this text (Linux
# Documentation/admin-guide/module-signing.rst).
SIGNED = b"~Module signature appended~\n"


def without_signature(module):
    """(a module, the signature that was appended to it)."""
    if not module.endswith(SIGNED):
        raise RuntimeError("a module that is not signed")
    end = len(module) - len(SIGNED)
    end -= 12 + int.from_bytes(module[end - 4:end], "big")
    return module[:end], module[end:]


def module_needs(file):
    """What a module says it depends on, in its section .modinfo."""
    found = re.search(rb"\0depends=([^\0]+)\0", file.read_bytes())
    return found[1].decode().replace("-", "_").split(",") if found else []


class Kernel:
    """Debian's kernel package behind a name such as linux-image-amd64."""

    def __init__(self, metapackage, cache):
        flavour = metapackage.removeprefix("linux-image-")
        self.package = dependency(metapackage, rf"linux-image-\d[\d.~+-]*-{flavour}")
        directory, self.version = unpacked(self.package, cache)
        self.vmlinuz = next(directory.glob("boot/vmlinuz-*"))
        self.release = self.vmlinuz.name.removeprefix("vmlinuz-")
        self.directory = directory / "lib/modules" / self.release

    def modules(self, wanted, scratch, packed):
        """{path in the root: file} of modules, all they depend on, and modprobe's indexes.

        To check a module's signature takes an emulated machine as long as all else about loading it,
        so it is in a file of its own, NAME.signature, for kernels that are locked down.  Where they are
        packed, each by itself, the kernel need not unpack those that are never loaded; busybox unpacks
        the others, kmod could not.
        """
        every = {module_name(file): file for file in self.directory.rglob("*.ko")}
        lists = [self.directory / "modules.builtin", self.directory / "modules.order"]
        builtin = {module_name(Path(line)) for line in lists[0].read_text().split()}
        chosen, waiting = {}, [name.replace("-", "_") for name in wanted]
        while waiting:
            name = waiting.pop()
            if name in chosen or name in builtin:
                continue
            if name not in every:
                raise RuntimeError(f"{self.package} has no module {name}")
            chosen[name] = every[name]
            waiting += module_needs(every[name])
        tree = scratch / "lib/modules" / self.release
        ending, pack = (".ko.gz", partial(gzip.compress, mtime=0)) if packed else (".ko", bytes)
        for file in chosen.values():
            place = tree / file.relative_to(self.directory)
            place.parent.mkdir(parents=True, exist_ok=True)
            content, signature = without_signature(file.read_bytes())
            place.with_suffix(ending).write_bytes(pack(content))
            place.with_suffix(".signature").write_bytes(pack(signature))
        for file in lists:
            shutil.copy(file, tree)
        run("/bin/busybox", "depmod", "-b", scratch, self.release)
        return {str(file.relative_to(scratch)): file
                for file in sorted(tree.rglob("*")) if file.is_file()}
