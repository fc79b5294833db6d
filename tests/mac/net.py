#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One case in namespaces of its own: a host with a bridge, a guest, a gateway.

usage: unshare --net net.py WORKER CASE RUNS

Prints {"runs": [{"word", "confidence", "ms", "worst_second", "worst_arp", "frames", "sources",
"unseen"}]}.  What went over the wire is counted at the host's end of the guest's cable.
"""
import json
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from networks import CASES, M

HERE = Path(__file__).resolve().parent
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33  # asm-generic/socket.h
GATEWAY_MAC = "02:00:00:00:00:fe"


def run(command, **how):
    done = subprocess.run(command, capture_output=True, text=True, **how)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


class Namespace:
    """A network namespace that lives as long as its process."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 3600"],
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.enter = ["nsenter", "-t", str(self.process.pid), "-n"]

    def run(self, *commands):
        run([*self.enter, "sh", "-ec", "\n".join(commands)])


class Sniffer:
    """Who sent what when, from the guest.  The kernel keeps it until it is asked for, with the time at which it came: a
    reader of ours could still be at what was sent before."""

    def __init__(self, interface):
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.wire.bind((interface, 0))
        self.begin()

    def begin(self):
        """What was sent before counts no more."""
        self.began = time.time()

    def frames(self):
        """[(when, frame)]; each is told once."""
        found = []
        while True:
            try:
                frame, more, _, source = self.wire.recvmsg(2048, 64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return found
            seconds, nanoseconds = struct.unpack("qq", more[0][2])
            when = seconds + nanoseconds / 1e9
            if source[2] != socket.PACKET_OUTGOING and when >= self.began:
                found.append((when, frame))


def is_limited(frame):
    """Questions to everybody; the guest's kernel answers, and checks its neighbours one by one."""
    if frame[0] & 1 == 0:
        return False
    if frame[12:14] == b"\x08\x06":
        return frame[20:22] == b"\0\1"
    return frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 135


def is_resolution(frame):
    """What a switch that inspects ARP counts: questions and answers, the kernel's too."""
    return frame[12:14] == b"\x08\x06" or \
        (frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] in (135, 136))


def is_ours(frame):
    """Ours are forged or ask; the kernel of the guest asks too, but only when it wants to send."""
    return frame[12:14] in (b"\x08\x06", b"\x08\x00") or \
        (frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] in (128, 135))


def unseen_of(frame):
    """F2: whom an answer is to go to, though it never is the source of a frame."""
    if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1":
        return frame[22:28]
    return frame[80:86] if is_limited(frame) and len(frame) >= 86 else frame[6:12]


def worst_second(times):
    return max((sum(at <= other < at + 1 for other in times) for at in times), default=0)


def measure(frames):
    ours = [frame for _, frame in frames if is_ours(frame)]
    sources = {frame[6:12].hex(":") for frame in ours}
    return {"claimed": sorted({socket.inet_ntoa(frame[28:32]) for frame in ours
                               if frame[12:14] == b"\x08\x06" and frame[6:12].hex(":") != M}),
            "worst_second": worst_second([at for at, frame in frames if is_limited(frame)]),
            "worst_arp": worst_second([at for at, frame in frames if is_resolution(frame)]),
            "frames": len(ours), "sources": sorted(sources),
            "unseen": sorted({unseen_of(frame).hex(":") for frame in ours} - sources)}


def set_policy(case):
    chains = set()
    for command in case.port:
        command = command.format(M=M)
        if not command.startswith(("chain ", "set ")):
            run(shlex.split(command))
            continue
        if not chains:
            run(["nft", "add table bridge pol"])
            chains.add("table")
        kind, name, rest = command.split(" ", 2)
        if kind == "set":
            run(["nft", f"add set bridge pol {name} {rest}"])
            continue
        if name not in chains:
            priority = {"prerouting": -300, "forward": 0, "postrouting": 300}[name]
            run(["nft", f"add chain bridge pol {name} "
                        f"{{ type filter hook {name} priority {priority}; }}"])
            chains.add(name)
        run(["nft", f"add rule bridge pol {name} {rest}"])


