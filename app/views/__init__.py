"""The edges of the house: pages for people, screens for staff. Views find, ask, commit and redirect."""

from flask import Flask
from flask_wtf.csrf import CSRFError

from app.views import (
    account,
    account_pages,
    answers,
    applicant,
    autosave,
    backoffice,
    cases,
    documents,
    emails,
    employer,
    employer_links,
    employers_list,
    flashes,
    invitations,
    journey,
    letters,
    linking,
    messages,
    my_file,
    my_record,
    not_me,
    passwords,
    portal,
    public,
    receipts,
    second_factor,
    sign_up,
    stale,
    step_up,
    typed_again,
    uploads,
    verify,
)
from app.views.language import PREFIX


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
        autosave.blueprint,
        cases.blueprint,
        answers.blueprint,
        documents.blueprint,
        uploads.blueprint,
        messages.blueprint,
        letters.blueprint,
        receipts.blueprint,
        verify.blueprint,
        invitations.blueprint,
        my_file.blueprint,
        my_record.blueprint,
        linking.blueprint,
        not_me.blueprint,
        employer.blueprint,
        employer_links.blueprint,
        employers_list.blueprint,
    ):
        app.register_blueprint(blueprint)
    app.register_blueprint(
        journey.blueprint, name=applicant.COUNTER, url_prefix=f"{PREFIX}/counter/<int:owner>"
    )
    app.add_template_global(applicant.name, "name_at_counter")
    flashes.init_app(app)
    app.register_error_handler(CSRFError, stale.show)
    app.add_template_global(stale.is_stale)
    backoffice.init_app(app)
    step_up.init_app(app)
