"""What a person fills in to write a message, and to look for one."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from app.forms.base import PortalForm, strip
from app.forms.fields import ACCEPT, KeptFileField

LONGEST_MESSAGE = 10_000


class MessageForm(PortalForm):
    """A message: what it is about, the text, and files."""

    subject = SelectField(
        _l("What is your message about?"),
        validate_choice=False,
        validators=[InputRequired(_l("Choose a subject."))],
    )
    text = TextAreaField(_l("Your message"), filters=[strip], render_kw={"dir": "auto"})
    files = KeptFileField(
        _l("Files (optional)"),
        description=_l("At most 5 files: PDF, JPEG, PNG, HEIC or TIFF, up to 10 MB each."),
        render_kw={"accept": ACCEPT},
    )

    def validate_text(self, field: Field) -> None:
        """Something that can be read, and not too long; line ends count as one sign."""
        text = (field.data or "").replace("\r\n", "\n")
        if not any(sign.isprintable() and not sign.isspace() for sign in text):
            raise ValidationError(_l("Write your message."))
        if len(text) > LONGEST_MESSAGE:
            raise ValidationError(_l("Your message must be at most 10,000 characters long."))

    def validate_subject(self, field: Field) -> None:
        """One of the list."""
        if field.data not in {choice[0] for choice in field.choices or ()}:
            raise ValidationError(_l("Choose a subject."))


class SearchForm(PortalForm):
    """What somebody looks for in their inbox; sent as a question in the address."""

    class Meta(PortalForm.Meta):
        """A search changes nothing and needs no token."""

        csrf = False

    q = StringField(_l("Search"), filters=[strip])
    service = SelectField(_l("Service"), validate_choice=False)
    unread = BooleanField(_l("Only what I have not read"))
