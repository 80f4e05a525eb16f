"""Makes tokens.json anew: a printed code of each suite, one bad one for each attack, and all that their verifier needs.

Beside the codes: the hub's address, a moment, a trust list and a status list (as JWT and CWT) with their publisher's keys. `codes` are texts as a
scanner types them, each with the report that every implementation must come to; `refused` are texts in which there is no token. The keys are
thrown away: the file is for reading.

Run from the top folder, only when the format changes on purpose: python -m tests.vectors.qr_tokens.generate
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from keys import base32, base64url, cose, qr_text, status_list, strict_cbor, trust_list
from keys.certificates import Subject, make_root
from keys.errors import FormatError
from keys.errors import SubIndication as Why
from keys.listed_seal import ListedSeal, Turn
from keys.listed_status import status_at
from keys.qr_token import ISSUED, KID_BYTES, LICENCE, TYP, parse
from keys.qr_verification import place_of, verify_token
from keys.report import Report, Result
from keys.revocation import RevocationReason
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA
from keys.suites import SUITES
from tests.keys import lists, trust_lists
from tests.keys.authorities import AUTHORITIES, END, SEALED_AT, START, Authority, make_signer
from tests.keys.qr_tokens import HUB, identifier, token
from tests.keys.trust_lists import DAY, EDITION, FILED, KEYS, NOW

VECTORS: Final = Path(__file__).with_name("tokens.json")
OTHER_CODE: Final = "11990100MB0000001T"
STOLEN_AT: Final = SEALED_AT + 10 * DAY
SECOND: Final = int(SEALED_AT.timestamp())
FAILED, OPEN = Result.TOTAL_FAILED, Result.INDETERMINATE
ES256: Final = AUTHORITIES["ES256"]


def _authority(code: str, name: str) -> Authority:
    root_key, key = SUITES["ES256"].generate(), SUITES["ES256"].generate()
    root = make_root("星河市电子印章制章中心", root_key, 1, START, END + timedelta(days=1))
    signer = make_signer(Subject(name, name, code), key.public, root, root_key, 2, START, END)
    return Authority(key, signer, root_key, root)


OTHER: Final = _authority(OTHER_CODE, "星河市市场监督管理局")
REVOKED: Final = _authority("11990100MB0000018K", "星河市公安局")
STOLEN: Final = _authority("11990100MB0000018K", "星河市公安局")


def _ended(authority: Authority, es_id: str, reason: RevocationReason) -> ListedSeal:
    second = int(STOLEN_AT.timestamp())
    times = {"revoked_at": second, **({"compromised_at": second} if reason is RevocationReason.KEY_COMPROMISE else {})}
    key = trust_lists.jwk(authority, es_id, "REVOKED", **times)
    return trust_lists.seal(es_id=es_id, history=(FILED, Turn("REVOKED", STOLEN_AT, reason)), keys=(key,))


def _trust_list() -> bytes:
    other = trust_lists.seal(
        es_id="99010000000011", owner=OTHER_CODE, authority=OTHER_CODE, issuer=f"{HUB}/authorities/{OTHER_CODE}",
        keys=(trust_lists.jwk(OTHER, "99010000000011"),),
    )  # fmt: skip
    seals = (
        *(trust_lists.seal(name) for name in SUITES), other,
        _ended(REVOKED, "99010000000012", RevocationReason.CESSATION_OF_OPERATION),
        _ended(STOLEN, "99010000000013", RevocationReason.KEY_COMPROMISE),
    )  # fmt: skip
    roots = (*(one.root for one in (*AUTHORITIES.values(), OTHER, REVOKED, STOLEN)),)
    return trust_list.make(EDITION, roots, trust_lists.makers(), seals, trust_lists.KEY, trust_lists.KID)


def _status_list() -> status_list.StatusList:
    issued = int((NOW - timedelta(minutes=1)).timestamp())
    values = lists.statuses({9: 1, 10: 2, 11: 3})
    return replace(lists.EXAMPLE, issued_at=issued, expires_at=issued + 86_400, statuses=values)


# Attacks: parts of a good token changed and signed again, or bytes changed after signing.


def _parts(data: bytes) -> list[Any]:
    parts: list[Any] = strict_cbor.loads(data[1:])
    return parts


def _resigned(
    header: Callable[[dict[Any, Any]], Any] = lambda one: one, claims: Callable[[dict[Any, Any]], Any] = lambda one: one,
    authority: Authority = ES256,
) -> bytes:  # fmt: skip
    protected, unprotected, payload, _ = _parts(token(authority))
    changed = strict_cbor.dumps(header(strict_cbor.loads_map(protected)))
    return _sealed(changed, unprotected, strict_cbor.dumps(claims(strict_cbor.loads_map(payload))), authority)


def _sealed(protected: bytes, unprotected: Any, payload: bytes, authority: Authority = ES256) -> bytes:
    signature = authority.key.sign(strict_cbor.dumps(["Signature1", protected, b"", payload]))
    return b"\xd2" + strict_cbor.dumps([protected, unprotected, payload, signature])


def _raw(spoil: Callable[[bytes, bytes], tuple[bytes, bytes]]) -> bytes:
    """Header and claims spoilt as bytes, below what a careful writer would write."""
    protected, unprotected, payload, _ = _parts(token(ES256))
    return _sealed(*_around(spoil(protected, payload), unprotected))


def _around(spoilt: tuple[bytes, bytes], unprotected: Any) -> tuple[bytes, Any, bytes]:
    return spoilt[0], unprotected, spoilt[1]


def _licence(place: int, value: Any) -> Callable[[dict[Any, Any]], Any]:
    def changed(claims: dict[Any, Any]) -> dict[Any, Any]:
        members = list(claims[LICENCE])
        members[place : place + 1] = [] if value is None else [value]
        return {**claims, LICENCE: members}

    return changed


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _first(count: int, data: bytes, rest: bytes) -> bytes:
    """A map with another number of members, and one more of them."""
    return bytes([0xA0 + count]) + data[1:] + rest


GOOD: Final = token(ES256)
_PACKED: Final = strict_cbor.loads_map(_parts(GOOD)[2])[LICENCE][1]
_KID: Final = ES256.certificate.thumbprint
_TOO_LONG: Final = "虚" * 60

ATTACKS: Final[dict[str, tuple[bytes, Result, str, Why]]] = {
    # form
    "untagged": (GOOD[1:], FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "in a CWT tag": (b"\xd8\x3d" + GOOD, FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "a MAC": (b"\xd1" + GOOD[1:], FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "cut off": (GOOD[:-1], FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "trailing byte": (GOOD + b"\x00", FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "indefinite array": (b"\xd2\x9f" + GOOD[2:] + b"\xff", FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "indefinite map of claims": (
        _raw(lambda header, claims: (header, b"\xbf" + claims[1:] + b"\xff")), FAILED, "FORMAT", Why.FORMAT_FAILURE
    ),
    "longer head than needed": (
        _raw(lambda header, claims: (header, claims.replace(b"\x04\x1a", b"\x18\x04\x1a", 1))), FAILED, "FORMAT", Why.FORMAT_FAILURE
    ),
    "claim that stands twice": (
        _raw(lambda header, claims: (header, _first(5, claims, b"\x04\x1a\x7f\xff\xff\xff"))), FAILED, "FORMAT", Why.FORMAT_FAILURE
    ),
    "header that stands twice": (
        _raw(lambda header, claims: (_first(4, header, b"\x01\x26"), claims)), FAILED, "FORMAT", Why.FORMAT_FAILURE
    ),
    "longer than a token can be": (_resigned(claims=_licence(4, _TOO_LONG)), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    # headers
    "critical header": (_resigned(lambda one: {**one, 2: [33], 33: 1}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "unknown header": (_resigned(lambda one: {**one, 33: 1}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "unsigned header": (_sealed(_parts(GOOD)[0], {33: 1}, _parts(GOOD)[2]), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "no type": (_resigned(lambda one: {cose.ALGORITHM: -7, cose.KID: one[cose.KID]}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "another type": (_resigned(lambda one: {**one, cose.TYPE: TYP + 1}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "type of a status list": (_resigned(lambda one: {**one, cose.TYPE: CWT_MEDIA}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "a status list": (status_list.sign(_status_list(), ES256.key, _KID)[CWT_MEDIA], FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "kid too short": (_resigned(lambda one: {**one, cose.KID: one[cose.KID][:-1]}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "kid of nobody": (_resigned(lambda one: {**one, cose.KID: bytes(KID_BYTES)}), OPEN, "SEAL_KEY", Why.NO_CERTIFICATE_CHAIN_FOUND),
    # algorithms and keys
    "unknown algorithm": (_resigned(lambda one: {**one, cose.ALGORITHM: -70099}), FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE),
    "algorithm of another suite": (_resigned(lambda one: {**one, cose.ALGORITHM: -19}), FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE),
    "algorithm as text": (_resigned(lambda one: {**one, cose.ALGORITHM: "ES256"}), FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE),
    "signature of another suite": (
        _resigned(lambda one: {**one, cose.KID: base64url.decode(_KID)[:KID_BYTES]}, authority=AUTHORITIES["Ed25519"]),
        FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE,
    ),
    "signature of another key": (
        _resigned(lambda one: {**one, cose.KID: base64url.decode(_KID)[:KID_BYTES]}, authority=OTHER), FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE
    ),
    "changed signature": (_flipped(GOOD, len(GOOD) - 1), FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE),
    "changed expiry": (GOOD.replace(b"\x77\x35\x94\x00", b"\x7f\x35\x94\x00"), FAILED, "SIGNATURE", Why.SIG_CRYPTO_FAILURE),
    "key of another authority": (token(OTHER), FAILED, "ISSUER", Why.SIG_CONSTRAINTS_FAILURE),
    # claims
    "unknown claim": (_resigned(claims=lambda one: {**one, 1: HUB}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "claim named by text": (_resigned(claims=lambda one: {**one, "exp": 1}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "no time of issue": (
        _resigned(claims=lambda one: {name: value for name, value in one.items() if name != ISSUED}), FAILED, "FORMAT", Why.FORMAT_FAILURE
    ),
    "time as text": (_resigned(claims=lambda one: {**one, 4: "never"}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "time that is true": (_resigned(claims=lambda one: {**one, 4: True}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "time out of range": (_resigned(claims=lambda one: {**one, 4: 2**37}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "member too many": (_resigned(claims=lambda one: {**one, LICENCE: [*one[LICENCE], 1]}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "member missing": (_resigned(claims=lambda one: {**one, LICENCE: one[LICENCE][:3]}), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "list number 0": (_resigned(claims=_licence(2, 0)), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "negative index": (_resigned(claims=_licence(3, -1)), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "empty holder": (_resigned(claims=_licence(4, "")), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "holder that turns the text round": (_resigned(claims=_licence(4, "示\u202e甲")), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "wrong check character": (_resigned(claims=_licence(1, _flipped(_PACKED, len(_PACKED) - 1))), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "identifier with a byte in front": (_resigned(claims=_licence(1, b"\x00" + _PACKED)), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    "identifier cut off": (_resigned(claims=_licence(1, _PACKED[:20])), FAILED, "FORMAT", Why.FORMAT_FAILURE),
    # hub, seal, time
    "another hub": (token(ES256, hub=b"\x00\x01\x02\x03"), OPEN, "HUB", Why.NO_CERTIFICATE_CHAIN_FOUND),
    "signed in the future": (token(ES256, issued_at=int(NOW.timestamp()) + 61), FAILED, "SEAL", Why.NOT_YET_VALID),
    "signed before the seal": (token(ES256, issued_at=int(START.timestamp()) - 1), FAILED, "CERTIFICATE", Why.NOT_YET_VALID),
    "under a revoked seal": (token(REVOKED, issued_at=int(STOLEN_AT.timestamp())), FAILED, "SEAL", Why.REVOKED),
    "under a stolen key": (token(STOLEN), OPEN, "SEAL", Why.NO_POE),
    "licence that expired": (token(ES256, expires_at=int(NOW.timestamp())), FAILED, "VALIDITY", Why.EXPIRED),
    "licence that is not valid yet": (token(ES256, not_before=int(NOW.timestamp()) + 1), FAILED, "VALIDITY", Why.NOT_YET_VALID),
    # status
    "revoked licence": (token(ES256, status_index=9), FAILED, "STATUS", Why.REVOKED),
    "suspended licence": (token(ES256, status_index=10), FAILED, "STATUS", Why.REVOKED),
    "superseded licence": (token(ES256, status_index=11), FAILED, "STATUS", Why.REVOKED),
    "of a list that is not here": (token(ES256, status_list=2), OPEN, "STATUS", Why.TRY_LATER),
}  # fmt: skip
"""One a line: the bytes, and the result, the row and the sub-indication that they must come to."""

GOODS: Final = {
    **{f"good, {name}": token(one) for name, one in AUTHORITIES.items()},
    "long-term, without a holder": token(ES256, not_before=None, expires_at=None, holder=None),
    "of a longer serial": token(ES256, identifier=identifier(serial="0" * 30 + "Z" * 34)),
    "signed just now by a clock ahead": token(ES256, issued_at=int(NOW.timestamp()) + 60),
    "signed before its seal was revoked": token(REVOKED, issued_at=int(STOLEN_AT.timestamp()) - 1),
}


def report(data: bytes, listed: trust_list.TrustList, statuses: status_list.StatusList) -> Report:
    """What an offline verifier says of a token, by these lists."""
    return verify_token(data, HUB, listed.trust, _status(data, statuses), NOW)


def _status(data: bytes, statuses: status_list.StatusList) -> Any:

    try:
        place = place_of(parse(data).token, HUB)
    except FormatError:
        return None
    return status_at(statuses, place, NOW) if place.uri == statuses.uri else None


def _code(name: str, data: bytes, told: Report) -> dict[str, Any]:
    return {
        "name": name,
        "text": qr_text.write(HUB, data),
        "result": told.result,
        "checks": [
            {"name": one.name, "outcome": one.outcome, "subIndication": one.sub_indication} for one in told.checks
        ],
        "claims": told.claims,
    }


def _texts() -> tuple[dict[str, str], dict[str, str]]:
    """Other spellings of one good code, and what is none."""
    text, bare = qr_text.write(HUB, GOOD), base32.encode(GOOD)
    spelt = {
        "bare token": bare, "in lower case": text.lower(), "bare, in lower case": bare.lower(),
        "with blanks around": f"  {text}\t", "with a line end": f"{text}\r\n", "broken into lines": "\n".join(bare[at : at + 60] for at in range(0, len(bare), 60)),
        "behind another address": f"https://elsewhere.example/x/v/#{bare}",
    }  # fmt: skip
    refused = {
        "empty": "", "blank": " \r\n", "padded": f"{bare}==", "unused bits that are set": bare[:-1] + _next(bare[-1]), "one character less": bare[:-1],
        "with a foreign digit": bare.replace(bare[5], "1", 1), "with a letter of another script": bare.replace("S", "ſ", 1),
        "an address": "https://hub.example/", "displayed code": f"{HUB.upper()}/P/#ABCDEFGHIJKLMNOPQRSTUVWXYZ", "payment": "wxp://f2f0AbCdEf",
        "too long": "A" * 5000,
    }  # fmt: skip
    return spelt, refused


def _next(character: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return alphabet[alphabet.index(character) | 1]


def vectors() -> dict[str, Any]:
    """Everything, made now."""
    listed, statuses = trust_list.read(_trust_list(), KEYS, NOW), _status_list()
    signed = status_list.sign(statuses, lists.KEYS["ES256"], "status-1")
    spelt, refused = _texts()
    return {
        "hub": HUB,
        "at": int(NOW.timestamp()),
        "keys": [*KEYS, *lists.jwks(lists.KEYS["ES256"])],
        "trust_list": _trust_list().decode("ascii"),
        "status_list": {"jwt": signed[JWT_MEDIA].decode("ascii"), "cwt": base32.encode(signed[CWT_MEDIA])},
        "codes": [
            *(_code(name, data, report(data, listed, statuses)) for name, data in GOODS.items()),
            *(_code(name, data, report(data, listed, statuses)) for name, (data, *_) in ATTACKS.items()),
        ],
        "spelt": {"token": base32.encode(GOOD), "texts": spelt},
        "refused": refused,
    }


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", "utf-8")
