#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a target has from the one that it extends, and what it says itself."""
import json
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "tools"))
import inherit  # noqa: E402

OLD = {
    "id": "old", "number": 1, "title": "Old product", "name": "Old", "installed": {"always": True},
    "requirements": [
        {"id": "a", "title": "{name} needs it", "applies": {"always": True}, "applies_why": "why"},
        {"id": "b", "title": "b", "condition": {"fact": "platform.support.{id}", "is": "x"}},
        {"id": "c", "title": "c of {title}"},
    ],
    "matrix": [{"platform": "p", "support": "works"}, {"platform": "q", "support": "works"}],
}


def made(**own):
    """A target that extends OLD and says `own` of itself."""
    found = {"old": OLD, "new": {"id": "new", "extends": "old", "number": 2, "title": "New one"} | own}
    return inherit.Heirs({key: key for key in found}, found).target("new")


def ids(target):
    return [item["id"] for item in target["requirements"]]


def test_it_is_the_other_one_under_its_own_name():
    new = made()
    assert (new["id"], new["number"], new["title"]) == ("new", 2, "New one")
    assert "installed" not in new and "extends" not in new
    assert new["requirements"][0]["title"] == "Old needs it"
    assert made(name="New")["requirements"][0]["title"] == "New needs it"
    assert new["requirements"][1]["condition"] == {"fact": "platform.support.new", "is": "x"}
    assert new["requirements"][2]["title"] == "c of New one"
    assert new["matrix"] == OLD["matrix"]
    assert OLD["requirements"][0]["title"] == "{name} needs it", "the other one stays as it is"


def test_members_of_a_requirement_are_replaced_and_taken_away():
    new = made(requirements=[{"id": "a", "title": "else", "applies": None, "applies_why": None}])
    assert new["requirements"][0] == {"id": "a", "title": "else"}
    assert ids(new) == ["a", "b", "c"]


def test_more_requirements_stand_at_the_end_or_before_another():
    assert ids(made(requirements=[{"id": "d"}, {"id": "e"}])) == ["a", "b", "c", "d", "e"]
    new = made(requirements=[{"id": "d", "before": "b"}, {"id": "e", "before": "b"},
                             {"id": "c", "before": "a"}])
    assert ids(new) == ["c", "a", "d", "e", "b"]
    assert all("before" not in item for item in new["requirements"])


def test_what_is_dropped_is_gone():
    assert ids(made(drop=[{"id": "b", "why": "not here"}])) == ["a", "c"]
    new = made(drop_matrix=[{"platform": "p", "why": "not here"}])
    assert [row["platform"] for row in new["matrix"]] == ["q"]


def test_rows_of_a_matrix_are_replaced_whole():
    new = made(matrix=[{"platform": "q", "support": "broken", "note": "no"},
                       {"platform": "r", "support": "works"}])
    assert new["matrix"] == [OLD["matrix"][0], {"platform": "q", "support": "broken", "note": "no"},
                             {"platform": "r", "support": "works"}]


def test_heirs_of_heirs():
    found = {"old": OLD, "new": {"id": "new", "extends": "old", "title": "New one",
                                 "requirements": [{"id": "a", "title": "{id}"}]},
             "newest": {"id": "newest", "extends": "new", "title": "Newest"}}
    newest = inherit.Heirs({key: key for key in found}, found).target("newest")
    assert newest["requirements"][0]["title"] == "newest"
    assert newest["requirements"][2]["title"] == "c of Newest"


def test_no_circle_is_walked_for_ever():
    found = {"a": {"id": "a", "extends": "b"}, "b": {"id": "b", "extends": "a"}}
    with pytest.raises(inherit.Rejected, match="a target that does not extend itself; found a"):
        inherit.Heirs({key: key for key in found}, found).target("a")


def test_nothing_in_a_shipped_file_only_repeats_what_it_extends():
    files = [json.loads(path.read_text()) for room in ("families", "targets")
             for path in (SOURCE / "knowledge" / room).glob("*.json")]
    found = {data["id"]: data for data in files}
    heirs = inherit.Heirs({key: key for key in found}, found)
    repeated = []
    for key, data in found.items():
        base = heirs.resolve(data["extends"]) if "extends" in data else {}
        had = {item["id"]: item for item in base.get("requirements", [])}
        for change in data.get("requirements", []):
            old = had.get(change["id"], {})
            repeated += [(key, change["id"], member) for member, value in change.items()
                         if member != "id" and old.get(member, change) == value]
        rows = base.get("matrix", [])
        repeated += [(key, row["platform"]) for row in data.get("matrix", []) if row in rows]
    assert repeated == []
