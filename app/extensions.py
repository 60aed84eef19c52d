"""The extensions, made once, and how they are joined. No rule lives here."""

from flask import Flask, current_app
from flask_appbuilder import Model
from flask_compress import Compress
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from app.delays import (
    POOL_SECONDS,
    QUEUE_CONNECT_SECONDS,
    QUEUE_RETRY_LONGEST_SECONDS,
    QUEUE_RETRY_SECONDS,
    QUEUE_SECONDS,
)

Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ENGINE_OPTIONS = {
    "pool_size": 10,
    "max_overflow": 15,
    "pool_timeout": POOL_SECONDS,
    "pool_pre_ping": True,
    "hide_parameters": True,
}
db = SQLAlchemy(model_class=Model, engine_options=ENGINE_OPTIONS)
migrate = Migrate()
csrf = CSRFProtect()
compress = Compress()


def init_app(app: Flask) -> None:
    """Join the extensions to the application."""
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations")
    csrf.init_app(app)
    compress.init_app(app)
    app.extensions["valkey"] = Redis.from_url(
        app.config["SETTINGS"].REDIS_URL,
        socket_timeout=QUEUE_SECONDS,
        socket_connect_timeout=QUEUE_CONNECT_SECONDS,
        retry=Retry(ExponentialBackoff(QUEUE_RETRY_LONGEST_SECONDS, QUEUE_RETRY_SECONDS), 3),
    )
    app.extensions["queue"] = Queue("guichet", connection=app.extensions["valkey"], serializer=JSONSerializer)


def valkey() -> Redis:
    """The running application's connection to Valkey (or Redis)."""
    return current_app.extensions["valkey"]


def queue() -> Queue:
    """The running application's RQ queue."""
    return current_app.extensions["queue"]
