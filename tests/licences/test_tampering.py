"""Tampering: no changed bit of what is stored goes unnoticed, and nothing opens in another's place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import DamagedError, HubError
from hub.licences.finding import StoredLicence, StoredPart
from keys.errors import KeysError
from tests.licences.drafts import draft_of
from tests.licences.opening import open_all, open_part
from tests.licences.world import World, furnish, open_world

SAMPLES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[tuple[World, StoredLicence]]:
    """Give one household register with all its parts; changes are made to what was read."""
    folder = tmp_path_factory.mktemp("tampering")
    (folder / "hub.db").write_bytes(migrated_sqlite.read_bytes())
    world = open_world(f"sqlite:///{folder / 'hub.db'}", folder / "keys")
    furnish(world, ["HouseholdRegister"])
    issued = world.licences.issue(world.caller(), draft_of("HouseholdRegister"), "household-key")
    yield world, world.stored(issued.identifier)
    world.database.close()


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_what_was_not_touched_opens(sealed: tuple[World, StoredLicence]) -> None:
    world, stored = sealed
    assert open_all(world, stored, stored.parts).values == draft_of("HouseholdRegister").document()


@SAMPLES
@given(data=st.data())
def test_every_flipped_bit_of_the_sealed_licence_is_found(
    sealed: tuple[World, StoredLicence], data: st.DataObject
) -> None:
    world, stored = sealed
    bit = data.draw(st.integers(0, 8 * len(stored.sealed) - 1))
    changed = stored._replace(sealed=flipped(stored.sealed.encode(), bit).decode("latin-1"))
    part = data.draw(st.sampled_from(stored.parts))
    with pytest.raises(DamagedError):
        open_part(world.vault, changed, part)


@SAMPLES
@given(data=st.data())
def test_every_flipped_bit_of_a_part_is_found(sealed: tuple[World, StoredLicence], data: st.DataObject) -> None:
    world, stored = sealed
    part = data.draw(st.sampled_from(stored.parts))
    bit = data.draw(st.integers(0, 8 * len(part.data) - 1))
    with pytest.raises(DamagedError):
        open_part(world.vault, stored, part._replace(data=flipped(bytes(part.data), bit)))


@SAMPLES
@given(data=st.data())
def test_every_flipped_bit_of_a_wrapped_key_is_found(sealed: tuple[World, StoredLicence], data: st.DataObject) -> None:
    world, stored = sealed
    part = data.draw(st.sampled_from(stored.parts))
    wrapped = bytes(part.wrapped or b"")
    bit = data.draw(st.integers(0, 8 * len(wrapped) - 1))
    with pytest.raises(DamagedError):
        open_part(world.vault, stored, part._replace(wrapped=flipped(wrapped, bit)))


def moved(part: StoredPart, other: StoredPart) -> Iterator[StoredPart]:
    yield part._replace(data=other.data)
    yield part._replace(part=other.part)
    yield part._replace(path="photo")
    yield part._replace(key_id=other.key_id, wrapped=other.wrapped, edition=other.edition)
    yield part._replace(wrapped=other.wrapped)


def test_a_part_opens_in_its_own_row_only(sealed: tuple[World, StoredLicence]) -> None:
    world, stored = sealed
    first, second = stored.parts[1:3]
    for wrong in moved(first, second):
        with pytest.raises(DamagedError):
            open_part(world.vault, stored, wrong)
    with pytest.raises(DamagedError):
        open_part(world.vault, stored._replace(id="0" * 32), first)


def test_parts_of_one_edition_do_not_open_beside_the_seal_of_another(world: World) -> None:
    draft = draft_of("BusinessLicence")
    issued = world.licences.issue(world.caller(), draft, "first-key")
    newer = world.licences.renew(world.caller(), issued.identifier, draft, 1, "next-key")
    old, new = world.stored(issued.identifier), world.stored(newer.identifier)
    with pytest.raises(DamagedError):
        open_part(world.vault, old._replace(sealed=new.sealed), old.parts[0])
    with pytest.raises((HubError, KeysError)):
        open_all(world, new._replace(sealed=old.sealed), new.parts)
