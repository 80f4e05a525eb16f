"""The exemption list over HTTP: for everybody, as a table, asked anew before each use."""

from dataclasses import fields
from typing import Any

from hub.endpoints.exemptions import TABLE
from hub.endpoints.services import EndpointServices
from tests.endpoints.machine import Machine

BODY = '\ufeff"序号"\r\n"1"\r\n'.encode()


def _machine() -> Machine:
    services: dict[str, Any] = {each.name: None for each in fields(EndpointServices)}
    return Machine(EndpointServices(**{**services, "exemption_list": lambda: BODY}))


def test_it_is_a_table_for_everybody_under_a_tag() -> None:
    answer = _machine().get(TABLE)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    known = _machine().get(TABLE, {"if-none-match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
