"""One's receipt: to read, to print, to keep; and for anybody, whether a file is what was filed."""

import structlog
from flask import Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.audit.receipts import digest, read
from app.extensions import csrf, db
from app.models import Receipt
from app.security import links
from app.services import papers, receipts, verification
from app.views.cases import my_case
from app.views.language import add_language, bilingual, is_switching
from app.views.verify import page_of

blueprint = bilingual("receipts", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/cases/<public_id>/receipt")
def show(public_id: str) -> str:
    """An accessible copy of what was filed."""
    receipt = _mine(public_id)
    return render_template(
        "portal/receipt.html",
        case=receipt.case,
        receipt=receipt,
        said=read(_content(receipt)),
        code=papers.shown(receipt.code),
        address=papers.address(receipt.code, receipt.case.language),
    )


@blueprint.get("/cases/<public_id>/receipt.json")
def download(public_id: str) -> Response:
    """The receipt file itself, byte for byte."""
    receipt = _mine(public_id)
    return _send(_content(receipt), "application/json", f"receipt-{receipt.case.reference}.json")


@blueprint.get("/cases/<public_id>/receipt.pdf")
def download_pdf(public_id: str) -> Response:
    """The receipt on paper."""
    return send_pdf(_mine(public_id))


@blueprint.get("/verify/<code>/file")
def back_to_code(code: str) -> BaseResponse:
    """The address of an answer, opened again: the page of the code."""
    return redirect(url_for("verify.show", code=code))


@blueprint.post("/verify/<code>/file")
@csrf.exempt
def compare(code: str) -> BaseResponse:
    """Whether a file is, byte for byte, what was filed. Nothing is stored, and nothing shown of either."""
    receipt = receipts.of_code(papers.read_code(code) or "") or abort(404)
    purpose = f"comparison {receipt.code}"
    compared = _compared(purpose)
    sha256, _space, name = compared.partition(" ")
    return page_of(
        papers.shown(receipt.code),
        verification.find(code),
        is_missing=not compared,
        is_same=sha256 == receipt.sha256,
        seen={"sha256": sha256, "name": name, "kept": links.sign(purpose, compared)} if compared else {},
    )


def _compared(purpose: str) -> str:
    """The hash and the name of the file sent; to change the language, of the one we signed as compared."""
    if is_switching():
        return links.read(purpose, request.form.get("seen", ""), str) or ""
    upload = request.files.get("file")
    return f"{digest(upload.stream.read())} {upload.filename[:120]}" if upload and upload.filename else ""


def send_pdf(receipt: Receipt | None) -> Response:
    """A receipt on paper; 404 when there is none, or when it was destroyed by law."""
    there = _kept(receipt)
    _content(there)
    content = receipts.pdf_of(there)
    db.session.commit()
    return _send(content, "application/pdf", f"receipt-{there.case.reference}.pdf")


def _mine(public_id: str) -> Receipt:
    """The receipt of one's own case; 404 when there is none, or when it was destroyed by law."""
    return _kept(my_case(public_id).receipt)


def _kept(receipt: Receipt | None) -> Receipt:
    return receipt if receipt and receipt.purged_at is None else abort(404)


def _content(receipt: Receipt) -> bytes:
    """The receipt file; 404 when it is lost or damaged: what was not filed is never shown as filed."""
    try:
        return receipts.content_of(receipt)
    except (FileNotFoundError, receipts.Damaged) as error:
        log = structlog.get_logger("guichet.receipts")
        log.error("lost", case=receipt.case_id, error=type(error).__name__)
        abort(404)


def _send(content: bytes, content_type: str, name: str) -> Response:
    response = current_app.response_class(content, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response
