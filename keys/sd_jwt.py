"""Sealed licences as SD-JWT (RFC 9901) in the profile of SD-JWT VC.

Sealing makes every property at any depth and every array element a disclosure of its own with a 128-bit salt
(recursive disclosures, RFC 9901 section 6.3), except below a path that is atomic. What is signed holds only digests, in
sorted order, so that it reveals nothing. Selecting keeps a value's parents with it. Never decides who may read what.
Verification is in `keys.sd_jwt_verify` and offered here too.
"""

import secrets
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from keys import base64url, jws, strict_json
from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError
from keys.sd_jwt_form import DIGESTS, ELEMENT, NEVER_DISCLOSABLE, RESERVED, SEPARATOR, TYP, Path
from keys.sd_jwt_verify import Verified, peek, verify

__all__ = [
    "NEVER_DISCLOSABLE",
    "TYP",
    "Disclosure",
    "Nesting",
    "Path",
    "Sealed",
    "Verified",
    "nested_values",
    "nesting",
    "peek",
    "present",
    "reseal",
    "seal",
    "select",
    "values",
    "verify",
]

_SALT_SIZE: Final = 16
_SALTS_AT_ONCE: Final = 32
_OBJECTS: Final = (dict, Mapping)
_LISTS: Final = (list, tuple)
_NESTED: Final = (dict, list, tuple)
_PLAIN: Final = (str, int)
_TEXT: Final = frozenset({str})
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")
_LAST: Final = itemgetter(-1)


class Disclosure(NamedTuple):
    """One salted value, base64url encoded as it is handed out; the path holds names and array positions.

    A tuple, for a licence has dozens and every read makes them again.
    """

    path: Path
    encoded: str

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Disclosure(path={self.path!r})"


Offered = TypeVar("Offered", bound=tuple[Path, object])
"""A Disclosure, or another pair that begins with a path."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The signed token and, beside it, all that it can disclose; parents stand before their children."""

    jwt: str
    disclosures: tuple[Disclosure, ...] = field(repr=False)


