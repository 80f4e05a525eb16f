"""Documents: limits that name their figure, refusals that repeat no value, and a cache with an end."""

import pytest

from hub.limits import Limits
from schema import documents
from schema.documents import Documents, RefusedDocumentError
from schema.generation import Generation

HELD = Limits()
PLANTED = "11010519491231002X"
DIGITS = "110105194912310021"


def refusals(generation: Generation, text: str) -> list[tuple[str, str]]:
    """Return messages and codes of a document that is refused."""
    with pytest.raises(RefusedDocumentError) as caught:
        Documents(generation.schema).prepared(text)
    return [(error.message, (error.extensions or {})["code"]) for error in caught.value.errors]


def nested(levels: int) -> str:
    """Return a document of so many levels, by introspection's own recursion."""
    return "{ __schema { types { " + "ofType { " * (levels - 3) + "name" + " }" * (levels - 1) + " }"


ALIASES = [f"a{place}: __typename" for place in range(101)]
LIMITS = [
    ("one byte too many", "#" * HELD.document_bytes + "\n{__typename}", "LIMIT_DOCUMENT_BYTES", 65_549),
    ("tokens", "{" + "__typename " * HELD.tokens + "}", "LIMIT_TOKENS", None),
    ("operations", " ".join(f"query Q{place} {{ __typename }}" for place in range(21)), "LIMIT_OPERATIONS", 21),
    ("levels", nested(HELD.depth + 1), "LIMIT_DEPTH", 16),
    ("levels that crash a careless parser", "{a" * 20_000, "LIMIT_DEPTH", None),
    ("many levels", "{a" * 150 + "}" * 150, "LIMIT_DEPTH", 150),
    ("a long chain of fragments", "{ ...F0 } " + " ".join(
        f"fragment F{place} on Query {{ ...F{place + 1} }}" for place in range(240)
    ) + " fragment F240 on Query { __typename }", "LIMIT_DEPTH", None),
    ("levels of a value", "{ node(id: " + "[" * 20_000, "LIMIT_DEPTH", None),
    ("levels behind fragments", "{ ...A } fragment A on Query { __schema { types { ...B } } } fragment B on __Type { " +
     "ofType { " * 13 + "name" + " }" * 14, "LIMIT_DEPTH", 16),
    ("aliases", "{ __schema { " + " ".join(ALIASES) + " } }", "LIMIT_ALIASES", 101),
    ("aliases of fragments written out", "{ " + " ".join(f"r{place}: __schema {{ ...A }}" for place in range(5)) + " } "
     "fragment A on __Schema { " + " ".join(ALIASES[:20]) + " }", "LIMIT_ALIASES", 105),
    ("root fields", "{" + " ".join(f"licenceTypes {{ k{place}: __typename }}" for place in range(21)) + "}",
     "LIMIT_ROOT_FIELDS", 21),
    ("root fields of fragments", "{ ...A ...A } fragment A on Query { " + "__typename " * 11 + "}",
     "LIMIT_ROOT_FIELDS", 22),
    ("a pyramid of fragments", "{ ...F0 } " + " ".join(
        f"fragment F{place} on Query {{ ...F{place + 1} ...F{place + 1} }}" for place in range(40)
    ) + " fragment F40 on Query { a: __typename }", "LIMIT_ALIASES", 2**40),
    ("a wider pyramid, of more than JSON can say", "{ ...F0 } " + " ".join(
        f"fragment F{place} on Query {{ {f'...F{place + 1} ' * 10} }}" for place in range(20)
    ) + " fragment F20 on Query { a: __typename }", "LIMIT_ALIASES", None),
    ("a list", "{ nodes(ids: [" + "1 " * 101 + "]) { id } }", "LIMIT_LIST_LENGTH", 101),
    ("a list inside a value", "{ case(input: {parties: [" + "{} " * 101 + "]}) { __typename } }", "LIMIT_LIST_LENGTH", 101),
    ("a list as a default", "query Q($ids: [ID!]! = [" + "1 " * 101 + "]) { nodes(ids: $ids) { id } }",
     "LIMIT_LIST_LENGTH", 101),
    ("one field many times", "{ authorities { edges { node {" + " name { zh }" * 200 + " } } } }", "LIMIT_COMPARISONS", None),
    ("a field of all types in every type", "{ node(id: 1) { " + "... on Licence { holders { name code codeType } } " * 120
     + " } }", "LIMIT_COMPARISONS", None),
    ("introspection in a small text that stands for much", "{ __schema { types { " + " ".join(
        f"a{place}: fields {{ name type {{ fields {{ name }} }} }}" for place in range(80)
    ) + " } } }", "LIMIT_COST", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "actual"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_a_limit_has_its_code_and_tells_its_figures(
    shipped: Generation, text: str, code: str, actual: int | None
) -> None:
    with pytest.raises(RefusedDocumentError) as caught:
        Documents(shipped.schema).prepared(text)
    (error,) = caught.value.errors
    held = getattr(HELD, code.removeprefix("LIMIT_").lower())
    assert error.extensions == {"code": code, "limit": held, **({} if actual is None else {"actual": actual})}
    assert f"At most {held:,} " in error.message


@pytest.mark.parametrize(
    "text",
    [
        nested(HELD.depth),
        "{ " + " ".join(ALIASES[:20]) + " }",
        "{ __schema { " + " ".join(ALIASES[:100]) + " } }",
        "#" * (HELD.document_bytes - 14) + "\n{ __typename}",
    ],
    ids=["levels", "root fields", "aliases", "bytes"],
)
def test_what_reaches_a_limit_is_still_taken(shipped: Generation, text: str) -> None:
    assert Documents(shipped.schema).prepared(text).operations


BAD_DOCUMENTS = [
    f'{{ case(input: {{applicant: {{codeType: "111", code: "{PLANTED}"',
    f'{{ "{PLANTED}" }}',
    f"{{ {DIGITS} }}",
    f"{{ {PLANTED} }}",
    f"{{ licenceType(key: {DIGITS}) {{ key }} }}",
    f'{{ nodes(ids: [{{code: "{PLANTED}"}}]) {{ id }} }}',
    f'{{ case(input: "{PLANTED}") {{ __typename }} }}',
    f"{{ case(input: {{applicant: {{code: {DIGITS}}}, serviceItem: {DIGITS}}}) {{ __typename }} }}",
    f"{{ case(input: {{n{PLANTED}: 1}}) {{ __typename }} }}",
    f'query Q($n: Int = "{PLANTED}") {{ case(input: $n) {{ __typename }} }}',
    f'query Q($d: Date = "{PLANTED}") {{ __typename @skip(if: "{PLANTED}") }}',
    f'mutation {{ suspendLicence(input: {{effectiveAt: "{PLANTED}", revision: "{PLANTED}"}}) {{ __typename }} }}',
    f'mutation {{ issueLicence(input: {{draft: {{data: "{PLANTED}", issuedOn: "{PLANTED}"}}}}) {{ __typename }} }}',
    f"{{ case(input: null) {{ ... on Case {{ licences(statuses: [E{PLANTED}]) {{ __typename }} }} }} }}",
    f'{{ issuedLicence(identifier: """{PLANTED}""", identifier: """{PLANTED}""") {{ __typename }} }}',
    f'{{ a: licenceType(key: "{PLANTED}") {{ key }} a: licenceType(key: "x{PLANTED}") {{ key }} }}',
    f'{{ __type(name: ["{PLANTED}", 1]) {{ name }} }}',
    f'query Q @skip(if: "{PLANTED}") {{ __typename }}',
]


@pytest.mark.parametrize("text", BAD_DOCUMENTS)
def test_no_refusal_repeats_a_value_of_the_document(shipped: Generation, text: str) -> None:
    for message, code in refusals(shipped, text):
        assert PLANTED not in message
        assert DIGITS not in message
        assert code == "DOCUMENT_INVALID"


def test_a_refusal_says_where(shipped: Generation) -> None:
    with pytest.raises(RefusedDocumentError) as caught:
        Documents(shipped.schema).prepared("{\n  licenceTypes { nothing }\n}")
    (error,) = caught.value.errors
    assert "nothing" in error.message
    assert [(place.line, place.column) for place in error.locations or []] == [(2, 18)]


def test_cycles_of_fragments_are_refused_and_end(shipped: Generation) -> None:
    text = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert all(code == "DOCUMENT_INVALID" for _, code in refusals(shipped, text))


def test_a_document_is_made_ready_once(shipped: Generation) -> None:
    kept = Documents(shipped.schema)
    assert kept.prepared("{ __typename }") is kept.prepared("{ __typename }")


def test_the_least_recently_used_document_is_forgotten_first(
    shipped: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_KEPT", 3)
    kept = Documents(shipped.schema)
    first, second = (kept.prepared(f"{{ a{place}: __typename }}") for place in (1, 2))
    for place in (3, 1, 4):
        kept.prepared(f"{{ a{place}: __typename }}")
    assert len(kept) == 3
    assert kept.prepared("{ a1: __typename }") is first
    assert kept.prepared("{ a2: __typename }") is not second


def test_large_and_refused_documents_are_not_kept(shipped: Generation) -> None:
    kept = Documents(shipped.schema)
    kept.prepared("#" * documents.LARGEST_KEPT + "\n{ __typename }")
    with pytest.raises(RefusedDocumentError):
        kept.prepared("{ nothing }")
    assert len(kept) == 0


def test_of_several_operations_one_is_named(shipped: Generation) -> None:
    prepared = Documents(shipped.schema).prepared(
        "query A { __typename } query B { licenceTypes { edges { cursor } } }"
    )
    assert prepared.root_fields(prepared.operation("B")) == {"licenceTypes"}
    for name in (None, "C"):
        with pytest.raises(RefusedDocumentError):
            prepared.operation(name)


def test_root_fields_are_found_behind_fragments_and_directives(shipped: Generation) -> None:
    text = (
        "{ ...A ... on Query { x: authorities { edges { cursor } } } } "
        "fragment A on Query { serviceItems @skip(if: true) { edges { cursor } } node(id: 1) { id } }"
    )
    prepared = Documents(shipped.schema).prepared(text)
    assert prepared.root_fields(prepared.operation(None)) == {"serviceItems", "authorities", "node"}


def test_all_types_with_the_same_fields_are_far_below_that_limit(shipped: Generation) -> None:
    face = "identifier status number holders { codeType code name } withheld { path reason } proof { sdJwt }"
    wanted = " ".join(f"... on {key} {{ {face} }}" for key in shipped.types)
    prepared = Documents(shipped.schema).prepared(f"query Q($id: ID!) {{ node(id: $id) {{ {wanted} }} }}")
    assert list(prepared.operations) == ["Q"]
