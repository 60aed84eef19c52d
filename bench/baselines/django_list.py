"""The same list in Django's admin, as its tutorial begins: `python -m bench.baselines.django_list DSN`.

Its own tables stand in a schema of their own; the employers are the house's. Reads paths, writes milliseconds.
"""

import sys
import time
from types import ModuleType
from typing import Any

import django
import psycopg
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

SCHEMA = "django"
APPS = ("admin", "auth", "contenttypes", "sessions", "messages")
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)


def configure(where: str) -> None:
    """Django's defaults, on the house's database."""
    parts = conninfo_to_dict(where)
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in APPS), "bench"],
        MIDDLEWARE=list(MIDDLEWARE),
        ROOT_URLCONF="bench.baselines.django_urls",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.get("dbname"),
                "USER": parts.get("user"),
                "PASSWORD": parts.get("password", ""),
                "HOST": parts.get("host", ""),
                "PORT": parts.get("port", ""),
                "CONN_MAX_AGE": None,
                "OPTIONS": {"options": f"-c search_path={SCHEMA},public"},
            }
        },
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )
    django.setup()


def register() -> None:
    """The list, with our columns and page, and the addresses."""
    from django.contrib import admin
    from django.db import models
    from django.urls import path

    class Employer(models.Model):
        registration_number = models.CharField(max_length=32, unique=True)
        name = models.CharField(max_length=200)
        active = models.BooleanField()

        class Meta:
            app_label = "bench"
            db_table = "employer"
            managed = False

    class EmployerAdmin(admin.ModelAdmin):
        list_display = ("registration_number", "name", "active")
        list_per_page = 25
        ordering = ("name",)

    admin.site.register(Employer, EmployerAdmin)
    addresses: Any = ModuleType("bench.baselines.django_urls")
    addresses.urlpatterns = [path("admin/", admin.site.urls)]
    sys.modules[addresses.__name__] = addresses


def main() -> None:
    """Answer each path of the input."""
    where = sys.argv[1]
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    configure(where)
    register()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    user, _is_new = User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    for path in sys.stdin:
        begin = time.perf_counter()
        answer = client.get(path.strip())
        took = (time.perf_counter() - begin) * 1000
        if answer.status_code != 200 or "Nguéma" not in answer.content.decode():
            raise SystemExit(f"{path}: {answer.status_code}")
        print(took, flush=True)


if __name__ == "__main__":
    main()
