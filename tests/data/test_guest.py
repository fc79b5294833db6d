# SPDX-License-Identifier: GPL-2.0-or-later
"""What a fix inside the guest says to type, typed as root in a network namespace that is thrown away."""
import json
import os
import re
import shutil
import subprocess

import pytest

from commands import SOURCE

GAPS = {gap["id"]: gap for gap in json.loads((SOURCE / "knowledge/gaps.json").read_text())["gaps"]}
NEEDS = ("unshare", "nft", "ip", "sysctl")
pytestmark = pytest.mark.skipif(os.geteuid() != 0 or any(shutil.which(program) is None for program in NEEDS),
                                reason="needs root, unshare, nft, ip and sysctl")


def typed(lines):
    """In one namespace, by a shell that stops at what fails.  What that said."""
    script = "set -e\n" + "\n".join(re.sub(r"(^|[;|&] *)sudo ", r"\1", line) for line in lines)
    return subprocess.run(["unshare", "-n", "sh"], input=script, capture_output=True, text=True, timeout=60,
                          check=False)


def remedy(gap, tool):
    return next(item for item in GAPS[gap]["anywhere"]["remedies"] if item["tool"] == tool)


def test_nat_by_nft_is_there_and_goes_again():
    nat = remedy("net.use-nat", "nft")
    show = ["nft list ruleset", "ip -o -4 address show", "cat /proc/sys/net/ipv4/ip_forward"]
    before, after = typed(show), typed([*nat["steps"], *nat["verify"], *show])
    assert after.returncode == 0, after.stderr
    assert "masquerade" in after.stdout and "192.168.77.1/24" in after.stdout and after.stdout.endswith("\n1\n")
    undone = typed([*nat["steps"], "echo UNDO", *nat["undo"], "echo SHOW", *show])
    assert undone.returncode == 0, undone.stderr
    assert undone.stdout.split("SHOW\n")[1] == before.stdout


def test_a_rule_that_drops_frames_is_found_by_its_handle_and_deleted():
    fix = remedy("l1.mac-local-filter", "nft")
    rule = "ether saddr != 02:00:00:00:00:01 drop"
    setup = ["nft add table bridge filter", "nft 'add chain bridge filter out { type filter hook output priority 0; }'",
             f"nft add rule bridge filter out {rule}"]
    look, delete = fix["steps"]
    found = typed([*setup, look])
    handle = re.search(r"ether saddr .* # handle ([0-9]+)", found.stdout).group(1)
    words = {"FAMILY": "bridge", "TABLE": "filter", "CHAIN": "out", "HANDLE": handle, "OLD-RULE": rule}

    def filled(line):
        return " ".join(words.get(word, word) for word in line.split(": ")[-1].split(" "))
    gone = typed([*setup, filled(delete), "nft list ruleset"])
    assert gone.returncode == 0 and "saddr" not in gone.stdout, gone.stderr
    back = typed([*setup, filled(delete), *map(filled, fix["undo"]), "nft list ruleset"])
    assert back.returncode == 0 and "saddr" in back.stdout, back.stderr


def test_bridged_frames_are_let_through_a_chain_that_drops():
    fix = remedy("l1.bridge-firewall", "nft")
    docker = ["nft add table ip filter",
              "nft 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'"]
    look, _, allow = (line.replace("BRIDGE", "br0") for line in fix["steps"])
    found = typed([*docker, look, allow, *fix["verify"]])
    assert found.returncode == 0 and "policy drop" in found.stdout.splitlines()[1], found.stderr
    handle = re.search(r'iifname "br0" oifname "br0" accept # handle ([0-9]+)', found.stdout).group(1)
    undone = typed([*docker, allow, *(line.replace("HANDLE", handle) for line in fix["undo"]), *fix["verify"]])
    assert undone.returncode == 0 and "br0" not in undone.stdout, undone.stderr
