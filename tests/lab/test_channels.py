# SPDX-License-Identifier: GPL-2.0-or-later
"""A report leaves a real guest without a network: over virtio-serial, a serial port and a vsock.

The readers outside come when the sender inside has found out once that nobody is there.  The vsock
is the guest's own (vsock_loopback): QEMU gives one to the outside only through the kernel's vhost.
"""
import json
import re
import signal
import subprocess
import time

import guest
import initramfs
import pytest
from processes import Started

PLACES = ["virtio-serial:org.nestready.report.0", "serial:/dev/ttyS2"]
# These end in files, as the console logs of clouds do.
LOGS = {"virtio-serial:org.nestready.log": "port.log", "serial:/dev/ttyS3": "serial.log"}
SEND = "/usr/libexec/nestready-send --spool /tmp/spool --config /tmp/conf"

COMMANDS = {
    "modules": "for module in virtio_pci virtio_console vsock_loopback; do modprobe $module || exit 1; done",
    "ports": "cat /sys/class/virtio-ports/*/name; ls /dev/vport*",
    "check": f"""mkdir /tmp/spool
        for place in {' '.join(PLACES)} vsock:1:20050; do
            printf '[report %s]\\ntimeout = 2\\n' $place >>/tmp/conf
        done
        for place in {' '.join(LOGS)}; do
            printf '[report %s]\\nacknowledge = written\\n' $place >>/tmp/conf
        done
        nestready check --passive -o /dev/null --spool /tmp/spool --report stdout: \
            {' '.join(f'--report {place}' for place in [*PLACES, *LOGS])} --report vsock:1:20050""",
    "absent": f"stty -F /dev/ttyS2 >/tmp/before; {SEND} --once; echo $?; ls /tmp/spool | wc -l",
    "restored": "stty -F /dev/ttyS2 | cmp - /tmp/before",
    # Tells the readers to come, the one inside too.
    "call": "for port in /sys/class/virtio-ports/*; do\n"
            "grep -q -x go $port/name && echo go >/dev/${port##*/}; done\n"
            "nestready recv --from vsock:20050 --follow >/tmp/received 2>/tmp/complaints &\n"
            "echo $! >/tmp/reader",
    # As many as the reader has room for.
    "hold": "hold_vsock 20050 8 >/tmp/held & echo $! >/tmp/holder; "
            "until grep -q held /tmp/held; do kill -0 $! || exit 1; sleep 0.1; done",
    "present": f"timeout 50 {SEND}; echo $?; ls /tmp/spool | wc -l",
    "received": "cat /tmp/received; cat /tmp/complaints >&2; kill $(cat /tmp/reader /tmp/holder)",
}


# What the shipped unit needs besides: the rights that udev's rule and doc/transports.md give.
GROUPS = b"root:x:0:\nuser:x:1000:\ndialout:x:20:\nnestready-send:x:999:\n"
USERS = (b"root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n"
         b"nestready-send:x:999:999::/:/bin/false\n")
SENDER = re.search(r"^ExecStart=/(\S+)", (guest.BUILD / "packaging/systemd/nestready-send.service")
                   .read_text(), re.M)[1]
SPOOL = re.search(r"--spool DIRECTORY +instead of (\S+)", subprocess.run(
    [guest.BUILD / "nestready-send", "--help"], capture_output=True, text=True).stdout)[1]
UNIT = {
    "modules": COMMANDS["modules"],
    "rights": f"""set -e
        mkdir -p {SPOOL} /var/lib/hyperv
        chgrp nestready-send {SPOOL}; chmod 2770 {SPOOL}
        chgrp dialout /dev/ttyS2; chmod 660 /dev/ttyS2
        for port in /sys/class/virtio-ports/*; do
            grep -q org.nestready $port/name || continue
            chgrp nestready-send /dev/${{port##*/}}; chmod 660 /dev/${{port##*/}}
        done
        touch /var/lib/hyperv/.kvp_pool_1
        chgrp nestready-send /var/lib/hyperv/.kvp_pool_1
        chmod 664 /var/lib/hyperv/.kvp_pool_1
        mkdir -p /run/systemd/system/nestready-send.service.d
        printf '[Service]\\nStandardError=file:/run/sender\\n' \
            >/run/systemd/system/nestready-send.service.d/lab.conf
        systemctl daemon-reload""",
    "call": COMMANDS["call"],
    "check": f"""nestready check --passive -o /dev/null --report stdout: --report vsock:1:20050 \
        --report kvp:nestready.report {' '.join(f'--report {place}' for place in PLACES)}""",
    "start": """systemctl start nestready-send.service
        for second in $(seq 60); do
            systemctl is-active -q nestready-send.service || break
            sleep 1
        done
        systemctl show -p Result -p ExecMainStatus nestready-send.service
        cat /run/sender >&2""",
    "left": f"ls {SPOOL}",
    # The other unit has no network, and must see all the same that the guest has one.
    "auto": f"""ip link set lo up && ip route add default dev lo && mkdir -p /etc/nestready
        printf '[report auto:http://localhost:9]\\n' >/etc/nestready/nestready.conf
        systemctl start nestready.service
        head -q -n 2 {SPOOL}/*.report""",
    "pool": "cat /var/lib/hyperv/.kvp_pool_1",
    "received": "cat /tmp/received; cat /tmp/complaints >&2; kill $(cat /tmp/reader)",
}


