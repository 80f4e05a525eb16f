"""What the hub publishes: metadata, keys, issuer documents, roots; and whether it lives."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub import errors
from hub.access.service import Access
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.endpoints.errors import STATUSES, status
from hub.endpoints.routes import ROWS
from hub.endpoints.services import EndpointServices
from hub.errors import AuthorityUnknownError, HubError, UnavailableError
from hub.seals.published import PublishedList
from hub.seals.refusals import SealListUnknownError
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.access.department import AUTHORITY, ISSUER
from tests.endpoints.lists import Lists
from tests.endpoints.machine import Machine, NoImports, NoLog, NoOfflinePack, NoRenditions, NoSchema, NoStaff, nothing

METADATA = "/.well-known/oauth-authorization-server"
JWKS = "/.well-known/jwks.json"
ROOTS = "/.well-known/licence-hub/roots.pem"
TRUST_LIST = "/.well-known/licence-hub/trust-list"
ISSUERS = ("/.well-known/jwt-vc-issuer/authorities/{code}", "/authorities/{code}")


@dataclass(frozen=True)
class Root:
    der: bytes


@dataclass
class Seals:
    asked: list[str] = field(default_factory=list)

    def metadata(self, authority: str) -> Mapping[str, Any]:
        self.asked.append(authority)
        if authority != AUTHORITY:
            raise AuthorityUnknownError
        return {"issuer": f"{ISSUER}/authorities/{authority}", "jwks": {"keys": [{"kid": "seal-1"}]}}

    def roots(self) -> tuple[Root, ...]:
        return (Root(b"first made-up root"), Root(b"second made-up root"))


def _ready() -> bool:
    return True


class SealLists:
    """Knows a trust list, which is stale, and one revocation list."""

    def jwks(self) -> Mapping[str, Any]:
        return {"keys": [{"kid": "trust-list-1"}]}

    async def present(self, name: str) -> PublishedList:
        bodies = {"trust-list": (b"a.b.c", 0), "SM2-SM3.crl": (b"a made-up list", 60)}
        if name not in bodies:
            raise SealListUnknownError
        body, max_age = bodies[name]
        return PublishedList(body, f'"{name}-1"', max_age, 1, 0)


SEAL_LISTS = SealLists()


@pytest.fixture
def seals() -> Seals:
    return Seals()


@pytest.fixture
def open_machine(sqlite_url: str, tmp_path: Path, seals: Seals) -> Iterator[Callable[..., Machine]]:
    clock = SetClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    database = Database(sqlite_url)
    store = KeyStore.create(tmp_path / "keys", b"made-up", cost=Cost(1, 1, 64))
    access = Access(database, Audit(database, clock), store, clock, issuer=ISSUER, token_seconds=300)
    access.prepare()

    def make(ready: Callable[[], bool] = _ready) -> Machine:
        receipts = {"keys": [{"kid": "receipt-1"}]}
        services = EndpointServices(
            access,
            seals,
            Lists(),
            receipts=lambda: receipts,
            ready=ready,
            register=nothing,
            live_schema=NoSchema(),
            imports=NoImports(),
            staff=NoStaff(),
            seal_lists=SEAL_LISTS,
            log=NoLog(),
            cosign=len,
            exemption_list=bytes,
            offline_pack=NoOfflinePack(),
            renditions=NoRenditions(),
        )
        return Machine(services)

    yield make
    database.close()


@pytest.fixture
def machine(open_machine: Callable[..., Machine]) -> Machine:
    return open_machine()


def test_the_metadata_has_every_member_that_rfc_8414_requires(machine: Machine) -> None:
    metadata = machine.get(METADATA).json()
    assert metadata["issuer"] == ISSUER  # https, without query and fragment
    assert metadata["token_endpoint"] == f"{ISSUER}/oauth/token"
    assert isinstance(metadata["response_types_supported"], list)
    assert metadata["grant_types_supported"] == ["client_credentials"]  # so no authorization_endpoint is required
    assert "private_key_jwt" in metadata["token_endpoint_auth_methods_supported"]
    algorithms = metadata["token_endpoint_auth_signing_alg_values_supported"]  # required with private_key_jwt
    assert algorithms
    assert "none" not in algorithms
    assert metadata["jwks_uri"] == f"{ISSUER}{JWKS}"


def test_the_addresses_in_the_metadata_are_answered_here(machine: Machine) -> None:
    metadata = machine.get(METADATA).json()
    templates = {row.template for row in ROWS}
    for name in ("token_endpoint", "jwks_uri"):
        assert metadata[name].removeprefix(ISSUER) in templates


def test_the_metadata_tells_where_status_lists_are(machine: Machine) -> None:
    assert machine.get(METADATA).json()["status_list_aggregation_endpoint"] == Lists.address
    assert Lists.address.removeprefix(ISSUER) in {row.template for row in ROWS}


def test_one_key_set_holds_all_the_hubs_public_keys_and_nothing_private(machine: Machine) -> None:
    keys = machine.get(JWKS).json()["keys"]
    assert keys[1:] == [{"kid": "receipt-1"}, {"kid": "status-1"}, {"kid": "trust-list-1"}]
    assert keys[0].keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}


@pytest.mark.parametrize("template", ISSUERS)
def test_an_authoritys_issuer_document_is_at_both_addresses(machine: Machine, template: str) -> None:
    answer = machine.get(template.format(code=AUTHORITY))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["issuer"] == f"{ISSUER}/authorities/{AUTHORITY}"


@pytest.mark.parametrize("template", ISSUERS)
def test_an_unknown_authority_is_not_found(machine: Machine, template: str) -> None:
    answer = machine.get(template.format(code="11990100MB00000020"))
    assert (answer.status_code, answer.json()["code"]) == (404, "AUTHORITY_UNKNOWN")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("code", ["short", AUTHORITY.lower(), AUTHORITY + "%00", AUTHORITY + "%0A"])
def test_what_is_no_credit_code_is_not_even_asked_for(machine: Machine, seals: Seals, code: str) -> None:
    assert machine.get(f"/authorities/{code}").status_code == 404
    assert seals.asked == []


def test_the_roots_are_pem(machine: Machine) -> None:
    answer = machine.get(ROOTS)
    blocks = [block + "-----END CERTIFICATE-----\n" for block in answer.text.split("-----END CERTIFICATE-----\n")[:-1]]
    assert [ssl.PEM_cert_to_DER_cert(block) for block in blocks] == [b"first made-up root", b"second made-up root"]
    assert answer.headers["content-type"] == "application/pem-certificate-chain"


@pytest.mark.parametrize("path", [ROOTS, *(one.format(code=AUTHORITY) for one in ISSUERS)])
def test_roots_and_issuer_documents_tell_where_the_trust_list_is(machine: Machine, path: str) -> None:
    assert machine.get(path).headers["link"] == f'<{TRUST_LIST}>; rel="related"; type="application/jwt"'


@pytest.mark.parametrize(
    ("path", "media_type", "max_age", "body"),
    [
        (TRUST_LIST, "application/jwt", 0, b"a.b.c"),
        ("/.well-known/licence-hub/revocations/SM2-SM3.crl", "application/pkix-crl", 60, b"a made-up list"),
    ],
)
def test_lists_about_seals_are_for_everybody_as_long_as_they_are_fresh(
    machine: Machine, path: str, media_type: str, max_age: int, body: bytes
) -> None:
    first = machine.get(path)
    assert (first.status_code, first.content, first.headers["content-type"]) == (200, body, media_type)
    assert first.headers["cache-control"] == f"public, max-age={max_age}, must-revalidate"
    assert first.headers["access-control-allow-origin"] == "*"
    again = machine.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["cache-control"]) == (
        304, b"", first.headers["cache-control"],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["ES256", "trust-list", "x" * 500, "%00"])
def test_a_list_that_is_not_there_is_told_so(machine: Machine, name: str) -> None:
    answer = machine.get(f"/.well-known/licence-hub/revocations/{name}.crl")
    assert (answer.status_code, answer.json()["code"]) == (404, "SEAL_LIST_UNKNOWN")


@pytest.mark.parametrize("path", [METADATA, JWKS, ROOTS, *(one.format(code=AUTHORITY) for one in ISSUERS)])
def test_what_is_published_may_be_cached_for_five_minutes_and_compared(machine: Machine, path: str) -> None:
    first = machine.get(path)
    assert first.headers["cache-control"] == "public, max-age=300"
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = machine.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert machine.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert machine.request("HEAD", path).headers["etag"] == tag


def test_a_living_process_says_so_whatever_the_database_does(open_machine: Callable[..., Machine]) -> None:
    assert open_machine(_gone).get("/health").json() == {"status": "ok"}


def _gone() -> bool:
    raise UnavailableError


@pytest.mark.parametrize(
    ("ready", "code"), [(lambda: False, "NOT_MIGRATED"), (_gone, "DATABASE_UNAVAILABLE")], ids=["old tables", "gone"]
)
def test_a_hub_that_cannot_answer_is_not_ready(
    open_machine: Callable[..., Machine], ready: Callable[[], bool], code: str
) -> None:
    answer = open_machine(ready).get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, code)


def test_a_hub_that_can_answer_is_ready(machine: Machine) -> None:
    assert machine.get("/ready").json() == {"status": "ready"}


def _classes(kind: type[HubError]) -> list[type[HubError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _classes(child))]


def test_every_refusal_has_a_status() -> None:
    plain = [kind for kind in _classes(HubError) if kind is not errors.FaceDataError]
    assert {kind.__name__ for kind in plain if not 400 <= status(kind()) < 600} == set()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (errors.InputInvalidError, 400), (errors.TokenExpiredError, 401), (errors.ScopeMissingError, 403),
        (errors.NotGrantedError, 403), (errors.NotFoundError, 404), (errors.VersionConflictError, 409),
        (errors.DamagedError, 500), (errors.RecordUnavailableError, 503), (errors.SettingsError, 500),
    ],
)  # fmt: skip
def test_a_refusal_has_its_nearest_classs_status(kind: type[HubError], expected: int) -> None:
    assert status(kind()) == expected
    assert HubError in STATUSES
