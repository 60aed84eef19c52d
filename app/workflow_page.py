"""`docs/workflow.md`, drawn from the declared workflows: a diagram and a table that cannot go stale."""

from collections.abc import Iterator

from flask_babel import force_locale

from app.workflow import Status, Step, Workflow
from app.workflows import REVIEW, REVIEW_TWICE

_HEAD = """# The life of a case

Drawn from `app/workflows.py` by `flask --app run guichet workflow`; do not edit. What is not listed is
refused. A step to *Proposed* names an outcome, and only that outcome can be confirmed, by who neither
proposed, corrected nor entered anything in the case. A step for the person is an officer's, who says how the
person told them: at the counter, by letter or by telephone, and on which paper or call it rests. Once
something was proposed or decided, two people decide, and a decided case never lapses, is withdrawn by the
person or waits for information again.
"""


def page() -> str:
    """The whole page, in English."""
    with force_locale("en"):
        parts = [_HEAD, *(part for workflow in (REVIEW, REVIEW_TWICE) for part in _section(workflow))]
    return "\n".join(parts)


def _section(workflow: Workflow) -> Iterator[str]:
    eyes = "one pair of eyes" if workflow.pairs_of_eyes == 1 else "two pairs of eyes"
    yield f"## `{workflow.name}`: {eyes}\n"
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    [*] --> draft"
    for step in workflow.steps:
        for source in sorted(step.sources, key=list(Status).index):
            yield f"    {source} --> {step.target}: {step.name}"
    yield "```\n"
    yield "| step | from | to | who | must explain | notice | says in the history |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_row(step) for step in workflow.steps)
    yield ""


def _row(step: Step) -> str:
    sources = ", ".join(str(source.label) for source in sorted(step.sources, key=list(Status).index))
    explain = "yes" if step.needs_reason else ""
    who = f"{step.actor.label}, for the person" if step.for_person else step.actor.label
    cells = (step.name, sources, step.target.label, who, explain, step.notice or "", step.done)
    return f"| {' | '.join(str(cell) for cell in cells)} |"
