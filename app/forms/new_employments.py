"""The questions of a new employment."""

from flask_babel import lazy_gettext as _l

from app.forms.fields import file_question
from app.forms.work import EMPLOYER_ASKED_IF, WorkQuestions


class NewEmploymentForm(WorkQuestions):
    """Who employs me now, since when, as what."""

    work_contract = file_question(
        _l("Employment contract or attestation (optional)"), _l("Choose a picture or a PDF of your contract.")
    )

    asked_if = EMPLOYER_ASKED_IF
