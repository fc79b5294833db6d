# SPDX-License-Identifier: GPL-2.0-or-later
"""A report leaves a real guest without a network: over virtio-serial, a serial port and a vsock.

The readers outside come when the sender inside has found out once that nobody is there.  The vsock
is the guest's own (vsock_loopback): QEMU gives one to the outside only through the kernel's vhost.
"""
import json
import signal
import subprocess
import time
from pathlib import Path

import guest
import initramfs
import pytest

PLACES = ["virtio-serial:org.nestready.report.0", "serial:/dev/ttyS2"]
SEND = "/usr/libexec/nestready-send --spool /tmp/spool --config /tmp/conf"

COMMANDS = {
    "modules": "for module in virtio_pci virtio_console vsock_loopback; do modprobe $module || exit 1; done",
    "ports": "cat /sys/class/virtio-ports/*/name; ls /dev/vport*",
    "check": f"""mkdir /tmp/spool
        for place in {' '.join(PLACES)} vsock:1:20050; do
            printf '[report %s]\\ntimeout = 2\\n' $place >>/tmp/conf
        done
        nestready check --passive -o /dev/null --spool /tmp/spool --report stdout: \
            {' '.join(f'--report {place}' for place in PLACES)} --report vsock:1:20050""",
    "absent": f"stty -F /dev/ttyS2 >/tmp/before; {SEND} --once; echo $?; ls /tmp/spool | wc -l",
    "restored": "stty -F /dev/ttyS2 | cmp - /tmp/before",
    # Tells the readers to come, the one inside too.
    "call": "for port in /sys/class/virtio-ports/*; do\n"
            "grep -q -x go $port/name && echo go >/dev/${port##*/}; done\n"
            "nestready recv --from vsock:20050 --follow >/tmp/received 2>/tmp/complaints &\n"
            "echo $! >/tmp/reader",
    "present": f"timeout 50 {SEND}; echo $?; ls /tmp/spool | wc -l",
    "received": "cat /tmp/received; cat /tmp/complaints >&2; kill $(cat /tmp/reader)",
}


def more():
    """The sender, which no other guest has, for the libraries that it brings."""
    archive = initramfs.Archive()
    archive.program("usr/libexec/nestready-send", guest.BUILD / "nestready-send")
    return archive.finish()


def sockets(directory):
    return {place: directory / name for place, name in zip(PLACES, ("port", "serial"))}


def hardware(directory):
    port, serial = sockets(directory).values()
    return ["-chardev", f"socket,id=port,path={port},server=on,wait=off",
            "-chardev", f"file,id=go,path={directory}/go", "-device", "virtio-serial-pci",
            "-device", "virtserialport,chardev=port,name=org.nestready.report.0",
            "-device", "virtserialport,chardev=go,name=go",
            "-chardev", f"socket,id=serial,path={serial},server=on,wait=off",
            "-serial", "chardev:serial"]


class Readers:
    """nestready recv outside, at each of the sockets, from when the guest calls."""

    def __init__(self, directory):
        self.directory, self.started = directory, {}

    def come(self):
        """True, as soon as the guest called and they are there."""
        go = self.directory / "go"
        if not self.started and go.exists() and go.stat().st_size:
            for place, socket in sockets(self.directory).items():
                self.started[place] = subprocess.Popen(
                    [guest.BUILD / "nestready", "recv", "--from", socket, "--follow"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return bool(self.started)

    def leave(self):
        """{place: (exit status, output, complaints)}"""
        for reader in self.started.values():
            reader.send_signal(signal.SIGTERM)
        return {place: (reader.wait(10), reader.stdout.read(), reader.stderr.read())
                for place, reader in self.started.items()}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """(what the guest's commands said, what came out)"""
    directory = tmp_path_factory.mktemp("channels")
    readers = Readers(directory)
    vmlinuz, archive = guest.payload(COMMANDS)

    def qemu(scratch: Path):
        (scratch / "initrd").write_bytes(archive + more())
        with subprocess.Popen(
                ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-machine", "q35", "-cpu",
                 "EPYC", "-m", "512", "-nodefaults", "-no-user-config", "-no-reboot", "-display",
                 "none", "-kernel", vmlinuz, "-initrd", scratch / "initrd", "-append", guest.OPTIONS,
                 "-serial", f"file:{scratch}/console", "-serial", f"file:{scratch}/data",
                 *hardware(directory)], stderr=subprocess.PIPE) as emulator:
            end = time.monotonic() + 300
            while emulator.poll() is None and time.monotonic() < end:
                readers.come()
                time.sleep(0.02)
            emulator.kill()

    outputs = guest.outputs(qemu)
    return outputs, readers.leave()


def test_the_guest_has_the_channels(seen):
    said = seen[0]
    assert said["modules"].status == 0, said["modules"]
    assert b"org.nestready.report.0" in said["ports"].stdout


def test_without_a_reader_nothing_waits_and_nothing_is_lost(seen):
    said = seen[0]["absent"]
    assert said.stdout.split() == [b"75", b"4"], said  # three reports and the lock
    complaints = said.stderr.decode()
    assert complaints.count("not delivered") == 3
    assert f"{PLACES[0]}: not delivered: nobody reads it" in complaints
    assert f"{PLACES[1]}: not delivered: sent, but nobody acknowledged it" in complaints
    assert seen[0]["restored"].status == 0


def test_with_a_reader_each_report_arrives_byte_for_byte(seen):
    said, came = seen
    assert said["present"].stdout.split() == [b"0", b"1"], said["present"]
    body = said["check"].stdout
    assert json.loads(body)["schema"] == "nestready.report/1"
    assert {place: output for place, (_, output, _) in came.items()} == {
        place: body for place in PLACES}
    assert [status for status, _, _ in came.values()] == [0, 0]
    assert (said["received"].stdout, said["received"].stderr) == (body, b"")
