"""The edges of the house: pages for people, screens for staff. Views find, ask, commit and redirect."""

from flask import Flask

from app.views import (
    account,
    account_pages,
    answers,
    backoffice,
    cases,
    documents,
    emails,
    journey,
    letters,
    passwords,
    portal,
    public,
    receipts,
    second_factor,
    sign_up,
    step_up,
    typed_again,
    verify,
)


def init_app(app: Flask) -> None:
    """Register every page."""
    for blueprint in (
        public.root,
        public.blueprint,
        account.blueprint,
        sign_up.blueprint,
        passwords.blueprint,
        emails.blueprint,
        second_factor.blueprint,
        typed_again.blueprint,
        account_pages.blueprint,
        portal.blueprint,
        journey.blueprint,
        cases.blueprint,
        answers.blueprint,
        documents.blueprint,
        letters.blueprint,
        receipts.blueprint,
        verify.blueprint,
    ):
        app.register_blueprint(blueprint)
    backoffice.init_app(app)
    step_up.init_app(app)
    typed_again.init_app(app)
