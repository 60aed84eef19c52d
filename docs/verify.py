#!/usr/bin/env python3
"""Check what Guichet's audit chain says, without Guichet: any Python 3.9 or later, nothing to install.

    python verify.py FILE [--key HEX ...] [--kept CHECKPOINT.json ...]
    python verify.py PROOF --receipt RECEIPT.json [--key HEX ...]

FILE is an export (`audit export`), a proof about one entry (`audit prove`) or a proof that one checkpoint
only added to another (`audit consistency`). `--key` is a public key the administration published; without it
this program says which key signed, and you compare. `--kept` is a checkpoint you kept from earlier: the
export must still contain it. `--receipt` is the receipt of a request: the proof must be that of the entry
made when it was issued, and tell of this very file. Exit code 0: everything holds; 1: something does not,
and it is named; 2: this is not such a file.

How the chain is made is described in audit.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256, sha512
from typing import Any

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, FIELD - 2, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)
STREAM = re.compile(r"[a-z_]{1,20}:[A-Za-z0-9_-]{1,59}")
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


class Refused(Exception):
    """The file is not of the form it says it is."""


class Findings:
    """What does not hold, said as it is found."""

    def __init__(self) -> None:
        self.count = 0

    def say(self, sentence: str) -> None:
        """Name something that does not hold."""
        self.count += 1
        if self.count <= 1000:
            print(f"DOES NOT HOLD: {sentence}")


# --- Hashes, as audit.md defines them ---------------------------------------------------------------------


def genesis(stream: str) -> bytes:
    """The hash before a stream's first entry."""
    return sha256(b"guichet audit stream\n" + stream.encode()).digest()


def digest(content: str) -> bytes:
    """The digest of an entry's content."""
    return sha256(content.encode()).digest()


def link(previous: bytes, content_digest: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\x02" + previous + content_digest).digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def head_leaf(stream: str, count: int, head: bytes) -> bytes:
    """A stream's head as a leaf hash."""
    return leaf_hash(f"{stream}\n{count}\n{head.hex()}".encode())


# --- Merkle trees (RFC 6962) ------------------------------------------------------------------------------


def split(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)


class Tree:
    """A growing tree, remembered by the roots of its perfect subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.peaks.append(leaf)
        self.size += 1
        rest = self.size
        while rest % 2 == 0:
            right = self.peaks.pop()
            self.peaks.append(node_hash(self.peaks.pop(), right))
            rest //= 2

    def root(self) -> bytes:
        """The root as the tree stands."""
        if not self.peaks:
            return sha256(b"").digest()
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


def root_from(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes:
    """The root an inclusion path leads to; `path` is consumed from its beginning."""
    if size == 1:
        return leaf
    middle = split(size)
    if position < middle:
        left = root_from(leaf, position, middle, path)
        return node_hash(left, path.pop(0))
    right = root_from(leaf, position - middle, size - middle, path)
    return node_hash(path.pop(0), right)


def both_roots(earlier: int, size: int, whole: bytes | None, path: list[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root a consistency path leads to; `path` is consumed from its beginning."""
    if earlier == size:
        node = path.pop(0) if whole is None else whole
        return node, node
    middle = split(size)
    if earlier <= middle:
        old, new = both_roots(earlier, middle, whole, path)
        return old, node_hash(new, path.pop(0))
    old, new = both_roots(earlier - middle, size - middle, None, path)
    left = path.pop(0)
    return node_hash(left, old), node_hash(left, new)


# --- Ed25519 (RFC 8032), verification only ----------------------------------------------------------------


def add(p: Point, q: Point) -> Point:
    """The sum of two points in extended coordinates."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % FIELD
    b = (p[1] + p[0]) * (q[1] + q[0]) % FIELD
    c = 2 * p[3] * q[3] * D % FIELD
    d = 2 * p[2] * q[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


def times(scalar: int, point: Point) -> Point:
    """A multiple of a point."""
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def decompress(encoded: bytes) -> Point | None:
    """The point of 32 bytes; None when there is none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if len(encoded) != 32 or y >= FIELD:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, FIELD - 2, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if (x * x - square) % FIELD:
        x = x * ROOT_OF_MINUS_ONE % FIELD
    if (x * x - square) % FIELD or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = FIELD - x
    return x, y, 1, x * y % FIELD


BASE = decompress((4 * pow(5, FIELD - 2, FIELD) % FIELD).to_bytes(32, "little"))


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the message is that public key's."""
    point, commitment = decompress(public), decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or commitment is None or BASE is None or len(signature) != 64 or scalar >= ORDER:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), add(commitment, times(challenge, point))
    same_x = (left[0] * right[2] - right[0] * left[2]) % FIELD == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % FIELD == 0


