"""From YAML text to plain data that remembers its lines: no floats, no repeated keys, no surprises."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from .errors import BadLaw, Problem

Places = dict[tuple[str, ...], tuple[str, int]]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(slots=True)
class Source:
    """The merged text of a scheme: its data, and for each key the file and line it came from."""

    data: dict[str, Any] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    name: str = ""

    def problem(self, path: tuple[str, ...], reason: str) -> None:
        """Note a fault at a key; the nearest enclosing key that has a line gives the place."""
        for length in range(len(path), 0, -1):
            if place := self.places.get(path[:length]):
                self.problems.append(Problem(place[0], ".".join(path), reason, place[1]))
                return
        self.problems.append(Problem(self.name, ".".join(path) or "(file)", reason))


def read_law(path: Path) -> Source:
    """Read a scheme's folder, or a single file, with what it includes. Faults are gathered, not raised."""
    source = Source(name=path.name)
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise BadLaw([Problem(path.name, "(folder)", "holds no .yaml file")])
    included: set[Path] = set()
    for file in files:
        _read_file(source, file, included)
    return source


def _read_file(source: Source, file: Path, included: set[Path]) -> None:
    shown = f"{file.parent.name}/{file.name}"
    node = _compose(source, file, shown)
    if node is None:
        return
    places: Places = {}
    data = _Convert(source, shown, places).value(node, ())
    if not isinstance(data, dict):
        source.problems.append(Problem(shown, "(file)", "must hold named keys, such as `parameters:`"))
        return
    for name in data.pop("include", None) or ():
        other = (file.parent / str(name)).resolve()
        if other not in included:
            included.add(other)
            _read_file(source, other, included)
    _merge(source, data, places)
    source.places = places | source.places


def _compose(source: Source, file: Path, shown: str) -> yaml.Node | None:
    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError) as error:
        source.problems.append(Problem(shown, "(file)", f"cannot be read: {error}"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"is not YAML: {getattr(error, 'problem', None) or error}"
        source.problems.append(Problem(shown, "(file)", reason, mark.line + 1 if mark else None))
    return None


def _merge(source: Source, data: dict[str, Any], places: Places) -> None:
    """Add a file's sections to the whole; a name in two files is a fault, unless the second `amends` it."""
    for section, content in data.items():
        known = source.data.get(section)
        if known is None:
            source.data[section] = content
        elif isinstance(known, dict) and isinstance(content, dict):
            for key, value in content.items():
                if not _added(known, key, value):
                    _defined_twice(source, (section, key), places)
        else:
            _defined_twice(source, (section,), places)


def _defined_twice(source: Source, path: tuple[str, ...], places: Places) -> None:
    file, line = places[path]
    source.problems.append(Problem(file, ".".join(path), "is defined twice in this scheme", line))


def _added(known: dict[str, Any], key: str, value: Any) -> bool:
    """Put an entry in its section, or amend the one there; False when it is there already."""
    if key not in known:
        known[key] = value
        return True
    if not (isinstance(value, dict) and value.get("amends") is True):
        return False
    rows, more = known[key].get("values") if isinstance(known[key], dict) else None, value.get("values")
    if not isinstance(rows, dict) or not isinstance(more, dict):
        return False
    rows.update(more)
    return True


class _Convert:
    """Turns a YAML node tree into data, noting where each key stands."""

    def __init__(self, source: Source, file: str, places: Places) -> None:
        self.source = source
        self.file = file
        self.places = places
        self.open: set[int] = set()

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """The data of one node; one that contains itself (by an alias) is a fault."""
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if id(node) in self.open:
            self.source.problems.append(
                Problem(self.file, ".".join(path), "refers to itself", node.start_mark.line + 1)
            )
            return None
        self.open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            found: Any = self.mapping(node, path)
        else:
            found = [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
        self.open.discard(id(node))
        return found

    def mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[Any, Any]:
        """A mapping; a key written twice is a fault, since YAML would silently keep the last."""
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            place = (*path, str(key))
            if key in result:
                reason = "is written twice"
                self.source.problems.append(
                    Problem(self.file, ".".join(place), reason, key_node.start_mark.line + 1)
                )
                continue
            self.places[place] = (self.file, key_node.start_mark.line + 1)
            result[key] = self.value(value_node, place)
        return result

    def key(self, node: yaml.Node) -> str:
        """Keys are text, as written: `2026-01-01`, `A`, `fr`."""
        return str(node.value)

    def scalar(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """A scalar: text (dates too), whole number, decimal (never a float), flag or nothing."""
        text = str(node.value)
        kind = str(node.tag).rpartition(":")[2]
        try:
            if kind == "int":
                return int(text.replace("_", ""))
            if kind == "float":
                return Decimal(text.replace("_", ""))
        except (ValueError, ArithmeticError):
            self.source.problems.append(
                Problem(self.file, ".".join(path), f"cannot read `{text}`", node.start_mark.line + 1)
            )
            return None
        return _WORDS.get(text.lower(), text) if kind in ("bool", "null") else text