def cable(guest, kind):
    """The guest's end is eth0, the host's vnet0."""
    if kind in ("veth", "proxy", "two", "apart"):
        run(["ip", "link", "add", "vnet0", "type", "veth", "peer", "name", "eth0", "address", M,
             "netns", str(guest.process.pid)])
    else:  # the guest hangs on a macvlan of the cable
        run(["ip", "link", "add", "vnet0", "type", "veth", "peer", "name", "low0"])
        run(["ip", "link", "set", "low0", "up"])
        run(["ip", "link", "add", "link", "low0", "name", "mv0", "address", M, "type", "macvlan",
             "mode", kind])
        run(["ip", "link", "set", "mv0", "name", "eth0", "netns", str(guest.process.pid)])
    run(["ip", "link", "set", "vnet0", "master", "br0", "up"])
    if kind in ("two", "apart"):
        second_cable(guest, "br0" if kind == "two" else "br1")


def second_cable(guest, bridge):
    """eth1, on the same segment or on one of its own."""
    if bridge != "br0":
        run(["ip", "link", "add", bridge, "up", "type", "bridge"])
    run(["ip", "link", "add", "vnet1", "type", "veth", "peer", "name", "eth1", "netns",
         str(guest.process.pid)])
    run(["ip", "link", "set", "vnet1", "master", bridge, "up"])
    guest.run("ip link set eth1 up")


def set_guest(guest, case):
    addresses = ["ip address add 10.0.0.2/24 dev eth0", "ip route add default via 10.0.0.1"]
    if case.ipv6:
        addresses = ["ip -6 route add default via fe80::fe dev eth0"]
    dad = "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 " \
          f"net.ipv6.conf.eth0.disable_ipv6={int(not case.ipv6)} net.ipv6.conf.eth0.accept_dad=0"
    guest.run("ip link set lo up", dad, "ip link set eth0 up", *addresses,
              *(command.format(M=M) for command in case.inside))


def set_kernel_gateway(gateway, case):
    mute = "mute" in case.gateway
    gateway.run("sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0 "
                f"net.ipv4.icmp_echo_ignore_all={int(mute)} net.ipv6.icmp.echo_ignore_all={int(mute)}",
                "ip link set eth0 up", "ip address add 10.0.0.1/24 dev eth0",
                "ip address add fe80::fe/64 dev eth0 nodad")


def start_gateway(gateway, case):
    run(["ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth0", "address", GATEWAY_MAC,
         "netns", str(gateway.process.pid)])
    run(["ip", "link", "set", "up0", "master", "br0", "up"])
    if "none" in case.gateway or case.nic == "proxy":
        gateway.run("ip link set eth0 up")
    elif "kernel" in case.gateway:
        set_kernel_gateway(gateway, case)
        gateway.run(*(command.format(M=M) for command in case.beyond))
        return start_dhcp(gateway) if "dhcp" in case.gateway else \
            serve_dhcp(gateway) if "answers-dhcp" in case.gateway else \
            start_far(gateway) if "far" in case.gateway else None
    else:
        return start_user_gateway(gateway.enter, "eth0", case.gateway, gateway)
    return None


def start_dhcp(gateway):
    """dnsmasq, at a gateway that answers no ARP."""
    gateway.run("nft add table arp deaf",
                "nft 'add chain arp deaf in { type filter hook input priority 0; policy drop; }'")
    return serve_dhcp(gateway)


def serve_dhcp(gateway):
    process = subprocess.Popen([*gateway.enter, "dnsmasq", "--keep-in-foreground", "--no-ping",
                                "--conf-file=/dev/null", "--user=root", "--group=root", "--port=0",
                                "--interface=eth0", "--bind-interfaces", "--pid-file",
                                "--dhcp-leasefile=/dev/null", "--log-facility=-",
                                "--dhcp-range=10.0.0.100,10.0.0.150"], stderr=subprocess.PIPE)
    while b"DHCP" not in process.stderr.readline():
        assert process.poll() is None, "dnsmasq did not start"
    return process


