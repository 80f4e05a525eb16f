"""The permission matrix of everything that is shipped: authority x item x source x field x class x consent x party x way out, and not one leak.

Cells are generated from the catalogue (`permissions.dimensions`), what may leave is said by an oracle of a few plain lines (`permissions.oracle`), and
every way out is taken over HTTP through the real application (`permissions.ways`). Each cell is tried in every way on one of the two engines, and each way on
both; the soak tries all on both.
"""

import asyncio
from itertools import groupby, product
from operator import attrgetter
from pathlib import Path

import pytest

from hub.catalogue.registers import REGISTERS
from schema import documents
from tests.sharing.permissions.dimensions import CLASSES, CONSENTS, PATTERNS, SOURCES, STANDINGS, chosen
from tests.sharing.permissions.scene import begin_round, consent, scene_of
from tests.sharing.permissions.ways import WAYS, Visit


def test_the_cells_are_the_whole_product_and_every_source_is_in_each_state() -> None:
    cells = [(source, case.cell(source)) for case in chosen() for source in SOURCES]
    assert {cell for source, cell in cells if source not in REGISTERS} == set(
        product(CLASSES, PATTERNS, STANDINGS, CONSENTS)
    )
    pairs = {(source, value) for source, cell in cells for value in cell}
    assert {(source, each) for source in SOURCES for each in (*PATTERNS, *STANDINGS, *CONSENTS)} <= pairs
    assert {(source, each) for source in SOURCES if source not in REGISTERS for each in CLASSES} <= pairs


@pytest.fixture(autouse=True)
def large_documents_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep documents that ask for every field of every type: they are sent again and again here."""
    monkeypatch.setattr(documents, "LARGEST_KEPT", 1024 * 1024)


def test_not_one_field_leaves_that_is_not_let_out(database_url: str, tmp_path: Path) -> None:
    mine = 0 if database_url.startswith("sqlite") else 1
    asyncio.run(_matrix(database_url, tmp_path, step=2, first=mine))


@pytest.mark.soak
def test_nor_in_any_way_on_either_engine(database_url: str, tmp_path: Path) -> None:
    asyncio.run(_matrix(database_url, tmp_path, step=1, first=0))


async def _matrix(database_url: str, folder: Path, *, step: int, first: int) -> None:
    """Take, in each case, one in `step` of the ways, from the `first` on in the first case, from the next in the next."""
    async with scene_of(folder, database_url) as scene:
        for round_, cases in groupby(chosen(), key=attrgetter("round")):
            begin_round(scene, round_)
            for place, case in enumerate(cases):
                number = f"CASE-{round_}-{place}"
                consent(scene, case, number)
                for way in tuple(WAYS)[(place + first) % step :: step]:
                    assert (way, case, await WAYS[way](Visit(scene, case, number))) == (way, case, [])
