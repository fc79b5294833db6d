#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A gateway in user space, for habits that no kernel has.

usage: gateway.py INTERFACE IP MAC HABIT...

Answers ARP and pings for IP.  Habits: delay=MS, no-echo, ignore-nobody (no answer to the sender
0.0.0.0), broadcast, twice, by-source (answers go to the Ethernet source), anything (ARP for every
address), arp-limit=N (answers a second), arp-rate=N, echo-rate=N (the same, never two at once),
loss=PERCENT (of its answers), burst=FRAMES (mean length of what loss takes; of questions, too),
dead=MS (for so long from 20 ms after the first frame that follows SIGUSR1), vlan=ID (it is there, too).
"""
import heapq
import random
import select
import signal
import socket
import struct
import sys
import time

ARP, IPV4 = b"\x08\x06", b"\x08\x00"
SOL_PACKET, PACKET_AUXDATA, VLAN_VALID = 263, 8, 1 << 4  # linux/if_packet.h
EVERYBODY = b"\xff" * 6


def checksum(data):
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return (~total & 0xffff).to_bytes(2, "big")


class Bursts:
    """Gilbert's chain: in one state nothing is lost, in the other all."""

    def __init__(self, percent, frames):
        self.share, self.leave, self.bad = percent / 100, 1 / frames, False

    def lose(self):
        enter = self.leave * self.share / (1 - self.share)
        self.bad = random.random() < (1 - self.leave if self.bad else enter)
        return self.bad


class Gateway:
    def __init__(self, address, mac, habits):
        self.address, self.mac = socket.inet_aton(address), bytes.fromhex(mac.replace(":", ""))
        self.habits = dict(habit.partition("=")[::2] for habit in habits)
        self.answered, self.last = [], {}
        loss, frames = int(self.habits.get("loss", 0)), int(self.habits.get("burst", 0))
        self.ways = [Bursts(loss, frames), Bursts(loss, frames)] if frames else []
        self.loss = 0 if frames else loss
        self.began = None

    def is_dead(self):
        """Counts from the first frame."""
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        return 0.02 <= now - self.began < 0.02 + int(self.habits.get("dead", 0)) / 1000

    def lost(self, way):
        return self.is_dead() or (self.ways[way].lose() if self.ways else
                                  way == 1 and random.randrange(100) < self.loss)

    def too_soon(self, kind):
        """A bucket that holds one token."""
        rate, now = int(self.habits.get(kind, 0)), time.monotonic()
        if rate and now - self.last.get(kind, 0) < 1 / rate:
            return True
        self.last[kind] = now
        return False

    def limited(self):
        limit = int(self.habits.get("arp-limit", 0))
        now = time.monotonic()
        self.answered = [at for at in self.answered if at > now - 1]
        if limit and len(self.answered) >= limit:
            return True
        self.answered.append(now)
        return False

    def arp(self, frame):
        if frame[20:22] != b"\0\1" or frame[6:12] == self.mac:
            return None
        target, sender = frame[38:42], frame[28:32]
        if target != self.address and "anything" not in self.habits:
            return None
        if ("ignore-nobody" in self.habits and sender == bytes(4)) or self.limited() or \
                self.too_soon("arp-rate"):
            return None
        to = frame[6:12] if "by-source" in self.habits else frame[22:28]
        if "broadcast" in self.habits:
            to = EVERYBODY
        return (to + self.mac + ARP + frame[14:20] + b"\0\2" + self.mac + target +
                frame[22:28] + sender + bytes(18))

    def echo(self, frame, known):
        if "no-echo" in self.habits or frame[23] != 1 or frame[34] != 8 or frame[30:34] != self.address:
            return None
        if self.too_soon("echo-rate"):
            return None
        icmp = b"\0\0\0\0" + frame[38:]
        icmp = icmp[:2] + checksum(icmp) + icmp[4:]
        return (known + self.mac + IPV4 + frame[14:26] + frame[30:34] + frame[26:30] + icmp)

    def answer(self, frame, guest):
        if frame[12:14] == ARP:
            return self.arp(frame)
        return self.echo(frame, guest) if frame[12:14] == IPV4 else None


def receive(wire):
    """(frame, source, VLAN): the kernel takes the tag off."""
    frame, more, _, source = wire.recvmsg(2048, 64)
    status, _, _, _, _, tag, _ = struct.unpack("IIIHHHH", more[0][2])
    return frame, source, tag & 0xfff if status & VLAN_VALID else 0


def main():
    interface, address, mac, *habits = sys.argv[1:]
    gateway = Gateway(address, mac, habits)
    delay = int(gateway.habits.get("delay", 0)) / 1000
    signal.signal(signal.SIGUSR1, lambda *_: setattr(gateway, "began", None))
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    wire.bind((interface, 0))
    guest, waiting = None, []
    print("ready", flush=True)
    while True:
        rest = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        if select.select([wire], [], [], rest)[0]:
            frame, source, vlan = receive(wire)
            if source[2] == socket.PACKET_OUTGOING or vlan not in (0, int(gateway.habits.get("vlan", 0))):
                continue
            if gateway.lost(0):
                continue
            if frame[12:14] == ARP and frame[28:32] != bytes(4):
                guest = frame[22:28]  # as a cache would have it
            reply = gateway.answer(frame, guest or frame[6:12])
            if reply is not None and vlan:
                reply = reply[:12] + struct.pack("!HH", 0x8100, vlan) + reply[12:]
            for _ in range(0 if reply is None else 2 if "twice" in gateway.habits else 1):
                if not gateway.lost(1):
                    heapq.heappush(waiting, (time.monotonic() + delay, reply))
        while waiting and waiting[0][0] <= time.monotonic():
            wire.send(heapq.heappop(waiting)[1])


if __name__ == "__main__":
    main()