# --- Checkpoints ------------------------------------------------------------------------------------------


class Checkpoints:
    """Checks signatures, and remembers whose they are."""

    def __init__(self, findings: Findings, trusted: set[str]) -> None:
        self.findings, self.trusted = findings, trusted
        self.seen: set[str] = set()

    def read(self, content: str, signature: bytes) -> dict[str, Any]:
        """What a checkpoint says, once its signature was checked."""
        said: dict[str, Any] = json.loads(content)
        number, key = said["number"], said["key"]
        if not is_signed(bytes.fromhex(key), b"guichet audit checkpoint\n" + content.encode(), signature):
            self.findings.say(f"the signature of checkpoint {number}")
        elif self.trusted and key not in self.trusted:
            self.findings.say(f"checkpoint {number} is signed by {key}, which is not a key you trust")
        self.seen.add(key)
        return said

    def read_kept(self, kept: dict[str, str]) -> dict[str, Any]:
        """A checkpoint from a file or a proof."""
        return self.read(kept["content"], bytes.fromhex(kept["signature"]))


# --- The three kinds of files -----------------------------------------------------------------------------


def check_proof(proof: dict[str, Any], checkpoints: Checkpoints, findings: Findings) -> str:
    """One entry: from its content over the stream's head to a signed root."""
    said = checkpoints.read_kept(proof["checkpoint"])
    place = f"{proof['stream']}/{proof['seq']}"
    reached = link(bytes.fromhex(proof["previous"]), digest(proof["content"]))
    for later in proof["later"]:
        reached = link(reached, bytes.fromhex(later))
    if proof["seq"] + len(proof["later"]) != proof["count"]:
        findings.say(f"the number of entry {place}")
    if proof["seq"] == 1 and bytes.fromhex(proof["previous"]) != genesis(proof["stream"]):
        findings.say(f"entry {place} is not the first of its stream")
    path = [bytes.fromhex(step) for step in proof["path"]]
    leaf = head_leaf(proof["stream"], proof["count"], reached)
    if not leads_to(leaf, proof["position"], said["size"], path, said["root"]):
        findings.say(f"entry {place} is not in checkpoint {said['number']} as this file tells it")
    return f"Entry {place}, as of checkpoint {said['number']} of {said['at']}:\n{proof['content']}"


def check_receipt(content: bytes, proof: dict[str, Any], findings: Findings) -> str:
    """Whether a file is, byte for byte, the receipt that an entry tells of."""
    place, told = f"{proof['stream']}/{proof['seq']}", json.loads(proof["content"])
    if told["action"] != "issue_receipt":
        findings.say(f"entry {place} is not about a receipt")
        return "The receipt was not compared."
    subject, before = told["subject"], findings.count
    if sha256(content).hexdigest() != subject["sha256"]:
        findings.say(f"the receipt is not, byte for byte, the one entry {place} tells of")
    reference = reference_in(content)
    if reference != subject["reference"]:
        findings.say(f"the receipt says it is that of {reference}, the entry that of {subject['reference']}")
    if findings.count > before:
        return "The receipt is not the one that was issued."
    return f"The receipt is that of {reference}, byte for byte."


