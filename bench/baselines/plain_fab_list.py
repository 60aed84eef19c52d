"""The same list in plain Flask-AppBuilder, as its documentation begins: `python -m bench.baselines.plain_fab_list DSN`.

Its own tables stand in a schema of their own; the employers are the house's. Reads paths, writes milliseconds.
"""

import sys
import time

import psycopg
from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Boolean, Column, Integer, String

SCHEMA = "plain_fab"


class Employer(Model):  # type: ignore[misc, valid-type]
    """The house's table, as it is."""

    __tablename__ = "employer"
    __table_args__ = {"schema": "public"}

    id = Column(Integer, primary_key=True)
    registration_number = Column(String(32), unique=True)
    name = Column(String(200))
    active = Column(Boolean)


class EmployerView(ModelView):
    """FAB's defaults, our columns and page."""

    datamodel = SQLAInterface(Employer)
    list_columns = ["registration_number", "name", "active"]
    base_order = ("name", "asc")
    page_size = 25


def made(where: str) -> Flask:
    """The application, with one administrator."""
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="bench",  # noqa: S106
        SQLALCHEMY_DATABASE_URI=where.replace("postgresql://", "postgresql+psycopg://"),
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"options": f"-c search_path={SCHEMA},public"}},
        WTF_CSRF_ENABLED=False,
    )
    db = SQLAlchemy(app)
    with app.app_context():
        builder = AppBuilder(app, db.session)
        builder.add_view(EmployerView, "Employers")
        role = builder.sm.find_role(builder.sm.auth_role_admin)
        if not builder.sm.find_user("bench"):
            builder.sm.add_user("bench", "Bench", "Mark", "bench@demo.example", role, "bench")
    return app


def main() -> None:
    """Answer each path of the input."""
    app = made(sys.argv[1])
    client = app.test_client()
    with app.app_context():
        number = app.appbuilder.sm.find_user("bench").id  # type: ignore[attr-defined]
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = str(number), True
    for path in sys.stdin:
        begin = time.perf_counter()
        answer = client.get(path.strip())
        took = (time.perf_counter() - begin) * 1000
        if answer.status_code != 200 or "Nguéma" not in answer.get_data(as_text=True):
            raise SystemExit(f"{path}: {answer.status}")
        print(took, flush=True)


if __name__ == "__main__":
    main()
