"""Verification of an SD-JWT presentation (RFC 9901 sections 7.1 and 7.3), strict in every "MUST be rejected".

Decides whether the disclosed values are those that were signed. Does not decide whether the licence is valid today.
Key Binding JWTs are not understood, so a presentation that carries one is refused rather than half checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from keys import base64url, jws, strict_json
from keys.contracts import PublicKey, Suite
from keys.errors import FormatError, SubIndication, VerificationError
from keys.sd_jwt_form import (
    DEFAULT_DIGEST,
    DIGEST_ALGORITHM,
    DIGESTS,
    ELEMENT,
    NEVER_DISCLOSABLE,
    RESERVED,
    SEPARATOR,
    TYP,
    Path,
)

_PROPERTY, _ELEMENT = 3, 2  # members of a disclosure: salt, name, value; salt, value
_SHAPES: Final = frozenset({_PROPERTY, _ELEMENT})
_NESTED: Final = (dict, list)
_TEXT: Final = frozenset({str})
_DEEPEST: Final = 64
MOST_DISCLOSURES: Final = 20_000  # no face has as many; each costs its reader a digest and a look into it


@dataclass(frozen=True, slots=True)
class Verified:
    """A presentation that verifies: claims hold the disclosed values in their places; `jwt` is the signed part."""

    header: dict[str, Any]
    claims: dict[str, Any] = field(repr=False)
    disclosed: tuple[Path, ...]
    jwt: str = field(repr=False)


def verify(presentation: str, key: PublicKey) -> Verified:
    """Check signature and disclosures under the key; raises FormatError, VerificationError, UncheckableError."""
    jwt, encoded = split(presentation)
    token = jws.verify(jwt, key, typ=TYP)
    claims, disclosed = disclose(token.claims(), encoded, key.suite)
    return Verified(token.header, claims, disclosed, jwt)


def peek(presentation: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and clear claims, unverified, only to find the key; raises FormatError."""
    token = jws.parse(split(presentation)[0])
    claims = token.claims()
    return token.header, {name: value for name, value in claims.items() if name not in RESERVED}


def split(presentation: str) -> tuple[str, tuple[str, ...]]:
    """The signed token and the disclosures; raises FormatError."""
    jwt, *rest = presentation.split(SEPARATOR)
    if not rest or rest[-1]:
        raise FormatError('a presentation ends with "~"; one with a key binding token is not accepted here')
    if len(rest) > MOST_DISCLOSURES:
        raise FormatError("a presentation has more disclosures than any licence")
    if not all(rest[:-1]):
        raise FormatError("a disclosure is empty")
    return jwt, tuple(rest[:-1])


def disclose(payload: dict[str, Any], encoded: Iterable[str], suite: Suite) -> tuple[dict[str, Any], tuple[Path, ...]]:
    """Put the disclosed values in their places in an already verified payload; raises VerificationError."""
    if payload.get(DIGEST_ALGORITHM, DEFAULT_DIGEST) != suite.digest_name:
        raise VerificationError("_sd_alg is not the digest of the key's suite", SubIndication.HASH_FAILURE)
    placing = _Placing(encoded, suite)
    content = {name: value for name, value in payload.items() if name != DIGEST_ALGORITHM}
    claims = placing.of_object(content, ())
    placing.finish()
    return claims, tuple(placing.disclosed)


class _Placing:
    """One presentation being put together; each digest is met at most once, each disclosure used exactly once."""

    def __init__(self, encoded: Iterable[str], suite: Suite) -> None:
        self._waiting: dict[str, list[Any]] = {}
        self._met: set[str] = set()
        self.disclosed: list[Path] = []
        for one in encoded:
            members = _members(one)
            digest = base64url.encode(suite.digest(one.encode("ascii")))
            if digest in self._waiting:
                raise VerificationError("a disclosure is given twice", SubIndication.HASH_FAILURE)
            self._waiting[digest] = members

    def of_object(self, value: dict[str, Any], path: Path) -> dict[str, Any]:
        """An object with its disclosed properties put in."""
        if ELEMENT in value or DIGEST_ALGORITHM in value:
            raise FormatError("a reserved name stands where it may not")
        found = {
            name: self._of(inner, (*path, name)) if isinstance(inner, _NESTED) else inner
            for name, inner in value.items()
            if name != DIGESTS
        }
        for members in self._take(_digests(value)):
            name = _name(members, found, path)
            place, inner = (*path, name), members[-1]
            self.disclosed.append(place)
            found[name] = self._of(inner, place) if isinstance(inner, _NESTED) else inner
        return found

    def _of_array(self, value: list[Any], path: Path) -> list[Any]:
        found = []
        for index, inner in enumerate(value):
            place = (*path, index)
            if not isinstance(inner, dict) or ELEMENT not in inner:
                found.append(self._of(inner, place))
                continue
            for members in self._take([_element_digest(inner)]):
                if len(members) != _ELEMENT:
                    raise FormatError("a disclosure of a property stands for an array element")
                self.disclosed.append(place)
                found.append(self._of(members[-1], place))
        return found

    def _of(self, value: Any, path: Path) -> Any:
        if len(path) > _DEEPEST:
            raise FormatError("the claims are nested too deeply")
        if isinstance(value, dict):
            return self.of_object(value, path)
        if isinstance(value, list):
            return self._of_array(value, path)
        return value

    def _take(self, digests: list[str]) -> list[list[Any]]:
        """The disclosures of these digests, as far as they were given."""
        before = len(self._met)
        self._met.update(digests)
        if len(self._met) != before + len(digests):
            raise VerificationError("a digest occurs twice", SubIndication.HASH_FAILURE)
        return [self._waiting.pop(digest) for digest in digests if digest in self._waiting]

    def finish(self) -> None:
        """Refuse disclosures that nothing signed refers to."""
        if self._waiting:
            raise VerificationError("a disclosure is not among the signed digests", SubIndication.HASH_FAILURE)


def _members(encoded: str) -> list[Any]:
    members = strict_json.loads(base64url.decode(encoded))
    if not isinstance(members, list) or len(members) not in _SHAPES or not isinstance(members[0], str):
        raise FormatError("a disclosure is not salt, name and value")
    return members


def _digests(value: dict[str, Any]) -> list[str]:
    digests = value.get(DIGESTS, [])
    if not isinstance(digests, list) or not _TEXT.issuperset(map(type, digests)):
        raise FormatError("_sd is not a list of digests")
    return digests


def _element_digest(value: dict[str, Any]) -> str:
    digest = value[ELEMENT]
    if len(value) != 1 or not isinstance(digest, str):
        raise FormatError("an array element has a digest and something else")
    return digest


def _name(members: list[Any], found: dict[str, Any], path: Path) -> str:
    if len(members) != _PROPERTY or not isinstance(members[1], str):
        raise FormatError("a disclosure of an array element stands for a property")
    name: str = members[1]
    if name in RESERVED or (not path and name in NEVER_DISCLOSABLE):
        raise VerificationError("a disclosure has a name that may not be disclosed", SubIndication.HASH_FAILURE)
    if name in found:
        raise VerificationError("a disclosure would overwrite a claim", SubIndication.HASH_FAILURE)
    return name
