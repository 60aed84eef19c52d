"""From YAML text to plain data that remembers its lines: no floats, no repeated keys, no surprises."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from .errors import BadLaw, Problem, Unreadable
from .values import MOST_DIGITS

Places = dict[tuple[str, ...], tuple[str, int]]

MOST_BYTES = 2_000_000
DEEPEST = 30
MOST_FILES = 50
LONGEST_NAME = 60

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INCLUDED = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.yaml")
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
    files = sorted(path.glob("*.yaml")) if kind_of(path) == "folder" else [path]
    if files == [path] and (reason := _unreadable(path)):
        raise Unreadable([Problem(path.name[:LONGEST_NAME], "(file)", reason)])
    if not files:
        raise BadLaw([Problem(path.name, "(folder)", "holds no .yaml file")])
    included: set[Path] = set()
    for file in files:
        _read_file(source, file, included)
    return source


def kind_of(path: Path) -> str | None:
    """Whether a path is a `file` or a `folder` that can be read to its end; None for anything else."""
    try:
        return "folder" if path.is_dir() else "file" if path.is_file() else None
    except OSError:
        return None


def _unreadable(file: Path) -> str | None:
    """Why a file cannot be read at all: it is not there, or a device or pipe that never ends."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return "cannot be read: it is not a file"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


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
    source.places = places | source.places
    for other in _included(source, data.pop("include", None), file.parent):
        if other not in included:
            included.add(other)
            if len(included) > MOST_FILES:
                raise Unreadable([Problem(shown, "include", f"includes more than {MOST_FILES} files in all")])
            _read_file(source, other, included)
    _merge(source, data, places)


def _included(source: Source, names: Any, folder: Path) -> Iterator[Path]:
    """The files a file includes, each named by a relative path."""
    if names is not None and not isinstance(names, list):
        source.problem(("include",), "must be a list of files")
        return
    for index, name in enumerate(names or ()):
        if isinstance(name, str) and _INCLUDED.fullmatch(name):
            yield (folder / name).resolve()
        else:
            source.problem(("include", str(index)), "is not the name of a .yaml file")


def _compose(source: Source, file: Path, shown: str) -> yaml.Node | None:
    """The tree of a file; one too large or too deep is refused before it is built."""
    try:
        if (reason := _unreadable(file)) is not None:
            source.problems.append(Problem(shown, "(file)", reason))
            return None
        if file.stat().st_size > MOST_BYTES:
            source.problems.append(Problem(shown, "(file)", f"is larger than {MOST_BYTES} bytes"))
            return None
        text = file.read_text(encoding="utf-8")
        deep = _too_deep(text)
        if deep is None:
            return yaml.compose(text, Loader=_LOADER)
        source.problems.append(Problem(shown, deep[0], f"is nested more than {DEEPEST} deep", deep[1]))
    except (OSError, UnicodeDecodeError) as error:
        source.problems.append(Problem(shown, "(file)", f"cannot be read: {error}"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"is not YAML: {getattr(error, 'problem', None) or error}"
        source.problems.append(Problem(shown, "(file)", reason, mark.line + 1 if mark else None))
    return None


def _too_deep(text: str) -> tuple[str, int | None] | None:
    """The key and line at which a text nests deeper than any law, found without building anything."""
    keys: list[str | None] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            if len(keys) == DEEPEST:
                mark = event.start_mark
                return ".".join(key for key in keys if key) or "(file)", mark.line + 1 if mark else None
            keys.append(None if isinstance(event, yaml.MappingStartEvent) else "")
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            keys.pop()
        if keys and keys[-1] != "" and isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            scalar = str(event.value) if isinstance(event, yaml.ScalarEvent) else ""
            keys[-1] = scalar or "?" if keys[-1] is None else None
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
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """The data of one node; one met before (by an alias) is a fault: few lines could stand for many."""
        if id(node) in self.seen:
            self.fault(path, node, "repeats another part by an alias (`*`): write it out")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]

    def fault(self, path: tuple[str, ...], node: yaml.Node, reason: str) -> None:
        """Note a fault at a key of this file; there is no value then."""
        key = ".".join(path) or "(file)"
        self.source.problems.append(Problem(self.file, key, reason, node.start_mark.line + 1))

    def mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[Any, Any]:
        """A mapping; a key written twice is a fault, since YAML would silently keep the last."""
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            place = (*path, str(key))
            if key in result:
                self.fault(place, key_node, "is written twice")
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
        if kind in ("int", "float"):
            return self.number(text.replace("_", ""), kind, path, node)
        return _WORDS.get(text.lower(), text) if kind in ("bool", "null") else text

    def number(self, text: str, kind: str, path: tuple[str, ...], node: yaml.Node) -> int | Decimal | None:
        """A whole number or a decimal, of no more digits than any law needs."""
        try:
            number = Decimal(text)
            bounded = (
                number.is_finite() and len(text) <= MOST_DIGITS and abs(number.adjusted()) <= MOST_DIGITS
            )
            if bounded:
                return int(text) if kind == "int" else number
        except (ValueError, ArithmeticError):
            self.fault(path, node, f"cannot read `{text[:MOST_DIGITS]}`")
            return None
        self.fault(path, node, f"is too large, too small or too long: at most {MOST_DIGITS} digits")
        return None
