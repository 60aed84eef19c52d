"""The WSGI application, and the target of `flask --app run`."""

from app import create_app

app = create_app()
