# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the boot image and starts QEMU from it, as a person would: with a screen, a keyboard and a
serial port."""
import contextlib
import os
import resource
import shutil
import socket
import subprocess
import time
from pathlib import Path

import guest

PROMPT = "p power off "
OVMF = Path("/usr/share/OVMF")
BIOS, UEFI, SECURE_BOOT = "bios", "uefi", "secure boot"

# After so many seconds of a processor QEMU is ended: something is wrong in there.  A guest that waits
# for ever takes none, so there is a limit by the clock too, which a busy machine does not reach.
PROCESSOR_MAX = 120
IDLE_MAX = 600


def make(output, build=guest.BUILD, source=guest.ROOT, append=""):
    subprocess.run([source / "packaging/live/make-iso", "-o", output, "--append", append, build],
                   check=True, capture_output=True, text=True)
    return output


def firmware(kind, scratch):
    """QEMU's arguments for a machine with that firmware."""
    if kind == BIOS:
        return ["-machine", "q35"]
    code, variables = ("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd") if kind == UEFI else \
        ("OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd")
    shutil.copyfile(OVMF / variables, scratch / "variables")
    return ["-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on",
            "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF / code}",
            "-drive", f"if=pflash,format=raw,file={scratch}/variables"]


def medium(image, device):
    writable = "snapshot=on" if device == "ide-hd" else "readonly=on"
    return ["-drive", f"file={image},format=raw,if=none,id=medium,{writable}",
            "-device", f"{device},drive=medium,bootindex=0"]


def read_qr(picture):
    """What somebody else's reader makes of the QR code in a picture; "" when there is none."""
    return subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True,
                          text=True).stdout.rstrip("\n")


class Machine:
    """A running QEMU, started by the words `enter` where it has to run elsewhere.  End it with `with`."""

    def __init__(self, image, scratch, kind=BIOS, cpu="EPYC,+svm,+npt", mem=512, device="ide-cd",
                 serial=True, extra=(), enter=()):
        self.scratch = scratch
        self.port = None
        ports = ["-chardev", f"socket,id=serial,path={scratch}/serial.socket,server=on,wait=off,"
                             f"logfile={scratch}/serial", "-serial", "chardev:serial"]
        self.process = subprocess.Popen(
            [*enter, "qemu-system-x86_64", "-accel", "tcg", *firmware(kind, scratch), "-cpu", cpu,
             "-m", str(mem), "-nodefaults", "-no-user-config", "-display", "none", "-vga", "std",
             "-monitor", f"unix:{scratch}/monitor,server=on,wait=off", *medium(image, device),
             *(ports if serial else []), *extra],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        resource.prlimit(self.process.pid, resource.RLIMIT_CPU, (PROCESSOR_MAX, PROCESSOR_MAX))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.port is not None:
            self.port.close()

    def seconds(self):
        """Of a processor, since power-on."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def serial(self):
        file = self.scratch / "serial"
        return file.read_bytes().decode(errors="replace").replace("\r", "") \
            if file.exists() else ""

    def wait(self, condition):
        """Until condition() is true; its value."""
        give_up = time.monotonic() + IDLE_MAX
        while True:
            ended = self.process.poll() is not None
            if found := condition():
                return found
            assert not ended and time.monotonic() < give_up, \
                f"it never happened; the serial port said:\n{self.serial()[-4000:]}"
            self.drain()
            time.sleep(0.05)

    def wait_for_verdict(self):
        """What the serial port says up to its prompt, and the seconds it took."""
        self.wait(lambda: PROMPT in self.serial())
        return self.serial(), self.seconds()

    def wait_for_end(self):
        self.wait(lambda: self.process.poll() is not None)
        assert self.process.returncode == 0
        return self.serial()

    def connect(self, name):
        self.wait((self.scratch / name).exists)
        port = socket.socket(socket.AF_UNIX)
        port.connect(str(self.scratch / name))
        return port

    def drain(self):
        """QEMU, and the guest with it, waits for who is connected to read; what was said is in the log."""
        with contextlib.suppress(BlockingIOError):
            while self.port is not None and self.port.recv(1 << 16, socket.MSG_DONTWAIT):
                pass

    def type_serial(self, text):
        if self.port is None:  # what is left when it closes is lost
            self.port = self.connect("serial.socket")
        self.port.sendall(text.encode())

    def monitor(self, command):
        with self.connect("monitor") as port:
            stream = port.makefile("rw")
            for text in ("", f"{command}\n"):
                stream.write(text)
                stream.flush()
                said = ""
                while not said.endswith("(qemu) "):
                    said += stream.read(1)

    def screen(self):
        """A picture of the screen."""
        picture = self.scratch / "screen.ppm"
        self.monitor(f"screendump {picture}")
        return picture
