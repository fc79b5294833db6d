#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorded machines of tests/snapshots/: replays them, keeps what is expected of them.

usage: tests/corpus/corpus.py bless      make the made-up machines, the golden findings and the table
                                         anew; look at the difference before it is kept
       tests/corpus/corpus.py trim FILE  take out of a recording what no probe asks
       tests/corpus/corpus.py age FILE   say of a recording that cannot be made again that it is older
                                         than the questions that it does not hold

A machine is a snapshot; every probe and every target is replayed on it by the programs that were
built (NESTREADY_BUILD, else build/), and what they find is golden/NAME.json.  A snapshot is a
closed world, both ways: no probe asks what it does not hold, and it holds nothing that none asks.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from machines import MACHINES

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NESTREADY_BUILD", ROOT / "build")).resolve()
SNAPSHOTS = ROOT / "tests/snapshots"
GOLDEN = SNAPSHOTS / "golden"
INDEX = SNAPSHOTS / "README.md"
VERDICTS = ["ready", "degraded", "not-ready", "indeterminate"]  # in the order of exit statuses
OUTCOMES = ["fail", "error", "unknown", "not-checked", "pass"]  # what does not apply is left out

# Lines of recorded files that a probe reads; the others are nobody's business.
KEPT_LINES = {
    "file /proc/cpuinfo": r"(processor|vendor_id|model name|physical id|core id|flags|vmx flags)\b|$",
    "file /proc/meminfo": r"(MemTotal|Balloon):|$",
    r"file /lib/modules/\S*/modules\.(dep|builtin)": r".*/kvm[^/]*\.ko|$",
}


