"""Checkpoints of the transparency log: origin, size and root of the tree, as a signed note (C2SP tlog-checkpoint).

Decides how a checkpoint is written and read, once its note's signatures are checked (`keys.signed_note`). Of extension lines nothing is understood, and
none is written.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from keys import signed_note
from keys.contracts import PrivateKey
from keys.errors import FormatError, VerificationError
from keys.merkle import HASH_SIZE
from keys.signed_note import Signature, Verifier

LARGEST_SIZE: Final = (1 << 63) - 1
_LINES: Final = 3
_DIGITS: Final = 19  # of the largest size


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree of a log: how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The text that is signed; raises FormatError."""
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_SIZE:
            raise FormatError("a checkpoint has a size and a root of 32 bytes")
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as it came: what it says, the note itself, and whose signatures were checked."""

    checkpoint: Checkpoint
    note: str
    signatures: tuple[Signature, ...]


def sign(checkpoint: Checkpoint, *keys: PrivateKey) -> str:
    """The checkpoint as a note, signed by its log, whose name is its origin, under each key; raises FormatError."""
    return signed_note.sign(checkpoint.to_text(), checkpoint.origin, *keys)


def read(note: str, logs: Sequence[Verifier], witnesses: Iterable[Verifier] = ()) -> SignedCheckpoint:
    """Read a checkpoint of the log that has had these keys; signatures of `witnesses` are checked where there are some.

    Raises:
        FormatError: it is no checkpoint.
        VerificationError: the log did not sign it, it is another log's, or a known signature does not verify.
    """
    opened = signed_note.open_note(note, (*logs, *witnesses))
    checkpoint = _parse(opened.text)
    signed_by = {one.name for one in opened.signatures if one.time is None}
    if checkpoint.origin not in signed_by & {one.name for one in logs}:
        raise VerificationError("the checkpoint is of another log")
    return SignedCheckpoint(checkpoint, note, opened.signatures)


def told(note: str) -> Checkpoint:
    """What a note says as a checkpoint, whoever signed it; nothing of it is believed yet. Raises FormatError."""
    return _parse(signed_note.text_of(note))


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) <= _LINES:
        raise FormatError("a checkpoint has three lines: origin, size and root")
    origin, size, encoded = lines[:_LINES]
    if (
        not size.isascii()
        or not size.isdigit()
        or len(size) > _DIGITS
        or str(int(size)) != size
        or int(size) > LARGEST_SIZE
    ):
        raise FormatError("the size of a checkpoint is a number without leading zeros")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("the root of a checkpoint is not base64") from error
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != encoded:
        raise FormatError(f"the root of a checkpoint has {HASH_SIZE} bytes")
    return Checkpoint(origin, int(size), root)
