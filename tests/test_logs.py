"""Logs: one JSON object a line, with the request's id and nothing personal."""

import json

import pytest


def lines(capfd):
    return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


@pytest.fixture
def fresh(app):
    """The handler writes to this test's own standard error."""
    from app import logs

    logs.configure("INFO")
    return app.test_client()


def test_each_request_is_one_line_with_its_id(fresh, capfd):
    from app import logs

    logs.configure("INFO")
    answer = fresh.get(
        "/en/sign-in?next=/en/cases/a-secret-name", headers={"X-Request-Id": "caller-0123456789"}
    )
    (line,) = [line for line in lines(capfd) if line["event"] == "request"]
    assert line["request_id"] == answer.headers["X-Request-Id"] == "caller-0123456789"
    assert (line["endpoint"], line["status"], line["method"]) == ("account.sign_in", 200, "GET")
    assert "a-secret-name" not in json.dumps(line)


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space 1234", "<script>alert(1)</script>"])
def test_an_id_of_another_shape_is_replaced(fresh, given):
    answer = fresh.get("/en/", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 16
