"""A third party with `docs/verify.py` and a bare Python: the true file holds, every forged one is named."""

import json

import pytest

from app.audit import chain as hashes
from app.audit import checkpoints, merkle, signing
from app.services import audit_checkpoints

OTHER_KEY = "11" * 32


@pytest.fixture
def signed(chain):
    """Three streams, two checkpoints, and one entry after them."""
    chain.write("case:1", 4, case=1)
    chain.write("case:2", 2, case=2)
    chain.checkpoint()
    chain.write("case:1", 3, case=1)
    chain.write("case:3", 1, case=3)
    chain.checkpoint()
    chain.write("case:2", 1, case=2)
    return chain


@pytest.fixture
def key(signed):
    return signed.run("key").output.strip()


def line_of(lines, kind, *start):
    return next(
        place
        for place, line in enumerate(lines)
        if isinstance(line, list) and line[: 1 + len(start)] == [kind, *start]
    )


def forge_entry(lines):
    lines[line_of(lines, "e", "case:1", 2)][3] = '{"at":"2026-01-01T00:00:00.000000Z","action":"reject"}'


def forge_stream(lines):
    """An entry changed, with every hash after it, and the head."""
    reached = hashes.genesis("case:1")
    for line in lines:
        if isinstance(line, list) and line[:2] == ["e", "case:1"]:
            line[3] = line[3].replace("approve", "reject") if line[2] == 2 else line[3]
            reached = hashes.link(reached, hashes.digest(line[3].encode()))
            line[4] = reached.hex()
    lines[line_of(lines, "h", "case:1")][3] = reached.hex()


def forge_leaves(lines):
    """The same, with the leaves: only the signed root is left to contradict."""
    forge_stream(lines)
    for line in lines:
        if isinstance(line, list) and line[0] == "l" and line[2] == "case:1":
            line[4] = lines[line_of(lines, "e", "case:1", line[3])][4]


def forge_checkpoints(lines):
    """The same, with checkpoints signed by a key of one's own."""
    forge_leaves(lines)
    keys, previous = signing.parse(OTHER_KEY), None
    leaves = [
        checkpoints.leaf_hash(x[2], x[3], bytes.fromhex(x[4]))
        for x in lines
        if isinstance(x, list) and x[0] == "l"
    ]
    for line in lines:
        if isinstance(line, list) and line[0] == "c":
            said = json.loads(line[2])
            tree = merkle.Frontier()
            for leaf in leaves[: said["size"]]:
                tree.append(leaf)
            previous = checkpoints.sign(keys, said["number"], said["at"], tree, previous)
            line[2:] = [previous.content, previous.signature.hex()]


def drop_tail(lines):
    """The newest entry of a checkpointed stream, with its head set right."""
    del lines[line_of(lines, "e", "case:1", 7)]
    last = lines[line_of(lines, "e", "case:1", 6)]
    lines[line_of(lines, "h", "case:1")][2:] = [6, last[4]]
    lines[-1]["end"]["entries"] -= 1


def drop_stream(lines):
    del lines[line_of(lines, "e", "case:3", 1)]
    del lines[line_of(lines, "h", "case:3")]
    lines[-1]["end"]["entries"] -= 1
    lines[-1]["end"]["heads"] -= 1


def drop_end(lines):
    del lines[-1]


def swap(lines):
    first, second = line_of(lines, "e", "case:1", 2), line_of(lines, "e", "case:1", 3)
    lines[first][3], lines[second][3] = lines[second][3], lines[first][3]


def change_signed_text(lines):
    line = lines[line_of(lines, "c", 2)]
    line[2] = line[2].replace('"at":"2', '"at":"3')


def drop_checkpoint(lines):
    del lines[line_of(lines, "c", 1)]
    lines[-1]["end"]["checkpoints"] -= 1


def drop_signatures(lines):
    """Entries rewritten, with nothing signed left to contradict them."""
    forge_stream(lines)
    lines[:] = [line for line in lines if not (isinstance(line, list) and line[0] in "cl")]
    lines[-1]["end"] |= {"checkpoints": 0, "leaves": 0}


def empty(lines):
    lines[:] = [lines[0], {"end": {"checkpoints": 0, "leaves": 0, "heads": 0, "entries": 0}}]


