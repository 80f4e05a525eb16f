"""Tokens: what the endpoint gives, what is honoured, and that an ended client is refused at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.access.caller import SCOPES, ActiveClient, Caller
from hub.access.roster import Roster
from hub.access.service import Access
from hub.access.token_request import GrantTypeError
from hub.access.tokens import TokenFacts
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.errors import (
    ClientAuthenticationError,
    InputInvalidError,
    PolicyChangedError,
    ScopeMissingError,
    TokenExpiredError,
    TokenInvalidError,
    UnavailableError,
)
from keys import jws
from keys.store import KeyStore
from keys.suites import load_public_jwk, suite
from tests.access.department import AUTHORITY, ISSUER, Department


def _bearer(access: Access, department: Department, **form: str) -> str:
    return f"Bearer {access.token(department.form(**form))['access_token']}"


def test_a_token_says_who_calls_for_whom_and_under_which_epoch(access: Access, department: Department) -> None:
    caller = access.caller(_bearer(access, department))
    assert caller == Caller(
        department.client_id,
        AUTHORITY,
        frozenset(SCOPES),
        access.epoch,
    )
    assert access.epoch > 0


def test_the_reply_is_that_of_the_standard(access: Access, department: Department) -> None:
    reply = access.token(department.form(scope="licence:read"))
    token = reply.pop("access_token")
    assert reply == {"token_type": "Bearer", "expires_in": 300, "scope": "licence:read"}
    header, claims = jws.parse(token).header, jws.parse(token).claims()
    assert header["typ"] == "at+jwt"
    assert claims["iss"] == ISSUER
    assert claims["aud"] == f"{ISSUER}/graphql"
    assert claims["sub"] == claims["client_id"] == department.client_id
    assert claims["exp"] - claims["iat"] == 300
    assert claims["authority"] == AUTHORITY
    assert len(claims["jti"]) == 32


def test_others_verify_a_token_by_the_published_key(access: Access, department: Department) -> None:
    token = access.token(department.form())["access_token"]
    (key,) = access.jwks()["keys"]
    assert jws.parse(token).header["kid"] == key["kid"]
    assert key["use"] == "sig"
    assert "d" not in key
    jws.verify(token, load_public_jwk(key), typ="at+jwt")


def test_a_caller_has_the_scopes_it_asked_for_and_no_others(access: Access, department: Department) -> None:
    caller = access.caller(_bearer(access, department, scope="licence:read licence:status"))
    caller.require("licence:read")
    caller.require("licence:status")
    for scope in ("licence:issue", "licence:everything", ""):
        with pytest.raises(ScopeMissingError):
            caller.require(scope)


@pytest.mark.parametrize("scope", ["licence:all", "licence:read licence:all", "", " ", "licence:read  licence:issue"])
def test_an_unknown_or_malformed_scope_is_refused(access: Access, department: Department, scope: str) -> None:
    with pytest.raises(ScopeMissingError):
        access.token(department.form(scope=scope))


def test_a_scope_the_client_does_not_have_is_refused(access: Access, clock: SetClock) -> None:
    reader = Department(clock, "reading-desk")
    access.add_client("Reading desk", AUTHORITY, ["licence:read"], reader.jwk, reader.client_id)
    with pytest.raises(ScopeMissingError):
        access.token(reader.form(scope="licence:read licence:issue"))
    assert access.token(reader.form())["scope"] == "licence:read"


@pytest.mark.parametrize("missing", ["grant_type", "client_assertion_type", "client_assertion"])
def test_a_missing_parameter_is_named(access: Access, department: Department, missing: str) -> None:
    form = department.form()
    del form[missing]
    with pytest.raises(InputInvalidError, match=missing):
        access.token(form)


@pytest.mark.parametrize("grant_type", ["authorization_code", "password", "CLIENT_CREDENTIALS", "client_credentials "])
def test_another_grant_type_is_refused(access: Access, department: Department, grant_type: str) -> None:
    with pytest.raises(GrantTypeError):
        access.token({**department.form(), "grant_type": grant_type})


def test_another_kind_of_assertion_or_a_secret_is_refused(access: Access, department: Department) -> None:
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    for changed in ({"client_assertion_type": saml}, {"client_secret": "hunter2"}):
        with pytest.raises(InputInvalidError) as refused:
            access.token({**department.form(), **changed})
        assert "hunter2" not in refused.value.message


def test_a_client_id_in_the_form_must_be_the_assertions(access: Access, department: Department) -> None:
    with pytest.raises(ClientAuthenticationError):
        access.token(department.form(client_id="tax-desk"))
    assert access.token(department.form(client_id=department.client_id))


@pytest.mark.parametrize(
    "header",
    [
        None, "", "Bearer", "Bearer ", "bearer {}", "BEARER {}", "Bearer  {}", " Bearer {}", "Bearer {} ", "Bearer {}\n",
        "Basic {}", "{}", "Bearer {}, Bearer {}", "Bearer {}x", "Bearer {}.x", "Bearer null", "Bearer " + "a" * 5000,
    ],
)  # fmt: skip
def test_anything_but_one_bearer_token_is_refused(access: Access, department: Department, header: str | None) -> None:
    token = access.token(department.form())["access_token"]
    with pytest.raises(TokenInvalidError):
        access.caller(header and header.replace("{}", token))


def test_a_changed_token_is_refused_even_after_the_good_one_was_accepted(
    access: Access, department: Department
) -> None:
    header = _bearer(access, department)
    access.caller(header)
    head, payload, signature = header.split(".")
    for bad in (f"{head}.{payload[:-2]}{payload[-2:][::-1]}A.{signature}", f"{head}.{payload}.{signature[::-1]}"):
        with pytest.raises(TokenInvalidError):
            access.caller(bad)


@pytest.mark.parametrize(
    "changes",
    [{"aud": ISSUER}, {"iss": "https://other.example"}, {"client_id": "nobody-here"}, {"policy_epoch": None}],
    ids=["audience", "issuer", "client", "no epoch"],
)
def test_a_token_of_the_hubs_key_for_something_else_is_refused(
    access: Access, department: Department, store: KeyStore, changes: dict[str, str | None]
) -> None:
    claims = {**jws.parse(access.token(department.form())["access_token"]).claims(), **changes}
    made = {name: value for name, value in claims.items() if value is not None}
    key = store.private("store:hub/token-1")
    with pytest.raises(TokenInvalidError):
        access.caller(f"Bearer {jws.sign_jwt(made, key, key.public.thumbprint(), 'at+jwt')}")


def test_other_tokens_are_no_access_tokens(access: Access, department: Department, store: KeyStore) -> None:
    claims = jws.parse(access.token(department.form())["access_token"]).claims()
    hub_key, stranger = store.private("store:hub/token-1"), suite("ES256").generate()
    forged = jws.sign_jwt(claims, stranger, hub_key.public.thumbprint(), "at+jwt")
    receipt = jws.sign_jwt(claims, hub_key, hub_key.public.thumbprint(), "receipt+jwt")
    for token in (forged, receipt, department.assertion()):
        with pytest.raises(TokenInvalidError):
            access.caller(f"Bearer {token}")


def test_a_token_ends_with_its_last_second_remembered_or_not(
    access: Access, department: Department, clock: SetClock
) -> None:
    remembered, fresh = _bearer(access, department), _bearer(access, department)
    clock.advance(seconds=299)
    access.caller(remembered)
    clock.advance(seconds=1)
    for header in (remembered, fresh, remembered):
        with pytest.raises(TokenExpiredError):
            access.caller(header)


def test_an_ended_client_is_refused_at_once_here(access: Access, department: Department) -> None:
    header = _bearer(access, department)
    access.caller(header)
    access.set_active(department.client_id, active=False)
    with pytest.raises(TokenInvalidError):
        access.caller(header)
    with pytest.raises(ClientAuthenticationError):
        access.token(department.form())


def test_an_ended_client_gets_no_answer_from_another_process_either(
    access: Access, process: Callable[[], Access], department: Department, database: Database, audit: Audit
) -> None:
    other, header = process(), _bearer(access, department)
    other.caller(header)
    access.set_active(department.client_id, active=False)
    caller = other.caller(header)  # this process has not heard of it yet, but its epoch tells
    with pytest.raises(PolicyChangedError), database.transaction() as session:
        audit.require_epoch(session, caller.epoch)
    other.refresh()
    with pytest.raises(TokenInvalidError):
        other.caller(header)


def test_a_new_client_is_answered_after_a_refresh_only_even_where_it_was_registered(
    access: Access, clock: SetClock, database: Database, audit: Audit
) -> None:
    newcomer = Department(clock, "new-desk")
    access.add_client("New desk", AUTHORITY, ["licence:read"], newcomer.jwk, newcomer.client_id)
    header = _bearer(access, newcomer)
    with pytest.raises(PolicyChangedError):
        access.caller(header)
    access.refresh()
    caller = access.caller(header)
    with database.transaction() as session:
        audit.require_epoch(session, caller.epoch)


def test_a_token_newer_than_the_roster_asks_for_a_refresh(
    access: Access, process: Callable[[], Access], clock: SetClock
) -> None:
    other = process()
    newcomer = Department(clock, "new-desk")
    access.add_client("New desk", AUTHORITY, ["licence:read"], newcomer.jwk, newcomer.client_id)
    header = _bearer(access, newcomer)
    with pytest.raises(PolicyChangedError):
        other.caller(header)
    other.refresh()
    assert other.caller(header).client_id == "new-desk"


def test_two_processes_share_one_token_key(access: Access, process: Callable[[], Access]) -> None:
    assert process().jwks() == access.jwks()


def test_the_token_key_survives_a_restart(
    access: Access, department: Department, process: Callable[[], Access]
) -> None:
    header = _bearer(access, department)
    assert process().caller(header).client_id == department.client_id


def test_the_memory_of_callers_is_bounded_and_forgets_the_unused_first() -> None:
    client = ActiveClient("desk", AUTHORITY, frozenset({"licence:read"}))
    roster = Roster(1, {"desk": client}, limit=3)
    facts = TokenFacts("desk", frozenset({"licence:read"}), 1, expires_at=100)
    for digest in (b"a", b"b", b"c"):
        roster.accept(digest, facts)
    assert roster.remembered(b"a", now=1) is not None
    roster.accept(b"d", facts)
    assert len(roster) == 3
    assert roster.remembered(b"b", now=1) is None
    assert roster.remembered(b"a", now=1) is not None


def test_a_gone_database_is_told_apart_from_a_bad_client(store: KeyStore, clock: SetClock, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/nowhere/hub.db")
    access = Access(database, Audit(database, clock), store, clock, issuer=ISSUER, token_seconds=300)
    access.prepare()
    with pytest.raises(UnavailableError):
        access.token(Department(clock).form())


def test_the_metadata_has_what_clients_look_for(access: Access) -> None:
    metadata = access.metadata()
    assert metadata["issuer"] == ISSUER
    assert metadata["token_endpoint"] == f"{ISSUER}/oauth/token"
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert "ES256" in metadata["token_endpoint_auth_signing_alg_values_supported"]
    assert "none" not in metadata["token_endpoint_auth_signing_alg_values_supported"]
    assert metadata["scopes_supported"] == [
        "case:embargo",
        "document:register",
        "identity:match",
        "licence:issue",
        "licence:read",
        "licence:status",
        "register:feed",
    ]
