# SPDX-License-Identifier: GPL-2.0-or-later
"""What a made-up guest has for VMs of its own: networks, services, who calls, clock."""
import errno
import os
import struct

NET = "/sys/devices/virtual/net"
LIBVIRT_XML = "/etc/libvirt/qemu/networks/default.xml"
LIBVIRTD, VIRTQEMUD = "/usr/sbin/libvirtd", "/usr/sbin/virtqemud"
WANTS = "/etc/systemd/system/multi-user.target.wants"
SOCKETS = ("/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock")
PIDS = ("/run/pve-cluster.pid", "/run/pvedaemon.pid")

# A guest that was installed and not touched: one adapter, no bridge, all that is installed at work.
PLAIN = {
    "routes": (("eth0", "0.0.0.0", "10.0.2.2", "0.0.0.0"),
               ("eth0", "10.0.2.0", "0.0.0.0", "255.255.255.0")),
    "devices": ("lo",), "bridges": (), "network": None, "forwarding": "0", "bridge_firewall": None,
    "services": True, "shutdown": True, "caller": None, "kvm_mode": (0o20660, 0, 105, 0),
    "socket_mode": (0o140660, 0, 110, 0), "tables": (), "iommus": (),
    "huge_pages": "always [madvise] never",
}
# libvirt as Debian installs it, its default network started
LIBVIRT_NAT = {
    "routes": PLAIN["routes"] + (("virbr0", "192.168.122.0", "0.0.0.0", "255.255.255.0"),),
    "devices": ("lo", "virbr0"), "bridges": ("virbr0",), "forwarding": "1",
    "network": ("192.168.122.1", "255.255.255.0"),
}
# Proxmox VE as its installer leaves it
VMBR0 = {
    "routes": (("vmbr0", "0.0.0.0", "10.0.2.2", "0.0.0.0"),
               ("vmbr0", "10.0.2.0", "0.0.0.0", "255.255.255.0")),
    "devices": ("lo", "vmbr0"), "bridges": ("vmbr0",),
}
CLOCKS = {"KVMKVMKVM": "kvm-clock", "Microsoft Hv": "hyperv_clocksource_tsc_page", "XenVMMXenVMM": "xen"}


def lines(*text):
    return {"lines": [*text, ""]}


def absent(path):
    return {"status": "absent", "errno": errno.ENOENT, "why": f"{path}: {os.strerror(errno.ENOENT)}"}


def there(path):
    """What readlink says of something that is no link."""
    return {"status": "failed", "errno": errno.EINVAL, "why": f"{path}: {os.strerror(errno.EINVAL)}"}


def link(path, is_there):
    return {f"link {path}": there(path) if is_there else absent(path)}


def stat(path, mode):
    return {f"stat {path}": {"numbers": [f"0x{number:08x}" for number in mode]} if mode else absent(path)}


def hexed(address):
    return f"{struct.unpack('<I', bytes(int(part) for part in address.split('.')))[0]:08X}"


def routes(rows):
    head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
    text = [f"{device}\t{hexed(to)}\t{hexed(by)}\t{3 if by != '0.0.0.0' else 1:04X}\t0\t0\t0\t{hexed(mask)}\t0\t0\t0"
            for device, to, by, mask in rows]
    return lines(*(row.ljust(127) for row in [head, *text]))


def networks(half, root):
    answers = {f"dir {NET}": lines(*sorted(half["devices"])), "file /proc/net/route": routes(half["routes"]),
               "file /proc/sys/net/ipv4/ip_forward": lines(half["forwarding"])}
    for device in half["devices"]:
        answers |= link(f"{NET}/{device}/bridge", device in half["bridges"])
    path = "/proc/sys/net/bridge/bridge-nf-call-iptables"
    nf = half["bridge_firewall"]
    answers[f"file {path}"] = absent(path) if nf is None else lines(nf)
    if not root:
        text = {"status": "denied", "errno": errno.EACCES, "why": f"{LIBVIRT_XML}: {os.strerror(errno.EACCES)}"}
    elif half["network"] is None:
        text = absent(LIBVIRT_XML)
    else:
        address, mask = half["network"]
        text = lines("<network>", "  <name>default</name>", "  <forward mode='nat'/>",
                     "  <bridge name='virbr0' stp='on' delay='0'/>",
                     f"  <ip address='{address}' netmask='{mask}'>", "  </ip>", "</network>")
    answers[f"file {LIBVIRT_XML}"] = text
    return answers


def services(half):
    answers = {}
    for path in (*SOCKETS, *PIDS, "/run/xenstored/socket"):
        answers |= link(path, half["services"] and path != SOCKETS[1])
    for unit in ("libvirt-guests", "pve-guests"):
        path = f"{WANTS}/{unit}.service"
        answers |= {f"link {path}": {"text": f"/lib/systemd/system/{unit}.service"}
                    if half["shutdown"] else absent(path)}
    return answers


def caller(half, root):
    own = ("uid 0", "gids 0") if root else ("uid 1000", "gids 1000")
    return {"caller": lines(*(half["caller"] or own))} | stat("/dev/kvm", half["kvm_mode"]) \
        | stat(SOCKETS[0], half["services"] and half["socket_mode"]) | stat(SOCKETS[1], None)


def tuning(half, signatures):
    answers = {}
    for table in ("DMAR", "IVRS", "VIOT"):
        answers |= link(f"/sys/firmware/acpi/tables/{table}", table in half["tables"])
    names = half["iommus"]
    answers["dir /sys/class/iommu"] = lines(*names) if names else {"text": ""}
    answers["file /sys/kernel/mm/transparent_hugepage/enabled"] = lines(half["huge_pages"])
    words = [text for _, text in signatures.values()]
    clock = half.get("clock") or next((CLOCKS[word] for word in words if word in CLOCKS), "tsc")
    answers["file /sys/devices/system/clocksource/clocksource0/current_clocksource"] = lines(clock)
    return answers


def answers(changes, installed, root, signatures):
    """{question: answer}; `changes` to PLAIN and to what the installed software brings."""
    half = dict(PLAIN)
    if "/usr/bin/pveversion" in installed:
        half |= VMBR0
    elif LIBVIRTD in installed or VIRTQEMUD in installed:
        half |= LIBVIRT_NAT
    half |= changes or {}
    return networks(half, root) | services(half) | caller(half, root) | tuning(half, signatures)
