"""A plan keeps nothing of a request: not its context, not what was sent, not what was resolved."""

import asyncio
import gc
import weakref
from dataclasses import dataclass
from typing import Any, cast

import pytest

from schema.context import Context
from schema.plans.plan import Plans
from tests.schema.plans.small_schema import checked, small_schema

SCHEMA = small_schema()
TEXT = """query ($t: String!, $c: Boolean!, $s: Shape, $n: [String!]!) {
  person(name: $t) { name @include(if: $c) friend { name } things { name } } all(names: $n) { __typename } echo(shape: $s) required(text: $t)
}"""


class Sent(str):
    """A text whose end can be watched."""

    __slots__ = ("__weakref__",)


@dataclass
class Asked:
    """The context of a request."""

    values: dict[str, str]


@pytest.mark.parametrize("answer", ["@Person2", "raise", "later raise", "later @Person2"])
def test_nothing_of_a_request_stays_in_a_plan(answer: str) -> None:
    document, operation = checked(SCHEMA, TEXT)
    plans = Plans(SCHEMA, document)

    def ask() -> tuple[weakref.ref[Any], ...]:
        text, name = Sent("Person1"), Sent("Ball1")
        context = Asked({"Person1.friend": answer})
        inputs = {"t": text, "c": True, "s": {"width": 3}, "n": [name]}
        assert asyncio.run(plans.run(operation, inputs, cast("Context", context))) is not None
        return weakref.ref(text), weakref.ref(name), weakref.ref(context)

    watched = (*ask(), *ask())
    gc.collect()
    assert [each() for each in watched] == [None] * 6
