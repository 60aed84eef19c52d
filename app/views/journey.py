"""The journey of every case service: start page, pages of questions, check, submission. One set of views."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.formats import in_days
from app.forms.answers import rows_of
from app.forms.base import PortalForm
from app.i18n import current_language
from app.models import Case, Draft
from app.services import SERVICES, cases, counter, delays, documents, drafts
from app.services.base import FiledAs, NotAllowed, Page, RuleBroken, Service
from app.views import applicant, prefill, questions
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.stale import is_stale

blueprint = bilingual("journey", __name__)
blueprint.url_defaults(add_language)
blueprint.url_defaults(applicant.name_in)
blueprint.url_value_preprocessor(applicant.take)
SERVICE = f"/<any({','.join(SERVICES)}):slug>"
CHECK = "check"
NEWLY = "newly"
"""Marks a page on the way back to the check that was never asked before: nothing is wrong with it yet."""


@blueprint.get(f"{SERVICE}/")
def start(slug: str) -> str:
    """What the service is, who may, what to have ready; a draft to resume comes before a new request."""
    promise = delays.length(slug, delays.DECISION)
    service = asked_for(slug) if applicant.is_at_counter() else SERVICES[slug]
    signed_in = current_user.is_authenticated
    return render_template(
        "portal/start.html",
        service=service,
        promised=in_days(promise.days, promise.is_working),
        median=delays.median_days(slug),
        draft=applicant.draft(service) if signed_in else None,
        refusal=_in_words(service, "refused") if signed_in else None,
    )


@blueprint.get(f"{SERVICE}/new")
def new(slug: str) -> Response:
    """Go on where the person stopped: the first page with an unanswered question, else the check."""
    service = asked_for(slug)
    page = questions.first_unanswered(service, applicant.draft(service))
    return _to_page(service, page) if page else redirect(url_for(".check", slug=slug))


@blueprint.post(f"{SERVICE}/new")
def start_again(slug: str) -> Response:
    """Forget the draft, and begin with the first page."""
    service = asked_for(slug)
    applicant.discard(service)
    db.session.commit()
    return _to_page(service, service.pages[0])


@blueprint.route(f"{SERVICE}/new/<page_slug>", methods=["GET", "POST"])
def ask(slug: str, page_slug: str) -> Response | str:
    """Ask the questions of one page; keep the answers once they are right, and go on."""
    service = asked_for(slug)
    page = service.page(page_slug) or abort(404)
    draft = applicant.draft(service)
    if page not in questions.asked_pages(service, draft):
        return redirect(url_for(".new", slug=slug))
    if prefill.is_to_confirm(service, page, draft):
        return _confirm(service, page, draft)
    if request.method != "POST":
        return _ask_again(service, page, draft)
    form, refused = questions.posted(service, page, draft, keeps_files=not is_stale())
    db.session.commit()
    changed = _without_a_file(service, page, draft, form) or _regrouped(service, page, draft, form)
    if changed is not None:
        return changed
    if is_switching() and not was_checked():
        return _page(service, page, draft, form)
    if not questions.is_right(form, refused) or is_switching():
        return _page(service, page, draft, form)
    draft = applicant.save(service, questions.answers_of(form))
    db.session.commit()
    return redirect(_after(service, page, draft))


@blueprint.get(f"{SERVICE}/check")
def check(slug: str) -> Response | str:
    """Read all answers back, each with a way to change it."""
    service = asked_for(slug)
    draft = applicant.draft(service)
    if draft is None:
        return redirect(url_for(".start", slug=slug))
    return _check(service, draft)


@blueprint.post(f"{SERVICE}/check")
def send(slug: str) -> Response | str:
    """File the draft, once: a double click, a reload or a retry comes to the same case."""
    service = asked_for(slug)
    documents.hold(applicant.current())
    draft, key = applicant.draft(service), request.form.get("submission_key", "")
    if not is_switching() and (draft is None or draft.submission_key != key):
        earlier = cases.sent_before(applicant.current(), key)
        if earlier is not None:
            return _received(earlier)
    if draft is None:
        return redirect(url_for(".start", slug=slug))
    if is_switching():
        return _check(service, draft, request.form.get("_checked"))
    if not _is_what_was_shown(draft):
        return _check(service, draft, "changed")
    form = questions.whole(service, draft)
    wrong = questions.first_wrong(service, form)
    if wrong:
        return _to_page(service, wrong, to=CHECK)
    return _file(service, draft, form)


def asked_for(slug: str) -> Service[Any]:
    """The service, for those who may ask for it now."""
    return applicant.admit(SERVICES[slug])


def _file(service: Service[Any], draft: Draft, form: PortalForm) -> Response | str:
    files = questions.files_of(service, form)
    key = draft.submission_key
    try:
        case = _submit(service, form.answers(), files, key)
    except NotAllowed as refusal:
        flash(str(refusal.message), "error")
        db.session.rollback()
        return _check(service, draft)
    except RuleBroken:
        db.session.rollback()
        return _check(service, draft, "refused")
    drafts.discard_sent(draft)
    answer = _received(case)
    db.session.commit()
    return answer


def _submit(service: Service[Any], answers: dict[str, Any], files: list[FiledAs], key: str) -> Case:
    """As the person themself, or as the officer who enters it for them."""
    if applicant.is_at_counter():
        return counter.enter(service, applicant.current(), answers, files, key, current_user)
    return cases.submit(service, current_user, answers, files, key, current_language())


def _received(case: Case) -> Response:
    """The case's page begins with the confirmation until somebody has read the request; the officer's page
    has the receipt to print.
    """
    if applicant.is_at_counter():
        flash(
            _(
                "%(reference)s is filed. Print the receipt and give it to the person.",
                reference=case.reference,
            ),
            "success",
        )
        return redirect(url_for(f"{SERVICES[case.service].staff_view}.show", pk=case.id))
    return redirect(url_for("cases.show", public_id=case.public_id))


def _is_what_was_shown(draft: Draft) -> bool:
    """Whether the person read these very answers before sending: another device may have changed them."""
    key, saved_at = request.form.get("submission_key"), request.form.get("saved_at")
    return key == draft.submission_key and saved_at == draft.saved_at.isoformat()


def _ask_again(service: Service[Any], page: Page, draft: Draft | None) -> str:
    """A page with the draft's answers; on the way back to the check it says what is missing or wrong."""
    form = questions.of_draft(service, page, draft)
    if request.args.get("to") == CHECK:
        form.validate()
    return _page(service, page, draft, form)