# ---- files -------------------------------------------------------------------------------------------
def dump(snapshot):
    """A snapshot as text: an answer a line, but for its lines."""
    head = {key: value for key, value in snapshot.items() if key != "answers"}
    parts = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
             for key, value in head.items()]
    answers = []
    for key, answer in sorted(snapshot["answers"].items()):
        text = json.dumps(answer, ensure_ascii=False)
        if len(answer.get("lines", [])) > 2:
            text = json.dumps(answer, ensure_ascii=False, indent=1).replace("\n", "\n  ")
        answers.append(f"  {json.dumps(key)}: {text}")
    parts.append(' "answers": {\n' + ",\n".join(answers) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def made_up(name):
    """A machine of machines.py as a snapshot, with all that it can answer."""
    recipe = MACHINES[name]
    return {"schema": "nestready.snapshot/1", "note": recipe["note"],
            "answers": recipe["guest"].answers()}


# ---- replay ------------------------------------------------------------------------------------------
def asked(path):
    """{question: answer} that the probes ask of a snapshot; frames where some were sent."""
    sent = '"mac-experiment ' in Path(path).read_text(encoding="utf-8")
    network = ["--network", "--mac-test"] if sent else []
    done = subprocess.run([BUILD / "nestready-probe", "--snapshot", path, "--capture", *network], check=True,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    found = (json.loads(line) for line in done.stdout.splitlines())
    return {line["asked"]: line["answer"] for line in found if "asked" in line}


def missed(questions):
    """Those that the snapshot does not hold."""
    return [key for key, answer in questions.items() if answer.get("why") == "not recorded"]


def trim(snapshot):
    """Without the answers that nobody asks for, and the lines that nobody reads."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(dump(snapshot))
        file.flush()
        questions = asked(file.name)
    lacking = missed(questions)
    if lacking and "imported" not in snapshot:
        raise ValueError(f"{snapshot['note']}\nno answer to: {', '.join(lacking)}")
    answers = {key: answer for key, answer in snapshot["answers"].items() if key in questions}
    for key, answer in answers.items():
        for pattern, kept in KEPT_LINES.items():
            if re.fullmatch(pattern, key) and "lines" in answer:
                answers[key] = {"lines": [line for line in answer["lines"]
                                          if re.match(kept, line)]}
    return snapshot | {"answers": answers}


def age(snapshot, path):
    """With an answer to each question that probes ask only since it was recorded."""
    younger = {"status": "skipped", "why": "the recording is older than this question"}
    return snapshot | {"answers": snapshot["answers"]
                       | {key: younger for key in missed(asked(path))}}


@cache
def targets():
    done = subprocess.run([BUILD / "nestready", "targets"], check=True, text=True,
                          stdout=subprocess.PIPE)
    return [line.split()[0] for line in done.stdout.splitlines() if re.match(r"  [a-z]", line)]


@cache
def extended(target):
    """The target that this one extends, past families, or None."""
    other = target
    while other is not None:
        room = "targets" if other in targets() else "families"
        data = json.loads((ROOT / f"knowledge/{room}/{other}.json").read_text(encoding="utf-8"))
        other = data.get("extends")
        if other in targets():
            return other
    return None


def judge(path, target):
    done = subprocess.run([BUILD / "nestready", "check", "--snapshot", path, "--target", target,
                           "--format", "json"], stdout=subprocess.PIPE, text=True)
    report = json.loads(done.stdout)
    assert done.returncode == VERDICTS.index(report["verdict"]), path
    return report


def findings(report):
    """The findings that apply, an outcome a line; what failed with the gap that it has."""
    out = {"verdict": report["verdict"]}
    for outcome in OUTCOMES:
        found = [finding for finding in report["findings"] if finding["outcome"] == outcome]
        if found and outcome == "fail":
            out[outcome] = {f["id"]: f"{f['severity']}, {f.get('gap', 'no gap')}" for f in found}
        elif found:
            out[outcome] = " ".join(finding["id"] for finding in found)
    if report["not_proven"]:
        out["not proven"] = " ".join(report["not_proven"])
    return out


def golden(path):
    """What is found on a machine, for people to read and for tests to compare."""
    reports = {target: judge(path, target) for target in targets()}
    platform = next(iter(reports.values()))["platform"]
    found = {"platform": "none recognised" if platform.get("id") is None else
             " ".join([platform["id"], platform["confidence"], str(platform.get("version", ""))]).strip()}
    of_target = {target: findings(report) for target, report in reports.items()}
    return found | {target: shortened(of_target, target) for target in reports}


def shortened(of_target, target):
    """A target's findings: where they are not those of the target that it extends, null for none."""
    other = extended(target)
    if other is None:
        return of_target[target]
    own, base = of_target[target], of_target[other]
    return {"as": other} | {key: own.get(key) for key in sorted(own.keys() | base.keys(), key=[
        "verdict", *OUTCOMES, "not proven"].index) if own.get(key) != base.get(key)}


def verdict(found, target):
    """A target's verdict, of golden findings."""
    while "verdict" not in found[target]:
        target = found[target]["as"]
    return found[target]["verdict"]


def place(name, directory):
    """The snapshot of a machine; a large one is made in the directory."""
    if not MACHINES.get(name, {}).get("large"):
        return SNAPSHOTS / f"{name}.json"
    path = directory / f"{name}.json"
    path.write_text(dump(made_up(name)), encoding="utf-8")
    return path


def names():
    """Every machine: those that are kept, and the large ones."""
    kept = {path.stem for path in SNAPSHOTS.glob("*.json")}
    return sorted(kept | {name for name, recipe in MACHINES.items() if recipe["large"]})


# ---- the table ---------------------------------------------------------------------------------------
def row(name, note, found):
    of_target = {target: verdict(found, target) for target in targets()}
    verdicts = [" ".join(target for target in of_target if of_target[target] == word)
                for word in VERDICTS]
    return "| " + " | ".join([f"`{name}`", note, found["platform"], *verdicts]) + " |"


def note(path):
    return json.loads(path.read_text(encoding="utf-8")).get("note", "")


def index(results, notes):
    """The README with its table: the text above the table is written by hand."""
    text = INDEX.read_text(encoding="utf-8").partition("\n| machine |")[0]
    heads = ["machine", "what it is, and where it comes from", "platform found", *VERDICTS]
    rows = [row(name, notes[name].replace("|", "\\|"), results[name]) for name in sorted(results)]
    return "\n".join([text, f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads), *rows, ""])


# ---- commands ----------------------------------------------------------------------------------------
def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def bless():
    for name, recipe in MACHINES.items():
        if not recipe["large"]:
            write(SNAPSHOTS / f"{name}.json", dump(trim(made_up(name))))
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        paths = {name: place(name, Path(scratch)) for name in names()}
        results = dict(zip(paths, pool.map(golden, paths.values())))
        notes = {name: note(path) for name, path in paths.items()}
    for name, found in results.items():
        write(GOLDEN / f"{name}.json", json.dumps(found, indent=1) + "\n")
    for path in GOLDEN.glob("*.json"):
        if path.stem not in results:
            path.unlink()
    write(INDEX, index(results, notes))
    subprocess.run(["git", "-C", ROOT, "--no-pager", "diff", "--stat", "--", SNAPSHOTS], check=False)
    subprocess.run(["git", "-C", ROOT, "--no-pager", "diff", "--", GOLDEN], check=False)


def main():
    if sys.argv[1:] == ["bless"]:
        bless()
    elif len(sys.argv) == 3 and sys.argv[1] in ("trim", "age"):
        path = Path(sys.argv[2])
        snapshot = json.loads(path.read_text(encoding="utf-8"))
        write(path, dump(trim(snapshot) if sys.argv[1] == "trim" else age(snapshot, path)))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
