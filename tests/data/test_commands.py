# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands of remedies, taken by the tools that they are for, as far as a tool is here.

Nothing is changed: virt-xml works on libvirt's test driver and prints what it would do, and aws checks
its arguments and then finds nobody to talk to.
"""
import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
SHARED = json.loads((SOURCE / "knowledge/remedies.json").read_text())
STEPS = sorted({step for remedy in SHARED["remedies"].values()
                for step in remedy["steps"] + remedy["undo"]}
               | {step for cycle in SHARED["cycles"].values() for step in cycle["off"] + cycle["on"]})
PLACES = {"NAME": "test", "BRIDGE": "br0", "OLD-MODEL": "qemu64", "OLD-NETWORK": "network=default",
          "INSTANCE": "i-0123456789abcdef0", "ONE-OF-THESE-TYPES": "m8i.large", "LARGER-TYPE": "m8i.xlarge",
          "OLD-TYPE": "m6i.large", "IMAGE": "ami-0123456789abcdef0", "SUBNET": "subnet-0123", "KEY": "key"}


def filled(step):
    for place in sorted(PLACES, key=len, reverse=True):
        step = step.replace(place, PLACES[place])
    return step


def run(command, **environment):
    return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120,
                          env=os.environ | environment)


@pytest.mark.skipif(shutil.which("virt-xml") is None, reason="virt-xml is not installed")
@pytest.mark.parametrize("step", [step for step in STEPS if step.startswith("virt-xml ")])
def test_virt_xml_takes_it(step):
    command = filled(step).replace("virt-xml ", "virt-xml --connect test:///default ", 1)
    done = run(command + " --print-xml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<domain")


@functools.cache
def aws_lacks():
    if shutil.which("aws") is None:
        return "aws is not installed"
    done = run("aws ec2 modify-instance-cpu-options --generate-cli-skeleton")
    return None if "NestedVirtualization" in done.stdout else "this aws is older than the option"


@pytest.mark.parametrize("step", [step for step in STEPS if step.startswith("aws ")])
def test_aws_takes_it(step):
    if aws_lacks():
        pytest.skip(aws_lacks())
    done = run(filled(step) + " --endpoint-url http://127.0.0.1:9 --region us-east-1 --no-sign-request",
               AWS_MAX_ATTEMPTS="1", AWS_EC2_METADATA_DISABLED="true")
    assert "Could not connect to the endpoint" in done.stderr, done.stderr
