"""The WSGI application, and the target of `flask --app run`."""

from app import create_app
from config import BadSetting

try:
    app = create_app()
except BadSetting as refusal:
    raise SystemExit(str(refusal)) from None
