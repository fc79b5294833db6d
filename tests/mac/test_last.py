# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs that nobody looks at: what lets them send, and what they say of an earlier test.

State and configuration are in a file system of the test's own.
"""
import json
import os
import re

import pytest

from scripts import APART, STATE, run_script

KEPT = f"{STATE}/mac-test"
CONFIG = f"{STATE}/conf"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and packet sockets need root")

SESSION = """
sniffer, result = net.Sniffer("vnet0"), []
time.sleep(0.3)
for step in steps:
    if isinstance(step, str):
        net.run(["sh", "-ec", step])
        continue
    sniffer.begin()
    # /sys is of whoever mounted it
    done = subprocess.run([*guest.enter, "unshare", "--mount", "sh", "-ec",
                           'mount -t sysfs none /sys; exec "$@"', "sh", program, *step], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    time.sleep(0.05)
    result.append([done.returncode, done.stdout, done.stderr,
                   sum(net.is_ours(frame) for _, frame in sniffer.frames())])
"""
CHECK = ["check", "--format", "json"]
YES = "[network]\nmac_test = yes\n"
# PROC_PID_INIT_INO of the kernel
IS_CONTAINER = os.readlink("/proc/self/ns/pid") != "pid:[4026531836]"


def session(case, *steps, apart=APART):
    """Steps are arguments of nestready, or shell for the host.  [(status, out, err, frames)]"""
    return run_script(SESSION, case, apart, steps=steps)


def finding(result):
    return next(item for item in json.loads(result[1])["findings"] if item["id"] == "net.mac-filter")


def test_a_later_run_says_what_was_measured_and_when_and_sends_nothing():
    mac, *checks = session("forged/kernel", ["mac"], CHECK, [*CHECK, "--passive"])
    assert mac[3] > 0 and mac[1].startswith("eth0: egress-filtered")
    for check in checks:
        found = finding(check)
        assert check[3] == 0 and found["outcome"] == "not-checked"
        assert re.fullmatch(r"no frames were sent; eth0 egress-filtered \(high confidence\), measured "
                            r"\d+ s ago by the MAC test", found["because"]), found["because"]


def test_open_is_never_said_of_what_is_not_what_was_measured():
    changes = [
        f"sed -i 's/\"wall\": [0-9]*/\"wall\": 1/' {KEPT}",
        f"sed -i 's/\"uptime\": [0-9]*/\"uptime\": 1/' {KEPT}",
        f"sed -i 's/\"wall\": /\"wall\": 9/' {KEPT}",
        f"sed -i 's/\"boot_id\": \"[^\"]*\"/\"boot_id\": \"another\"/' {KEPT}",
        f"sed -i 's/\"platform\": \"[^\"]*\"/\"platform\": \"another\"/' {KEPT}",
        f"sed -i 's/\"mac\": \"[^\"]*\"/\"mac\": \"02:00:00:00:00:99\"/' {KEPT}",
        f"sed -i 's/\"name\": \"eth0\"/\"name\": \"eth9\"/' {KEPT}",
    ]
    copy, back = f"cp {KEPT} {KEPT}.old", f"cp {KEPT}.old {KEPT}"
    steps = [step for change in changes for step in (back, change, CHECK)]
    kept, *checks = session("open/kernel", ["mac"], copy, CHECK, *steps)[1:]
    assert "eth0 open (high confidence), measured" in finding(kept)["because"]
    for change, check in zip(changes, checks):
        assert finding(check)["because"] == "no frames were sent", change
        assert check[2:] == ["", 0], change


@pytest.mark.parametrize("damage,says", [
    (f"echo '{{' > {KEPT}", "line 2: "),
    (f"sed -i 's/nestready.mac-last.1/nestready.mac-last.2/' {KEPT}", "schema: expected"),
    (f"sed -i 's/\"word\": \"open\"/\"word\": \"O p e n\"/' {KEPT}", "nics[0]: expected"),
    (f"sed -i 's/\"nics\"/\"more\"/' {KEPT}", "Object item not found: nics"),
    (f"chmod 666 {KEPT}", "expected a file that root alone can write"),
    (f"mv {KEPT} {KEPT}.x; ln -s {KEPT}.x {KEPT}", "expected a file that root alone can write"),
    (f"head -c 2000000 /dev/zero | tr '\\0' ' ' >> {KEPT}", "larger than 1 MiB"),
])
def test_what_is_damaged_or_anybodys_is_named_and_not_used(damage, says):
    _, check = session("open/kernel", ["mac"], damage, CHECK)
    assert finding(check)["because"] == "no frames were sent"
    assert check[2].startswith(f"nestready: {KEPT}") and says in check[2] and check[2].count("\n") == 1


def configured(text):
    return f"printf '{text}' > {CONFIG}", ["--report", f"config:{CONFIG}"]


@pytest.mark.parametrize("text,sends", [
    pytest.param(YES, True, marks=pytest.mark.skipif(IS_CONTAINER, reason="this is a container, which sends nothing")),
    ("[network]\nmac_test = no\n", False), ("[network]\nmac_test = perhaps\n", False), ("", False)])
def test_a_run_that_nobody_looks_at_sends_where_it_is_configured(text, sends):
    write, place = configured(text)
    check, passive = session("forged/kernel", write, [*CHECK, *place], [*CHECK, *place, "--passive"])
    assert (check[3] > 0) == sends and passive[3] == 0
    assert finding(check)["outcome"] == ("fail" if sends else "not-checked")
    assert ("'yes' or 'no', not 'perhaps'" in check[2]) == ("perhaps" in text)
    assert ("testing what the network does" in check[2]) == sends


def test_a_container_sends_nothing_unasked_whatever_is_configured():
    """A PID namespace of its own makes one, for nestready as for the kernel."""
    write, place = configured(YES)
    check, = session("forged/kernel", write, [*CHECK, *place],
                     apart=(*APART, "--pid", "--fork", "--mount-proc"))
    assert check[3] == 0 and finding(check)["outcome"] == "not-checked"
    assert finding(check)["because"] == "a container does not choose the network of its host"
