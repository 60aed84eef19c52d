"""The edges of the house: pages for people, screens for staff. Views find, ask, commit and redirect."""

from flask import Flask
from flask_wtf.csrf import CSRFError

from app.views import (
    account,
    answers,
    autosave,
    backoffice,
    cases,
    documents,
    flashes,
    invitations,
    journey,
    letters,
    linking,
    my_file,
    not_me,
    portal,
    public,
    receipts,
    stale,
    verify,
)


def init_app(app: Flask) -> None:
    """Register every page."""
    for blueprint in (
        public.root,
        public.blueprint,
        account.blueprint,
        portal.blueprint,
        journey.blueprint,
        autosave.blueprint,
        cases.blueprint,
        answers.blueprint,
        documents.blueprint,
        letters.blueprint,
        receipts.blueprint,
        verify.blueprint,
        invitations.blueprint,
        my_file.blueprint,
        linking.blueprint,
        not_me.blueprint,
    ):
        app.register_blueprint(blueprint)
    flashes.init_app(app)
    app.register_error_handler(CSRFError, stale.show)
    app.add_template_global(stale.is_stale)
    backoffice.init_app(app)