def seal(
    clear: Mapping[str, Any],
    disclosable: Mapping[str, Any],
    *,
    key: PrivateKey,
    kid: str,
    header: Mapping[str, Any],
    atomic: frozenset[str] = frozenset(),
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Sealed:
    """Sign a licence.

    Args:
        clear: claims everyone sees (iss, iat, vct, status, ...).
        disclosable: claims that are each handed out on its own.
        key: the seal's key; its suite decides `alg` and `_sd_alg`.
        kid: thumbprint of the signer's certificate.
        header: further members of the header, as `seal`.
        atomic: dotted schema paths without positions ("members.tags") whose value is one disclosure as a whole.
        random: source of salts.

    Raises:
        FormatError: a reserved name, a name that is both clear and disclosable, or a value JSON cannot carry.
    """
    _refuse_names(clear, disclosable)
    sealing = _Sealing(key.suite.digest, atomic, random)
    digests = sealing.properties(disclosable, (), "")
    payload = {**clear, "_sd_alg": key.suite.digest_name, DIGESTS: digests}
    jwt = jws.sign({**header, "typ": TYP, "kid": kid}, payload, key)
    return Sealed(jwt, tuple(sealing.disclosures))


def reseal(
    jwt: str, old: PublicKey, changes: Mapping[str, Any], *, key: PrivateKey, kid: str, header: Mapping[str, Any]
) -> str:
    """Sign what a sealed licence says once more, under another key: its digests stay, so its disclosures stay good.

    `changes` replace clear claims, such as `iat`. What `old` did not sign is not signed again.

    Raises:
        FormatError: the digests are not those of the new key's suite, or a reserved name is changed.
        VerificationError: `old` did not seal this.
    """
    claims = jws.verify(jwt, old, typ=TYP).claims()
    if claims.get("_sd_alg") != key.suite.digest_name:
        raise FormatError("the digests of the sealed licence are not those of the new seal's suite")
    if not RESERVED.isdisjoint(changes):
        raise FormatError("a claim has a name that SD-JWT reserves")
    return jws.sign({**header, "typ": TYP, "kid": kid}, {**claims, **changes}, key)


def present(jwt: str, disclosures: Iterable[str]) -> str:
    """The combined form jwt~d1~d2~ (RFC 9901 section 4), without key binding."""
    return SEPARATOR.join((jwt, *disclosures, ""))


def select(disclosures: Iterable[Offered], wanted: Callable[[Path], bool]) -> tuple[Offered, ...]:
    """The disclosures whose path is wanted and the parents they need, in the order given."""
    offered = tuple(disclosures)
    needed = {path[:depth] for path, _ in offered if wanted(path) for depth in range(1, len(path) + 1)}
    return tuple(one for one in offered if one[0] in needed)


Nesting = tuple[tuple[int, int, str | int], ...]
"""How disclosures stand in each other, parents before their children and elements of a list in their order: of each its place among them, that of its
parent (-1: it stands at the top), and its last step."""


def values(disclosures: Iterable[tuple[Path, str]]) -> dict[str, Any]:
    """The plain values of our own disclosures, nested as they were; array elements left out leave no gap.

    Checks no signature and no digest: for disclosures from elsewhere use `verify`. Raises FormatError when one is
    unreadable or comes without its parent.
    """
    several = tuple(disclosures)
    return nested_values(nesting([path for path, _ in several]), [encoded for _, encoded in several])


def nesting(paths: Sequence[Path]) -> Nesting:
    """How disclosures of these paths stand in each other. Raises FormatError when one comes without its parent."""
    places: dict[Path, int] = {(): -1, **{path: place for place, path in enumerate(paths)}}
    ordered = sorted(paths, key=_position)
    try:
        return tuple((places[path], places[path[:-1]], path[-1]) for path in ordered)
    except (KeyError, IndexError) as error:
        raise FormatError("a disclosure comes without its parent") from error


def nested_values(nested: Nesting, disclosures: Sequence[str]) -> dict[str, Any]:
    """The same of disclosures, without their paths, whose nesting is known; for whoever reads many that stand alike."""
    root: dict[str, Any] = {}
    try:
        made = [*map(_LAST, _decoded(disclosures)), root]
        if len(made) != len(nested) + 1:
            raise FormatError("a disclosure is no single value")
        for place, parent, step in nested:
            value, above = made[place], made[parent]
            if type(value) is dict or type(value) is list:
                value = made[place] = _without_digests(value)
            if type(above) is list:
                above.append(value)
            else:
                above[step] = value
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise FormatError("a disclosure is unreadable") from error
    return root


def _position(path: Path) -> tuple[int, int]:
    """Parents before children, elements in their order; properties stay as they came (sorting is stable)."""
    return len(path), path[-1] if path and isinstance(path[-1], int) else -1


def _decoded(disclosures: Sequence[str]) -> Sequence[Any]:
    """What several disclosures are the base64url of: read together, for each by itself costs three times as much."""
    if not disclosures:
        return ()
    padded = ("==~".join(disclosures) + "==").encode("ascii").translate(_FROM_URL)
    several: list[Any] = orjson.loads(b"[" + b",".join(map(a2b_base64, padded.split(b"~"))) + b"]")
    return several


def _without_digests(value: Any) -> Any:
    """An object or a list; an empty one, if its members are disclosures of their own."""
    if type(value) is dict:
        return {} if DIGESTS in value else value
    return [] if value and type(value[0]) is dict and ELEMENT in value[0] else value


def _refuse_names(clear: Mapping[str, Any], disclosable: Mapping[str, Any]) -> None:
    if clear.keys() & disclosable.keys():
        raise FormatError("a claim is both clear and disclosable")
    if NEVER_DISCLOSABLE & disclosable.keys():
        raise FormatError("a claim that rules validity may not be disclosable")
    _refuse_reserved(clear)


def _refuse_reserved(value: Any) -> None:
    """A reserved name inside a value would be read as digests by every verifier."""
    if isinstance(value, _PLAIN):
        return
    if isinstance(value, _OBJECTS):
        if not RESERVED.isdisjoint(value):
            raise FormatError("a claim has a name that SD-JWT reserves")
        for inner in value.values():
            _refuse_reserved(inner)
    elif isinstance(value, _LISTS):
        for inner in value:
            _refuse_reserved(inner)


def _salts(random: Callable[[int], bytes]) -> Iterator[str]:
    """Salts without end, drawn many at once: each call of the system's source costs as much as a digest."""
    while True:
        drawn = random(_SALT_SIZE * _SALTS_AT_ONCE)
        for at in range(0, len(drawn), _SALT_SIZE):
            yield base64url.encode(drawn[at : at + _SALT_SIZE])


class _Sealing:
    """One licence being taken apart; collects the disclosures, parents first."""

    def __init__(
        self, digest: Callable[[bytes], bytes], atomic: frozenset[str], random: Callable[[int], bytes]
    ) -> None:
        self._digest, self._atomic, self._salt = digest, atomic, _salts(random).__next__
        self.disclosures: list[Disclosure] = []

    def properties(self, value: Mapping[str, Any], path: Path, schema_path: str) -> list[str]:
        """The sorted digests of an object's properties."""
        if not RESERVED.isdisjoint(value) or not _TEXT.issuperset(map(type, value)):
            raise FormatError("a claim has a name that SD-JWT reserves, or that is no text")
        prefix = f"{schema_path}." if schema_path else ""
        return sorted([self._disclose((name,), inner, (*path, name), prefix + name) for name, inner in value.items()])

    def _disclose(self, name: tuple[str, ...], value: Any, path: Path, schema_path: str) -> str:
        below = len(self.disclosures)
        content = self._content(value, path, schema_path) if isinstance(value, _NESTED) else value
        encoded = base64url.encoded(strict_json.dumps([self._salt(), *name, content]))
        self.disclosures.insert(below, Disclosure(path, encoded.decode("ascii")))
        return base64url.encode(self._digest(encoded))

    def _content(self, value: Any, path: Path, schema_path: str) -> Any:
        if not value:
            return value
        if schema_path in self._atomic:
            _refuse_reserved(value)
            return value
        if isinstance(value, dict):
            return {DIGESTS: self.properties(value, path, schema_path)}
        return [{ELEMENT: self._disclose((), inner, (*path, index), schema_path)} for index, inner in enumerate(value)]
