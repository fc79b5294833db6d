# SPDX-License-Identifier: GPL-2.0-or-later
"""What nestready sends and says, asked by an administrator or by nobody, and what is left when it is ended."""
import json
import os

import pytest

from networks import EGRESS, FILTERED, M
from scripts import PROGRAM, run_script

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and packet sockets need root")


COMMANDS = """
sniffer = net.Sniffer("vnet0")
time.sleep(0.3)
sniffer.begin()
done = subprocess.run([*guest.enter, program, *arguments], capture_output=True, text=True,
                      stdin=subprocess.DEVNULL)
time.sleep(0.05)
result = [done.returncode, done.stdout, done.stderr,
          sum(net.is_ours(frame) for _, frame in sniffer.frames())]
"""


def command(case, *arguments):
    """(exit status, standard output, standard error, frames on the wire) of nestready in a case."""
    return run_script(COMMANDS, case, arguments=list(arguments))


@pytest.mark.parametrize("case,arguments,line", [
    ("vlan/passes", ["--vlan", "20"], "net.vlan: the tag passes"),
    ("vlan/passes", ["--vlan", "30"], "net.vlan: nobody answered in the VLAN"),
    ("open/twice", [], "net.duplicates: Frames come in twice, or come back to their sender"),
])
def test_mac_says_what_it_saw_beside(case, arguments, line):
    _, out, err, _ = command(case, "mac", *arguments)
    assert line in out.splitlines(), (out, err)


@pytest.mark.parametrize("case,arguments,settling", [
    ("nobody", [], "mac --mac-echo IP   # an address on this network that answers pings"),
    ("open/mute", [], "mac --mac-echo IP   # an address on this network that answers pings"),
    ("open/mute", ["--mac-echo", "10.0.0.1"],
     "mac --mac-echo IP   # one that answers pings; 10.0.0.1 did not"),
    ("open/kernel", [], None),
])
def test_mac_says_what_would_settle_it(case, arguments, settling):
    _, out, err, _ = command(case, "mac", *arguments)
    said = [line.partition(f"to settle it: {PROGRAM} ")[2] for line in out.splitlines() if "to settle" in line]
    assert said == ([settling] if settling else []), (out, err)
    assert " 1 ? " not in out, "an item beside it says the same again"


@pytest.mark.parametrize("case,arguments,status,word", [
    ("open/kernel", ["mac"], 0, "open"),
    ("forged/kernel", ["mac"], 1, "egress-filtered"),
    ("forged/kernel", ["mac", "--require-network"], 2, "egress-filtered"),
    ("nobody", ["mac"], 3, "no-responder"),
])
def test_mac_says_it_and_how_to_mend_it(case, arguments, status, word):
    returned, out, err, frames = command(case, *arguments)
    assert returned == status and out.startswith(f"eth0: {word} ("), (out, err)
    assert "testing what the network does" in err and "eth0 to 10.0.0.1" in err
    assert frames > 0 and ("l0.mac-egress-filtered" in out) == (word == EGRESS)


@pytest.mark.parametrize("case", ["tunnel", "no-ascii"])
def test_what_is_beside_the_interface_that_counts_does_not_count(case):
    status, out, err, frames = command(case, "mac")
    assert status == 0 and ": open (high confidence)" in out and frames == 8, (out, err)


DOWN = """
mac = subprocess.Popen([*guest.enter, program, "mac"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
time.sleep(0.3)
guest.run("ip link set eth0 down")
out = mac.communicate(timeout=20)[0]
result = [mac.returncode, out]
"""


def test_an_interface_that_somebody_takes_down_is_no_blocked_port():
    status, out = run_script(DOWN, "both/kernel")
    assert status == 3 and out.startswith("eth0: inconclusive") and "went down" in out, out


