"""Tiles: their paths, their bytes, and that the tree computed from them is the tree."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import FormatError
from keys.log_tiles import (
    TileName,
    grown,
    pack,
    pack_entries,
    subtrees_in,
    tiles_between,
    unpack,
    unpack_entries,
    width_in,
)
from keys.merkle import check_consistency, check_inclusion, consistency_proof, inclusion_proof, leaf_hash, root
from tests.keys.test_merkle import naive_root


class Log:
    """A log's tiles as somebody keeps them, made anew whenever it grows."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.tiles: dict[tuple[int | None, int], bytes] = {}

    def grow(self, count: int) -> None:
        old = len(self.leaves)
        new = [leaf_hash(str(place).encode()) for place in range(old, old + count)]
        edges = {
            level: unpack(self.tiles[level, (old >> 8 * level) // 256])
            for level in range(8)
            if (old >> 8 * level) % 256
        }
        changed = grown(old, edges, new)
        self.leaves += new
        assert set(changed) == set(tiles_between(old, len(self.leaves)))
        self.tiles |= {(name.level, name.place): pack(hashes) for name, hashes in changed.items()}

    def tile(self, name: TileName) -> bytes:
        return self.tiles[name.level, name.place][: name.width * 32]


@pytest.mark.parametrize(("name", "path"), [
    (TileName(0, 0), "0/000"), (TileName(0, 999), "0/999"), (TileName(0, 1000), "0/x001/000"), (TileName(1, 1234067, 112), "1/x001/x234/067.p/112"),
    (TileName(None, 273, 1), "entries/273.p/1"), (TileName(7, 0), "7/000"),
])  # fmt: skip
def test_a_tile_has_one_path(name: TileName, path: str) -> None:
    assert name.path == path
    assert TileName.parse(path) == name


@pytest.mark.parametrize("path", [
    "", "0", "0/0", "0/0000", "0/x000/001", "0/001/002", "0/x001", "8/000", "-1/000", "a/000", "00/000", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/",
    "0/000/", "/0/000", "0/../000", "0/\u0661\u0661\u0661", "entries/000.p/999",
])  # fmt: skip
def test_another_spelling_is_no_tile(path: str) -> None:
    with pytest.raises(FormatError):
        TileName.parse(path)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=5), st.data())
@settings(max_examples=30, deadline=None)
def test_the_tree_of_the_tiles_is_the_tree(growth: list[int], data: st.DataObject) -> None:
    log, sizes = Log(), [0]
    for count in growth:
        log.grow(count)
        sizes.append(len(log.leaves))
    size, old = sizes[-1], data.draw(st.sampled_from(sizes))
    subtrees = subtrees_in(size, log.tile)
    whole = naive_root([str(place).encode() for place in range(size)])
    assert root(size, subtrees) == whole
    index = data.draw(st.integers(0, size - 1))
    check_inclusion(log.leaves[index], index, size, inclusion_proof(index, size, subtrees), whole)
    older = root(old, subtrees_in(old, log.tile))
    check_consistency(old, size, older, whole, consistency_proof(old, size, subtrees))


def test_a_second_level_begins_with_the_first_full_tile() -> None:
    assert [name.path for name in tiles_between(0, 255)] == ["0/000.p/255"]
    assert [name.path for name in tiles_between(255, 256)] == ["0/000", "1/000.p/1"]
    assert [name.path for name in tiles_between(256, 257)] == ["0/001.p/1"]
    assert [name.path for name in tiles_between(0, 65_536)][-2:] == ["1/000", "2/000.p/1"]
    assert list(tiles_between(70_000, 70_000)) == []
    assert width_in(257, 0, 1) == width_in(257, 1, 0) == 1


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=256))
def test_a_bundle_holds_its_entries(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


@pytest.mark.parametrize("spoil", [
    lambda: unpack(b""), lambda: unpack(bytes(31)), lambda: unpack(bytes(33)), lambda: unpack(bytes(32 * 257)), lambda: pack([]), lambda: pack([b"short"]),
    lambda: unpack_entries(b""), lambda: unpack_entries(b"\x00"), lambda: unpack_entries(b"\x00\x02a"), lambda: unpack_entries(b"\x00\x00" * 257),
    lambda: pack_entries([]), lambda: pack_entries([b""] * 257), lambda: pack_entries([bytes(65_536)]),
])  # fmt: skip
def test_what_is_no_tile_is_refused(spoil: Callable[[], object]) -> None:
    with pytest.raises(FormatError):
        spoil()


def test_a_truncated_tile_is_told() -> None:
    log = Log()
    log.grow(300)
    with pytest.raises(FormatError, match="truncated"):
        root(300, subtrees_in(300, lambda name: log.tile(name)[: -32 if name.level == 0 else None]))
