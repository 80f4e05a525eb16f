"""Evidence packages (证据包): everything that proves, years later and without the hub, what it answered in one case.

Decides what a package consists of and how it is written and read: a manifest that lists every file with its digest, what is the same for all
answers, and a folder for each answer. Reading believes nothing yet: `keys.evidence_verification` checks whose package it is and what it
proves. It must never read a file that the manifest does not list, nor pass over one.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from keys import base64url, strict_json
from keys.errors import FormatError, UncheckableError
from keys.evidence_zip import pack, unpack

FORMAT: Final = "licence-hub-evidence/1"
FAMILY: Final = "licence-hub-evidence/"
TYP: Final = "evidence+jwt"
"""Of the hub's signature over the manifest."""

MANIFEST, SIGNATURE = "manifest.json", "manifest.jwt"
JWKS, TRUST_LIST, LOG_KEYS = "hub/jwks.json", "hub/trust-list.jwt", "hub/log-keys.txt"
RECORD, SALT, PROOF, RECEIPT = "record.json", "salt.bin", "inclusion.tlog-proof", "receipt.jwt"
PRESENTATION, ANSWER = "presentation.txt", "answer.json"
"""Files of an answer, in its folder; the last two are missing where the presentation could not be made again."""

_ALWAYS: Final = (RECORD, SALT, PROOF, RECEIPT)
_PROVEN: Final = (PRESENTATION, ANSWER)
_SHARED: Final = (JWKS, TRUST_LIST, LOG_KEYS)
_UNLISTED: Final = frozenset({MANIFEST, SIGNATURE})
_REASON: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
_LATEST: Final = 2**37  # seconds since 1970: after every date that can be told, before those that cannot


@dataclass(frozen=True, slots=True)
class Case:
    """The case whose answers a package holds: authority (credit code), service item and case number."""

    authority: str
    item: str
    number: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its record's id and its folder; names of the files that it shares with others.

    `chain` is the seal's certificate chain (PEM), `seal` its SES_Seal, where the suite has one, `status` the status list token of that time,
    where there was one. `missing` says why the presentation is not there; None: it is.
    """

    record: str
    folder: str
    chain: str | None = None
    seal: str | None = None
    status: str | None = None
    missing: str | None = None

    def file(self, name: str) -> str:
        """Return the name of one of its own files in the package."""
        return f"{self.folder}/{name}"

    def files(self) -> tuple[str, ...]:
        """Return the names of all files that belong to it."""
        own = _ALWAYS if self.missing else (*_ALWAYS, *_PROVEN)
        shared = (self.chain, self.seal, self.status)
        return (*(self.file(name) for name in own), *(name for name in shared if name))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself: the hub's address, its log's origin, when it was made (seconds), the case and the answers."""

    hub: str
    log: str
    made_at: int
    case: Case
    answers: tuple[Answer, ...]
    digests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is whole: every file is listed and has the digest that is listed."""

    manifest: Manifest
    files: Mapping[str, bytes] = field(repr=False)

    def of(self, answer: Answer, name: str) -> bytes:
        """Return a file of an answer."""
        return self.files[answer.file(name)]


def write(manifest: Manifest, files: Mapping[str, bytes], sign: Callable[[Mapping[str, Any]], str]) -> bytes:
    """Return the package of these files; `sign` gives the hub's signature over claims, of type TYP. Raises FormatError."""
    listed = {name: digest(files[name]) for name in sorted(files)}
    body = strict_json.dumps(_members(manifest, listed))
    _check_files(manifest, listed)
    claims = {"iss": manifest.hub, "iat": manifest.made_at, "manifest_sha256": digest(body)}
    return pack({**files, MANIFEST: body, SIGNATURE: sign(claims).encode("ascii")})


def read(data: bytes) -> Package:
    """Read a package; nothing in it is believed yet.

    Raises:
        FormatError: it is no package, or its files are not those of its manifest.
        UncheckableError: it is of a later edition of the format.
    """
    files = unpack(data)
    if not files.keys() >= _UNLISTED:
        raise FormatError("the package has no manifest, or no signature of it")
    manifest = _manifest(strict_json.loads_object(files[MANIFEST]))
    _check_files(manifest, manifest.digests)
    if manifest.digests.keys() != files.keys() - _UNLISTED:
        raise FormatError("the files of the package are not those of its manifest")
    if not all(hmac.compare_digest(digest(files[name]), listed) for name, listed in manifest.digests.items()):
        raise FormatError("a file of the package has not the digest of the manifest")
    return Package(manifest, MappingProxyType(files))


def digest(content: bytes) -> str:
    """Return SHA-256 as packages write it, base64url."""
    return base64url.encode(hashlib.sha256(content).digest())


def _members(manifest: Manifest, listed: Mapping[str, str]) -> dict[str, Any]:
    case = manifest.case
    return {
        "format": FORMAT,
        "hub": manifest.hub,
        "log": manifest.log,
        "made_at": manifest.made_at,
        "case": {"authority": case.authority, "item": case.item, "number": case.number},
        "answers": [
            {
                "record": one.record, "folder": one.folder, "chain": one.chain, "seal": one.seal, "status": one.status,
                "missing": one.missing,
            }
            for one in manifest.answers
        ],
        "files": dict(listed),
    }  # fmt: skip


def _manifest(members: dict[str, Any]) -> Manifest:
    name = _text(members, "format")
    if name != FORMAT:
        if name.startswith(FAMILY):
            raise UncheckableError("the package is of an edition of the format that is not known here")
        raise FormatError("not an evidence package of a licence hub")
    made_at, case, listed = members.get("made_at"), _object(members, "case"), _object(members, "files")
    if type(made_at) is not int or not 0 < made_at < _LATEST:
        raise FormatError("the manifest says no time of its making")
    return Manifest(
        hub=_text(members, "hub"), log=_text(members, "log"), made_at=made_at,
        case=Case(_text(case, "authority"), _text(case, "item"), _text(case, "number")),
        answers=tuple(map(_answer, _list(members, "answers"))),
        digests=MappingProxyType({file: _text(listed, file) for file in listed}),
    )  # fmt: skip


def _answer(members: Any) -> Answer:
    if not isinstance(members, dict):
        raise FormatError("an answer of the manifest is not an object")
    given = {name: _text_or_none(members, name) for name in ("chain", "seal", "status", "missing")}
    answer = Answer(_text(members, "record"), _text(members, "folder"), **given)
    if answer.missing is not None and not _REASON.fullmatch(answer.missing):
        raise FormatError("the reason why a presentation is missing is no word of the format")
    return answer


def _check_files(manifest: Manifest, listed: Mapping[str, str]) -> None:
    """Every file has its place, and every place its file; no two answers share what is one's own."""
    owned = {name for answer in manifest.answers for name in answer.files()}
    if listed.keys() != owned | set(_SHARED) or not manifest.answers:
        raise FormatError("the files of the package are not those of its answers")
    for each in ("folder", "record"):
        if len({getattr(answer, each) for answer in manifest.answers}) != len(manifest.answers):
            raise FormatError("two answers of the package have one folder or one record")


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise FormatError("a member of the package is missing, or is not text")
    return value


def _text_or_none(members: Mapping[str, Any], name: str) -> str | None:
    return None if members.get(name) is None else _text(members, name)


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise FormatError("a member of the package is missing, or is not an object")
    return value


def _list(members: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = members.get(name)
    if not isinstance(value, list):
        raise FormatError("a member of the package is missing, or is not a list")
    return value
