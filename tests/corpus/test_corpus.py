# SPDX-License-Identifier: GPL-2.0-or-later
"""Every recorded machine is replayed: every probe, every target, against what is expected of it.

What is expected was looked at by a person when it was blessed: `make bless`, then read the diff.
"""
import json

import corpus
import pytest

NAMES = corpus.names()
MADE_UP = [name for name, recipe in corpus.MACHINES.items() if not recipe["large"]]


@pytest.fixture
def path(name, tmp_path):
    return corpus.place(name, tmp_path)


def test_there_are_enough_of_them():
    assert len(NAMES) >= 45


@pytest.mark.parametrize("name", NAMES)
def test_it_says_where_it_comes_from(path):
    note = corpus.note(path)
    assert any(words in note for words in ("recorded in ", "imported from ", "written by hand ")), note
    assert "written by hand" not in note or note.endswith("never recorded on the product")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_closed_world(path):
    snapshot = json.loads(path.read_text(encoding="utf-8"))
    questions = corpus.asked(path)
    if "imported" not in snapshot:  # a dump knows of nothing but the CPU
        assert corpus.missed(questions) == []
    if path.parent == corpus.SNAPSHOTS:
        assert sorted(snapshot["answers"].keys() - questions.keys()) == [], "nobody asks for that"


@pytest.mark.parametrize("name", MADE_UP)
def test_a_made_up_machine_is_what_its_pieces_make(name):
    made = corpus.dump(corpus.trim(corpus.made_up(name)))
    assert (corpus.SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8") == made


@pytest.mark.parametrize("name", NAMES)
def test_findings(name, path):
    expected = json.loads((corpus.GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert corpus.golden(path) == expected


def test_nothing_is_expected_of_a_machine_that_is_gone():
    assert {path.stem for path in corpus.GOLDEN.glob("*.json")} == set(NAMES)


def test_the_table_is_up_to_date(tmp_path):
    paths = {name: corpus.place(name, tmp_path) for name in NAMES}
    results = {name: json.loads((corpus.GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
               for name in NAMES}
    notes = {name: corpus.note(path) for name, path in paths.items()}
    assert corpus.INDEX.read_text(encoding="utf-8") == corpus.index(results, notes)
