"""Requests that attack a GraphQL server: small to send and large to answer; and the dearest that are allowed."""

from typing import Any

from graphql import get_introspection_query

JSON = {"content-type": "application/json"}


def fragments(count: int, body: str) -> str:
    """Return fragments F0 to F(count - 1); `%(next)d` and `%(this)d` in the body are numbers."""
    return " ".join(
        f"fragment F{this} on Query {{ {body % {'this': this, 'next': this + 1}} }}" for this in range(count)
    )


def names(count: int) -> str:
    """Return fields of so many names."""
    return " ".join(f"a{place}: __typename" for place in range(count))


ATTACKS: dict[str, tuple[Any, str]] = {
    "deep": ({"query": "{ __schema { types { " + "ofType { " * 60 + "name" + " }" * 63}, "LIMIT_DEPTH"),
    "deeper than a stack": ({"query": "{a" * 21_000}, "LIMIT_DEPTH"),
    "inline fragments in each other": ({"query": "{" + "... {" * 300 + "a" + "}" * 301}, "LIMIT_DEPTH"),
    "lists in a type": ({"query": f"query Q($a: {'[' * 900}Int{']' * 900}) {{ __typename }}"}, "LIMIT_DEPTH"),
    "wide": ({"query": "{ " + "licenceTypes { edges { cursor } } " * 21 + "}"}, "LIMIT_ROOT_FIELDS"),
    "aliased": ({"query": f"{{ {names(1_000)} }}"}, "LIMIT_TOKENS"),
    "aliased within the tokens": ({"query": "{ __schema { " + names(500) + " } }"}, "LIMIT_ALIASES"),
    "a cycle of fragments": ({"query": "{ ...F0 } " + fragments(40, "...F%(next)d") + " fragment F40 on Query { ...F0 }"}, "DOCUMENT_INVALID"),
    "all fragments in all others": (
        {"query": "{ ...F0 } " + fragments(14, " ".join(f"...F{place}" for place in range(14)) + " __typename")}, "LIMIT_ROOT_FIELDS"),
    "a pyramid of fragments": (
        {"query": "{ ...F0 } " + fragments(45, "...F%(next)d ...F%(next)d") + " fragment F45 on Query { a: __typename }"}, "LIMIT_ALIASES"),
    "a chain of fragments": (
        {"query": "{ ...F0 } " + fragments(240, "...F%(next)d") + " fragment F240 on Query { __typename }"}, "LIMIT_DEPTH"),
    "unknown directives": ({"query": "{ __typename " + "@a " * 990 + "}"}, "DOCUMENT_INVALID"),
    "known directives": ({"query": "{ __typename " + "@skip(if: true) " * 270 + "}"}, "DOCUMENT_INVALID"),
    "one field again and again": ({"query": "{ authorities { edges { node {" + " name { zh }" * 400 + " } } } }"}, "LIMIT_COMPARISONS"),
    "one field in inline fragments": ({"query": "{ node(id: 1) {" + " ... { id }" * 300 + " } }"}, "LIMIT_COMPARISONS"),
    "fields that conflict": (
        {"query": "{ " + " ".join(f'a: licenceType(key: "{place}") {{ key }}' for place in range(20)) + " }"}, "DOCUMENT_INVALID"),
    "many operations": ({"query": " ".join(f"query Q{place} {{ ...F0 }}" for place in range(280))
                         + " fragment F0 on Query { __typename }"}, "LIMIT_OPERATIONS"),
    "many variables": ({"query": "query Q(" + " ".join(f"$v{place}: Int" for place in range(480)) + ") { __typename }"}, "DOCUMENT_INVALID"),
    "unknown fields": ({"query": "{ __schema {" + " ".join(f"x{place}" for place in range(1_900)) + " } }"}, "DOCUMENT_INVALID"),
    "unknown members of a value": (
        {"query": "{ case(input: {" + " ".join(f"a{place}: 1" for place in range(600)) + "}) { __typename } }"}, "DOCUMENT_INVALID"),
    "a literal list": ({"query": "{ nodes(ids: [" + "1 " * 1_900 + "]) { id } }"}, "LIMIT_LIST_LENGTH"),
    "a literal number": ({"query": "{ authorities(first: " + "9" * 60_000 + ") { edges { cursor } } }"}, "DOCUMENT_INVALID"),
    "comments": ({"query": "#\n" * 32_000 + "{ __typename }"}, "LIMIT_TOKENS"),
    "a large document": ({"query": "#" * 100_000 + "\n{ __typename }"}, "LIMIT_DOCUMENT_BYTES"),
    "introspection by aliases": ({"query": "{ __schema { types { " + " ".join(
        f"a{place}: fields {{ name type {{ fields {{ name }} }} }}" for place in range(90)) + " } } }"}, "LIMIT_COST"),
    "catalogue by aliases": ({"query": "{ licenceTypes(first: 100) { edges { node { " + " ".join(
        f"a{place}: fields {{ path }}" for place in range(90)) + " } } } }"}, "LIMIT_COST"),
    "a list in variables": ({"query": "query Q($i: [ID!]!) { nodes(ids: $i) { id } }", "variables": {"i": ["a"] * 15_000}}, "LIMIT_LIST_LENGTH"),
    "values in variables": ({"query": "{ __typename }", "variables": {"a": [[0] * 1_000] * 1_000}}, "LIMIT_VALUES"),
    "levels in variables": (b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}", "LIMIT_NESTING"),
    "more levels than JSON is read with": (b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 9_000, "LIMIT_NESTING"),
    "a large body": (b'{"query": "' + b" " * 3_000_000, "BODY_TOO_LARGE"),
    "several operations at once": ([{"query": "{ __typename }"}] * 1_000, "REQUEST_MALFORMED"),
    "a key twice": (b'{"query": "{ __typename }", "query": "{ a }"}', "KEY_REPEATED"),
    "keys twice, many": (b'{"query": "a", "variables": {' + b'"a": 1, ' * 19_000 + b'"b": 1}}', "KEY_REPEATED"),
    "half of a character in a document": ({"query": '{ node(id: "\\ud800") { id } }'}, "DOCUMENT_INVALID"),
    "half of a character in a body": (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', "REQUEST_MALFORMED"),
    "no character at all": ({"query": '{ node(id: "\\u{110000}") { id } }'}, "DOCUMENT_INVALID"),
    "a long name of an operation": ({"query": "{ __typename }", "operationName": "a" * 1_000_000}, "OPERATION_UNKNOWN"),
}  # fmt: skip


def sent(request: Any) -> dict[str, Any]:
    """Return how a request is sent: bytes as they are, all else as JSON."""
    return {"content": request, "headers": JSON} if isinstance(request, bytes) else {"json": request}


KEYS = [{"type": "HouseholdRegister"}] * 100
BATCH = "query Q($case: CaseInput!, $keys: [LicenceKey!]!) { case(input: $case) { ... on Case { %s } } }"
PARTS = "licenceBatch(keys: $keys) { ... on Licence { id %s } ... on Problem { code } }"
DEAR: dict[str, dict[str, Any]] = {
    "introspection": {"query": get_introspection_query()},
    "a batch with everything": {"query": BATCH % (PARTS % "identifier status number holders { code name } withheld { path } proof { sdJwt receipt }"),
                                "variables": {"keys": KEYS}},
    "a batch with many names": {"query": BATCH % (PARTS % names(90)), "variables": {"keys": KEYS}},
    "batches in batches": {"query": BATCH % " ".join(f"b{place}: {PARTS % 'number'}" for place in range(3)), "variables": {"keys": KEYS}},
    "catalogue by aliases": {"query": "{ licenceTypes(first: 20) { edges { node { " + " ".join(
        f"a{place}: fields {{ path title {{ zh en }} kind }}" for place in range(4)) + " } } } }"},
}  # fmt: skip
