"""The edges of the house: pages for people, screens for staff. Views find, ask, commit and redirect."""

from flask import Flask

from app.views import (
    account,
    answers,
    backoffice,
    cases,
    documents,
    journey,
    letters,
    portal,
    public,
    receipts,
    uploads,
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
        cases.blueprint,
        answers.blueprint,
        documents.blueprint,
        uploads.blueprint,
        letters.blueprint,
        receipts.blueprint,
        verify.blueprint,
    ):
        app.register_blueprint(blueprint)
    backoffice.init_app(app)
