"""Proofs of the transparency log as one text that verifies by itself (C2SP tlog-proof): place, hashes, signed checkpoint.

Decides how a proof is written and read: strictly, in one spelling. It says nothing about whose checkpoint it is: that takes the log's key
(`keys.checkpoint`). Extra data, which nothing signs, is never written and never read.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keys import checkpoint, merkle
from keys.checkpoint import Checkpoint
from keys.errors import FormatError

HEADER: Final = "c2sp.org/tlog-proof@v1"
LARGEST: Final = 128 << 10
_INDEX: Final = "index "
_LARGEST_INDEX: Final = (1 << 63) - 1
_MOST_HASHES: Final = 63
_DIGITS: Final = 19


@dataclass(frozen=True, slots=True)
class LogProof:
    """Where a leaf stands, the hashes beside its way up, nearest first, and the checkpoint of that tree as a signed note."""

    index: int
    hashes: tuple[bytes, ...]
    note: str

    def to_text(self) -> str:
        """Write it."""
        hashes = (base64.b64encode(one).decode("ascii") for one in self.hashes)
        return "\n".join([HEADER, f"{_INDEX}{self.index}", *hashes, "", self.note])

    def tree(self) -> Checkpoint:
        """The tree that the checkpoint tells of, before anybody has checked who signed it; raises FormatError."""
        return checkpoint.told(self.note)

    def check(self, entry: bytes) -> Checkpoint:
        """Return the tree, if an entry is its leaf at that place; raises VerificationError, FormatError."""
        tree = self.tree()
        merkle.check_inclusion(merkle.leaf_hash(entry), self.index, tree.size, self.hashes, tree.root)
        return tree


def read(data: bytes) -> LogProof:
    """Read a proof; raises FormatError."""
    if len(data) > LARGEST:
        raise FormatError("the proof is larger than any proof")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("a proof is text") from error
    head, gap, note = text.partition("\n\n")
    header, _, lines = head.partition("\n")
    if header != HEADER or not gap:
        raise FormatError("not a proof of a log, or one with extra data")
    index, *hashes = lines.split("\n")
    if len(hashes) > _MOST_HASHES:
        raise FormatError("a proof has more hashes than any log")
    return LogProof(_index(index), _hashes(hashes), note)


def _index(line: str) -> int:
    digits = line.removeprefix(_INDEX)
    if digits == line or not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS:
        raise FormatError("a proof says no place")
    if str(int(digits)) != digits or int(digits) > _LARGEST_INDEX:
        raise FormatError("the place of a proof is a number without leading zeros")
    return int(digits)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    found = tuple(map(_hash, lines))
    if any(len(one) != merkle.HASH_SIZE for one in found):
        raise FormatError(f"a hash of a proof has {merkle.HASH_SIZE} bytes")
    return found


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("a hash of a proof is not base64") from error
    if base64.b64encode(found).decode("ascii") != line:
        raise FormatError("a hash of a proof is not in the canonical base64")
    return found
