"""FAB's security manager with its doors shut: no sign-in, password, token or security page of its own.

Roles are decided in memory from `app/permissions.py`, without a query.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from app.demo import DOMAIN
from app.i18n import chosen_language, language_of
from app.models import Account
from app.permissions import ROLES, role_allows
from app.security import sessions


class StaffSignIn(BaseView):
    """What FAB asks of an authentication view: the way to our one sign-in page."""

    route_base = ""

    @expose("/login")
    def login(self) -> Response:
        """Send whoever is not signed in to the sign-in page, and back here afterwards."""
        path = _path_of_ours(request.args.get("next", ""))
        lang = language_of(path) or chosen_language()
        return redirect(url_for("account.sign_in", lang=lang, next=path or None))

    @expose("/logout")
    def logout(self) -> Response:
        """Signing out is a POST of ours; FAB's GET address answers nothing."""
        abort(404)


def _path_of_ours(address: str) -> str:
    """The path and query of an address on this site; nothing of any other, nor of what is no address."""
    try:
        wanted = urlsplit(address)
    except ValueError:
        return ""
    is_ours = wanted.netloc in ("", request.host)
    return urlunsplit(("", "", wanted.path, wanted.query, "")) if is_ours else ""


class GuichetSecurityManager(SecurityManager):
    """Accounts from our table, roles from our code, views from nobody but us."""

    user_model = Account

    @staticmethod
    def create_builtin_roles() -> dict[str, list[tuple[str, str]]]:
        """The roles of `app/permissions.py`."""
        return ROLES

    def create_login_manager(self, app: Flask) -> LoginManager:
        """Flask-Login, pointed at our sign-in page."""
        manager = super().create_login_manager(app)
        manager.login_view = "StaffSignIn.login"
        manager.login_message = None
        return manager

    def register_views(self) -> None:
        """Register the redirect to our sign-in, and nothing of FAB's security pages."""
        self.auth_view = self.appbuilder.add_view_no_menu(StaffSignIn())

    def load_user(self, pk: str) -> Account | None:
        """The active account of a session with its roles; None once its password is another.

        In production the demonstration's accounts are nobody: everybody knows their passwords.
        """
        account = sessions.account(int(pk))
        if account is None or not account.active:
            return None
        if current_app.config["SETTINGS"].is_production and account.email.endswith(DOMAIN):
            return None
        return account if sessions.is_of_todays_password(account) else None

    def get_user_roles(self, user: Any) -> list[Any]:
        """An account's own roles; groups are not used, and a visitor has none."""
        return list(user.roles) if user.is_authenticated else []

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether who is signed in may do that, decided in memory."""
        return current_user.is_authenticated and any(
            role_allows(role.name, permission_name, view_name) for role in current_user.roles
        )

    def get_user_menu_access(self, menu_names: Iterable[str] | None = None) -> set[str]:
        """The menu entries of who is signed in."""
        return {name for name in menu_names or () if self.has_access("menu_access", name)}
