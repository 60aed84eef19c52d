"""`flask guichet …`: what is run beside the web."""

import json
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale
from flask_migrate import upgrade

from app import (
    access_page,
    audit_cli,
    backup_cli,
    demo,
    demo_desk,
    demo_people,
    fields_page,
    safety,
    workflow_page,
)
from app.delays import SCHEDULER_TICK_SECONDS
from app.embedded import doctor as machine
from app.extensions import db
from app.import_cli import bring_in
from app.jobs import relay, schedule
from app.jobs.worker import make_worker
from app.keys_cli import keys
from app.law_cli import replay
from app.receipt_cli import verify_receipt
from app.scheme.cli import scheme
from app.services import accounts, audit_checkpoints, founding, reference_data, sign_ins, staff
from app.services.base import RuleBroken
from config import ROOT

guichet = AppGroup("guichet", help="Set up, run and look after Guichet.")
guichet.add_command(scheme)
scheme.add_command(replay)
guichet.add_command(audit_cli.audit)
audit_cli.audit.add_command(verify_receipt)
guichet.add_command(keys)
guichet.add_command(bring_in)
guichet.add_command(backup_cli.backup)
guichet.add_command(backup_cli.restore)


def init_app(app: Flask) -> None:
    """Mount the commands under `flask`."""
    app.cli.add_command(guichet)


@guichet.command()
def setup() -> None:
    """Write roles and reference data, and sign the audit chain; run it after each `flask db upgrade`.

    The old version's last entries are signed before the new one adds any: no hour is left between the two.
    """
    reference_data.write()
    db.session.commit()
    try:
        audit_cli.sign()
    except audit_checkpoints.ChainBroken as broken:
        db.session.rollback()
        click.echo(f"{broken} Nothing was signed: `flask guichet audit verify` says more.", err=True)


@guichet.command()
def prepare() -> None:
    """All that comes before the first page, in one process: tables, roles, reference data, the demonstration.

    Prints the demonstration's accounts. Where real people are there is none.
    """
    upgrade(directory=str(ROOT / "migrations"))
    reference_data.write()
    settings = current_app.config["SETTINGS"]
    if not settings.is_production:
        demo.load()
        if settings.DEMO_PERSONS:
            demo_people.load(settings.DEMO_PERSONS)
            demo_desk.load()
        _list_accounts()
    db.session.commit()


@guichet.command("found-administrators")
@click.argument("people", nargs=founding.FOUNDERS, metavar="PERSON PERSON")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="What we write to them in.")
def found_administrators(people: tuple[str, ...], lang: str) -> None:
    """Make the first two administrators ("Marie Essama <marie@cnps.example>"); only while there is none.

    Each gets a link by mail, printed here too for where mail does not work yet: hand it to nobody else.
    """
    with force_locale(lang):
        try:
            founders = [founding.Founder.read(person) for person in people]
            invitations = founding.found(founders, lang)
        except RuleBroken as refusal:
            raise click.ClickException(str(refusal.message)) from None
    db.session.commit()
    root = current_app.config["SETTINGS"].PUBLIC_URL
    for invitation in invitations:
        click.echo(f"{invitation.account.email}  {root}/{lang}/{staff.address_of(invitation)}")


@guichet.command("sign-out")
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="Every account, after a break-in for instance.")
def sign_out(email: str | None, everybody: bool) -> None:
    """End the sessions of one account, or of everybody; they may sign in again."""
    if bool(email) is everybody:
        raise click.UsageError("Give an e-mail address, or --everybody.")
    account = accounts.of_email(email) if email else None
    if email and account is None:
        raise click.ClickException(f"No active account has the address {email}.")
    ended = sign_ins.end_sessions(account)
    db.session.commit()
    click.echo(f"{ended} sessions ended.")


@guichet.group("demo", cls=AppGroup, invoke_without_command=True)
@click.option(
    "--persons",
    type=click.IntRange(1, 200_000),
    default=demo_people.PERSONS,
    help="How many insured persons there shall be.",
)
@with_appcontext
@click.pass_context
def demonstration(context: click.Context, persons: int) -> None:
    """Load the demonstration: accounts, employers, insured persons, cases; refused in production.

    What is there stays as it is; more persons are added to those there.
    """
    _refuse_in_production()
    if context.invoked_subcommand is None:
        demo.load()
        demo_people.load(persons)
        demo_desk.load()
        db.session.commit()


@demonstration.command("load")
def load_demo() -> None:
    """Load the demonstration's accounts and a few employers alone."""
    demo.load()
    db.session.commit()


@demonstration.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="For tools.")
def demo_accounts(as_json: bool) -> None:
    """List the demonstration's accounts."""
    if as_json:
        click.echo(json.dumps([account.as_dict() for account in demo.ACCOUNTS], indent=2))
    else:
        _list_accounts()


def _list_accounts() -> None:
    for account in demo.ACCOUNTS:
        click.echo(f"{account.role:<22}{account.login:<30}{account.password}")


@guichet.command()
def worker() -> None:
    """Work the queue until stopped."""
    make_worker().work()


@guichet.command("relay")
def run_relay() -> None:
    """Hand the outbox over to the queue until stopped."""
    relay.run_forever()


@guichet.command()
def scheduler() -> None:
    """Start the regular work at its times until stopped."""
    never = threading.Event()
    while True:
        schedule.tick()
        never.wait(SCHEDULER_TICK_SECONDS)


@guichet.command()
def workflow() -> None:
    """Print docs/workflow.md, drawn from the declared workflows."""
    click.echo(workflow_page.page(), nl=False)


@guichet.command()
def access() -> None:
    """Print docs/access.md, drawn from the table of access."""
    click.echo(access_page.page(), nl=False)


@guichet.command()
def fields() -> None:
    """Print docs/fields.md, drawn from the forms and the staff's screens."""
    click.echo(fields_page.page(), nl=False)


@guichet.command()
def doctor() -> None:
    """Say what of this machine, its settings or data is unsafe or will fail; exit 1 when something is."""
    findings = machine.findings() + safety.findings()
    for level, sentence in findings:
        click.echo(f"{level}: {sentence}")
    if any(level == "error" for level, _sentence in findings):
        raise SystemExit(1)


def _refuse_in_production() -> None:
    if current_app.config["SETTINGS"].is_production:
        raise click.ClickException("The demonstration is refused in production.")
