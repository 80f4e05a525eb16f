"""The id of a request: taken from its caller in two forms, and from nothing that could be somebody's name or number."""

import re

import pytest

from hub import answering

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MADE = re.compile(r"[0-9a-f]{32}")


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("x-request-id", UUID, UUID),
        ("x-request-id", UUID.upper(), UUID),
        ("x-request-id", UUID.replace("-", ""), UUID.replace("-", "")),
        ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
    ],
)
def test_a_well_formed_id_is_its_callers(name: str, value: str, taken: str) -> None:
    assert answering.begin([(b"host", b"a"), (name.encode(), value.encode())]).id == taken
    assert answering.current_id() == taken


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-request-id", "990102199003074518"),
        ("x-request-id", "李凌欢"),
        ("x-request-id", f"{UUID} 李"),
        ("x-request-id", UUID + "0"),
        ("x-request-id", ""),
        ("traceparent", f"00-{'0' * 32}-00f067aa0ba902b7-01"),
        ("traceparent", f"01-{TRACE}-00f067aa0ba902b7-01"),
        ("traceparent", TRACE),
        ("x-trace", UUID),
    ],
)
def test_anything_else_gets_a_new_id(name: str, value: str) -> None:
    headers = [(name.encode(), value.encode())]
    first, second = answering.begin(headers).id, answering.begin(headers).id
    assert MADE.fullmatch(first)
    assert MADE.fullmatch(second)
    assert first != second
    assert value not in {first, second}


def test_of_several_refusals_the_first_counts_until_the_answer_is_made_again() -> None:
    request = answering.begin([])
    answering.note("NOT_GRANTED")
    answering.note("INTERNAL")
    assert request.code == "NOT_GRANTED"
    answering.forget()
    assert request.code is None