def start_far(gateway):
    """10.1.0.2, behind the gateway."""
    far = Namespace()
    gateway.run(f"ip link add far0 type veth peer name eth0 netns {far.process.pid}",
                "ip link set far0 up", "ip address add 10.1.0.1/24 dev far0",
                "sysctl -qw net.ipv4.ip_forward=1")
    far.run("ip link set eth0 up", "ip address add 10.1.0.2/24 dev eth0",
            "ip route add default via 10.1.0.1")
    return far.process


def start_user_gateway(enter, interface, habits, namespace=None):
    if namespace is not None:
        namespace.run("sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1", "ip link set eth0 up")
    process = subprocess.Popen([*enter, "/usr/bin/python3", HERE / "gateway.py", interface,
                                "10.0.0.1", GATEWAY_MAC, *habits], stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def wait_for_ports():
    """Until the bridge forwards wherever there is a cable; it hears of one in its own time, and drops what comes before."""
    end = time.monotonic() + 20
    while any("LOWER_UP" in port["flags"] and port["state"] != "forwarding"
              for port in json.loads(run(["bridge", "-json", "link", "show"]))):
        assert time.monotonic() < end, "a port of the bridge does not forward"
        time.sleep(0.01)


def build(case):
    """(guest, everything that has to be ended)."""
    guest, gateway = Namespace(), Namespace()
    run(["ip", "link", "add", "br0", "type", "bridge"])
    run(["sh", "-c", "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"])
    run(["ip", "link", "set", "br0", "up"])
    cable(guest, case.nic)
    set_guest(guest, case)
    started = start_gateway(gateway, case)
    wait_for_ports()
    if case.nic == "proxy":  # at the port itself; what else comes from the guest goes nowhere
        started = start_user_gateway([], "vnet0", ("no-echo",))
        run(["ip", "link", "set", "vnet0", "nomaster"])
    set_policy(case)
    if "foreign" in case.gateway:  # pings to a MAC that no port has, which the bridge floods
        gateway.run("ip neighbour add 10.0.0.99 lladdr 02:00:00:00:00:99 dev eth0",
                    "ping -qc 3 -i 0.01 -W 0.1 10.0.0.99 >/dev/null || true")
    return guest, [guest.process, gateway.process] + ([started] if started else [])


def ask(worker, guest, case):
    done = subprocess.run([*guest.enter, worker, "--only", "mac-filter", "--network", "--mac-test",
                           *case.arguments], capture_output=True, text=True, timeout=120)
    facts, took = {}, 0
    for line in map(json.loads, done.stdout.splitlines()):
        facts[line.get("fact")] = line.get("value")
        took = line.get("us", took)
    words = {key: value for key, value in facts.items()
             if key and key.endswith(".mac-filter") and key.startswith("net.") and key != "net.mac-filter"}
    word = words.get("net.eth0.mac-filter") or next(iter(words.values()), done.stdout + done.stderr)
    return {"word": word, "confidence": facts.get("net.mac-filter.confidence"), "ms": took / 1000,
            "vlan": facts.get("net.vlan"), "duplicates": facts.get("net.duplicates"),
            "evidence": next((value for key, value in facts.items()
                              if key and key.endswith(".evidence")), None)}


def main():
    worker, name, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    case, results = CASES[name], []
    for number in range(runs):
        if number == 0 or "port-blocked" == case.word:
            if number:
                run(["nft", "flush", "ruleset"])
                set_policy(case)
            else:
                guest, processes = build(case)
                sniffer = Sniffer("vnet0")
                time.sleep(0.3)  # the guest's own first words
        sniffer.begin()
        if any(habit.startswith("dead=") for habit in case.gateway):
            processes[-1].send_signal(signal.SIGUSR1)
        result = ask(worker, guest, case)
        time.sleep(0.05)  # for the last frame to come through
        results.append(result | measure(sniffer.frames()))
        time.sleep(1.0 if runs == 1 else 0.1)
    for process in processes:
        process.kill()
    print(json.dumps({"runs": results}))


if __name__ == "__main__":
    main()
