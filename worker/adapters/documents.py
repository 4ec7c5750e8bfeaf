"""YAML ↔ dictionaries, lists, texts and numbers. Nothing else is made of a file, whatever tags it has.

Scalars mean what they mean in JSON and YAML 1.2: `yes`, `on` and `2026-03-02` are texts, only `true` is true.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from events.errors import Misconfigured

STANDARD = "tag:yaml.org,2002:"
SCALARS = {
    "null": (re.compile(r"(?:null|~|)$"), "n~\0"),
    "bool": (re.compile(r"(?:true|false)$"), "tf"),
    "int": (re.compile(r"-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    "float": (re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"), "-0123456789"),
}
"""What a plain scalar has to look like to be no text, and its first letters."""
LONGEST = 1000
"""Digits: Python reads no number of several thousand."""


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own attribute, in place of its rules of 1.1


class Dumper(yaml.SafeDumper):
    """Quotes what this loader, or one of YAML 1.1, would take for something else than a text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def represent(dumper: Dumper, text: str) -> yaml.Node:
    """In double quotes where a line of the file could not have it as it is: PyYAML loses some of these otherwise."""
    return dumper.represent_scalar(STANDARD + "str", text, style=None if text.isprintable() else '"')


Dumper.add_representer(str, represent)
for name, (pattern, letters) in SCALARS.items():
    for kind in (Loader, Dumper):
        kind.add_implicit_resolver(STANDARD + name, pattern, ["" if each == "\0" else each for each in letters])


def dump(value: Any) -> str:
    """The same bytes for the same value."""
    written: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120, indent=2)
    return written


def load(text: str, name: str) -> Any:
    """Raises `Misconfigured` with *name* and the line for what does not read, or says a key twice."""
    try:
        root = yaml.compose(text, Loader=Loader)  # builds no object
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise Misconfigured(f"{name}{line} is no YAML: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"{name} is no YAML: {' '.join(str(error).split())}.") from error
    except RecursionError as error:
        raise Misconfigured(f"{name} goes too deep.") from error
    if root is None:
        raise Misconfigured(f"{name} is empty.")
    return Reader(name).value(root, ())


class Reader:
    """Makes plain values of nodes, each once however many aliases it has."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.made: dict[int, Any] = {}

    def refused(self, node: yaml.Node, why: str) -> Misconfigured:
        return Misconfigured(f"{self.name}, line {node.start_mark.line + 1}: {why}.")

    def value(self, node: yaml.Node, within: tuple[int, ...]) -> Any:
        if id(node) in within:
            raise self.refused(node, "this is an alias of what it stands in")
        if id(node) not in self.made:
            self.made[id(node)] = self.make(node, (*within, id(node)))
        return self.made[id(node)]

    def make(self, node: yaml.Node, within: tuple[int, ...]) -> Any:
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self.mapping(node, within)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.value(each, within) for each in node.value]
            case yaml.ScalarNode():
                return self.scalar(node)
            case _:
                raise self.refused(node, f"the tag {node.tag} is not read here")

    def mapping(self, node: yaml.MappingNode, within: tuple[int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.value(key_node, within)
            if not isinstance(key, str):
                raise self.refused(key_node, "a name is a text; put it in quotes")
            if key in found:
                raise self.refused(key_node, f"{key} stands twice")
            found[key] = self.value(value_node, within)
        return found

    def scalar(self, node: yaml.ScalarNode) -> Any:
        written: str = node.value
        if len(written) > LONGEST and node.tag in (STANDARD + "int", STANDARD + "float"):
            raise self.refused(node, f"a number of more than {LONGEST} digits is not read here")
        match node.tag.removeprefix(STANDARD):
            case "str":
                return written
            case "null":
                return None
            case "bool" if written in ("true", "false"):
                return written == "true"
            case "int" if SCALARS["int"][0].match(written):
                return int(written)
            case "float" if SCALARS["float"][0].match(written):
                return float(written)
            case _:
                raise self.refused(node, f"{written!r} with the tag {node.tag} is not read here")
