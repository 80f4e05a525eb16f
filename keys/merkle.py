"""The Merkle tree of the transparency log: hashes, roots, and proofs that a leaf is in it or that it only grew (RFC 6962 section 2).

Pure functions over an oracle of complete subtrees: `Subtrees(level, index)` is the root of the leaves from `index << level` to
`(index + 1) << level`. Whoever verifies needs no oracle. A proof is refused as soon as it has a hash too few or too many; verification is that of
RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from keys.errors import FormatError, SubIndication, VerificationError

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Subtrees = Callable[[int, int], bytes]
"""The root of the complete subtree of a level and index; level 0 are hashes of leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: the prefix tells leaves from nodes, so that neither can pass for the other."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(size: int, subtrees: Subtrees) -> bytes:
    """The root of the first `size` leaves."""
    return _range_root(0, size, subtrees) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """The hashes beside the way from a leaf to the root of a size, nearest first; raises FormatError outside the tree."""
    if not 0 <= index < size:
        raise FormatError("no leaf of a tree of this size has this place")
    return tuple(_inclusion(index, 0, size, subtrees))


def consistency_proof(old: int, new: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """The hashes that show that the tree of `old` leaves is the beginning of that of `new`; raises FormatError."""
    if not 0 <= old <= new:
        raise FormatError("a tree is the beginning of a larger one only")
    return tuple(_consistency(old, 0, new, subtrees, known=True)) if 0 < old < new else ()


def check_inclusion(entry_hash: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> None:
    """Return if a leaf is at a place of the tree with this size and root; raises VerificationError, FormatError."""
    _check_hashes(entry_hash, expected_root, *proof)
    if not 0 <= index < size:
        raise FormatError("no leaf of a tree of this size has this place")
    found = entry_hash
    for _, _, node in way_up(entry_hash, index, size, proof):
        found = node
    if not hmac.compare_digest(found, expected_root):
        raise _refused("the leaf is not in that tree at that place")


def way_up(entry_hash: bytes, index: int, size: int, proof: Sequence[bytes]) -> Iterator[tuple[bool, bytes, bytes]]:
    """Go up from a leaf: yield of each hash of the proof whether it stands on the left, the hash, and the node above both; raises VerificationError."""
    found = entry_hash
    for on_the_left, step in _way(index, size - 1, proof):
        found = node_hash(step, found) if on_the_left else node_hash(found, step)
        yield on_the_left, step, found


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the tree of `old` leaves is the beginning of that of `new`; raises VerificationError, FormatError."""
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old <= new:
        raise FormatError("a tree is the beginning of a larger one only")
    if old in (0, new):
        if proof or not hmac.compare_digest(old_root, EMPTY_ROOT if old == 0 else new_root):
            raise _refused("the older tree is not the beginning of the newer one")
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        raise _refused("the proof is too short")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = steps[0]
    for on_the_left, step in _way(place, last, steps[1:]):
        older = node_hash(step, older) if on_the_left else older
        newer = node_hash(step, newer) if on_the_left else node_hash(newer, step)
    if not (hmac.compare_digest(older, old_root) and hmac.compare_digest(newer, new_root)):
        raise _refused("the older tree is not the beginning of the newer one")


def _way(place: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Go up from a place to the root, and say of each hash of the proof whether it stands on the left; raises VerificationError."""
    for step in proof:
        if last == 0:
            raise _refused("the proof is too long")
        on_the_left = bool(place & 1) or place == last
        yield on_the_left, step
        while on_the_left and place and not place & 1:  # a node without a right neighbour goes up as it is
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last:
        raise _refused("the proof is too short")


def _range_root(first: int, end: int, subtrees: Subtrees) -> bytes:
    """The root of the leaves from `first` to before `end`; `first` is where a subtree of that size begins."""
    count = end - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return subtrees(level, first >> level)
    middle = first + _split(count)
    return node_hash(_range_root(first, middle, subtrees), _range_root(middle, end, subtrees))


def _split(count: int) -> int:
    """The largest power of two below a count: how many leaves stand on the left."""
    return 1 << ((count - 1).bit_length() - 1)


def _inclusion(index: int, first: int, end: int, subtrees: Subtrees) -> Iterator[bytes]:
    if end - first == 1:
        return
    middle = first + _split(end - first)
    if index < middle:
        yield from _inclusion(index, first, middle, subtrees)
        yield _range_root(middle, end, subtrees)
    else:
        yield from _inclusion(index, middle, end, subtrees)
        yield _range_root(first, middle, subtrees)


def _consistency(old: int, first: int, end: int, subtrees: Subtrees, *, known: bool) -> Iterator[bytes]:
    """`known` is whether the verifier has the root of what is left of `old` already."""
    if old == end:
        if not known:
            yield _range_root(first, end, subtrees)
        return
    middle = first + _split(end - first)
    if old <= middle:
        yield from _consistency(old, first, middle, subtrees, known=known)
        yield _range_root(middle, end, subtrees)
    else:
        yield from _consistency(old, middle, end, subtrees, known=False)
        yield _range_root(first, middle, subtrees)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise FormatError(f"a hash of the log has {HASH_SIZE} bytes")


def _refused(message: str) -> VerificationError:
    return VerificationError(message, SubIndication.HASH_FAILURE)
