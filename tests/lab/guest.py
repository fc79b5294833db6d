# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots a guest in QEMU's software emulation, runs commands in it, brings back what they said.

TCG emulates AMD's SVM with and without nested paging, so a real kernel really runs real guests in
there, on any machine.  It has no VMX, and answers every unknown MSR with 0 where hardware faults.
"""
import functools
import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import initramfs

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
CACHE = ROOT / "build/lab"
MAKING = threading.Lock()


class Output(NamedTuple):
    """What one command in the guest did."""

    status: int
    stdout: bytes
    stderr: bytes


@functools.cache
def _made_root():
    CACHE.mkdir(parents=True, exist_ok=True)
    vmlinuz, archive = initramfs.root(BUILD, CACHE)
    return vmlinuz, archive


def _root():
    with MAKING:  # guests boot side by side
        return _made_root()


@functools.cache
def _systemd():
    return initramfs.systemd()


def parse(data):
    """The frames that tests/lab/init sends; the end mark must be there."""
    outputs = {}
    while not data.startswith(b"@end\n"):
        head = re.match(rb"@begin (\S+) (\d+) (\d+) (\d+)\n", data)
        assert head, f"the guest stopped talking; so far: {sorted(outputs)}, then {data[:200]!r}"
        name, status, out, err = head[1].decode(), int(head[2]), int(head[3]), int(head[4])
        body = data[head.end():head.end() + out + err]
        outputs[name] = Output(status, body[:out], body[out:])
        data = data[head.end() + out + err:]
    return outputs


def run_until(command, condition, timeout):
    """Runs a guest and pulls its plug as soon as the condition is true."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as qemu:
        give_up = time.monotonic() + timeout
        while not condition():
            alive = qemu.poll() is None and time.monotonic() < give_up
            if not alive:
                qemu.kill()
                raise AssertionError(f"it never happened\n{qemu.communicate()[1]}")
            time.sleep(0.002)
        qemu.kill()


def boot(commands, cpu, machine="q35", smp=1, mem=512, smbios=(), extra=(), append="", systemd=False,
         until=None, timeout=60):
    """Runs {name: shell script} in a guest, in that order; {name: Output}.

    With systemd they are the service lab.service; without, there is nothing but them.
    With `until`, the guest loses its power when that is true, and nothing comes back.
    """
    vmlinuz, archive = _root()
    if systemd:
        archive += _systemd()
    script = initramfs.Archive()
    for number, (name, text) in enumerate(commands.items()):
        script.file(f"commands/{number:02}-{name}", text.encode() + b"\n")
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        scratch = Path(directory)
        (scratch / "initrd").write_bytes(archive + script.finish())
        command = [
            "qemu-system-x86_64", "-accel", "tcg", "-machine", machine, "-cpu", cpu,
            "-smp", str(smp), "-m", str(mem), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-kernel", vmlinuz, "-initrd", scratch / "initrd",
            "-append", f"console=ttyS0 quiet panic=-1 {append}",
            "-serial", f"file:{scratch}/console", "-serial", f"file:{scratch}/data",
            *(word for entry in smbios for word in ("-smbios", entry)), *extra]
        try:
            if until is not None:
                return run_until(command, until, timeout)
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout)
            outputs = parse((scratch / "data").read_bytes())
        except (subprocess.SubprocessError, AssertionError) as error:
            console = (scratch / "console").read_text(errors="replace") \
                if (scratch / "console").exists() else ""
            said = getattr(error, "stderr", None) or ""
            raise AssertionError(f"{error}\n{said}\nconsole:\n{console[-4000:]}") from error
    return {name.partition("-")[2]: output for name, output in outputs.items()}