AT_ONCE = """
sniffer = net.Sniffer("vnet0")
time.sleep(0.3)
sniffer.begin()
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
tests = [subprocess.Popen([*guest.enter, program, "mac"], **quiet) for _ in range(2)]
statuses = [test.wait() for test in tests]
statuses += [subprocess.run([*guest.enter, program, "mac"], **quiet).returncode for _ in range(2)]
time.sleep(0.05)
result = [statuses, net.measure(sniffer.frames())["worst_second"]]
"""


def test_tests_at_once_and_one_after_the_other_keep_the_limit():
    statuses, worst = run_script(AT_ONCE, "both/kernel")
    assert statuses == [1, 1, 1, 1] and 0 < worst <= 13


UNPRIVILEGED = """
done = subprocess.run([*guest.enter, "setpriv", "--reuid=65534", "--clear-groups", program, "mac", "--watch"],
                      capture_output=True, text=True, timeout=20)
result = [done.returncode, done.stdout.count("not-permitted")]
"""


def test_watch_does_not_wait_for_a_right():
    assert run_script(UNPRIVILEGED, "open/kernel") == [3, 1]


def test_an_address_of_the_guest_itself_is_no_spare_one():
    status, out, err, _ = command("spare/gateway", "mac", "--mac-spare-ip", "10.0.0.2")
    assert status == 0 and "the spare address is in use, and was not tried" in out, (out, err)


def test_a_script_sends_nothing_unless_it_asks():
    for arguments in ([], ["--passive", "--nic", "eth0"], ["capture", "-o", "/dev/null"]):
        returned, _, err, frames = command("open/kernel", *arguments)
        assert frames == 0 and "testing" not in err and returned <= 3, arguments
    _, out, err, frames = command("forged/kernel", "--nic", "eth0", "--format", "json")
    report = json.loads(out)
    assert frames > 0 and "testing" in err
    assert report["facts"]["net.eth0.mac-filter"]["value"] == EGRESS
    finding = next(item for item in report["findings"] if item["id"] == "net.mac-filter")
    assert (finding["outcome"], finding["gap"]) == ("fail", "l0.mac-egress-filtered")
    assert finding["nics"] == [{"nic": "eth0", "word": EGRESS, "confidence": "high", "outcome": "fail",
                                "gap": "l0.mac-egress-filtered"}]


def test_a_recording_gives_the_same_answer_and_sends_nothing(tmp_path):
    recording = tmp_path / "machine.json"
    command("both/kernel", "capture", "--nic", "eth0", "-o", str(recording))
    assert "10.0.0" not in recording.read_text() and M not in recording.read_text()
    _, out, _, frames = command("open/kernel", "--snapshot", str(recording), "--format", "json")
    assert frames == 0
    assert json.loads(out)["facts"]["net.mac-filter"]["value"] == FILTERED


TERMINAL = """
leader, follower = pty.openpty()
done = subprocess.Popen([*guest.enter, program, "mac"], stdin=follower,
                        stdout=subprocess.PIPE, stderr=follower, text=True)
os.close(follower)
out, said = done.communicate()[0], b""
try:
    while chunk := os.read(leader, 4096):
        said += chunk
except OSError:
    pass  # its other end is closed
result = [done.returncode, out, said.decode()]
"""


def test_a_terminal_has_a_line_of_what_is_being_tried():
    status, out, said = run_script(TERMINAL, "both/kernel")
    assert status == 1 and out.startswith("eth0: filtered (high confidence)")
    first, *tried = said.split("\r\x1b[K")
    assert "mostly 8 frames" in first and "eth0 to 10.0.0.1" in first
    assert len(tried) >= 3 and tried[-1] == ""  # and nothing of it stays
    assert all(line.startswith("eth0: ") and line.endswith(" ...") for line in tried[:-1]), tried
    assert "\x1b" not in out


