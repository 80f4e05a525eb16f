"""Signed notes (C2SP signed-note): a text, and lines that say who signed it with which key.

Decides how a note is read: strictly, once, and only with keys that the reader names himself. Lines of unknown signers are passed over, as the
format asks; a line of a known one that does not verify spoils the whole note. Ed25519 alone (signature type 1); cosignatures of
witnesses (type 4, C2SP tlog-cosignature) sign the text with the time of their signing.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from keys.contracts import PrivateKey, PublicKey
from keys.elliptic import ED25519
from keys.errors import FormatError, SubIndication, VerificationError

ED25519_SIGNATURE: Final = 1
COSIGNATURE: Final = 4
LARGEST_NOTE: Final = 64 << 10
_MOST_SIGNATURES: Final = 100
_HASH_SIZE: Final = 4
_TIME_SIZE: Final = 8
_SIGNATURE_SIZE: Final = 64
_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True)
class Verifier:
    """Somebody whose signatures count: a name as notes have it, his key, and what kind of signature he makes."""

    name: str
    key: PublicKey
    kind: int = ED25519_SIGNATURE

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.key.suite is not ED25519 or self.kind not in (ED25519_SIGNATURE, COSIGNATURE):
            raise FormatError("notes are signed under Ed25519")

    @property
    def key_hash(self) -> bytes:
        """The four bytes that stand before a signature; they tell keys apart and prove nothing."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed_key).digest()[:_HASH_SIZE]

    @property
    def _typed_key(self) -> bytes:
        return bytes([self.kind]) + self.key.to_spki()[-ED25519.public_size :]

    def to_text(self) -> str:
        """The verifier key as it is handed out: name, hash and key."""
        return f"{self.name}+{self.key_hash.hex()}+{base64.b64encode(self._typed_key).decode()}"

    @classmethod
    def from_text(cls, text: str) -> "Verifier":
        """Read a verifier key; raises FormatError."""
        name, _, rest = text.partition("+")
        key_hash, _, encoded = rest.partition("+")
        typed = _decode(encoded)
        if len(typed) != 1 + ED25519.public_size:
            raise FormatError("not the verifier key of an Ed25519 signer")
        verifier = cls(name, ED25519.load_public(typed[1:]), typed[0])
        if verifier.key_hash.hex() != key_hash:
            raise FormatError("the verifier key's hash is not that of its name and key")
        return verifier


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was verified; `time` (seconds) is that of a cosignature."""

    name: str
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note whose text was signed by everybody in `signatures`, of those who were asked for."""

    text: str
    signatures: tuple[Signature, ...]


def sign(text: str, name: str, *keys: PrivateKey) -> str:
    """A note with its first signatures, all of one name; the text ends in a line feed. Raises FormatError."""
    if not keys or not text.endswith("\n") or not _is_printable(text):
        raise FormatError("the text of a note is lines of printable characters, and somebody signs it")
    return text + "\n" + "".join(_line(Verifier(name, key.public), key.sign(text.encode())) for key in keys)


def cosign(note: str, name: str, key: PrivateKey, time: int) -> str:
    """The same note with a witness's signature behind the others; `time` in seconds. Raises FormatError."""
    text, _ = _split(note)
    value = key.sign(cosigned(text, time))
    return note + _line(Verifier(name, key.public, COSIGNATURE), time.to_bytes(_TIME_SIZE, "big") + value)


def kept_lines(note: str, verifiers: Iterable[Verifier]) -> str:
    """The same note with the signature lines of these signers alone; nothing is verified. Raises FormatError."""
    text, lines = _split(note)
    known = {(one.name, one.key_hash) for one in verifiers}
    kept = ((name, blob) for name, blob in lines if (name, blob[:_HASH_SIZE]) in known)
    return text + "\n" + "".join(f"{_DASH}{name} {base64.b64encode(blob).decode()}\n" for name, blob in kept)


def cosigned(text: str, time: int) -> bytes:
    """The bytes that a witness signs (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def open_note(note: str, verifiers: Iterable[Verifier]) -> Note:
    """Read a note and check the signatures of known signers.

    Raises:
        FormatError: it is no note, or the same known signer signed twice.
        VerificationError: a known signer's line does not verify, or none of them signed.
    """
    text, lines = _split(note)
    known = {(one.name, one.key_hash): one for one in verifiers}
    signatures: dict[tuple[str, bytes], Signature] = {}
    for name, blob in lines:
        who = (name, blob[:_HASH_SIZE])
        if who not in known:
            continue
        if who in signatures:
            raise FormatError("one signer signed the note twice")
        signatures[who] = _verified(known[who], text, blob[_HASH_SIZE:])
    if not signatures:
        raise VerificationError("nobody who is trusted signed the note", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    return Note(text, tuple(signatures.values()))


def text_of(note: str) -> str:
    """The text of a note, whoever signed it; nothing of it is believed yet. Raises FormatError."""
    return _split(note)[0]


def _verified(signer: Verifier, text: str, value: bytes) -> Signature:
    if signer.kind == ED25519_SIGNATURE:
        signer.key.verify(value, text.encode())
        return Signature(signer.name)
    if len(value) != _TIME_SIZE + _SIGNATURE_SIZE:
        raise VerificationError("a cosignature has a time and a signature")
    time = int.from_bytes(value[:_TIME_SIZE], "big")
    signer.key.verify(value[_TIME_SIZE:], cosigned(text, time))
    return Signature(signer.name, time)


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note and its signature lines, each name and bytes; raises FormatError."""
    text, gap, signed = note.rpartition("\n\n")
    if len(note) > LARGEST_NOTE or not gap or not signed.endswith("\n") or not _is_printable(note):
        raise FormatError("not a signed note: a text, an empty line and signature lines are expected")
    lines = [_signature(line) for line in signed[:-1].split("\n")]
    if len(lines) > _MOST_SIGNATURES:
        raise FormatError("the note has too many signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes]:
    if not line.startswith(_DASH):
        raise FormatError("not a signature line of a note")
    name, space, encoded = line[len(_DASH) :].partition(" ")
    _check_name(name)
    blob = _decode(encoded)
    if not space or len(blob) <= _HASH_SIZE:
        raise FormatError("not a signature line of a note")
    return name, blob


def _line(verifier: Verifier, value: bytes) -> str:
    return f"{_DASH}{verifier.name} {base64.b64encode(verifier.key_hash + value).decode()}\n"


def _check_name(name: str) -> None:
    if not name or "+" in name or not name.isprintable() or any(one.isspace() for one in name):
        raise FormatError("the name of a note's signer has no spaces and no plus sign")


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("not base64") from error
    if base64.b64encode(data).decode() != text:  # unused bits that are not zero
        raise FormatError("not the canonical base64")
    return data


def _is_printable(text: str) -> bool:
    """Whether it is UTF-8 without control characters but the line feed, as the format asks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return all(one == "\n" or ord(one) >= ord(" ") for one in text)