def more(files):
    """The sender, which no other guest has, for the libraries that it brings."""
    archive = initramfs.Archive()
    hold = guest.CACHE / "hold_vsock"
    initramfs.run("gcc", "-Wall", "-Wextra", "-Werror", "-O2", "-o", hold, initramfs.HERE / "hold_vsock.c")
    archive.program("bin/hold_vsock", hold)
    for name in ("usr/libexec/nestready-send", SENDER):
        archive.program(name, guest.BUILD / "nestready-send")
    for name, content in files.items():
        archive.file(name, content)
    return archive.finish()


def sockets(directory):
    return {place: directory / name for place, name in zip(PLACES, ("port", "serial"))}


def hardware(directory):
    port, serial = sockets(directory).values()
    return ["-chardev", f"socket,id=port,path={port},server=on,wait=off",
            "-chardev", f"file,id=go,path={directory}/go", "-device", "virtio-serial-pci",
            "-device", "virtserialport,chardev=port,name=org.nestready.report.0",
            "-device", "virtserialport,chardev=go,name=go",
            "-chardev", f"file,id=log,path={directory}/port.log",
            "-device", "virtserialport,chardev=log,name=org.nestready.log",
            "-chardev", f"socket,id=serial,path={serial},server=on,wait=off",
            "-serial", "chardev:serial", "-serial", f"file:{directory}/serial.log"]


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
        said = {place: reader.communicate(timeout=30) for place, reader in self.started.items()}
        return {place: (self.started[place].returncode, *said[place]) for place in said}


def boot(directory, commands, files=None, **how):
    """(what the guest's commands said, what came out, where its files are)"""
    readers = Readers(directory)
    vmlinuz, archive = guest.payload(commands, **how)

    def qemu(scratch):
        (scratch / "initrd").write_bytes(archive + more(files or {}))
        with Started(
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
    return outputs, readers.leave(), directory


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return boot(tmp_path_factory.mktemp("channels"), COMMANDS)


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


def test_a_guest_that_holds_every_connection_locks_nobody_out(seen):
    assert seen[0]["hold"].status == 0, seen[0]["hold"]
    assert "to vsock:1:20050: delivered" in seen[0]["present"].stderr.decode()


def test_with_a_reader_each_report_arrives_byte_for_byte(seen):
    said, came, _ = seen
    assert said["present"].stdout.split() == [b"0", b"1"], said["present"]
    body = said["check"].stdout
    assert json.loads(body)["schema"] == "nestready.report/1"
    assert {place: output for place, (_, output, _) in came.items()} == {
        place: body for place in PLACES}
    assert [status for status, _, _ in came.values()] == [0, 0]
    assert (said["received"].stdout, said["received"].stderr) == (body, b"")


@pytest.mark.parametrize("place", LOGS)
def test_where_nobody_answers_written_is_delivered_and_read_later(seen, place):
    said, _, directory = seen
    assert f"to {place}: delivered" in said["absent"].stderr.decode()
    done = subprocess.run([guest.BUILD / "nestready", "recv", "--from", directory / LOGS[place]],
                          capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, said["check"].stdout, b"")


@pytest.mark.slow
def test_the_shipped_unit_reaches_every_channel_without_being_root(tmp_path):
    said, came, _ = boot(tmp_path, UNIT, {"etc/passwd": USERS, "etc/group": GROUPS}, systemd=True)
    assert said["rights"].status == 0, said["rights"]
    body = said["check"].stdout
    assert said["left"].stdout.split() == [b"sender.lock"], said["start"]
    assert b"Result=success" in said["start"].stdout
    assert {place: output for place, (_, output, _) in came.items()} == {
        place: body for place in PLACES}
    assert said["received"].stdout == body
    assert said["auto"].stdout.splitlines()[1:] == [b"http://localhost:9"], said["auto"]
    line = said["pool"].stdout[512:].partition(b"\0")[0].split()
    assert line[:2] == [b"NR1", json.loads(body)["id"].encode()]
