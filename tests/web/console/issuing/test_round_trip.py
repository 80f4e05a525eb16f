"""Whatever face data is valid, the form that is filled with it means the same draft."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.catalogue.face_kinds import is_date_time
from hub.catalogue.licence_type import LicenceType
from hub.licences.draft import Draft, Holder
from hub.web.console.issuing.controls import outline
from hub.web.console.issuing.reading import read
from hub.web.console.issuing.texts import document_of, written
from tests.catalogue.examples import COMPANY
from tests.licences.drafts import TYPES, draft_of
from tests.tabular.reading import CALENDAR
from tests.web.console.issuing.faces import EVERY_KIND, faces

TODAY = date(2026, 11, 26)
SHAPES = sorted(TYPES.keys() - {"HouseholdRegister", "RealEstateTitle"})
"""Types whose lists are not about the holders: there any code will do."""


def instants(value: Any) -> Any:
    """Return data in which moments are compared as instants: a form shows them in the hub's own time."""
    if isinstance(value, dict):
        return {name: instants(each) for name, each in value.items()}
    if isinstance(value, list):
        return [instants(each) for each in value]
    return datetime.fromisoformat(value) if isinstance(value, str) and is_date_time(value) else value


def comes_back(licence_type: LicenceType, draft: Draft) -> None:
    form = outline(licence_type)
    found = read(licence_type, form, written(form, document_of(draft), CALENDAR), CALENDAR, TODAY)
    assert found.draft is not None, found.wrong
    assert instants(found.draft.data) == instants(draft.data)


def of_every_kind(data: dict[str, Any]) -> Draft:
    holders = (Holder(COMPANY["codeType"], COMPANY["code"], COMPANY["name"]),)
    return Draft("EveryKind", "1", holders, TODAY, TODAY, None, data, "虚构条例", "新办")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(faces(EVERY_KIND.schema))
def test_face_data_of_every_kind_comes_back(data: dict[str, Any]) -> None:
    comes_back(EVERY_KIND, of_every_kind(data))


@pytest.mark.soak
@settings(deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SHAPES).flatmap(lambda key: st.tuples(st.just(key), faces(TYPES[key].schema))))
def test_face_data_of_every_shipped_type_comes_back(given_data: tuple[str, dict[str, Any]]) -> None:
    key, data = given_data
    comes_back(TYPES[key], draft_of(key, data=data))