WATCHED = """
sniffer = net.Sniffer("vnet0")
time.sleep(0.3)
sniffer.begin()
watch = subprocess.Popen([*guest.enter, program, "mac", "--watch"], stdout=subprocess.PIPE, text=True)
said = ""
while said.count("eth0: filtered") < 2:
    said += watch.stdout.readline()
net.run(["nft", "flush ruleset"])
said += watch.communicate(timeout=20)[0]
result = [watch.returncode, said.count("fix ("), said.count("eth0: open"),
          net.measure(sniffer.frames())["worst_second"]]
"""


def test_watch_ends_when_somebody_opened_the_port():
    status, fixes, opened, worst = run_script(WATCHED, "both/kernel")
    assert (status, fixes, opened) == (0, 1, 1) and worst <= 13


WATCHED_TERMINAL = """
process, leader = pty.fork()
if process == 0:
    os.execvp(guest.enter[0], [*guest.enter, program, "mac", "--watch"])
said, opened = b"", False
try:
    while chunk := os.read(leader, 4096):
        said += chunk
        if b"no change" in said and not opened:
            net.run(["nft", "flush ruleset"])
            opened = True
except OSError:
    pass  # its other end is closed
result = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode()]
"""


def test_on_a_terminal_what_is_to_be_done_stays_in_sight():
    """While nothing changes all that happens is on one line; what is sent was said in full before."""
    status, said = run_script(WATCHED_TERMINAL, "both/kernel")
    stays = "\n".join(line.rpartition("\r\x1b[K")[2] for line in said.split("\r\n"))
    assert status == 0 and "no change ..." in said
    assert [stays.count(text) for text in ("mostly 8 frames", "eth0: filtered", "fix (", "eth0: open", "no change")] \
        == [1, 1, 1, 1, 0], stays


LATE = """
net.run(["ip", "link", "set", "br0", "type", "bridge", "stp_state", "1", "forward_delay", "200"])
net.run(["ip", "link", "set", "vnet0", "down"])
began = time.monotonic()
net.run(["ip", "link", "set", "vnet0", "up"])
watch = subprocess.run([*guest.enter, program, "mac", "--watch"], capture_output=True, text=True, timeout=40)
result = [watch.returncode, watch.stdout.count("eth0: "), watch.stdout.count("eth0: no-responder"),
          watch.stdout.count("eth0: open"), time.monotonic() - began]
"""


def test_a_switch_that_forwards_after_its_spanning_tree_filters_nothing():
    """Listening and learning for two seconds each, as a new link does for 15."""
    status, words, nobody, opened, took = run_script(LATE, "open/kernel")
    assert (status, opened) == (0, 1) and words == nobody + 1, (words, nobody)
    assert took > 3.5, "it did not forward late"


KILLED = """
def promiscuous():
    said = subprocess.run([*guest.enter, "ip", "-d", "link", "show", "eth0"], capture_output=True,
                          text=True).stdout
    return int(said.partition("promiscuity ")[2].split()[0])
worker = subprocess.Popen([*guest.enter, worker, "--only", "mac-filter", "--network",
                           "--mac-test"], stdout=subprocess.DEVNULL,
                          # what started the tests may ignore it
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while running and not promiscuous() and worker.poll() is None:
    pass
time.sleep(moment)
during = promiscuous()
worker.send_signal(number)
worker.wait()
time.sleep(0.1)
result = [during, promiscuous(), worker.returncode]
"""


@pytest.mark.parametrize("running, moment", [(False, 0.05), (False, 0.1), (True, 0.0), (True, 0.3)])
@pytest.mark.parametrize("name,number", [("kill -9", 9), ("Ctrl-C", 2)])
def test_nothing_is_left_when_it_is_ended(name, number, running, moment):
    """A while after its start, and a while after it had begun; the gateway takes 1.5 seconds to answer."""
    during, after, status = run_script(KILLED, "very-slow/both", number=number, running=running, moment=moment)
    assert (after, status) == (0, -number), name
    assert during == 1 or not running  # a busy machine is slow to start
