# SPDX-License-Identifier: GPL-2.0-or-later
"""Spells out platforms: what their files share stands once, in knowledge/remedies.json.

A platform's list of remedies names shared ones; a remedy with a `cycle` is typed
between that tool's commands of switching the VM off and on (and so is its undo,
of which the text says just that); a platform that
`extends` another has its entries too, but for gaps that it has entries for itself.
"""
from schema import Rejected


class Remedies:
    def __init__(self):
        self.file, self.cycles, self.remedies = "knowledge/remedies.json", {}, {}

    def add(self, file, data):
        self.file, self.cycles, self.remedies = file, data["cycles"], data["remedies"]

    def known(self, table, file, place, what, name):
        if name not in table:
            raise Rejected(file, place, f"the name of a {what} in remedies.json", name)
        return table[name]

    def whole(self, file, place, remedy):
        """A remedy with all its steps."""
        name = remedy.get("cycle")
        if name is None:
            if "power_off" not in remedy:
                raise Rejected(file, place, "a member 'power_off', or a 'cycle'", sorted(remedy))
            return remedy
        cycle = self.known(self.cycles, file, f"{place}.cycle", "cycle", name)
        steps = [*remedy.get("before", []), *cycle["off"], *remedy["steps"], *cycle["on"]]
        return remedy | {"steps": steps, "power_off": True}

    def entry(self, file, place, entry):
        """An entry of a platform with all its remedies."""
        remedies = []
        for index, item in enumerate(entry["remedies"]):
            at = f"{place}.remedies[{index}]"
            if isinstance(item, str):
                shared = self.known(self.remedies, file, at, "remedy", item)
                remedies.append(self.whole(self.file, f"remedies.{item}", shared))
            else:
                remedies.append(self.whole(file, at, item))
        if not remedies and not ("instead" in entry and "source" in entry):
            raise Rejected(file, place, "remedies, or 'instead' and 'source'", sorted(entry))
        if entry.get("uncertain"):
            remedies = [remedy | {"uncertain": True} for remedy in remedies]
        return entry | {"remedies": remedies}

    def platform(self, file, platform, platforms):
        """A platform with all its entries, and those of the one that it extends."""
        gaps = [self.entry(file, f"gaps[{index}]", entry)
                for index, entry in enumerate(platform["gaps"])]
        name = platform.get("extends")
        if name is None:
            return platform | {"gaps": gaps}
        if name not in platforms or "extends" in platforms[name]:
            raise Rejected(file, "extends", "a platform that extends no other", name)
        own = {entry["gap"] for entry in gaps}
        above = self.platform(file, platforms[name], platforms)
        return platform | {"gaps": gaps + [entry for entry in above["gaps"]
                                           if entry["gap"] not in own]}
