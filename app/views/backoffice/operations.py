"""What the machinery does: outgoing work, and the mailbox of a trial installation."""

from flask_appbuilder import BaseView, expose, has_access
from flask_babel import lazy_gettext as _l

from app.adapters import mail
from app.formats import instant
from app.models import ChainCheck, Outbox
from app.views.backoffice_base import StaffInterface, StaffModelView

MOST_SHOWN = 100


class OutboxView(StaffModelView):
    """The outbox: what waits, what failed and why, what was set aside."""

    datamodel = StaffInterface(Outbox)
    list_title = _l("Outgoing work")
    show_title = _l("Outgoing work")
    list_columns = ["id", "job", "created_at", "attempts", "failures", "done_at", "set_aside_at"]
    show_columns = [*list_columns, "next_try_at", "last_error"]
    search_columns = ["job", "created_at", "done_at", "set_aside_at"]
    base_order = ("id", "desc")
    label_columns = {
        "id": _l("Number"),
        "job": _l("Work"),
        "created_at": _l("Written on"),
        "attempts": _l("Handed over"),
        "failures": _l("Failures"),
        "done_at": _l("Done on"),
        "set_aside_at": _l("Set aside on"),
        "next_try_at": _l("Next try on"),
        "last_error": _l("Last failure"),
    }
    formatters_columns = dict.fromkeys(("created_at", "done_at", "set_aside_at", "next_try_at"), instant)


class ChainCheckView(StaffModelView):
    """The nightly verifications of the audit chain, and what each found."""

    datamodel = StaffInterface(ChainCheck)
    list_title = _l("Checks of the audit chain")
    show_title = _l("Check of the audit chain")
    list_columns = ["checked_at", "entries", "found"]
    show_columns = [*list_columns, "findings"]
    search_columns = ["checked_at", "found"]
    base_order = ("id", "desc")
    label_columns = {
        "checked_at": _l("Checked on"),
        "entries": _l("Entries read"),
        "found": _l("Differences found"),
        "findings": _l("What differs"),
    }
    formatters_columns = {"checked_at": instant, "findings": "\n".join}


class DevMailView(BaseView):
    """The mail of a trial installation, which goes nowhere else. Not registered in production."""

    route_base = "/devmail"
    default_view = "list"
    base_permissions = ["can_list"]

    @expose("/")
    @has_access
    def list(self) -> str:
        """The latest messages, newest first."""
        return self.render_template("backoffice/devmail.html", messages=mail.delivered()[:MOST_SHOWN])
