#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A bridge with a tap for a guest and a gateway behind it, with a policy of tests/mac/networks.py.

usage: unshare --net switch.py CASE [dhcp]

Says "ready" and its process, whose namespace QEMU is to be started in, and stays until its input
ends.
"""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "mac"))
import net  # noqa: E402
from networks import CASES  # noqa: E402


def main():
    case = CASES[sys.argv[1]]
    gateway = net.Namespace()
    net.run(["ip", "link", "add", "br0", "type", "bridge"])
    net.run(["ip", "link", "set", "br0", "up"])
    net.run(["ip", "tuntap", "add", "dev", "vnet0", "mode", "tap"])
    net.run(["ip", "link", "set", "vnet0", "master", "br0", "up"])
    net.start_gateway(gateway, case)
    dhcp = net.serve_dhcp(gateway) if "dhcp" in sys.argv[2:] else None
    net.set_policy(case)
    print("ready", os.getpid(), flush=True)
    sys.stdin.read()
    if dhcp is not None:
        dhcp.kill()
    gateway.process.kill()


if __name__ == "__main__":
    main()
