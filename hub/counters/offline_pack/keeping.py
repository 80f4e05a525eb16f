"""An offline pack kept in one file, for counters without a browser: fetched, brought up to date by what changed, replaced in one step.

Decides what is taken: only what verifies under the hub's keys, which come with the first pack, from the hub itself, and are kept; never an older
manifest or edition than the one kept. The file is replaced when all of the new pack was checked. As `hub/web/counter/front/packs.js` does.
"""

import os
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from hub.counters.offline_pack.reading import OpenedPack
from hub.errors import InputInvalidError
from keys import offline_pack, status_delta, strict_json
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.offline_pack import LARGEST_PART, MOST_BYTES, STATUS_LISTS, Manifest, Part

Get = Callable[[str, int], bytes | None]
"""Answers an address below the hub's with at most so many bytes; None where there is nothing."""

JWKS: Final = ".well-known/jwks.json"
MANIFEST: Final = "offline-pack"
_JWKS_FILE, _MANIFEST_FILE, _PARTS = "jwks.json", "manifest.jwt", "parts/"
_TRIES: Final = 3  # a part may be replaced while the pack is fetched


class _GoneError(Exception):
    """A part is not of the present pack any more."""


@dataclass(frozen=True, slots=True)
class KeptPack:
    """What is kept: the hub's keys (JWKs), the manifest as it was signed, and the parts by name."""

    jwks: Sequence[dict[str, Any]]
    token: bytes = field(repr=False)
    parts: Mapping[str, bytes] = field(repr=False)

    def open(self) -> OpenedPack:
        """Check everything; raises FormatError, VerificationError, UncheckableError."""
        return OpenedPack.open(self.token, self.parts, self.jwks)


def load(file: Path) -> KeptPack:
    """Read a pack; nothing of it is checked yet. Raises FormatError, or InputInvalidError where it cannot be read."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.startswith(_PARTS)]
            parts = {name.removeprefix(_PARTS): _read(archive, name, LARGEST_PART) for name in names}
            return KeptPack(
                _keys(_read(archive, _JWKS_FILE, MOST_BYTES)), _read(archive, _MANIFEST_FILE, MOST_BYTES), parts
            )
    except OSError as error:
        raise InputInvalidError(f"{file} cannot be read: {error.strerror}.") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, EOFError) as error:
        # RuntimeError is what zipfile raises for what is encrypted, or compressed in a way that it does not know.
        raise FormatError("not the file of an offline pack") from error


def save(file: Path, kept: KeptPack) -> None:
    """Replace the file in one step; raises OSError."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_JWKS_FILE, strict_json.dumps({"keys": list(kept.jwks)}))
        archive.writestr(_MANIFEST_FILE, kept.token)
        for name, content in kept.parts.items():
            archive.writestr(f"{_PARTS}{name}", content)
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as sink:
        sink.write(buffer.getbuffer())
        sink.flush()
        os.fsync(sink.fileno())
    part.replace(file)


def refreshed(kept: KeptPack | None, get: Get) -> KeptPack:
    """Return the pack that is to be kept now: the same where there is nothing newer. Without one, the hub's keys are taken.

    Raises:
        VerificationError: something is not as it was signed, another hub's, or older than what is kept.
        UncheckableError: the hub signs by other keys, or has no such pack.
    """
    jwks = kept.jwks if kept else _keys(_whole(get, JWKS, MOST_BYTES))
    for _ in range(_TRIES):
        try:
            return _attempt(kept, jwks, get)
        except _GoneError:
            continue
    raise UncheckableError("the hub does not have what its manifest names; try again later")


def _attempt(kept: KeptPack | None, jwks: Sequence[dict[str, Any]], get: Get) -> KeptPack:
    before = kept.open().manifest if kept else None
    token = _whole(get, MANIFEST, MOST_BYTES)
    manifest = offline_pack.read(token, jwks, issuer=before.issuer if before else None)
    if kept and before and manifest.issued_at <= before.issued_at:
        return kept
    parts = {name: _part(part, before, kept, get) for name, part in manifest.parts.items()}
    found = KeptPack(jwks, token, MappingProxyType(parts))
    found.open()
    return found


def _part(part: Part, before: Manifest | None, kept: KeptPack | None, get: Get) -> bytes:
    old = before.parts.get(part.name) if before else None
    if old is None or kept is None:
        return _fetched(part, get)
    if part.edition < old.edition:
        raise VerificationError(f"{part.name} is older than one seen before", SubIndication.TRY_LATER)
    if part.sha256 == old.sha256:
        return kept.parts[part.name]
    updated = _updated(part, old, kept.parts[part.name], get) if part.name.startswith(STATUS_LISTS) else None
    return _fetched(part, get) if updated is None else updated


def _updated(part: Part, old: Part, content: bytes, get: Get) -> bytes | None:
    """Return the list with what changed; None where that is not told, or does not come to what was signed."""
    delta = get(f"{part.address}?since={old.edition}", part.size)
    if delta is None:
        return None
    try:
        updated = status_delta.apply(content, delta)
        part.check(updated)
    except VerificationError:
        return None
    return updated


def _fetched(part: Part, get: Get) -> bytes:
    content = _whole(get, part.address, part.size)
    part.check(content)
    return content


def _whole(get: Get, address: str, most: int) -> bytes:
    content = get(address, most)
    if content is None:
        raise _GoneError
    return content


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if archive.getinfo(name).file_size > most:
        raise FormatError("a part of the offline pack is too large")
    return archive.read(name)


def _keys(document: bytes) -> list[dict[str, Any]]:
    keys = strict_json.loads_object(document).get("keys")
    if not isinstance(keys, list) or not all(isinstance(each, dict) for each in keys):
        raise FormatError("the hub's keys are no JWK Set")
    return keys
