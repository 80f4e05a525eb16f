"""The manifest of an offline pack: which parts a counter needs to check printed codes without a network, by digest, and how old they may be.

Decides what a manifest says, that it is its hub's and not older than one seen before, and how far it may be used at a moment. A part is believed for its digest
alone, wherever it came from. It holds nothing of any person: names are those of types and authorities. A JWT (RFC 7519, RFC 8725).
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from keys import base64url, jws, key_sets
from keys.contracts import PrivateKey
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.moments import CLOCKS_DIFFER, require_zones

TYP: Final = "offline-pack+jwt"
VERSION: Final = 1
TRUST_LIST: Final = "trust-list"
NAMES: Final = "names"
STATUS_LISTS: Final = "status-lists/"
MOST_BYTES: Final = 4 << 20
LARGEST_PART: Final = 64 << 20

_NAME: Final = re.compile(r"trust-list|names|status-lists/[1-9][0-9]{0,8}")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._~/-]{1,200}")
_LATEST: Final = 2**37  # seconds since 1970, as in status lists


class Standing(StrEnum):
    """How far a pack may be used: freely; with a word that it is old; nothing is confirmed by it."""

    FRESH = "FRESH"
    OLD = "OLD"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `name`, `address` below the hub's own, `edition` (rises), SHA-256 in base64url and size of what is decoded."""

    name: str
    address: str
    edition: int
    sha256: str
    size: int

    def check(self, content: bytes) -> None:
        """Return if the content is this part; raises VerificationError (HASH_FAILURE)."""
        if len(content) != self.size or not hmac.compare_digest(digest(content), self.sha256):
            raise VerificationError(f"{self.name} is not as the manifest has it", SubIndication.HASH_FAILURE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a hub says that a counter needs, at `issued_at`; times in seconds."""

    issuer: str
    issued_at: int
    expires_at: int
    warn_after: int
    refuse_after: int
    parts: Mapping[str, Part]

    def standing(self, at: datetime) -> Standing:
        """How far it may be used at a moment (aware); from a clock that is wrong it may not."""
        require_zones(at)
        age = at.timestamp() - self.issued_at
        if age < -CLOCKS_DIFFER.total_seconds() or age >= self.refuse_after or at.timestamp() >= self.expires_at:
            return Standing.REFUSED
        return Standing.OLD if age >= self.warn_after else Standing.FRESH


def digest(content: bytes) -> str:
    """SHA-256 in base64url."""
    return base64url.encode(hashlib.sha256(content).digest())


def sign(manifest: Manifest, key: PrivateKey, kid: str) -> bytes:
    """Sign a manifest; raises FormatError for one that no reader would take."""
    claims = {
        "iss": manifest.issuer,
        "iat": manifest.issued_at,
        "exp": manifest.expires_at,
        "version": VERSION,
        "policy": {"warn_after": manifest.warn_after, "refuse_after": manifest.refuse_after},
        "parts": [
            {
                "name": each.name,
                "address": each.address,
                "edition": each.edition,
                "sha256": each.sha256,
                "size": each.size,
            }
            for each in manifest.parts.values()
        ],
    }
    _manifest(claims)
    return jws.sign_jwt(claims, key, kid, TYP).encode("ascii")


def read(token: bytes, keys: Iterable[dict[str, Any]], *, issuer: str | None = None, known: int = 0) -> Manifest:
    """Read a manifest and check it under the JWKs of its hub; its age is judged with every code (`Manifest.standing`).

    `issuer` is the hub whose pack it must be. `known` is the latest `issued_at` that was seen before.

    Raises:
        FormatError: it is no manifest.
        VerificationError: forged (SIG_CRYPTO_FAILURE), of another type or hub (SIG_CONSTRAINTS_FAILURE), or older than one seen before
            (TRY_LATER).
        UncheckableError: none of the keys signed it, or it is of a later version of the format.
    """
    claims = key_sets.claims_of(token, keys, typ=TYP, most=MOST_BYTES)
    if claims.get("version") is True or claims.get("version") != VERSION:
        raise UncheckableError("the offline pack is of a version that is not known here")
    manifest = _manifest(claims)
    if issuer is not None and manifest.issuer != issuer:
        raise VerificationError("the offline pack is another hub's", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if manifest.issued_at < known:
        raise VerificationError("the offline pack is older than one seen before", SubIndication.TRY_LATER)
    return manifest


def _manifest(claims: dict[str, Any]) -> Manifest:
    issuer, policy, listed = claims.get("iss"), claims.get("policy"), claims.get("parts")
    if not isinstance(issuer, str) or not issuer or not isinstance(policy, dict) or not isinstance(listed, list):
        raise FormatError("the manifest has no issuer, policy or parts")
    parts = [_part(each) for each in listed]
    by_name = {each.name: each for each in parts}
    if len(by_name) != len(parts) or not {TRUST_LIST, NAMES} <= by_name.keys():
        raise FormatError("a part of the manifest is missing, or comes twice")
    issued, expires = _whole(claims, "iat"), _whole(claims, "exp")
    warn, refuse = _whole(policy, "warn_after"), _whole(policy, "refuse_after")
    if expires <= issued or refuse <= warn:
        raise FormatError("the manifest ends before it begins, or refuses before it warns")
    return Manifest(issuer, issued, expires, warn, refuse, MappingProxyType(by_name))


def _part(members: Any) -> Part:
    if not isinstance(members, dict):
        raise FormatError("a part of the manifest is not an object")
    name, address, sha256 = (members.get(each) for each in ("name", "address", "sha256"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise FormatError("a part of the manifest is not known")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address) or not isinstance(sha256, str):
        raise FormatError("a part of the manifest has no address or digest")
    if len(base64url.decode(sha256)) != hashlib.sha256().digest_size:
        raise FormatError("a digest of the manifest is none")
    return Part(name, address, _whole(members, "edition"), sha256, _whole(members, "size", LARGEST_PART))


def _whole(members: Mapping[str, Any], name: str, most: int = _LATEST) -> int:
    value = members.get(name)
    if type(value) is not int or not 0 < value <= most:
        raise FormatError("a number of the manifest is missing, not whole, or out of range")
    return value
