"""A small trust list under a made-up hub's key: one seal of each suite, for every test of the format."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from keys import jws, trust_list
from keys.certificates import Certificate
from keys.listed_seal import ListedSeal, Turn
from keys.revocation import RevocationReason
from keys.suites import SUITES
from keys.trust_list import TYP, Edition, TrustList
from tests.keys.authorities import AUTHORITIES, CREDIT_CODE, END, ES_ID, ISSUER, START, Authority, new_authority
from tests.keys.seals import OFFICES

HUB: Final = ISSUER.partition("/authorities/")[0]
KEY: Final = SUITES["ES256"].generate()
KID: Final = KEY.public.thumbprint()
KEYS: Final = [{**KEY.public.to_jwk(), "kid": KID, "alg": "ES256", "use": "sig"}]
NOW: Final = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
DAY: Final = timedelta(days=1)
EDITION: Final = Edition(HUB, 7, NOW - DAY, NOW + 6 * DAY)
FILED: Final = Turn("ACTIVE", START)
OLD: Final = new_authority("ES256")  # a second key, of whichever seal a test wants


def jwk(authority: Authority, es_id: str, status: str = "ACTIVE", **times: Any) -> dict[str, Any]:
    """What issuer metadata says of a seal's key; a time given as None is left out."""
    public, certificate = authority.key.public, authority.certificate
    members = {
        **public.to_jwk(), "kid": certificate.thumbprint, "alg": public.suite.jose_algorithm, "use": "sig",
        "x5c": [b64encode(one.der).decode() for one in (certificate, authority.root)], "seal": es_id, "status": status,
        "nbf": int(START.timestamp()), "exp": int(END.timestamp()), **times,
    }  # fmt: skip
    return {name: value for name, value in members.items() if value is not None}


def seal(suite_name: str = "ES256", **changes: Any) -> ListedSeal:
    """A seal that was filed and nothing more, unless changed."""
    es_id = changes.get("es_id") or f"{int(ES_ID) + sorted(SUITES).index(suite_name)}"
    facts = {
        "es_id": es_id, "authority": CREDIT_CODE, "owner": CREDIT_CODE, "owner_name": "星河市公安局", "kind": "SPECIAL",
        "name": "星河市公安局电子证照专用章", "suite": suite_name, "valid_from": START, "valid_until": END, "history": (FILED,),
        "keys": (jwk(AUTHORITIES[suite_name], es_id),), "issuer": ISSUER,
    }  # fmt: skip
    return ListedSeal(**{**facts, **changes})


def ended(suite_name: str, at: datetime, status: str, reason: RevocationReason, **changes: Any) -> ListedSeal:
    """A seal that was suspended or revoked at a moment."""
    one, second = seal(suite_name), int(at.timestamp())
    times = {"revoked_at" if status == "REVOKED" else "suspended_at": second}
    if reason is RevocationReason.KEY_COMPROMISE and status == "REVOKED":
        times["compromised_at"] = second
    keys = (jwk(AUTHORITIES[suite_name], one.es_id, status, **times),)
    return replace(one, history=(FILED, Turn(status, at, reason)), keys=keys, **changes)


def roots() -> tuple[Certificate, ...]:
    """Everybody's roots."""
    return tuple(one.root for one in (*AUTHORITIES.values(), OLD))


def makers() -> list[tuple[Certificate, Certificate]]:
    """The makers of electronic seals, each with its root."""
    return [(office.maker, office.authority.root) for office in OFFICES.values()]


def token(*seals: ListedSeal, edition: Edition = EDITION) -> bytes:
    """A list of these seals, of one of each suite without any."""
    return trust_list.make(edition, roots(), makers(), seals or tuple(seal(name) for name in SUITES), KEY, KID)


def listed(*seals: ListedSeal, at: datetime = NOW) -> TrustList:
    """The same, read."""
    return trust_list.read(token(*seals), KEYS, at)


def claims(*seals: ListedSeal) -> dict[str, Any]:
    """What a list says, to be spoilt."""
    return jws.parse(token(*seals).decode()).claims()


def signed(changed: dict[str, Any]) -> bytes:
    """What was spoilt, signed by the hub all the same."""
    return jws.sign_jwt(changed, KEY, KID, TYP).encode()
