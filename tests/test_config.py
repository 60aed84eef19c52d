"""Settings: defaults that work, one sentence for what cannot be used, and production's refusals."""

import os
import stat
import subprocess
import sys

import pytest

from config import ROOT, BadSetting, UnsafeSetting, load

SAFE = {
    "GUICHET_ENV": "production",
    "SECRET_KEY": "s" * 40,
    "DATABASE_URL": "postgresql://guichet@db/guichet",
    "REDIS_URL": "redis://queue/0",
    "STORAGE_URL": "file:///srv/guichet",
    "SMTP_URL": "smtps://user:secret@mail",
    "PUBLIC_URL": "https://guichet.example",
    "AUDIT_KEY": "a" * 64,
    "ENCRYPTION_KEYS": f"1:{'e' * 64}",
}


def test_nothing_given_leads_to_the_embedded_servers(tmp_path):
    settings = load({"DATA_DIR": str(tmp_path)})
    assert settings.embedded_database
    assert settings.embedded_queue
    assert str(settings.RUN_DIR).replace("/", "%2F") in settings.DATABASE_URL
    assert settings.REDIS_URL.startswith(f"unix://{settings.RUN_DIR}")
    assert f"file://{tmp_path}/files" == settings.STORAGE_URL


def test_each_data_folder_has_its_own_short_place_for_sockets(tmp_path):
    deep = tmp_path / ("deep" * 40)
    first, second = (
        load({"DATA_DIR": str(folder), "SECRET_KEY": "x"}).RUN_DIR for folder in (tmp_path, deep)
    )
    assert first != second
    assert len(str(second)) < 60


def test_the_embedded_secret_is_made_once_and_closed_to_others(tmp_path):
    first, second = load({"DATA_DIR": str(tmp_path)}), load({"DATA_DIR": str(tmp_path)})
    assert first.SECRET_KEY == second.SECRET_KEY
    assert len(first.SECRET_KEY) >= 32
    assert stat.S_IMODE(os.stat(tmp_path / "secret_key").st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "memcached://x"),
        ("REDIS_URL", "unix:/one/slash"),
        ("GUICHET_ENV", "staging"),
        ("STORAGE_URL", "zzz://x"),
        ("STORAGE_URL", "/a/folder"),
        ("STORAGE_URL", "gs://a-store-whose-package-is-missing"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "maildir://relative"),
        ("CLAMD_URL", "http://clamd"),
        ("CLAMD_URL", "unix:/one/slash"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("WEB_WORKERS", "0"),
        ("DEMO_PERSONS", "200001"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(tmp_path, name, value):
    with pytest.raises(BadSetting, match=name) as refusal:
        load({"DATA_DIR": str(tmp_path), name: value})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"STORAGE_URL": ""}, "STORAGE_URL"),
        ({"SMTP_URL": ""}, "SMTP_URL"),
        ({"PUBLIC_URL": "http://guichet.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://services.example/guichet"}, "a host name of its own"),
        ({"AUDIT_KEY": ""}, "AUDIT_KEY"),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS"),
        ({"SMTP_URL": "maildir:///srv/mail"}, "SMTP_URL"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"SECRET_KEY": "a" * 64}, "secret of its own"),
        ({"METRICS_TOKEN": "a" * 64}, "secret of its own"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN"),
        ({"ENCRYPTION_KEYS": f"1:{'a' * 64}"}, "secret of its own"),
        ({"ENCRYPTION_KEYS": f"2:{'e' * 64},1:{'e' * 64}"}, "secret of its own"),
    ],
)
def test_production_refuses_what_only_suits_a_trial(tmp_path, change, word):
    with pytest.raises(UnsafeSetting, match=word):
        load(SAFE | {"DATA_DIR": str(tmp_path)} | change)


def test_production_starts_on_safe_settings(tmp_path):
    settings = load(SAFE | {"DATA_DIR": str(tmp_path)})
    assert settings.is_production
    assert settings.flask()["SESSION_COOKIE_SECURE"] is True
    assert settings.flask()["SESSION_COOKIE_NAME"] == "__Host-guichet"
    assert settings.DATABASE_URL.startswith("postgresql+psycopg://")


def test_a_bad_setting_stops_a_command_with_one_sentence(tmp_path):
    command = [sys.executable, "-m", "flask", "--app", "run", "guichet", "workflow"]
    environ = os.environ | {"PORT": "abc", "DATA_DIR": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "PORT must be a whole number" in answer.stderr
    assert "Traceback" not in answer.stderr
