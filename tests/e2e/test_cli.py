# SPDX-License-Identifier: GPL-2.0-or-later
"""The command as it is typed: exit statuses, outputs and mistakes."""
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from command import BUILD, NOBODY, PROGRAM, VERDICTS, complains, run

TARGETS = sorted(path.stem for path in (Path(__file__).parents[2] / "knowledge/targets").iterdir())
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


# ---- verdicts and exit statuses ---------------------------------------------


def test_the_exit_status_is_the_verdict():
    result = run()
    assert result.stdout.startswith(VERDICTS[result.returncode])
    assert result.stderr == ""


def test_check_is_what_happens_without_a_command():
    assert run("check", "--passive").stdout == run("--passive").stdout


def names(text, target):
    """Whether a target is named in the text, perhaps as one of several versions: esxi-7/8."""
    product, dash, version = target.rpartition("-")
    return re.search(rf"\b{re.escape(product + dash)}([\w.]+/)*{re.escape(version)}\b", text)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_an_answer(target):
    result = run("--passive", "--target", target)
    assert result.returncode in VERDICTS
    assert result.stdout.startswith(VERDICTS[result.returncode])
    answers = result.stdout.partition("Other targets\n")[2]
    assert re.match(" (ready|degraded|not known|not ready)", answers)
    assert [other for other in TARGETS if other != target and not names(answers, other)] == []
    assert len(result.stdout.splitlines()) < 24


def test_json_says_the_same_as_the_exit_status():
    result = run("--format", "json")
    report = json.loads(result.stdout)
    assert report["schema"] == "nestready.report/1"
    assert report["verdict"] == ["ready", "degraded", "not-ready", "indeterminate"][result.returncode]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                        report["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", report["time"])
    assert report["guest"]["hostname"] == os.uname().nodename


# ---- the screen -------------------------------------------------------------


def test_one_screen_of_plain_text():
    text = run().stdout
    lines = text.splitlines()
    assert len(lines) < 24
    for line in lines:
        assert line == line.rstrip() and all(" " <= c <= "~" for c in line)
        # a command is never cut, so that it can be copied
        assert len(line) <= 80 or line.startswith("       ")


def test_colour_is_for_terminals():
    plain = run("--passive").stdout
    assert "\033" not in plain
    assert re.sub(r"\033\[[0-9;]*m", "", run("--passive", "--colour", "always").stdout) == plain
    typed = f"{PROGRAM} --passive"
    on_terminal = ["script", "-qec", typed, "/dev/null"]
    for environment, colour in [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False),
                                ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                                ({"TERM": "xterm", "NO_COLOR": ""}, True)]:
        shown = subprocess.run(on_terminal, env={**os.environ, **environment}, timeout=60,
                               capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert ("\033[" in shown.stdout) == colour, environment


def test_advice_names_the_program_as_it_was_called(tmp_path):
    (tmp_path / "here").symlink_to(BUILD)
    result = run("--passive", "--target", "proxmox", program="here/nestready", cwd=tmp_path)
    called = re.findall(r"\S*nestready(?= explain|\s*$| --target)", result.stdout, re.M)
    assert called and set(called) == {"here/nestready"}


def test_advice_can_be_typed_whatever_the_path(tmp_path):
    place = tmp_path / "with blanks; and more"
    place.symlink_to(BUILD)
    shown = run("--passive", "--target", "proxmox", program=place / "nestready").stdout
    command = re.search(r"'\S.*/nestready' explain \S+", shown)[0]
    again = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, check=False)
    assert again.returncode == 0, again.stderr


# ---- ordinary users ---------------------------------------------------------


@as_root
def test_an_ordinary_user_gets_an_answer_and_the_command_that_settles_the_rest():
    result = run("--format", "json", before=NOBODY)
    report = json.loads(result.stdout)
    assert result.stderr == ""
    for key, fact in report["facts"].items():
        assert fact["status"] != "failed", (key, fact)
    denied = [key for key, fact in report["facts"].items() if fact["status"] == "denied"]
    text = run(before=NOBODY).stdout
    assert not denied or re.search(r"sudo \S*nestready", text)
    assert "sudo" not in run().stdout, "root needs no sudo"


# ---- mistakes ---------------------------------------------------------------


