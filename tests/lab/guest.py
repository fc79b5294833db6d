# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest of the lab is made of, and boots one in QEMU's software emulation (TCG).

Commands run in it, and what they said comes back.  TCG emulates AMD's SVM with and without nested
paging, so a real kernel really runs real guests in there, on any machine.  It has no VMX (see
bochs.py), and answers every unknown MSR with 0 where hardware faults.
"""
import functools
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import initramfs

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from processes import Started  # noqa: E402

BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
CACHE = ROOT / "build/lab"
MAKING = threading.Lock()

# The kernel's tests of its own ciphers take as long as the rest of its boot.
OPTIONS = "console=ttyS0,115200 quiet panic=-1 cryptomgr.notests"

# Instructions are counted instead of a clock being read: a guest sees the same time, and keeps the
# same deadlines, however busy this machine is.  4 ns each, about what TCG takes.
COUNTED = ("-icount", "shift=2,sleep=off")


class Output(NamedTuple):
    """What one command in the guest did."""

    status: int
    stdout: bytes
    stderr: bytes


PARTS = {
    "root": lambda: initramfs.root(BUILD, CACHE),
    "peers": lambda: initramfs.peers(CACHE),
    "systemd": initramfs.systemd,
}


@functools.cache
def _made(part):
    CACHE.mkdir(parents=True, exist_ok=True)
    return PARTS[part]()


def _part(name):
    with MAKING:  # guests boot side by side
        return _made(name)


def kernel():
    """Its name and version."""
    return _part("root")[0].name.replace("vmlinuz-", "Linux ")


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
    return {name.partition("-")[2]: output for name, output in outputs.items()}


def run_until(command, condition, timeout):
    """Runs a guest and pulls its plug as soon as the condition is true."""
    with Started(command, stderr=subprocess.PIPE, text=True) as qemu:
        give_up = time.monotonic() + timeout
        while not condition():
            alive = qemu.poll() is None and time.monotonic() < give_up
            if not alive:
                qemu.kill()
                raise AssertionError(f"it never happened\n{qemu.communicate()[1]}")
            time.sleep(0.002)
        qemu.kill()


def payload(commands, systemd=False, peers=False):
    """(vmlinuz, initramfs) of a guest that runs {name: shell script}, in that order.

    With systemd they are the service lab.service; without, there is nothing but them.
    With peers there are initramfs.PEERS, which take 70 MB of memory.
    """
    vmlinuz, archive = _part("root")
    script = initramfs.Archive()
    for number, (name, text) in enumerate(commands.items()):
        script.file(f"commands/{number:02}-{name}", text.encode() + b"\n")
    parts = [_part(name) for name, wanted in (("systemd", systemd), ("peers", peers)) if wanted]
    return vmlinuz, b"".join([archive, *parts, script.finish()])


def outputs(run):
    """{name: Output} of a guest.

    run(directory) runs it until it has switched itself off, its serial ports in the files
    `console` and `data` there.
    """
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        scratch = Path(directory)
        try:
            run(scratch)
            return parse((scratch / "data").read_bytes())
        except (OSError, subprocess.SubprocessError, AssertionError) as error:
            console = (scratch / "console").read_text(errors="replace") \
                if (scratch / "console").exists() else ""
            said = getattr(error, "stderr", None) or ""
            raise AssertionError(f"{error}\n{said}\nconsole:\n{console[-4000:]}") from error


def emulate(command, seconds, **how):
    """Runs an emulator, which may take so many seconds of a processor; others may want it, too."""
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_CPU, (seconds, seconds))
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          preexec_fn=limit, timeout=5 * seconds, **how)


def boot(commands, cpu, machine="q35", smp=1, mem=512, smbios=(), extra=(), append="", systemd=False,
         peers=False, more=b"", until=None, seconds=60):
    """Runs {name: shell script} in a guest of QEMU, in that order; {name: Output}.

    `more` is an archive of files that the guest has beside the usual ones.
    With `until`, the guest loses its power when that is true, and nothing comes back.
    All its processors share one thread: with a thread each, a guest of two failed once, for a
    reason that was not seen and did not come again in ten runs.
    """
    vmlinuz, archive = payload(commands, systemd, peers)

    def qemu(scratch):
        (scratch / "initrd").write_bytes(archive + more)
        command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=single", "-machine", machine, "-cpu", cpu,
            "-smp", str(smp), "-m", str(mem), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-kernel", vmlinuz, "-initrd", scratch / "initrd",
            "-append", f"{OPTIONS} {append}",
            "-serial", f"file:{scratch}/console", "-serial", f"file:{scratch}/data",
            *(word for entry in smbios for word in ("-smbios", entry)), *extra]
        if until is not None:
            run_until(command, until, seconds)
            (scratch / "data").write_bytes(b"@end\n")
            return
        emulate(command, seconds, check=True)

    return outputs(qemu)
