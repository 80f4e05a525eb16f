"""The permission matrix of everything that is shipped: authority x item x source x field x class x consent x party x way out, and not one leak.

Cells are generated from the catalogue (`permissions.dimensions`), what may leave is said by an oracle of a few plain lines (`permissions.oracle`), and
every way out is taken over HTTP through the real application (`permissions.ways`). Each case is tried on one of the two engines, in every other way in turn; the soak
tries every case in every way on both.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from itertools import groupby, product
from operator import attrgetter
from pathlib import Path

import pytest

from hub.catalogue.registers import REGISTERS
from hub.sharing import basis, disclosure, remits
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson
from hub.sharing.consents.consented import Consented
from hub.sharing.feed import FeedGrant
from hub.sharing.opening import Opening
from hub.sharing.policy import Grant
from schema import documents
from tests.sharing.permissions.dimensions import CLASSES, CONSENTS, PATTERNS, SOURCES, STANDINGS, chosen
from tests.sharing.permissions.oracle import LEAVES
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
    rounds = {0, 3} if database_url.startswith("sqlite") else {1, 2}
    asyncio.run(_matrix(database_url, tmp_path, rounds, step=2))


@pytest.mark.soak
def test_nor_in_any_way_on_either_engine(database_url: str, tmp_path: Path) -> None:
    asyncio.run(_matrix(database_url, tmp_path, {0, 1, 2, 3}, step=1))


async def _matrix(database_url: str, folder: Path, rounds: Collection[int], step: int) -> None:
    """Try the cases of some rounds, each in one way out of `step`: the first, and so on, or the one after it in the next case."""
    async with scene_of(folder, database_url) as scene:
        for round_, cases in groupby([each for each in chosen() if each.round in rounds], key=attrgetter("round")):
            begin_round(scene, round_)
            for place, case in enumerate(cases):
                number = f"CASE-{round_}-{place}"
                consent(scene, case, number)
                for way in tuple(WAYS)[place % step :: step]:
                    assert (way, case, await WAYS[way](Visit(scene, case, number))) == (way, case, [])


# -- would a leak be seen? -----------------------------------------------------------------------------------------------------

Spoil = Callable[[pytest.MonkeyPatch], None]


def _no_grant_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Grant, "in_force", lambda _self, _day: True)


def _every_role_is_reached(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Grant, "reaches", lambda _self, _role: True)
    patch.setattr(CasePerson, "reached_by", lambda _self, _grant: True)


def _nobody_is_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Consented, "allows", lambda _self, _grant, _person: True)


def _items_belong_to_everybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Opening, "_require_granted", lambda _self, _caller, _item: ())


def _classes_do_not_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(disclosure, "unshared_by", lambda _type: frozenset())
    patch.setattr(remits, "_is_shared", lambda _generation, _key: True)


def _whole_faces_leave(patch: pytest.MonkeyPatch) -> None:
    everything = frozenset(leaf for source in SOURCES for leaf in LEAVES[source])
    patch.setattr(basis, "_PATHS", lambda grant: everything if grant.paths else frozenset())
    patch.setattr(basis, "_JUDGED", lambda _grant: everything)
    patch.setattr(
        FeedGrant, "reach", lambda _self, stored, leaves, *_: {part: frozenset(leaves) for part, _ in stored.holders}
    )
    patch.setattr(CaseGrant, "let_judge", lambda _self, _person, _register, _day: everything)
    patch.setattr(CaseGrant, "let_out", lambda _self, _person, _register, _day: everything)


OF_LICENCES = ("case.licence", "case.licences", "case.licenceBatch", "nodes", "case.materials", "evidencePackage")
REGISTER = "case.person, case.organisation"
SPOILT: Mapping[Spoil, tuple[str, ...]] = {
    _no_grant_ends: (*OF_LICENCES, "scan", "case.meets", "case.form", REGISTER, "changes", "subscription", "webhook"),
    _every_role_is_reached: (*OF_LICENCES, "scan", "case.meets", "case.form", REGISTER),
    _nobody_is_asked: (*OF_LICENCES, "case.meets", "case.form"),
    _classes_do_not_count: (*OF_LICENCES, "case.meets", "case.form", "changes", "subscription", "webhook"),
    _items_belong_to_everybody: ("case",),
    _whole_faces_leave: (*OF_LICENCES, "scan", "case.form", REGISTER, "changes", "subscription", "webhook"),
}
"""Each way in which the policy is spoilt, and the ways out in which that must be seen."""


def test_a_leak_made_on_purpose_is_seen_in_every_way_out(sqlite_url: str, tmp_path: Path) -> None:
    assert {way for ways in SPOILT.values() for way in ways} == WAYS.keys()
    asyncio.run(_spoilt(sqlite_url, tmp_path))


async def _spoilt(database_url: str, folder: Path) -> None:
    cases = [case for case in chosen() if case.round == 0]
    async with scene_of(folder, database_url) as scene:
        begin_round(scene, 0)
        for place, case in enumerate(cases):
            consent(scene, case, f"CASE-{place}")
        for spoil, ways in SPOILT.items():
            with pytest.MonkeyPatch.context() as patch:
                spoil(patch)
                scene.hub.sharing.refresh()  # what was worked out of a policy goes with it, spoilt or not
                unseen = set(ways)
                for place, case in enumerate(cases):
                    scene.fed.clear()
                    for way in [each for each in WAYS if each in unseen]:
                        if await _leaks(way, Visit(scene, case, f"CASE-{place}")):
                            unseen.discard(way)
            assert (spoil.__name__, unseen) == (spoil.__name__, set())


async def _leaks(way: str, visit: Visit) -> bool:
    try:
        told = await WAYS[way](visit)
    except AssertionError as error:
        told = [str(error)]
    return any(each.startswith("LEFT") for each in told)
