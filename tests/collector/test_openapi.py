# SPDX-License-Identifier: GPL-2.0-or-later
"""The description of the interface is true: no route more or less, and every answer is one it names."""
import json
import random
import re
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest
from conftest import JSON, command, make_finding, make_report

ROOT = Path(__file__).parents[2]
DESCRIPTION = json.loads((ROOT / "collector/openapi.json").read_text())
QUESTIONS = [path for path in DESCRIPTION["paths"] if path not in ("/v1/events",)
             and "get" in DESCRIPTION["paths"][path]]
WORDS = ["", "0", "1", "-1", "1000", "1001", "99999999999999999999", "x", "true", "false", "ready", "kvm",
         "2026-01-02T03:04:05Z", "2026-13-02T03:04:05Z", "a" * 32, "a" * 32 + ".kvm", "' OR 1=1 --",
         "<b>", "%", "\u00e9", "a/b", "..", "01a1f97f-5e43-74c1-bf6d-e158365fef0f", "\x00", "a" * 5000]


def resolve(node):
    while "$ref" in node:
        found = DESCRIPTION
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def check(operation, status, headers, data):
    """The status is described, and so is what came with it."""
    responses = operation["responses"]
    assert str(status) in responses, (status, data)
    kind = headers["Content-Type"].split(";")[0]
    content = resolve(responses[str(status)])["content"]
    assert kind in content, (status, kind)
    if kind.endswith("json"):
        schema = {"components": DESCRIPTION["components"], **content[kind]["schema"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(data))
    return status


@pytest.fixture
def fleet(collector, store):
    for i, verdict in enumerate(["ready", "degraded", "not-ready", "indeterminate"]):
        outcome = "pass" if i == 0 else "fail"
        finding = make_finding("cpu.flags", outcome, None if i == 0 else "l0.virt-not-exposed")
        collector.guest = collector.post(make_report(f"g{i}", verdict=verdict, findings=[finding]))[1]
    done = command("lab", "add", "ws-1", "--roster", ROOT / "doc/lab/roster.csv", "--rubric",
                   ROOT / "doc/lab/rubric.json", store=store)
    assert done.returncode == 0, done.stderr
    return collector


def fill(path, fleet):
    """The path of a question about what is there."""
    for name, value in [("{guest}", fleet.guest["guest"]), ("{id}", fleet.guest["id"]),
                        ("{lab}", "ws-1"), ("{student}", "s01")]:
        path = path.replace(name, value)
    return path


def test_the_collector_describes_itself(collector):
    assert collector.get("/v1/openapi.json") == DESCRIPTION


def test_every_route_is_described_and_nothing_else():
    table = re.findall(r'^\t\{ "(\w+)", "(\S+)",', (ROOT / "collector/routes.c").read_text(), re.MULTILINE)
    described = {(method.upper(), re.sub(r"\{\w+\}", "{}", path))
                 for path, methods in DESCRIPTION["paths"].items() for method in methods}
    assert set(table) == described and len(table) == len(described)


@pytest.mark.parametrize("path", QUESTIONS)
def test_the_plain_question(fleet, path):
    wanted = 403 if path.endswith("/receipt") else 200  # without a token one is no student
    assert check(DESCRIPTION["paths"][path]["get"], *fleet.ask(fill(path, fleet))) == wanted


@pytest.mark.parametrize("path", QUESTIONS)
def test_any_other_question(fleet, path):
    choice = random.Random(path)
    operation = DESCRIPTION["paths"][path]["get"]
    names = [resolve(parameter)["name"] for parameter in operation.get("parameters", [])] + ["x"]
    seen = set()
    for _ in range(150):
        full = re.sub(r"\{\w+\}", lambda _: choice.choice(
            [fleet.guest["guest"], "ws-1", "s01", quote(choice.choice(WORDS[1:-1]), safe="")]), path)
        given = choice.sample(names, choice.randint(0, min(3, len(names))))
        full += "?" + "&".join(f"{name}={quote(choice.choice(WORDS), safe='')}" for name in given)
        status, headers, data = fleet.ask(full)
        if status == 404 and "/" in full.partition("?")[0].removeprefix(path.partition("{")[0]):
            continue  # a parameter that is no part of a path
        seen.add(check(operation, status, headers, data))
    assert 200 in seen or "{" in path


def test_reports_of_any_kind(collector):
    operation = DESCRIPTION["paths"]["/v1/reports"]["post"]
    report = json.dumps(make_report())
    other = report.replace('"proven"', '"flags"')
    seen = set()
    for body, headers in [(report, JSON), (report, JSON), (other, JSON), ("{", JSON), ("{}", JSON),
                          (report, {}), ("x" * 300000, JSON), (report, JSON | {"Host": "evil.example"})]:
        seen.add(check(operation, *collector.ask("/v1/reports", "POST", body, headers=headers)))
    assert seen == {200, 400, 409, 413, 415, 421, 422}


def test_heartbeats_of_any_kind(collector):
    operation = DESCRIPTION["paths"]["/v1/heartbeats"]["post"]
    report = make_report()
    collector.post(report)
    heartbeat = json.dumps({"schema": "nestready.heartbeat/1", "id": report["id"], "time": report["time"],
                            "guest": report["guest"], "target": "kvm", "verdict": "ready", "digest": "",
                            "full": report["id"]})
    seen = set()
    for body, headers in [(heartbeat, JSON), (heartbeat.replace("ready\", \"digest", "degraded\", \"digest"), JSON),
                          ("{", JSON), ("{}", JSON), (heartbeat, {}), ("x" * 300000, JSON),
                          (heartbeat, JSON | {"Host": "evil.example"})]:
        seen.add(check(operation, *collector.ask("/v1/heartbeats", "POST", body, headers=headers)))
    assert seen == {200, 400, 409, 413, 415, 421, 422}
