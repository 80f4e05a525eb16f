"""The Merkle tree against RFC 6962's published roots, and its proofs against a tree that is hashed anew each time."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import FormatError, VerificationError
from keys.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
)

# The leaves and roots of the reference tree that implementations of RFC 6962 have tested against since 2012.
LEAVES = [bytes.fromhex(each) for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(entries: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written there."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


class Tree:
    """Entries, and the roots of their complete subtrees."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries

    def __call__(self, level: int, index: int) -> bytes:
        part = self.entries[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees are asked for"
        return naive_root(part)


def entries(count: int) -> list[bytes]:
    return [str(place).encode() for place in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_are_published(size: int) -> None:
    assert root(size, Tree(LEAVES)).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root(0, Tree([])) == EMPTY_ROOT == hashlib.sha256().digest()


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
@settings(max_examples=120, deadline=None)
def test_every_leaf_proves_its_place_and_no_other(place: tuple[int, int]) -> None:
    size, index = place
    tree = Tree(entries(size))
    whole, proof = naive_root(tree.entries), inclusion_proof(index, size, tree)
    assert len(proof) <= (size - 1).bit_length()
    check_inclusion(leaf_hash(tree.entries[index]), index, size, proof, whole)
    for other in range(size):
        if other != index:
            with pytest.raises(VerificationError):
                check_inclusion(leaf_hash(tree.entries[index]), other, size, proof, whole)
            with pytest.raises(VerificationError):
                check_inclusion(leaf_hash(tree.entries[other]), index, size, proof, whole)


@given(st.integers(0, 70).flatmap(lambda new: st.tuples(st.integers(0, new), st.just(new))))
@settings(max_examples=120, deadline=None)
def test_a_tree_proves_its_beginning_and_no_other(sizes: tuple[int, int]) -> None:
    old, new = sizes
    tree = Tree(entries(new))
    proof = consistency_proof(old, new, tree)
    check_consistency(old, new, naive_root(tree.entries[:old]), naive_root(tree.entries), proof)
    if old:
        forked = [*tree.entries[: old - 1], b"forked"]
        with pytest.raises(VerificationError):
            check_consistency(old, new, naive_root(forked), naive_root(tree.entries), proof)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_a_proof_that_was_changed_proves_nothing(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 40))
    old, index = data.draw(st.integers(1, new - 1)), data.draw(st.integers(0, new - 1))
    tree = Tree(entries(new))
    whole, before = naive_root(tree.entries), naive_root(tree.entries[:old])
    included, grown = inclusion_proof(index, new, tree), consistency_proof(old, new, tree)
    for proof in _changed(included, data):
        with pytest.raises(VerificationError):
            check_inclusion(leaf_hash(tree.entries[index]), index, new, proof, whole)
    for proof in _changed(grown, data):
        with pytest.raises(VerificationError):
            check_consistency(old, new, before, whole, proof)


def _changed(proof: tuple[bytes, ...], data: st.DataObject) -> list[list[bytes]]:
    place = data.draw(st.integers(0, len(proof) - 1))
    flipped = list(proof)
    flipped[place] = bytes([flipped[place][0] ^ 1]) + flipped[place][1:]
    return [flipped, list(proof[:-1]), [*proof, bytes(32)], [bytes(32), *proof]]


@pytest.mark.parametrize("ask", [
    lambda: inclusion_proof(3, 3, Tree(entries(3))), lambda: inclusion_proof(-1, 3, Tree(entries(3))),
    lambda: consistency_proof(4, 3, Tree(entries(3))), lambda: check_inclusion(bytes(32), 3, 3, [], bytes(32)),
    lambda: check_inclusion(bytes(31), 0, 1, [], bytes(32)), lambda: check_consistency(2, 1, bytes(32), bytes(32), []),
    lambda: check_consistency(1, 2, bytes(32), bytes(32), [b""]),
])  # fmt: skip
def test_what_no_tree_has_is_refused(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(FormatError):
        ask()
