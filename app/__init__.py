"""Guichet: the counter of a social security administration, online."""

from flask import Flask

from config import Settings, load


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application: a table of contents, each line one room of the house."""
    from app import cli, errors, extensions, gate, i18n, live, logs, metrics, rendering, security, views
    from app.services import numbers

    app = Flask(__name__, static_folder=None)
    app.config.from_mapping((settings or load()).flask())
    numbers.check(app.config["SETTINGS"])
    logs.init_app(app)
    metrics.init_app(app)
    rendering.init_app(app)
    extensions.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    live.init_app(app)
    errors.init_app(app)
    views.init_app(app)
    gate.init_app(app)
    cli.init_app(app)
    gate.check(app)
    return app
