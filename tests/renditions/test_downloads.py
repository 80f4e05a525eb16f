"""A link is for once: who comes second, late or by chance is refused with a reason; what waits is sealed, and goes with its person."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.renditions.downloads import Download
from hub.renditions.refusals import FaceErasedError, LinkExpiredError, LinkUnknownError, LinkUsedError
from tests.catalogue.examples import HUSBAND, WIFE
from tests.renditions.studio import facts_of, studio_of
from tests.sharing.world import World

PDF = b"%PDF-1.7 made up, of " + HUSBAND["name"].encode()
PERSON = f"{HUSBAND['codeType']}:{HUSBAND['code']}"


def test_the_first_who_comes_gets_the_file_and_it_is_on_record(empty_world: World) -> None:
    downloads = studio_of(empty_world).downloads
    link = downloads.keep("r" * 32, "1.2.3.pdf", PDF, [PERSON])
    assert downloads.take(link.token) == Download("1.2.3.pdf", PDF)
    with pytest.raises(LinkUsedError):
        downloads.take(link.token)
    (fact,) = facts_of(empty_world)
    assert (fact["operation"], fact["rendition"]) == ("DOWNLOADED", "r" * 32)


def test_of_many_at_once_one_gets_it(empty_world: World) -> None:
    downloads = studio_of(empty_world).downloads
    link = downloads.keep("r" * 32, "1.2.3.pdf", PDF, [PERSON])

    def taken(_: int) -> bytes | str:
        try:
            return downloads.take(link.token).content
        except LinkUsedError as error:
            return error.code

    with ThreadPoolExecutor(8) as several:
        found = list(several.map(taken, range(8)))
    assert sorted(map(str, found)) == sorted(map(str, [PDF, *["DOWNLOAD_USED"] * 7]))
    assert len(facts_of(empty_world)) == 1


def test_ten_minutes_later_it_is_over(empty_world_once: World) -> None:
    world, downloads = empty_world_once, studio_of(empty_world_once).downloads
    kept = [downloads.keep(one * 32, "1.2.3.pdf", PDF, [PERSON]) for one in "ab"]
    world.clock.advance(minutes=9, seconds=59)
    downloads.take(kept[0].token)
    world.clock.advance(seconds=1)
    with pytest.raises(LinkExpiredError):
        downloads.take(kept[1].token)
    assert len(facts_of(world)) == 1


@pytest.mark.parametrize(
    "token", ["", "A" * 22, "not base64url!", "AAAA", "A" * 100_000, "Ａ" * 22, "AAAAAAAAAAAAAAAAAAAAAB"]
)
def test_what_is_no_link_is_unknown(empty_world_once: World, token: str) -> None:
    downloads = studio_of(empty_world_once).downloads
    downloads.keep("r" * 32, "1.2.3.pdf", PDF, [PERSON])
    with pytest.raises(LinkUnknownError):
        downloads.take(token)


def test_neither_file_nor_token_stands_in_the_database(empty_world_once: World) -> None:
    world = empty_world_once
    link = studio_of(world).downloads.keep("r" * 32, "1.2.3.pdf", PDF, [PERSON])
    ((token, data),) = world.rows("SELECT token, data FROM rendition_file")
    assert PDF not in bytes(data)
    assert link.token.encode() not in bytes(token)
    (kept,) = world.rows("SELECT count(*) FROM vault_index WHERE kind = 'RENDITION'")
    assert kept == (1,)


def test_erasing_a_person_reaches_the_file(empty_world: World) -> None:
    world, downloads = empty_world, studio_of(empty_world).downloads
    his = downloads.keep("a" * 32, "1.2.3.pdf", PDF, [PERSON, f"111:{WIFE['code']}"])
    hers = downloads.keep("b" * 32, "1.2.3.pdf", PDF, [f"111:{WIFE['code']}"])
    world.sharing.erase_person(HUSBAND["codeType"], HUSBAND["code"])
    with pytest.raises(FaceErasedError):
        downloads.take(his.token)
    assert downloads.take(hers.token).content == PDF


def test_what_nobody_took_is_destroyed_and_forgotten(empty_world: World) -> None:
    world, studio = empty_world, studio_of(empty_world)
    for _ in range(45):
        studio.downloads.keep(os.urandom(16).hex(), "1.2.3.pdf", PDF, [PERSON])
    world.clock.advance(minutes=10)
    studio.forget_expired()
    assert world.rows("SELECT count(*) FROM rendition_file WHERE length(data) > 0") == [(0,)]
    assert world.rows("SELECT count(*) FROM vault_index WHERE kind = 'RENDITION'") == [(0,)]
    assert world.rows("SELECT count(*) FROM rendition_file") == [(45,)]
    world.clock.advance(days=1)
    studio.forget_expired()
    assert world.rows("SELECT count(*) FROM rendition_file") == [(0,)]