def _confirm(service: Service[Any], page: Page, draft: Draft | None) -> Response | str:
    """Ask whether what the administration holds is right: yes keeps it, no leads to the questions."""
    answer = prefill.answer()
    if answer is None:
        return prefill.ask(draft, _place(service, page, draft))
    if answer == prefill.NO:
        return _to_page(service, page, to=request.args.get("to"), change=1)
    known = questions.prefilled(service, page, draft)
    draft = applicant.save(service, known)
    db.session.commit()
    if questions.is_answered(service, page, draft):
        return redirect(_after(service, page, draft))
    return _to_page(service, page, to=request.args.get("to"))


def _without_a_file(service: Service[Any], page: Page, draft: Draft | None, form: PortalForm) -> str | None:
    """The page as it stands, one file taken away, if that was asked; the draft no longer names it."""
    if not questions.is_taking_away():
        return None
    if draft is not None:
        draft = applicant.save(service, questions.files_in(form))
        db.session.commit()
    return _page(service, page, draft, form)


def _regrouped(service: Service[Any], page: Page, draft: Draft | None, form: PortalForm) -> str | None:
    """The page with one entry of a group more or less, if that was asked; the draft keeps what was typed."""
    if not questions.regroup(service, draft, form):
        return None
    draft = applicant.save(service, questions.half_answers_of(form, draft))
    db.session.commit()
    return _page(service, page, draft, form)


def _page(service: Service[Any], page: Page, draft: Draft | None, form: PortalForm) -> str:
    extra = {"_checked": "1"} if form.errors else {}
    place = _place(service, page, draft)
    return render_template("portal/questions.html", form=form, extra=extra, **place)


def _place(service: Service[Any], page: Page, draft: Draft | None) -> dict[str, Any]:
    """Where a page stands among those that are asked, and where its back link leads."""
    pages = questions.asked_pages(service, draft)
    number = pages.index(page)
    if _leads_to_check():
        back = url_for(".check", slug=service.slug)
    elif number == 0:
        back = url_for(".start", slug=service.slug)
    else:
        back = url_for(".ask", slug=service.slug, page_slug=pages[number - 1].slug)
    return {"service": service, "page": page, "number": number + 1, "total": len(pages), "back_href": back}


def _check(service: Service[Any], draft: Draft, problem: str | None = None) -> Response | str:
    """The check page; a missing or wrong answer leads to its page. `problem` says why it is shown again."""
    form = questions.whole(service, draft)
    wrong = questions.first_wrong(service, form)
    if wrong:
        return _to_page(service, wrong, to=CHECK)
    return render_template(
        "portal/check.html",
        service=service,
        pages=questions.asked_pages(service, draft),
        form=form,
        rows_of=rows_of,
        problem=_in_words(service, problem),
        extra={"submission_key": draft.submission_key, "saved_at": draft.saved_at.isoformat()}
        | ({"_checked": problem} if problem else {}),
    )


def _in_words(service: Service[Any], problem: str | None) -> str | None:
    """What stands in the way of sending, in the language of the page."""
    if problem == "changed":
        return _("These answers are not the ones you last saw on this page. Read them again before you send.")
    if problem == "refused":
        try:
            if applicant.is_at_counter():
                counter.check(service, applicant.current(), current_user)
            service.check(applicant.current())
        except RuleBroken as refusal:
            return str(refusal.message)
    return None


def _to_page(service: Service[Any], page: Page, **arguments: Any) -> Response:
    return redirect(url_for(".ask", slug=service.slug, page_slug=page.slug, **arguments))


def _leads_to_check() -> bool:
    return request.args.get("to") in (CHECK, NEWLY)


def _after(service: Service[Any], page: Page, draft: Draft | None) -> str:
    """Where a page leads once it is right: to what it made necessary, to the next page, or to the check."""
    pages = questions.asked_pages(service, draft)
    if _leads_to_check():
        newly = questions.first_unanswered(service, draft)
        if newly and set(newly.fields) & set(service.form.asked_if):
            return url_for(".ask", slug=service.slug, page_slug=newly.slug, to=NEWLY)
        return url_for(".check", slug=service.slug)
    following = pages[pages.index(page) + 1 :]
    if not following:
        return url_for(".check", slug=service.slug)
    return url_for(".ask", slug=service.slug, page_slug=following[0].slug)
