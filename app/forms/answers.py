"""Answers as a draft keeps them: for each question the values of its inputs, as they were typed."""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, SelectFieldBase

from app.formats import amount, day
from app.forms.employer_field import EmployerField
from app.forms.fields import PARTS, AmountField, DatePartsField, KeptFileField
from app.forms.groups import GroupField

Inputs = dict[str, list[str]]


def questions_of(form: type[Form]) -> tuple[str, ...]:
    """The names of a form's own fields."""
    return _questions_of(form)  # type: ignore[arg-type]


@cache
def _questions_of(form: type[Form]) -> tuple[str, ...]:
    return tuple(
        name for name in dir(form) if not name.startswith("_") and hasattr(getattr(form, name), "_formfield")
    )


def typed(field: Field, formdata: MultiDict[str, Any]) -> Inputs:
    """What was typed into a question's inputs; a file is its token, an employer who was found the number.

    Inputs left empty are left out.
    """
    if isinstance(field, KeptFileField):
        return {f"{field.name}-kept": [file.token for file in field.kept]} if field.kept else {}
    if isinstance(field, GroupField):
        return _of_group(field, lambda question: typed(question, formdata))
    if isinstance(field, EmployerField) and field.data is not None:
        return as_typed(field)
    return sent(field, formdata)


def sent(field: Field, formdata: MultiDict[str, Any]) -> Inputs:
    """What a form says in the inputs of a question, whatever the field itself makes of it."""
    values = {name: [text for text in formdata.getlist(name) if text] for name in _inputs(field)}
    return {name: texts for name, texts in values.items() if texts}


def as_typed(field: Field) -> Inputs:
    """What somebody would have typed to give the field's data; nothing when it has none."""
    if isinstance(field, GroupField):
        return _of_group(field, as_typed)
    if isinstance(field, DatePartsField):
        return {f"{field.name}-{part}": [text] for part, text in field.parts.items() if text}
    if isinstance(field, BooleanField):
        return {field.name: ["y"]} if field.data else {}
    if isinstance(field.data, list):
        return {field.name: [str(value) for value in field.data]} if field.data else {}
    if isinstance(field, SelectFieldBase | EmployerField):
        return {field.name: [str(field.data)]} if field.data is not None else {}
    text = field._value() if field.data is not None else ""
    return {field.name: [str(text)]} if text else {}


def as_formdata(answers: Mapping[str, Inputs], questions: Collection[str]) -> MultiDict[str, str] | None:
    """Answers as a browser would send them again; None when none of these questions was answered."""
    answered = [answers[name] for name in questions if name in answers]
    if not answered:
        return None
    return MultiDict((name, text) for inputs in answered for name, texts in inputs.items() for text in texts)


def shown(field: Field) -> str | list[str]:
    """An answer as it is read back to the person."""
    if isinstance(field, KeptFileField):
        return [file.name for file in field.kept]
    if isinstance(field, DatePartsField):
        return day(field.data)
    if isinstance(field, AmountField):
        return amount(field.data)
    if isinstance(field, BooleanField):
        return _("Yes") if field.data else _("No")
    if hasattr(field, "text"):
        return str(field.text)
    if isinstance(field, SelectFieldBase):
        return [str(choice[1]) for choice in field.iter_choices() if choice[2]]
    return "" if field.data is None else str(field.data)


def rows_of(field: Field, has_files: bool = True) -> list[tuple[str, str | list[str]]]:
    """A question and its answer as they are read back; a group has a row for each question of each entry."""
    if not isinstance(field, GroupField):
        return [(str(field.label.text), shown(field))]
    return [
        (f"{title} – {question.label.text}", shown(question))
        for title, question in field.answered()
        if has_files or not isinstance(question, KeptFileField)
    ]


def _of_group(group: GroupField, inputs_of: Callable[[Field], Inputs]) -> Inputs:
    """What was typed into the entries of a group, with their numbers; one left empty alone is nothing."""
    found = {name: texts for entry in group.entries for it in entry for name, texts in inputs_of(it).items()}
    if not found and len(group.entries) < 2:
        return {}
    return {group.name: [str(entry.number) for entry in group.entries], **found}


def _inputs(field: Field) -> list[str]:
    if isinstance(field, DatePartsField):
        return [f"{field.name}-{part}" for part in PARTS]
    if isinstance(field, EmployerField):
        return list(field.inputs)
    return [field.name]
