"""Seals whose keys are in hardware: they seal licences here and in sealing processes, and a token that is away is told."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from hub.errors import SealKeyUnavailableError
from keys.references import PKCS11, STORE
from keys.ring import KeyRing
from keys.suites import Suite
from tests.keys.softhsm import PIN, SPARE, Hardware
from tests.licences.drafts import company_draft
from tests.licences.importing.hall import BUSINESS, Hall, companies, hall_of
from tests.licences.world import MARKET, furnish, open_world


class InHardware(KeyRing):
    """Keys of which every new one is made on the token, wherever it is wanted."""

    @override
    def make_private(self, name: str, suite: Suite, place: str = STORE) -> str:
        return super().make_private(name, suite, PKCS11)


@pytest.fixture
def hall(sqlite_url: str, tmp_path: Path, hardware: Hardware) -> Iterator[Hall]:
    token = hardware.token(SPARE)
    world = open_world(sqlite_url, tmp_path / "keys", lambda store: InHardware(store, token))
    furnish(world, [BUSINESS])
    yield hall_of(world)
    world.database.close()
    token.close()


def test_a_seal_in_hardware_seals_and_its_key_is_on_the_token_alone(hall: Hall) -> None:
    world = hall.world
    assert world.store.names("seals/") == world.store.names("makers/") == ()
    (seal,) = world.seals.seals(MARKET)
    assert [signer.key_uri.partition(";")[0] for signer in seal.signers] == [f"pkcs11:token={SPARE}"]
    hall.world.licences.issue(world.caller(), company_draft(3), "issued-by-hand")
    assert hall.numbers() == [company_draft(3).number]


def test_sealing_processes_seal_with_the_token(hall: Hall) -> None:
    progress = hall.run(hall.enrol(companies(range(6))), companies(range(6)), workers=1)
    assert (progress.good, progress.bad) == (6, 0)
    assert hall.numbers() == sorted(company_draft(place).number for place in range(6))


def test_a_token_that_is_away_is_told_nothing_is_kept_and_it_seals_when_it_is_back(
    hall: Hall, hardware: Hardware, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = hall.world
    before = world.count("licence"), world.count("audit_record")
    place = hardware.place(SPARE)
    away = Path(shutil.move(place, tmp_path / "away"))
    with pytest.raises(SealKeyUnavailableError):
        world.licences.issue(world.caller(), company_draft(1), "the-first-one")
    shutil.move(away, place)
    assert (world.count("licence"), world.count("audit_record")) == before
    assert "a seal's key cannot be used: TOKEN_" in caplog.text
    assert PIN not in caplog.text
    world.licences.issue(world.caller(), company_draft(1), "the-first-one")
    assert hall.numbers() == [company_draft(1).number]


def test_a_hub_whose_token_was_taken_from_its_settings_says_so(
    hall: Hall, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = open_world(hall.world.database.url, tmp_path / "keys")
    with caplog.at_level(logging.ERROR), pytest.raises(SealKeyUnavailableError):
        world.seals.sealer(MARKET)
    assert "TOKEN_MISSING" in caplog.text
    world.database.close()
