# SPDX-License-Identifier: GPL-2.0-or-later
"""As much of JSON Schema (draft 2020-12) as the schemas under schema/ use.

The build must reject a bad data file on a machine that has no more than Python,
and must say where and what was expected.  A test compares this with the
jsonschema package over good and broken files.
"""
import json
import os
import re

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
KEYWORDS = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum", "pattern",
    "minLength", "maxLength", "minimum", "maximum", "minItems", "items", "properties", "required",
    "additionalProperties", "propertyNames", "dependentRequired", "oneOf",
}


class Rejected(Exception):
    """A data file is not what it should be."""

    def __init__(self, file, place, expected, found):
        shown = found if isinstance(found, str) else json.dumps(found)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        super().__init__(f"{file}: {place or 'top'}: expected {expected}; found {shown}")


def unique(pairs):
    """json.load would take the last of two equal keys in silence."""
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"key {key!r} twice in one object")
    return dict(pairs)


def load(file):
    try:
        with open(file, encoding="utf-8") as stream:
            return json.load(stream, object_pairs_hook=unique)
    except (OSError, ValueError) as error:
        raise Rejected(file, "", "a JSON file", str(error)) from error


class Validator:
    def __init__(self, directory, file):
        self.directory = directory
        self.file = file
        self.schemas = {}

    def schema(self, name):
        if name not in self.schemas:
            self.schemas[name] = load(os.path.join(self.directory, name))
        return self.schemas[name]

    def resolve(self, reference, name):
        """The schema that a $ref in the file `name` means, and its own file."""
        file, _, pointer = reference.partition("#")
        file = file or name
        schema = self.schema(file)
        for part in pointer.strip("/").split("/") if pointer else []:
            schema = schema[part]
        return schema, file

    def expect(self, holds, place, expected, found):
        if not holds:
            raise Rejected(self.file, place, expected, found)

    def check(self, schema, name, value, place):
        unknown = set(schema) - KEYWORDS
        if unknown:
            raise Rejected(name, "", "a keyword that tools/schema.py knows", ", ".join(unknown))
        if "$ref" in schema:
            other, file = self.resolve(schema["$ref"], name)
            self.check(other, file, value, place)
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            self.expect(any(TYPES[word](value) for word in types), place, " or ".join(types), value)
        if "const" in schema:
            self.expect(same(value, schema["const"]), place, json.dumps(schema["const"]), value)
        if "enum" in schema:
            self.expect(any(same(value, item) for item in schema["enum"]), place,
                        "one of " + ", ".join(map(str, schema["enum"])), value)
        if "oneOf" in schema:
            self.one_of(schema, name, value, place)
        if isinstance(value, str):
            self.string(schema, value, place)
        elif TYPES["integer"](value):
            self.integer(schema, value, place)
        elif isinstance(value, list):
            self.array(schema, name, value, place)
        elif isinstance(value, dict):
            self.object(schema, name, value, place)

    def one_of(self, schema, name, value, place):
        fits = 0
        deepest = None
        branches = [branch for branch in schema["oneOf"] if self.of_type(branch, name, value)]
        if len(branches) == 1:
            self.check(branches[0], name, value, place)
            return
        for branch in branches:
            try:
                self.check(branch, name, value, place)
                fits += 1
            except Rejected as rejected:
                deepest = deeper(deepest, rejected, place, self.file)
        if fits == 0 and deepest is not None:
            raise deepest
        self.expect(fits == 1, place, schema.get("description", "exactly one form"), value)

    def of_type(self, schema, name, value):
        """Whether a branch is about values of this type at all."""
        while "$ref" in schema:
            schema, name = self.resolve(schema["$ref"], name)
        word = schema.get("type")
        return not isinstance(word, str) or TYPES[word](value)

    def string(self, schema, value, place):
        self.expect(re.search(schema.get("pattern", ""), value), place,
                    f"text like {schema.get('pattern')}", value)
        least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
        self.expect(least <= len(value) <= most, place, f"{least} to {most} characters",
                    f"{len(value)}: {value}")

    def integer(self, schema, value, place):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        self.expect(least <= value <= most, place, f"{least} to {most}", value)

    def array(self, schema, name, value, place):
        least = schema.get("minItems", 0)
        self.expect(len(value) >= least, place, f"at least {least} items", value)
        if "items" in schema:
            for index, item in enumerate(value):
                self.check(schema["items"], name, item, f"{place}[{index}]")

    def object(self, schema, name, value, place):
        for key in schema.get("required", []):
            self.expect(key in value, place, f"a member {key!r}", sorted(value))
        for key, others in schema.get("dependentRequired", {}).items():
            for other in others if key in value else []:
                self.expect(other in value, place, f"a member {other!r} beside {key!r}",
                            sorted(value))
        known = schema.get("properties", {})
        for key, item in value.items():
            inner = f"{place}.{key}".lstrip(".")
            if "propertyNames" in schema:
                self.check(schema["propertyNames"], name, key, inner)
            if key in known:
                self.check(known[key], name, item, inner)
            elif isinstance(schema.get("additionalProperties"), dict):
                self.check(schema["additionalProperties"], name, item, inner)
            else:
                self.expect(schema.get("additionalProperties", True), inner,
                            "one of " + ", ".join(sorted(known)), key)


def same(a, b):
    """JSON's equality: true is not 1."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def deeper(best, rejected, place, file):
    """Of the complaints of several branches, one from inside the value says most."""
    if best is None and not str(rejected).startswith(f"{file}: {place or 'top'}: "):
        return rejected
    return best


def validate(directory, file, data):
    """Raises Rejected when `data` is not what its own member "schema" says."""
    word = data.get("schema") if isinstance(data, dict) else None
    match = re.fullmatch(r"nestready\.([a-z]+)/[0-9]+", word) if isinstance(word, str) else None
    schema = f"{match[1]}.schema.json" if match else None
    if schema is None or not os.path.exists(os.path.join(directory, schema)):
        raise Rejected(file, "schema", "the name of a schema, like nestready.target/1", word)
    validator = Validator(directory, file)
    validator.check(validator.schema(schema), schema, data, "")
