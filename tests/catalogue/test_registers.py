"""Registers in the catalogue: beside licence types as sources, fed by whom, and never a licence type's key."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub.audit.service import Audit
from hub.catalogue.code_types import CITIZEN_NUMBER, CREDIT_CODE
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION, REGISTERS
from hub.catalogue.service import Catalogue
from hub.clock import SetClock
from hub.database import Database
from hub.errors import AuthorityUnknownError, LicenceTypeError, NotFoundError, TypeUnknownError

POLICE = "11990100MB0000001T"


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    database, clock = Database(database_url), SetClock(datetime(2026, 11, 26, 8, tzinfo=UTC))
    audit = Audit(database, clock)
    audit.prepare()
    catalogue = Catalogue(database, audit, clock)
    catalogue.refresh()
    catalogue.add_authority(POLICE, "虚构市公安局", "Police", "990100", "CITY")
    yield catalogue
    database.close()


def test_every_field_is_named_in_both_languages_and_every_choice_in_chinese() -> None:
    for register in REGISTERS.values():
        assert register.leaf_paths[0] == register.code_path
        for each in register.fields:
            assert register.title(each.path, "zh-CN") != register.title(each.path, "en")
            assert set(each.choices) == set(register.names.get(each.path, {}))
    assert {row.code_type for row in REGISTERS.values()} == {CITIZEN_NUMBER, CREDIT_CODE}


def test_a_source_is_a_register_or_a_type_in_force(catalogue: Catalogue) -> None:
    document = next(each for each in shipped_documents() if each["key"] == "BusinessLicence")
    with pytest.raises(TypeUnknownError):
        catalogue.source("BusinessLicence")
    catalogue.publish(document)
    assert catalogue.source("BusinessLicence").leaf_paths
    assert catalogue.source(NATURAL_PERSON).leaf_paths == ("number", "name", "status")
    with pytest.raises(TypeUnknownError):
        catalogue.register("BusinessLicence")


def test_no_licence_type_takes_the_key_of_a_register(catalogue: Catalogue) -> None:
    document = {**shipped_documents()[0], "key": ORGANISATION, "version": 1}
    with pytest.raises(LicenceTypeError, match="register"):
        catalogue.publish(document)


def test_the_right_to_feed_is_given_once_and_ends(catalogue: Catalogue) -> None:
    assert not catalogue.may_feed(POLICE, NATURAL_PERSON)
    for _ in range(2):
        catalogue.allow_feeding(POLICE, NATURAL_PERSON)
    assert catalogue.may_feed(POLICE, NATURAL_PERSON)
    assert not catalogue.may_feed(POLICE, ORGANISATION)
    catalogue.end_feeding(POLICE, NATURAL_PERSON)
    assert not catalogue.may_feed(POLICE, NATURAL_PERSON)
    with pytest.raises(NotFoundError):
        catalogue.end_feeding(POLICE, NATURAL_PERSON)
    with pytest.raises(AuthorityUnknownError):
        catalogue.allow_feeding("11990100MB0000009X", NATURAL_PERSON)
    with pytest.raises(TypeUnknownError):
        catalogue.allow_feeding(POLICE, "BusinessLicence")
