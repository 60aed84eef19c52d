"""What an employer is asked: their answer to a question, access to the counter, another agent."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length

from app.employer_kinds import Reply
from app.forms.account import email_field
from app.forms.base import LONGEST_NAME, PortalForm, as_id, name_field, strip
from app.forms.conditions import Answer
from app.forms.fields import ACCEPT, KINDS_HINT, AmountField, DatePartsField, FileGiven, KeptFileField

LONGEST_REASON = 2000


def function_field(label: str) -> StringField:
    """What somebody is in the company."""
    return StringField(
        label,
        filters=[strip],
        validators=[
            DataRequired(_l("Say what you are in the company.")),
            Length(max=LONGEST_NAME, message=_l("This must be at most 120 characters long.")),
        ],
        description=_l("For example: head of personnel."),
        render_kw={"autocomplete": "organization-title"},
    )


def employed_from_field() -> DatePartsField:
    """Since when somebody works for the employer."""
    return DatePartsField(
        _l("Start date"),
        subject=_l("Start date"),
        validators=[InputRequired(_l("Enter the start date."))],
    )


def occupation_field() -> StringField:
    """As what somebody works."""
    return StringField(
        _l("Occupation"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the occupation.")),
            Length(max=LONGEST_NAME, message=_l("This must be at most 120 characters long.")),
        ],
    )


def monthly_wage_field() -> AmountField:
    """What somebody earns a month before deductions."""
    return AmountField(
        _l("Gross monthly wage"),
        validators=[InputRequired(_l("Enter the gross monthly wage."))],
        description=_l("Before deductions, for example 250 000."),
        render_kw={"inputmode": "decimal"},
    )


class ReplyForm(PortalForm):
    """An employer's reply: right, wrong and how, or disputed and why."""

    reply = RadioField(_l("Your answer"), validators=[InputRequired(_l("Choose your answer."))])
    reason = TextAreaField(
        _l("Why you dispute it, or cannot answer"),
        filters=[strip],
        validators=[
            DataRequired(_l("Say why: a case officer reads it.")),
            Length(max=LONGEST_REASON, message=_l("Your answer must be at most 2,000 characters long.")),
        ],
    )
    asked_if = {"reason": Answer("reply").is_(Reply.dispute)}


class SignedReplyForm(ReplyForm):
    """The same, from a link: who answers says so."""

    answered_by = name_field(_l("Your name"), _l("Enter your name."), autocomplete="name")
    answered_function = function_field(_l("Your function in the company"))


def reply_form(
    declared: dict[str, UnboundField],
    missing: dict[str, UnboundField],
    is_signed: bool,
    values: dict[str, Any],
) -> ReplyForm:
    """A form for these facts by name: those declared are asked when corrected, those missing unless disputed.

    What is not asked, given the reply that was sent, is neither required nor an answer.
    """
    conditions = ReplyForm.asked_if | {name: Answer("reply").is_(Reply.correct) for name in declared}
    base = SignedReplyForm if is_signed else ReplyForm
    kind = type("FactsForm", (base,), {**declared, **missing, "asked_if": conditions})
    form: ReplyForm = kind(data=values)
    in_order = [*missing, "reply", *declared, "reason"]
    form._fields = {name: form._fields[name] for name in [*in_order, *_others(form, in_order)]}
    replies = list(Reply) if declared or not missing else [Reply.confirm, Reply.dispute]
    form.reply.choices = [SelectChoice(reply.value, _label(reply, bool(declared))) for reply in replies]
    asked_not = {name for name, condition in conditions.items() if not condition.holds(form.reply.data)}
    form.unasked = frozenset(asked_not | (set(missing) if form.reply.data == Reply.dispute else set()))
    return form


def _others(form: ReplyForm, first: Sequence[str]) -> list[str]:
    """The form's other fields, in their order: errors are listed as the page asks."""
    return [name for name in form._fields if name not in first]


def _label(reply: Reply, has_declared: bool) -> Any:
    if reply is Reply.confirm and not has_declared:
        return _l("This person works, or worked, for us")
    return reply.label


class AccessForm(PortalForm):
    """Which employer, as what, and the proof."""

    number = StringField(
        _l("Registration number of the employer"),
        description=_l("It is on every letter we send to the company, for example E-000101."),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the registration number of the employer.")),
            Length(max=32, message=_l("This number is too long.")),
        ],
        render_kw={"spellcheck": "false", "autocomplete": "off"},
    )
    function = function_field(_l("Your function in the company"))
    proof = KeptFileField(
        _l("Proof that you act for this employer"),
        validators=[FileGiven(_l("Choose a picture or a PDF of your proof."))],
        description=KINDS_HINT,
        render_kw={"accept": ACCEPT},
    )


def _languages() -> list[SelectChoice]:
    return [SelectChoice("fr", "Français"), SelectChoice("en", "English")]


class AgentForm(PortalForm):
    """Who else is to answer for the employer."""

    employer_id = SelectField(_l("Employer"), coerce=as_id, validate_choice=True)
    first_name = name_field(_l("Given names"), _l("Enter the given names."))
    last_name = name_field(_l("Family name"), _l("Enter the family name."))
    email = email_field(_l("E-mail address"))
    function = function_field(_l("Function in the company"))
    language = SelectField(_l("Language we write in"), choices=_languages)

    def offer(self, employers: Sequence[tuple[int, str]]) -> None:
        """Ask for which employer, where there are several."""
        self.employer_id.choices = [SelectChoice(number, name) for number, name in employers]


class RefusalForm(PortalForm):
    """Why access is refused, or an employer people named is not taken."""

    reason = TextAreaField(
        _l("Reason"),
        filters=[strip],
        validators=[
            DataRequired(_l("Give the reason: the person will read it.")),
            Length(max=1000, message=_l("The reason must be at most 1,000 characters long.")),
        ],
        render_kw={"class": "form-control", "rows": 3},
    )
