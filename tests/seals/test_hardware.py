"""Seals whose keys are in hardware: they seal licences here and in sealing processes, and a token that is away is told."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from hub.errors import SealKeyUnavailableError
from hub.seals.certifying import KeySource
from hub.seals.kinds import KeyPlace
from hub.seals.refusals import SealKeyPlaceError
from keys.references import PKCS11, STORE
from keys.ring import KeyRing
from keys.suites import Suite
from tests.keys.softhsm import PIN, SPARE, Hardware
from tests.licences.drafts import company_draft
from tests.licences.importing.hall import BUSINESS, Hall, companies, hall_of
from tests.licences.world import MARKET, furnish, open_world
from tests.seals.made import office_of, people, wish_of


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


def test_one_seals_key_is_made_on_the_token_and_the_roots_where_it_was_wanted(
    sqlite_url: str, tmp_path: Path, hardware: Hardware
) -> None:
    token = hardware.token(SPARE)
    world = open_world(sqlite_url, tmp_path / "keys", lambda store: KeyRing(store, token))
    furnish(world, [BUSINESS])
    changes, three = office_of(world).changes, people(MARKET)
    changes.make_root(three.maker, "Ed25519", KeyPlace.PKCS11)
    with pytest.raises(SealKeyPlaceError):
        changes.make_root(three.maker, "SM2-SM3", KeyPlace.PKCS11)
    application = changes.apply(three.applicant, wish_of(world, MARKET, "证明专用章", suite="Ed25519"))
    changes.approve(three.approver, application)
    made = changes.make(three.maker, application, KeySource(place=KeyPlace.PKCS11))
    changes.file(three.maker, made.es_id)
    assert [name.partition("-")[0] for name in world.store.names("makers/")] == ["makers/maker", "makers/root"]
    assert world.seals.register.makers["Ed25519"].key_uri.startswith(f"pkcs11:token={SPARE}")
    assert world.seals.seal(made.es_id).signers[0].key_uri.startswith(f"pkcs11:token={SPARE}")
    world.database.close()
    token.close()