def reference_in(content: bytes) -> Any:
    """The reference a receipt file says; None when it says none."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return said.get("reference") if isinstance(said, dict) else None


def leads_to(leaf: bytes, position: int, size: int, path: list[bytes], root: str) -> bool:
    """Whether an inclusion path leads to the root, and ends there."""
    if not 0 <= position < size:
        return False
    try:
        return root_from(leaf, position, size, path).hex() == root and not path
    except IndexError:
        return False


def check_consistency(proof: dict[str, Any], checkpoints: Checkpoints, findings: Findings) -> str:
    """Two checkpoints: the later one has all the leaves of the earlier one, in their places."""
    first, second = checkpoints.read_kept(proof["first"]), checkpoints.read_kept(proof["second"])
    path = [bytes.fromhex(step) for step in proof["path"]]
    old = bytes.fromhex(first["root"])
    try:
        is_ordered = 0 < first["size"] <= second["size"]
        roots = both_roots(first["size"], second["size"], old, path) if is_ordered else None
    except IndexError:
        roots = None
    if roots != (old, bytes.fromhex(second["root"])) or path:
        findings.say(f"checkpoint {second['number']} does not only add to checkpoint {first['number']}")
    return f"Checkpoint {first['number']} of {first['at']}, then {second['number']} of {second['at']}."


class Export:
    """Reads an export once, line by line: checkpoints, leaves, heads, entries, end."""

    def __init__(self, checkpoints: Checkpoints, findings: Findings, kept: list[dict[str, Any]]) -> None:
        self.checkpoints, self.findings, self.kept = checkpoints, findings, kept
        self.signed: list[dict[str, Any]] = []
        self.tree = Tree()
        self.roots: dict[int, str] = {}
        self.due: dict[str, dict[int, str]] = {}
        self.heads: dict[str, tuple[int, str]] = {}
        self.counts = {"checkpoints": 0, "leaves": 0, "heads": 0, "entries": 0}
        self.end: Any = None
        self.stream: str | None = None
        self.seq, self.covered, self.uncovered = 0, 0, 0
        self.reached = b""

    def run(self, lines: Iterator[str]) -> str:
        """Read everything; what it is about, in words."""
        readers: dict[str, Callable[..., None]] = {
            "c": self.checkpoint,
            "l": self.leaf,
            "h": self.head,
            "e": self.entry,
        }
        for line in lines:
            value = json.loads(line)
            if isinstance(value, dict):
                self.end = value.get("end")
            else:
                readers[value[0]](*value[1:])
        self.close_stream()
        self.finish()
        return self.in_words()

    def in_words(self) -> str:
        """How much was read, and how far it is signed."""
        read = f"{self.counts['entries']} entries in {self.counts['heads']} streams."
        if not self.signed:
            return f"{read} Nothing is signed."
        last = self.signed[-1]
        covered = f"all but {self.uncovered}" if self.uncovered else "every one"
        return f"{read} Checkpoint {last['number']} of {last['at']} covers {covered}."

    def checkpoint(self, number: int, content: str, signature: str) -> None:
        """A checkpoint follows the one before it."""
        self.counts["checkpoints"] += 1
        said = self.checkpoints.read(content, bytes.fromhex(signature))
        before = self.signed[-1]["digest"] if self.signed else None
        if said["number"] != number or number != len(self.signed) + 1 or said["previous"] != before:
            self.findings.say(f"checkpoint {number} does not follow the one before it")
        said["digest"] = leaf_hash(content.encode()).hex()
        self.signed.append(said)
        self.roots[said["size"]] = ""

    def leaf(self, position: int, stream: str, count: int, head: str) -> None:
        """A leaf is added to the tree; its entry is expected."""
        self.counts["leaves"] += 1
        if position != self.tree.size:
            self.findings.say(f"leaf {self.tree.size} is missing")
        self.tree.append(head_leaf(stream, count, bytes.fromhex(head)))
        if self.tree.size in self.roots:
            self.roots[self.tree.size] = self.tree.root().hex()
        self.due.setdefault(stream, {})[count] = head

    def head(self, stream: str, count: int, head: str) -> None:
        """How far a stream has come; its entries are expected."""
        self.counts["heads"] += 1
        self.heads[stream] = (count, head)

    def entry(self, stream: str, seq: int, content: str, stored: str) -> None:
        """An entry follows the one before it."""
        self.counts["entries"] += 1
        if self.stream is None or stream != self.stream:
            self.close_stream()
            self.open_stream(stream)
        if seq != self.seq + 1:
            self.findings.say(f"entry {self.seq + 1} of {stream} is missing")
        self.reached, self.seq = link(self.reached, digest(content)), seq
        if self.reached.hex() != stored:
            self.findings.say(f"entry {seq} of {stream} does not follow from what stands before it")
            self.reached = bytes.fromhex(stored)
        leaf = self.due.get(stream, {}).pop(seq, None)
        if leaf is not None:
            self.covered = seq
            if leaf != self.reached.hex():
                self.findings.say(f"a checkpoint knows the first {seq} entries of {stream} otherwise")

    def open_stream(self, stream: str) -> None:
        """A stream begins, under a name that a stream can have."""
        if not STREAM.fullmatch(stream):
            self.findings.say(f"“{stream}” is no name of a stream")
        self.stream, self.seq, self.covered, self.reached = stream, 0, 0, genesis(stream)

    def close_stream(self) -> None:
        """A stream has ended where its head says, and a checkpoint covers it until there."""
        if self.stream is None:
            return
        if self.seq > self.covered:
            self.uncovered += self.seq - self.covered
            first, last = self.covered + 1, self.seq
            which = f"entry {last}" if first == last else f"entries {first} to {last}"
            self.findings.say(f"nobody signed: {which} of {self.stream}")
        if self.heads.pop(self.stream, None) != (self.seq, self.reached.hex()):
            self.findings.say(f"the head of {self.stream} is not its last entry")

    def finish(self) -> None:
        """What was expected came, and every root is the signed one."""
        for stream in self.heads:
            self.findings.say(f"all entries of {stream} are missing")
        for stream, leaves in self.due.items():
            if leaves:
                self.findings.say(
                    f"a checkpoint knows {max(leaves)} entries of {stream}, and they are missing"
                )
        self.check_signed()
        if self.end != self.counts:
            self.findings.say("the export is not complete: its end is missing or tells other numbers")
        self.check_kept()

    def check_signed(self) -> None:
        """Something is signed, and it is the leaves that came."""
        for said in self.signed:
            if self.roots[said["size"]] != said["root"]:
                self.findings.say(
                    f"the leaves of checkpoint {said['number']} are not those it was signed over"
                )
        if not self.signed:
            self.findings.say("no checkpoint is in this export: nobody signed what it tells")
        elif self.tree.size != self.signed[-1]["size"]:
            self.findings.say("some leaves belong to no checkpoint")

    def check_kept(self) -> None:
        """Checkpoints kept from earlier are still there."""
        for said in self.kept:
            if said["number"] > len(self.signed) or self.signed[said["number"] - 1]["root"] != said["root"]:
                self.findings.say(f"the checkpoint {said['number']} you kept is not in this export")


# --- Command line -----------------------------------------------------------------------------------------


def check(lines: Iterator[str], options: argparse.Namespace, checkpoints: Checkpoints) -> str:
    """Which kind of file it is, and whether it holds; what it says, in words."""
    first, findings = next(lines, ""), checkpoints.findings
    kept = [checkpoints.read_kept(load(name)) for name in options.kept]
    is_export = '"guichet-audit-export"' in first
    proof = {} if is_export else json.loads(first + "".join(lines))
    kind = proof.get("format")
    if options.receipt and kind != "guichet-audit-proof":
        raise Refused("A receipt is compared with the proof of its entry: verify.py PROOF --receipt FILE.")
    if is_export:
        return Export(checkpoints, findings, kept).run(lines)
    if kind == "guichet-audit-consistency":
        return check_consistency(proof, checkpoints, findings)
    if kind == "guichet-receipt":
        raise Refused("This is a receipt. Ask for the proof of its entry: verify.py PROOF --receipt FILE.")
    if kind != "guichet-audit-proof":
        raise Refused("This is no export and no proof of Guichet's audit chain.")
    told = check_proof(proof, checkpoints, findings)
    if not options.receipt:
        return told
    with open(options.receipt, "rb") as file:
        return f"{told}\n{check_receipt(file.read(), proof, findings)}"


def load(name: str) -> dict[str, str]:
    """A checkpoint's file."""
    with open(name, encoding="utf-8") as file:
        return dict(json.load(file))


def main() -> int:
    """Read the arguments, check, and say the result."""
    parser = argparse.ArgumentParser(description="Check an export or a proof of Guichet's audit chain.")
    parser.add_argument("file")
    parser.add_argument("--key", action="append", default=[], help="a public key you trust, in hexadecimal")
    parser.add_argument("--kept", action="append", default=[], help="a checkpoint you kept from earlier")
    parser.add_argument("--receipt", help="the receipt of a request, with the proof of its entry as FILE")
    options = parser.parse_args()
    findings = Findings()
    trusted = {key.lower() for key in options.key}
    checkpoints = Checkpoints(findings, trusted)
    try:
        with open(options.file, encoding="utf-8") as lines:
            print(check(lines, options, checkpoints))
    except (Refused, ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        print(f"This file cannot be read: {error!r}", file=sys.stderr)
        return 2
    for key in sorted(checkpoints.seen):
        known = "a key you trust" if key in trusted else "compare it with what the administration publishes"
        print(f"Signed by {key}: {known}.")
    print(f"{findings.count} things do not hold." if findings.count else "Everything holds.")
    return 1 if findings.count else 0


if __name__ == "__main__":
    sys.exit(main())