def add_entry(lines, stream, seq):
    """One more entry, with the hash that follows and the numbers set right: it takes no key."""
    before = lines[line_of(lines, "e", stream, seq - 1)] if seq > 1 else None
    reached = bytes.fromhex(before[4]) if before else hashes.genesis(stream)
    content = '{"at":"2026-01-01T00:00:00.000000Z","action":"approve","actor":7,"subject":{}}'
    reached = hashes.link(reached, hashes.digest(content.encode())).hex()
    place = lines.index(before) + 1 if before else line_of(lines, "e")
    lines.insert(place, ["e", stream, seq, content, reached])
    lines[-1]["end"]["entries"] += 1
    if before:
        lines[line_of(lines, "h", stream)][2:] = [seq, reached]
    else:
        lines.insert(line_of(lines, "h"), ["h", stream, 1, reached])
        lines[-1]["end"]["heads"] += 1


def append_entry(lines):
    add_entry(lines, "case:1", 8)


def append_two_entries(lines):
    add_entry(lines, "case:1", 8)
    add_entry(lines, "case:1", 9)


def insert_stream(lines):
    add_entry(lines, "case:0", 1)


def insert_nameless_stream(lines):
    add_entry(lines, "", 1)


def insert_nameless_entry(lines):
    """Neither a head nor a beginning of its own."""
    lines.insert(line_of(lines, "e"), ["e", "", 1, "{}", hashes.link(b"", hashes.digest(b"{}")).hex()])
    lines[-1]["end"]["entries"] += 1


FORGERIES = {
    append_entry: "nobody signed: entry 8 of case:1",
    append_two_entries: "nobody signed: entries 8 to 9 of case:1",
    insert_stream: "nobody signed: entry 1 of case:0",
    insert_nameless_stream: "“” is no name of a stream",
    insert_nameless_entry: "“” is no name of a stream",
    forge_entry: "entry 2 of case:1 does not follow from what stands before it",
    forge_stream: "a checkpoint knows the first 4 entries of case:1 otherwise",
    forge_leaves: "the leaves of checkpoint 1 are not those it was signed over",
    forge_checkpoints: "checkpoint 1 is signed by",
    drop_tail: "a checkpoint knows 7 entries of case:1, and they are missing",
    drop_stream: "a checkpoint knows 1 entries of case:3, and they are missing",
    drop_end: "the export is not complete",
    swap: "entry 2 of case:1 does not follow from what stands before it",
    change_signed_text: "the signature of checkpoint 2",
    drop_signatures: "no checkpoint is in this export",
    empty: "no checkpoint is in this export",
    drop_checkpoint: "checkpoint 2 does not follow the one before it",
}


def test_a_true_export_holds(signed, key):
    file, _lines = signed.export()
    result = signed.third_party(file, "--key", key)
    assert (result.returncode, result.stderr) == (0, "")
    assert "11 entries in 3 streams. Checkpoint 3 of" in result.stdout
    assert "covers every one." in result.stdout
    assert "Everything holds." in result.stdout


def test_an_export_holds_whatever_is_recorded_meanwhile(signed, key, monkeypatch):
    """An entry written after the export's own checkpoint is for the next one."""
    copy = audit_checkpoints.copy_to_storage

    def copy_while_others_work():
        copy()
        signed.write("case:2", 1, case=2)
        signed.write("case:4", 1, case=4)

    monkeypatch.setattr(audit_checkpoints, "copy_to_storage", copy_while_others_work)
    file, lines = signed.export()
    assert lines[-1]["end"] == {"checkpoints": 3, "leaves": 5, "heads": 3, "entries": 11}
    result = signed.third_party(file, "--key", key)
    assert result.returncode == 0, result.stdout


def test_an_export_says_what_it_leaves_out(signed, key):
    signed.tamper(
        "INSERT INTO audit_head SELECT 'case:9', count, hash, seal FROM audit_head WHERE stream = 'case:3'",
    )
    result = signed.run("export", str(signed.folder / "export.jsonl"))
    assert result.exit_code == 1
    assert "Not signed, for their heads are forged: case:9" in result.output


@pytest.mark.parametrize("name", [None, 5, ["case:1"], {}], ids=repr)
def test_a_stream_whose_name_is_no_text_is_refused(signed, name):
    _file, lines = signed.export()
    lines.insert(line_of(lines, "e"), ["e", name, 1, "{}", "00" * 32])
    result = signed.third_party(signed.file(lines))
    assert result.returncode == 2
    assert "Everything holds" not in result.stdout


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_export_is_named(signed, key, forge):
    _file, lines = signed.export()
    forge(lines)
    result = signed.third_party(signed.file(lines), "--key", key)
    assert result.returncode == 1, result.stdout + result.stderr
    assert FORGERIES[forge] in result.stdout


@pytest.mark.parametrize("forge", [drop_signatures, empty], ids=lambda forge: forge.__name__)
def test_what_nobody_signed_does_not_hold_even_without_a_key(signed, forge):
    _file, lines = signed.export()
    forge(lines)
    result = signed.third_party(signed.file(lines))
    assert result.returncode == 1
    assert "Everything holds" not in result.stdout


