# SPDX-License-Identifier: GPL-2.0-or-later
"""What a target is that extends another one: that other one, but for what its own file says.

A family (knowledge/families/) is a target that nobody can ask for: what several have in common.

    "extends": ID          a family or a target
    "requirements": [...]  with an id of the other one's: its members, null for one to leave out;
                           any other id: one more.  "before": ID says where it stands.
    "drop": [...]          ids that the other one has and this one has not, each with a reason
    "matrix": [...]        rows, each in place of the other one's row for that platform

In what is written, {id}, {title} and {name} (the title in a sentence) are the target's own.
"""
import re

from schema import Rejected

OWN = ("id", "number", "title", "aliases", "in_codes", "installed", "installed_rank")
FORM = ("schema", "extends", "abstract", "drop", "drop_matrix")


def place_of(items, key, value):
    return next((index for index, item in enumerate(items) if item[key] == value), None)


def once(file, place, items, key):
    """A file says of each thing once what it is."""
    for index, item in enumerate(items):
        if place_of(items, key, item[key]) != index:
            raise Rejected(file, f"{place}[{index}].{key}", "an id of its own", item[key])


def without(file, place, items, key, drops):
    """The items but for those that are dropped, which must be there."""
    for index, drop in enumerate(drops):
        at = place_of(items, key, drop[key])
        if at is None:
            raise Rejected(file, f"{place}[{index}].{key}", "what is extended to have it", drop[key])
        items = items[:at] + items[at + 1:]
    return items


def changed(item, changes):
    """An item with some members changed, those that are null taken away."""
    merged = item | {key: value for key, value in changes.items() if key != "before"}
    return {key: value for key, value in merged.items() if value is not None}


def with_requirements(file, items, changes):
    for index, change in enumerate(changes):
        at = place_of(items, "id", change["id"])
        item = changed({} if at is None else items[at], change)
        if at is not None:
            items = items[:at] + items[at + 1:]
        where = len(items) if at is None else at
        if "before" in change:
            where = place_of(items, "id", change["before"])
            if where is None:
                raise Rejected(file, f"requirements[{index}].before",
                               "the id of another requirement", change["before"])
        items = items[:where] + [item] + items[where:]
    return items


def with_rows(items, rows):
    """Rows of a matrix: those of a new platform stand at the end."""
    for row in rows:
        at = place_of(items, "platform", row["platform"])
        items = items + [row] if at is None else items[:at] + [row] + items[at + 1:]
    return items


def merged(file, base, own):
    """A target or family over what it extends, which is complete in itself."""
    once(file, "requirements", own.get("requirements", []), "id")
    once(file, "matrix", own.get("matrix", []), "platform")
    requirements = without(file, "drop", base.get("requirements", []), "id", own.get("drop", []))
    whole = {key: value for key, value in base.items() if key not in OWN}
    whole |= {key: value for key, value in own.items() if key not in FORM}
    whole["requirements"] = with_requirements(file, requirements, own.get("requirements", []))
    rows = without(file, "drop_matrix", base.get("matrix", []), "platform",
                   own.get("drop_matrix", []))
    whole["matrix"] = with_rows(rows, own.get("matrix", []))
    return whole


def filled(value, words):
    """The same with {id}, {title} and {name} written out."""
    if isinstance(value, str):
        return re.sub(r"\{(id|title|name)\}", lambda match: words[match[1]], value)
    if isinstance(value, list):
        return [filled(item, words) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, words) for key, item in value.items()}
    return value


class Heirs:
    """Targets and families by id, each made whole once."""

    def __init__(self, files, found):
        self.files = files  # id: name of its file
        self.found = found  # id: what its file holds
        self.whole = {}

    def resolve(self, key, below=()):
        """Not yet filled: whoever extends it has another name."""
        if key in self.whole:
            return self.whole[key]
        own, file = self.found[key], self.files[key]
        base = {}
        if "extends" in own:
            other = own["extends"]
            if other not in self.found:
                raise Rejected(file, "extends", "the id of a target or family", other)
            if other in (key, *below):
                raise Rejected(file, "extends", "a target that does not extend itself", other)
            base = self.resolve(other, (key, *below))
        self.whole[key] = merged(file, base, own)
        return self.whole[key]

    def target(self, key):
        """The complete target of that id, as one file would hold it."""
        whole = self.resolve(key)
        words = {"id": key, "title": whole.get("title", ""),
                 "name": whole.get("name", whole.get("title", ""))}
        return {"schema": "nestready.target/1"} | filled(whole, words)
