"""The process that opens a file: bounded, without environment, and ended after one file.

Reads the file from its input; writes `ready`, then a line of JSON, then the bytes to keep and the previews.
"""

import json
import sys
from dataclasses import replace

from app.files import kinds, limits, pdf, pictures
from app.files.report import READY, Report
from app.files.states import Refusal


def main() -> None:
    """Inspect what comes in, and say what it is."""
    limits.confine()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    report = _inspected(sys.stdin.buffer.read(limits.LARGEST_BYTES + 1))
    parts = (report.kept, *report.previews)
    head = {
        "refusal": report.refusal,
        "content_type": report.content_type,
        "pages": report.pages,
        "facts": report.facts,
        "sizes": [len(part) for part in parts],
    }
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(parts))


def _inspected(content: bytes) -> Report:
    try:
        content_type = kinds.recognise(content)
        if content_type == kinds.PDF:
            report = pdf.inspect(content)
        else:
            report = pictures.inspect(content, content_type)
    except kinds.Refused as refused:
        return Report(refused.refusal)
    except MemoryError:
        return Report(Refusal.too_complex)
    return replace(report, facts=report.facts | {"pages": report.pages})


if __name__ == "__main__":
    main()
