"""A disk that is full while a seal is made: the step says so by a code of its own, leaves nothing behind, and succeeds once there is room."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event, text

from hub.errors import DatabaseFullError, HubError
from hub.seals.office import Upload
from hub.seals.refusals import SealKeyStoreFullError
from tests.full_disk import SmallDisk, small_disk
from tests.licences.world import MARKET, World, open_world
from tests.seals.made import MILLIMETRES, make_seal, office_of, people, wish_of

TABLES = (
    "seal_application",
    "seal",
    "signer_certificate",
    "seal_maker",
    "seal_step",
    "seal_picture",
    "audit_record",
    "vault_key",
)
THREE = people(MARKET)

Act = Callable[[], object]


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(2) as mounted:
        yield mounted


def furnished(url: str, keys: Path) -> World:
    """Return a hub with one authority and no seal."""
    world = open_world(url, keys)
    world.catalogue.add_authority(MARKET, "虚构市市场监督管理局", "Market Bureau of Xugou", "990200", "CITY")
    return world


def large_picture() -> Upload:
    """Return a picture that takes pages of its own, for it cannot be compressed."""
    dice = Random(1)  # noqa: S311 - the same picture everywhere
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    image.putdata([(*dice.randbytes(3), 255) if place % 120 < 60 else (0, 0, 0, 0) for place in range(120 * 120)])
    out = BytesIO()
    image.save(out, "PNG")
    return Upload(out.getvalue(), MILLIMETRES, MILLIMETRES)


def approved(world: World) -> str:
    changes = office_of(world).changes
    application = changes.apply(THREE.applicant, wish_of(world, MARKET, upload=large_picture()))
    changes.approve(THREE.approver, application)
    return application


def making(world: World) -> Act:
    application = approved(world)
    return lambda: office_of(world).changes.make(THREE.maker, application)


def rotating(world: World) -> Act:
    made = make_seal(world, MARKET, upload=large_picture())
    return lambda: office_of(world).changes.rotate(THREE.maker, made.es_id)


def applying(world: World) -> Act:
    return lambda: office_of(world).changes.apply(THREE.applicant, wish_of(world, MARKET, upload=large_picture()))


def rows(world: World) -> dict[str, list[Any]]:
    with world.database.snapshot() as session:
        return {table: sorted(map(repr, session.execute(text(f"SELECT * FROM {table}")))) for table in TABLES}


def refused(act: Act, code: type[HubError]) -> None:
    with pytest.raises(code, match="do the same again") as error:
        act()
    assert type(error.value) is code


@pytest.mark.parametrize("step", [making, rotating])
def test_without_room_for_a_key_nothing_is_made(sqlite_url: str, disk: SmallDisk, step: Callable[[World], Act]) -> None:
    world = furnished(sqlite_url, disk.path / "keys")
    act = step(world)
    before, names = rows(world), world.store.names()
    disk.leave(0)
    refused(act, SealKeyStoreFullError)
    assert (rows(world), world.store.names()) == (before, names)
    disk.clear()
    act()
    world.database.close()


@pytest.mark.parametrize("step", [applying, making, rotating])
def test_without_room_in_the_database_no_row_stands_and_what_was_there_seals_on(
    sqlite_url: str, tmp_path: Path, step: Callable[[World], Act]
) -> None:
    world = furnished(sqlite_url, tmp_path / "keys")
    act = step(world)
    before = rows(world)
    room = {"pages": 1}  # SQLite takes no limit below what it has: the file as it is

    @event.listens_for(world.database.engine, "connect")
    def _limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {room['pages']}")

    world.database.engine.dispose()
    refused(act, DatabaseFullError)
    assert rows(world) == before
    if step is rotating:
        world.seals.refresh()
        assert world.seals.sealer(MARKET).key.sign(b"a licence")
    room["pages"] = 1_000_000
    world.database.engine.dispose()
    act()
    world.database.close()
