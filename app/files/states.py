"""The states a file goes through, why it may be refused, and what staff say of it: data with their words."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class FileState(StrEnum):
    """Where a file stands with the checks; each member carries its label and the tone of its tag."""

    sent = "sent"
    checking = "checking"
    accepted = "accepted"
    refused = "refused"
    quarantined = "quarantined"

    @property
    def label(self) -> LazyString:
        """The state in the reader's language."""
        return _STATES[self][0]

    @property
    def tone(self) -> str:
        """The colour of the tag."""
        return _STATES[self][1]

    @property
    def is_waiting(self) -> bool:
        """Whether the checks are not over."""
        return self in (FileState.sent, FileState.checking)

    @property
    def is_refused(self) -> bool:
        """Whether the checks refused the file: it counts as not given."""
        return self in (FileState.refused, FileState.quarantined)


_STATES = {
    FileState.sent: (_l("Sent"), "blue"),
    FileState.checking: (_l("Being checked"), "yellow"),
    FileState.accepted: (_l("Checked"), "green"),
    FileState.refused: (_l("Refused"), "red"),
    FileState.quarantined: (_l("Set aside"), "red"),
}


class Refusal(StrEnum):
    """Why the checks refused a file; the label is a sentence for the person, with what to do."""

    empty = "empty"
    too_large = "too_large"
    other_type = "other_type"
    office_document = "office_document"
    macros = "macros"
    archive = "archive"
    encrypted = "encrypted"
    script = "script"
    launches = "launches"
    embedded_files = "embedded_files"
    dynamic_form = "dynamic_form"
    mixed_content = "mixed_content"
    no_pages = "no_pages"
    too_many_pages = "too_many_pages"
    too_many_pixels = "too_many_pixels"
    expands_too_much = "expands_too_much"
    damaged = "damaged"
    too_complex = "too_complex"
    infected = "infected"

    @property
    def label(self) -> LazyString:
        """The reason in the reader's language."""
        return _REFUSALS[self]


_REFUSALS = {
    Refusal.empty: _l("This file is empty. Choose another one."),
    Refusal.too_large: _l("This file is larger than 10 MB. Choose a smaller one."),
    Refusal.other_type: _l("This file is not a PDF, JPEG, PNG, HEIC or TIFF. Choose another one."),
    Refusal.office_document: _l("This is an office document. Save it as a PDF and send the PDF."),
    Refusal.macros: _l("This office document contains macros. Save it as a PDF and send the PDF."),
    Refusal.archive: _l("This is an archive. Send the files it contains one by one."),
    Refusal.encrypted: _l("This PDF is protected by a password. Send a copy without protection."),
    Refusal.script: _l("This PDF contains a script. Print it to a new PDF, or send a picture."),
    Refusal.launches: _l("This PDF starts something by itself. Print it to a new PDF, or send a picture."),
    Refusal.embedded_files: _l("Other files are hidden inside this PDF. Send each file by itself."),
    Refusal.dynamic_form: _l("This PDF is a dynamic form. Print it to a new PDF, or send a picture."),
    Refusal.mixed_content: _l(
        "Something else is hidden inside this file. Take a new picture or make a new PDF."
    ),
    Refusal.no_pages: _l("This PDF has no pages. Choose another one."),
    Refusal.too_many_pages: _l("This file has more than 100 pages. Send it in several parts."),
    Refusal.too_many_pixels: _l("This picture is too large. Take it again with a lower resolution."),
    Refusal.expands_too_much: _l("This file unfolds to an enormous size. Make a new PDF, or send a picture."),
    Refusal.damaged: _l("This file is incomplete or damaged. Send it again, or make a new one."),
    Refusal.too_complex: _l("This file is too complex to be checked. Make a simpler PDF, or send a picture."),
    Refusal.infected: _l("A virus was found in this file. Check your device before you send another one."),
}


class Verdict(StrEnum):
    """What staff found when they read a document."""

    accepted = "accepted"
    refused = "refused"
    unreadable = "unreadable"

    @property
    def label(self) -> LazyString:
        """The verdict in the reader's language."""
        return _VERDICTS[self][0]

    @property
    def tone(self) -> str:
        """The colour of the tag."""
        return _VERDICTS[self][1]


_VERDICTS = {
    Verdict.accepted: (_l("Accepted by our staff"), "green"),
    Verdict.refused: (_l("Not accepted by our staff"), "red"),
    Verdict.unreadable: (_l("Cannot be read"), "red"),
}