@pytest.mark.parametrize("arguments, parts", [
    (["--target", "proxmx"], ["unknown target 'proxmx'", "did you mean 'proxmox'?",
                              "`nestready targets` lists them"]),
    (["--format", "jsn"], ["unknown format 'jsn'", "'json'"]),
    (["--format", "yaml"], ["unknown format 'yaml'", "text", "json"]),
    (["--tool", "virhs"], ["unknown tool 'virhs'", "'virsh'"]),
    (["--colour", "blue"], ["expected one of auto, always, never"]),
    (["--accept", "not-ready"], ["expected one of degraded"]),
    (["--pasive"], ["unknown option 'pasive'", "'passive'"]),
    (["-x"], ["unknown option '-x'"]),
    (["--target"], ["--target needs a value"]),
    (["--passive=1"], ["--passive takes no value"]),
    (["chek"], ["unknown command 'chek'", "'check'"]),
    (["check", "kvm"], ["takes no argument", "'kvm'"]),
    (["probes", "cpuidd"], ["unknown probe 'cpuidd'", "'cpuid'"]),
    (["explain", "cpu.slt"], ["'cpu.slt'", "'cpu.slat'"]),
    (["explain", "nothing-like-it"], ["`nestready explain` lists"]),
    (["capture", "--target", "kvm"], ["`capture` takes no --target"]),
    (["mac", "--mac-echo", "gateway"], ["--mac-echo: expected the IP address of a host", "'gateway'"]),
    (["mac", "--mac-echo", "255.255.255.255"], ["--mac-echo: expected the IP address of a host"]),
    (["mac", "--mac-spare-ip", "::"], ["--mac-spare-ip: expected the IP address of a host"]),
    (["--mac-spare-ip", "10.0.0"], ["--mac-spare-ip: expected the IP address of a host"]),
    (["mac", "--nic", "eth0,eth1"], ["--nic: expected the name of an interface"]),
    (["mac", *["--nic=a"] * 9], ["--nic: more than 8 of them"]),
    (["mac", "--vlan", "4095"], ["--vlan: expected a number from 1 to 4094"]),
    (["mac", "--passive"], ["`mac` takes no --passive"]),
    (["help", "chek"], ["unknown command 'chek'"]),
])
def test_what_is_mistyped_is_one_clear_line(arguments, parts):
    complains(run(*arguments), 64, *parts)


def test_control_characters_do_not_reach_the_terminal():
    complains(run("--target", "a\033[2Jb"), 64, "a?[2Jb")


def test_without_a_worker(tmp_path):
    shutil.copy(PROGRAM, tmp_path)
    complains(run(program=tmp_path / "nestready"), 66, "nestready-probe")


# ---- where the answer goes --------------------------------------------------


