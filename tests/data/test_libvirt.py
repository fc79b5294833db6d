# SPDX-License-Identifier: GPL-2.0-or-later
"""Remedies of virsh and virt-xml, typed against a libvirtd with a VM of QEMU's emulation.

What verifies shows the change, undo takes it back.  The daemon is an ordinary user's, in a directory of
the test's own, and manages nothing but that VM.
"""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from commands import SHARED, of

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from waiting import wait_until  # noqa: E402

PROGRAMS = ("libvirtd", "virsh", "virt-xml", "qemu-system-x86_64")
pytestmark = pytest.mark.skipif(any(shutil.which(program) is None for program in PROGRAMS),
                                reason="libvirtd, virsh, virt-xml or QEMU is not installed")
AS_USER = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.geteuid() == 0 else []

DOMAIN = """<domain type='qemu'><name>NAME</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<cpu mode='custom' match='exact'><model>qemu64</model></cpu><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='DISK'/><target dev='vda' bus='virtio'/>
</disk><interface type='user'><model type='virtio'/></interface><memballoon model='virtio'/></devices></domain>"""
WORDS = {"OLD-MODEL": "qemu64", "OLD-NUMBER": "1", "OLD-SIZE": "64M", "BRIDGE": "br0", "OLD-NETWORK": "type=user"}
# what an administrator does in the editor, there and back
EDITS = {"virsh-sata": ("s/dev='vda' bus='virtio'/dev='sda' bus='sata'/;/<target dev/{n;d}",
                        "s/dev='sda' bus='sata'/dev='vda' bus='virtio'/;/<target dev/{n;d}")}
NOT_HERE = {"virsh-launch-security": "this machine has no SEV, and libvirt defines no such VM",
            "virsh-no-filter": "network filters are root's daemon's"}
REMEDIES = sorted(name for name, remedy in SHARED["remedies"].items() if remedy["tool"] == "virsh")


def listens(place):
    """Its socket is there a moment before."""
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(place)) == 0


@pytest.fixture(scope="module", name="host")
def start_host():
    """A directory with a daemon's socket in it.  Its name is short: that of a socket has 108 characters."""
    with tempfile.TemporaryDirectory(prefix="nr", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o777)
        (home / "disk").write_bytes(bytes(1 << 20))
        (home / "disk").chmod(0o666)
        environment = os.environ | {
            "HOME": name, "LIBVIRT_DEFAULT_URI": "qemu:///session",
            **{f"XDG_{kind}": name for kind in ("RUNTIME_DIR", "CONFIG_HOME", "CACHE_HOME", "DATA_HOME")}}
        with subprocess.Popen([*AS_USER, "libvirtd"], env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as daemon:
            wait_until(lambda: listens(home / "libvirt/libvirt-sock"), 60)
            yield home, environment
            daemon.terminate()


def typed(host, line, **more):
    for word, meant in WORDS.items():
        line = re.sub(rf"\b{word}\b", meant, line)
    return subprocess.run([*AS_USER, "sh", "-c", line], env=host[1] | more, capture_output=True, text=True,
                          timeout=120, check=False)


def must(host, line, **more):
    done = typed(host, line, **more)
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout


@pytest.fixture(name="vm")
def define_vm(host):
    xml = host[0] / "NAME.xml"
    xml.write_text(DOMAIN.replace("DISK", str(host[0] / "disk")))
    must(host, f"virsh define {xml}")
    yield host
    with contextlib.suppress(AssertionError):
        must(host, "virsh destroy NAME")
    must(host, "virsh undefine NAME")


def editor(name, way):
    if name not in EDITS:
        return {}
    return {"EDITOR": "sed -i -e " + EDITS[name][way].translate({ord(c): "\\" + c for c in "';/{}<> "})}


@pytest.mark.parametrize("name", REMEDIES)
def test_what_verifies_shows_it_and_undo_takes_it_back(name, vm):
    remedy = SHARED["remedies"][name]
    if name in NOT_HERE:
        pytest.skip(NOT_HERE[name])
    before = [must(vm, line) for line in remedy["verify"]]
    for line in remedy["steps"]:
        must(vm, line, **editor(name, 0))
    after = [must(vm, line) for line in remedy["verify"]]
    assert after != before
    for line in remedy["undo"]:
        must(vm, line, **editor(name, 1))
    assert [must(vm, line) for line in remedy["verify"]] == before


def test_a_vm_is_switched_off_and_on(vm):
    cycle = SHARED["cycles"]["virsh"]
    must(vm, "virsh start NAME")
    for line in cycle["off"]:  # no system in it hears the button
        must(vm, line)
    assert "running" in must(vm, "virsh domstate NAME")
    must(vm, "virsh destroy NAME")
    assert "shut off" in must(vm, "virsh domstate NAME")
    for line in cycle["on"]:
        must(vm, line)
    assert "running" in must(vm, "virsh domstate NAME")


@pytest.mark.parametrize("step", of("virsh"))
def test_virsh_knows_the_command_and_its_options(step, host):
    """Of a VM that is not there."""
    refused = "unknown command|doesn't support option|unexpected data|requires <"
    done = typed(host, step, EDITOR="true")
    assert not re.search(refused, done.stderr), done.stderr
    assert re.search(refused, typed(host, re.sub(r"^(virsh \S+)", r"\1 --nested-hv", step)).stderr)