def test_a_key_is_recognised_however_its_digits_are_written(signed, key):
    file, _lines = signed.export()
    result = signed.third_party(file, "--key", key.upper())
    assert result.returncode == 0, result.stdout
    assert f"Signed by {key}: a key you trust." in result.stdout


def test_without_a_published_key_the_reader_is_told_to_compare(signed, key):
    file, _lines = signed.export()
    assert (
        f"Signed by {key}: compare it with what the administration publishes."
        in signed.third_party(file).stdout
    )


def test_a_checkpoint_kept_from_earlier_must_still_be_there(signed, key):
    kept = signed.copies / "00000001.json"
    file, lines = signed.export()
    assert signed.third_party(file, "--key", key, "--kept", str(kept)).returncode == 0
    shorter = [line for line in lines if not (isinstance(line, list) and line[0] in "cl")]
    shorter[-1]["end"] |= {"checkpoints": 0, "leaves": 0}
    result = signed.third_party(signed.file(shorter), "--kept", str(kept))
    assert result.returncode == 1
    assert "the checkpoint 1 you kept is not in this export" in result.stdout


@pytest.mark.parametrize("entry", ["case:1/1", "case:1/3", "case:1/4", "case:1/7", "case:2/2", "case:3/1"])
def test_proof_of_one_entry_holds(signed, key, entry):
    result = signed.run("prove", entry)
    assert result.exit_code == 0, result.output
    checked = signed.third_party(signed.file(json.loads(result.output)), "--key", key)
    assert checked.returncode == 0, checked.stdout
    assert f"Entry {entry}, as of checkpoint" in checked.stdout


def test_proof_shows_nothing_of_the_neighbours(signed):
    proof = json.loads(signed.run("prove", "case:1/2").output)
    assert json.dumps(proof).count('\\"number\\":') == 2  # the entry's own fact, and the checkpoint's number
    assert len(proof["later"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"content": '{"at":"2026-01-01T00:00:00.000000Z"}'},
        {"seq": 1},
        {"stream": "case:4"},
        {"count": 5},
        {"position": 1},
        {"previous": "00" * 32},
        {"later": []},
        {"path": []},
        {"position": -1},
    ],
    ids=str,
)
def test_a_forged_proof_is_named(signed, change):
    proof = json.loads(signed.run("prove", "case:1/2").output) | change
    result = signed.third_party(signed.file(proof))
    assert result.returncode == 1
    assert "case:" in result.stdout


def test_an_entry_no_checkpoint_covers_yet_is_not_proved(signed):
    result = signed.run("prove", "case:2/3")
    assert result.exit_code == 1
    assert "No checkpoint covers entry 3 of case:2 yet" in result.output


@pytest.mark.parametrize(
    ("entry", "says"), [("case:1/99", "no entry 99"), ("case:1", "Name the entry"), ("x/", "Name")]
)
def test_what_is_not_there_is_not_proved(signed, entry, says):
    result = signed.run("prove", entry)
    assert result.exit_code == 1
    assert says in result.output


def test_a_proof_over_a_tampered_chain_does_not_leave_the_house(signed):
    signed.tamper("UPDATE audit_entry SET content = replace(content, 'approve', 'reject') WHERE seq = 2")
    result = signed.run("prove", "case:1/2")
    assert result.exit_code == 1
    assert "not as it was signed" in result.output


def test_consistency_of_two_checkpoints_holds(signed, key):
    proof = json.loads(signed.run("consistency", "1", "2").output)
    result = signed.third_party(signed.file(proof), "--key", key)
    assert result.returncode == 0, result.stdout
    assert result.stdout.startswith("Checkpoint 1 of")


def test_a_forged_consistency_is_named(signed):
    proof = json.loads(signed.run("consistency", "1", "2").output)
    proof["first"], proof["second"] = proof["second"], proof["first"]
    result = signed.third_party(signed.file(proof))
    assert result.returncode == 1
    assert "does not only add to" in result.stdout


@pytest.mark.parametrize("numbers", [("2", "1"), ("1", "1"), ("1", "3")])
def test_consistency_is_between_two_checkpoints_that_exist(signed, numbers):
    assert signed.run("consistency", *numbers).exit_code == 1


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"format":"guichet-audit-proof"}'])
def test_another_file_is_refused_without_a_traceback(chain, text):
    file = chain.folder / "other"
    file.write_text(text)
    result = chain.third_party(file)
    assert result.returncode == 2
    assert "cannot be read" in result.stderr
    assert "Traceback" not in result.stderr
