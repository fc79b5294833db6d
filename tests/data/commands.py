# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of remedies' commands share: the remedies themselves, and words for their blanks."""
import json
import os
import re
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SHARED = json.loads((SOURCE / "knowledge/remedies.json").read_text())
PARTS = ("before", "steps", "verify", "undo", "off", "on")
PLACES = {"NAME": "test", "BRIDGE": "br0", "OLD-MODEL": "qemu64", "OLD-NETWORK": "network=default",
          "INSTANCE": "i-0123456789abcdef0", "ONE-OF-THESE-TYPES": "m8i.large", "LARGER-TYPE": "m8i.xlarge",
          "OLD-TYPE": "m6i.large", "IMAGE": "ami-0123456789abcdef0", "SUBNET": "subnet-0123", "KEY": "key",
          "PROJECT": "nested-123456", "MAC-OF-A-VM": "52:54:00:12:34:56", "IP-OF-A-VM": "192.0.2.7",
          "OLD-SIZE": "4G", "LARGER-SIZE": "4G", "SIZE-THAT-NESTS": "4G", "NEW-NAME": "test", "OLD-MTU": "1460"}


def commands(tree):
    """Every line of every remedy below, with what only says when a command is to be typed."""
    if isinstance(tree, list):
        return {line for item in tree for line in commands(item)}
    if not isinstance(tree, dict):
        return set()
    own = {line for part in PARTS for line in tree.get(part, []) if isinstance(line, str)}
    return own | {line for part, item in tree.items() for line in commands(item)
                  if part not in PARTS or not all(isinstance(word, str) for word in item)}


FILES = [SOURCE / "knowledge/remedies.json", SOURCE / "knowledge/gaps.json",
         *(SOURCE / "knowledge/platforms").glob("*.json")]
LINES = sorted({line for path in FILES for line in commands(json.loads(path.read_text()))})


def of(program):
    """The commands of a program, filled in, those that a sentence leads in to too: "On the host: virsh ..."."""
    found = [re.search(rf"(?:^|: )({program} .*)$", line) for line in LINES]
    return sorted({filled(match.group(1)) for match in found if match})


def filled(step):
    for place in sorted(PLACES, key=len, reverse=True):
        step = re.sub(rf"\b{place}\b", PLACES[place], step)
    return step


def run(command, **environment):
    return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=300, check=False,
                          env=os.environ | environment)