def test_output_to_a_file(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")
    result = run("--passive", "--format", "json", "-o", path)
    assert result.returncode in VERDICTS and result.stdout == "" == result.stderr
    assert json.loads(path.read_text())["schema"] == "nestready.report/1"
    assert os.listdir(tmp_path) == ["report.json"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o111 == 0


def test_output_to_a_link_a_device_and_a_pipe(tmp_path):
    link, target, pipe = tmp_path / "link", tmp_path / "target", tmp_path / "pipe"
    link.symlink_to("target")
    run("--passive", "-o", link)
    assert link.is_symlink() and target.read_text().startswith(tuple(VERDICTS.values()))

    os.mkfifo(pipe)
    with subprocess.Popen(["timeout", "120", "cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        run("--passive", "-o", pipe)
        assert reader.communicate(timeout=60)[0].startswith(tuple(VERDICTS.values()))
    assert stat.S_ISFIFO(pipe.stat().st_mode)

    assert run("--passive", "-o", "/dev/null").returncode in VERDICTS
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_output_that_cannot_be_written_is_no_verdict(tmp_path):
    path = tmp_path / "report"
    path.write_text("old")
    complains(run("--passive", "-o", "/dev/full"), 70, "/dev/full", "No space left on device")
    complains(run("--passive", "-o", tmp_path / "no/report"), 70, "no/report", "No such file")
    complains(run("--passive", "-o", tmp_path), 70, "Is a directory")
    with open("/dev/full", "w", encoding="ascii") as full:
        result = run("--passive", stdout=full)
    assert result.returncode == 70 and "standard output: No space left" in result.stderr
    assert path.read_text() == "old"


@as_root
def test_an_unwritable_directory(tmp_path):
    tmp_path.chmod(0o755)
    place = Path("/proc/sys")  # not even root makes files there
    complains(run("--passive", "-o", place / "report"), 70, "/proc/sys/report")
    result = run("--passive", "-o", "/etc/nestready-report", before=NOBODY)
    complains(result, 70, "/etc/nestready-report", "Permission denied")
    read_only = tmp_path / "kept"
    read_only.write_text("old")
    complains(run("--passive", "-o", read_only, before=NOBODY), 70, "Permission denied")
    assert read_only.read_text() == "old"


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-", "2>&-"])
def test_closed_streams(closed):
    result = subprocess.run(["sh", "-c", f'exec "$0" --passive {closed}', PROGRAM], text=True,
                            capture_output=True, timeout=60, check=False)
    if ">&-" in closed.replace("2>&-", ""):
        assert result.returncode == 70
        if "2>&-" not in closed:
            assert result.stderr == ("nestready: cannot write to standard output: "
                                     "Bad file descriptor\n")
    else:
        assert result.stdout.startswith(VERDICTS[result.returncode])


def test_a_pipe_that_nobody_reads():
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([PROGRAM, "--passive"], stdout=writer, stderr=subprocess.PIPE,
                            text=True, timeout=60, check=False)
    os.close(writer)
    assert result.returncode == 70
    assert result.stderr == "nestready: cannot write to standard output: Broken pipe\n"


def test_a_slow_reader_gets_everything():
    """A standard output that does not block, with a small pipe: every byte arrives."""
    result = subprocess.run(
        ["bash", "-c", 'python3 -c "import os,sys; os.set_blocking(1, False);'
         ' os.execv(sys.argv[1], sys.argv[1:])" "$0" capture | (sleep 1; cat)', PROGRAM],
        capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(result.stdout)["schema"] == "nestready.snapshot/1"


# ---- what it knows ----------------------------------------------------------


def test_help_and_version():
    overview = run("--help")
    assert overview.returncode == 0 and overview.stdout == run("help").stdout
    commands = re.findall(r"^  (\w+) ", overview.stdout, re.M)
    assert commands[0] == "check"
    for command in commands:
        shown = run(command, "--help")
        assert shown.returncode == 0 and shown.stdout == run("help", command).stdout
        assert shown.stdout.startswith(f"usage: nestready {command} ")
        assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert re.fullmatch(r"nestready \S+\n", run("--version").stdout)


def ids(text):
    return [line.split()[0].rstrip(":") for line in text.splitlines() if line[:1].strip()]


@pytest.mark.parametrize("what, some", [
    ("targets", ["kvm", "proxmox", "esxi-8", "hyperv-2022"]),
    ("platforms", ["kvm-libvirt", "vmware-esxi", "hyperv"]),
    ("gaps", ["l0.virt-not-exposed", "l1.module-not-loaded"]),
    ("probes", ["cpuid", "cpuinfo", "msr", "kvm", "l2", "platform"]),
])
def test_lists(what, some):
    result = run(what)
    assert result.returncode == 0
    assert set(some) <= {line.split()[0] for line in result.stdout.splitlines() if line}
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_probes_with_their_facts():
    text = run("probes", "--facts").stdout
    assert "  cpu.vmx " in text
    one = run("probes", "cpuid").stdout
    assert ids(one) == ["cpuid"] and "  cpu.vmx " in one


def test_everything_can_be_explained():
    pages = ids(run("explain").stdout)
    assert set(ids(run("gaps").stdout)) <= set(pages)
    for page in pages:
        result = run("explain", page)
        assert result.returncode == 0 and result.stdout.startswith(f"{page}: ")


def test_explain_shows_the_fix_of_each_platform_or_of_one_tool():
    everything = run("explain", "l0.virt-not-exposed").stdout
    one = run("explain", "l0.virt-not-exposed", "--tool", "govc").stdout
    assert "virsh" in everything and "govc" in everything
    assert "with     govc" in one and "with     virsh" not in one


def test_a_short_code_is_explained_where_it_is_typed_and_where_it_is_scanned():
    verdict = run("--passive")
    scanned = run("--passive", "--format", "code").stdout.rstrip("\n")
    code = re.match(r"NESTREADY:(\S+) ", scanned)[1]
    assert f"code: {code[:25]}" in run("--passive", "--format", "summary").stdout
    for typed in (code, code.lower().replace("-", ""), scanned):
        result = run("explain", typed)
        assert result.returncode == 0, result.stderr
        shown = re.search(r"^kvm: (\S+),", result.stdout, re.M)[1]
        assert VERDICTS[["ready", "degraded", "not-ready", "indeterminate"].index(shown)] \
            == VERDICTS[verdict.returncode]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    complains(run("explain", wrong), 65, "mistyped")


# ---- preclone -----------------------------------------------------------------
def test_preclone_says_what_it_found_and_changes_nothing():
    before = Path("/etc/machine-id").read_bytes()
    result = run("preclone")
    assert result.returncode in (0, 2, 3), result.stderr
    assert (result.returncode == 2) == (" 1 x " in result.stdout)
    assert "to reset before this guest is cloned" in result.stdout
    assert Path("/etc/machine-id").read_bytes() == before


@as_root
def test_preclone_does_not_call_clean_what_may_not_be_read():
    as_user = json.loads(run("preclone", "--format", "json", before=NOBODY).stdout)["resets"]
    as_self = json.loads(run("preclone", "--format", "json").stdout)["resets"]
    for mine, theirs in zip(as_self, as_user):
        assert theirs["state"] in (mine["state"], "unknown"), (mine["id"], theirs)


def test_what_preclone_removes_of_nestreadys_own_is_not_a_collectors(tmp_path):
    """Its step, as typed, on a directory that stands for /var/lib/nestready."""
    resets = json.loads((Path(__file__).parents[2] / "knowledge/resets.json").read_text())["resets"]
    step, = next(row["steps"] for row in resets if row["id"] == "own-state")
    for name in ("collector/reports.db", "spool/1.json", "spool/2.token"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in ("collector.db", "collector.db-wal", "last.json", "mac-test", "risk-l2-00ff"):
        (tmp_path / name).touch()
    typed = step.removeprefix("sudo ").replace("/var/lib/nestready", str(tmp_path))
    assert typed.count(str(tmp_path)) == 1
    subprocess.run(typed, shell=True, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["collector", "collector.db", "collector.db-wal"]
    assert (tmp_path / "collector/reports.db").exists()


def test_preclone_has_two_formats():
    complains(run("preclone", "--format", "junit"), 64, "text or json")
