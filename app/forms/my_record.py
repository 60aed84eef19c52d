"""What a person changes in their record at once, without a request."""

from flask_babel import lazy_gettext as _l

from app.forms.civil import OccupationQuestion, line_field


class SmallChangesForm(OccupationQuestion):
    """The address line, in the same town, and the occupation."""

    address_line = line_field(_l("Address"), _l("Enter your address."), autocomplete="address-line1")
