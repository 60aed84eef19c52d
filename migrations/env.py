"""Alembic's environment: one connection, the application's own engine and metadata."""

from alembic import context
from flask import current_app


def run() -> None:
    """Apply the migrations, each in a transaction, one installation at a time."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
