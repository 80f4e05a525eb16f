"""Item documents: the shipped ones hold, and each rule refuses one bad document by its code and says where."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.codes import holds_citizen_number
from hub.catalogue.items import judging
from hub.catalogue.items.item_document import ItemDocument, shipped_item_documents
from hub.catalogue.items.natures import NATURES, SECTORS, Nature, Sector
from hub.catalogue.items.refusals import ItemDocumentError
from hub.catalogue.items.retained_proofs import Rank, retained_proofs
from hub.catalogue.items.words import ROLES
from tests.catalogue.items.described import SOURCES, commitment, deferral, material, requirement, small

SHIPPED = {document["key"]: judging.parse(document, SOURCES) for document in shipped_item_documents()}


def test_twelve_items_or_more_are_shipped() -> None:
    assert len(SHIPPED) >= 12


@pytest.mark.parametrize("item", SHIPPED.values(), ids=lambda one: one.key)
def test_a_shipped_item_names_no_real_place_and_nobody(item: ItemDocument) -> None:
    codes = item.example_codes
    assert codes.get("base", "000199900000")[4:7] == "999"
    assert codes.get("implementation", "1199").startswith("1199")
    assert not holds_citizen_number(json.dumps(dict(codes)))


@pytest.mark.parametrize("item", SHIPPED.values(), ids=lambda one: one.key)
def test_every_requirement_of_a_shipped_item_is_in_words_and_every_material_on_a_basis(item: ItemDocument) -> None:
    assert all(each.words.zh and each.words.en for each in item.requirements.values())
    assert all(each.basis for each in item.materials)


# What the reference calls traps: a catalogue that fell into one would be wrong, however well it parses.
def _materials(key: str) -> dict[str, Any]:
    return {each.key: each for each in SHIPPED[key].materials}


def _sources(key: str) -> set[str]:
    return {one.source for each in SHIPPED[key].materials for one in each.satisfied_by}


def test_marriage_asks_for_no_household_register_and_no_divorce_certificate() -> None:
    assert _sources("MarriageRegistration") == set()
    assert SHIPPED["MarriageRegistration"].applicants


def test_a_restaurant_is_not_what_the_hygiene_licence_is_for() -> None:
    item = SHIPPED["PublicPlaceHygieneLicence"]
    assert any("餐馆" in each.words.zh for each in item.not_for)
    assert "疾病预防控制" in item.handled_by.zh


def test_light_freight_is_left_out_before_any_material_is_judged() -> None:
    assert any("四千五百" in each.words.zh for each in SHIPPED["RoadFreightLicence"].not_for)


@pytest.mark.parametrize("key", ["SecondHandHomeTransfer", "NewHomeTransfer"])
def test_taxes_of_a_home_are_never_promised(key: str) -> None:
    tax = _materials(key)["deedTax"]
    assert (tax.commitment, tax.deferral) == (None, None)
    assert tax.department_check is not None  # information instead of the certificate is enough


def test_an_address_is_not_promised_when_a_company_is_set_up() -> None:
    assert _materials("CompanySetUp")["premises"].commitment is None


def test_results_of_a_newborns_case_are_results() -> None:
    found = _materials("Newborn")
    assert [key for key, each in found.items() if each.result_of] == ["birthCertificate", "childHousehold"]


def test_roles_that_a_licence_proves_are_named_only_where_one_can() -> None:
    """Nobody is a spouse before the marriage, or represents a company that is not registered yet."""
    roles = {
        key: {one.of for each in item.materials for one in each.satisfied_by}
        | {source.of for field in item.form for source in field.sources}
        for key, item in SHIPPED.items()
    }
    assert "spouse" not in roles["MarriageRegistration"]
    assert "representative" not in roles["CompanySetUp"]
    assert "parent" not in roles["Newborn"]
    assert {role for some in roles.values() for role in some} <= ROLES.keys()


def test_a_fire_opinion_stands_for_no_other_paper() -> None:
    assert all("FireSafetyInspectionOpinion" not in _sources(key) for key in SHIPPED)


def test_an_institution_counts_for_its_canteen_only() -> None:
    found = _materials("FoodOperationLicence")
    assert {one.source for one in found["subject"].satisfied_by} == {"BusinessLicence"}
    assert found["canteenSubject"].condition is not None


def test_the_business_licence_is_no_material_of_a_device_filing() -> None:
    assert "BusinessLicence" not in _sources("MedicalDeviceFiling")


def test_no_shipped_deferral_ends_after_the_limit() -> None:
    deferred = [(one.limit, each.deferral.days) for one in SHIPPED.values() for each in one.materials if each.deferral]
    assert deferred
    assert all(days <= limit - 2 for limit, days in deferred)


# -- refused ---------------------------------------------------------------------------------------------------------


def _refused(document: Any) -> ItemDocumentError:
    with pytest.raises(ItemDocumentError) as refused:
        judging.parse(document, SOURCES)
    return refused.value


def _of(**changes: Any) -> Callable[[], dict[str, Any]]:
    return lambda: small(materials=[material(**changes)])


def _asking(**changes: Any) -> Callable[[], dict[str, Any]]:
    return lambda: small(requirements={"classB2": requirement(**changes)}, materials=[material(satisfiedBy=[])])


def _probing() -> dict[str, Any]:
    """Return a document whose predicates would find a date of birth out, year by year."""
    asked = {"path": "birthDate", "operator": "youngerThan"}
    some = {f"younger{age}": requirement(**asked, value=age) for age in range(20, 36)}
    return small(requirements=some, materials=[material(satisfiedBy=[])])


def _circle() -> dict[str, Any]:
    before = {"first": ["second"], "second": ["third"], "third": ["first"]}
    return small(materials=[material(key=key, resultOf=of) for key, of in before.items()])


PROOF = {"nature": "PROOF", "satisfiedBy": []}
FOREIGN = [{"source": "BusinessLicence", "of": "applicant", "requirements": ["classB2"]}]
BAD = {
    "no materials": (lambda: small(materials=[]), "ITEM_WITHOUT_MATERIALS", "/materials"),
    "no object": (lambda: ["a list"], "ITEM_DOCUMENT_INVALID", "/"),
    "unknown member": (lambda: small(materails=[]), "ITEM_DOCUMENT_INVALID", "/"),
    "unknown member of a material": (_of(comitment={}), "ITEM_DOCUMENT_INVALID", "/materials/0"),
    "no basis": (_of(basis=[]), "ITEM_DOCUMENT_INVALID", "/materials/0/basis"),
    "same key twice": (
        lambda: small(materials=[material(), material(basis=[{"law": "另法", "grade": "weak"}])]),
        "ITEM_DOCUMENT_INVALID", "/materials",
    ),
    "unknown type": (_asking(source="DrivingLicence"), "ITEM_PATH_UNKNOWN", "/requirements/classB2"),
    "unknown path": (_asking(path="vehicleClass"), "ITEM_PATH_UNKNOWN", "/requirements/classB2"),
    "path of an object": (_asking(path="holders"), "ITEM_PATH_UNKNOWN", "/requirements/classB2"),
    "path not shared": (_asking(path="points", operator="atMost", value=9), "ITEM_PATH_CLOSED", "/requirements/classB2"),
    "a name": (_asking(path="name", operator="equals", value="林若川"), "ITEM_PATH_CLOSED", "/requirements/classB2"),
    "a number": (_asking(path="number", operator="equals", value="990200"), "ITEM_PATH_CLOSED", "/requirements/classB2"),
    "a holder": (_asking(path="holders.code", operator="equals", value="1"), "ITEM_PATH_CLOSED", "/requirements/classB2"),
    "an address": (_asking(path="address", operator="containsAny", value=["长安里"]), "ITEM_PATH_CLOSED", "/requirements/classB2"),
    "a picture": (_asking(path="photo", operator="equals", value="x"), "ITEM_PATH_CLOSED", "/requirements/classB2"),
    "a citizen number as value": (
        _asking(source="VehicleLicence", path="useNature", operator="equals", value="99020019850312001X"),
        "ITEM_PATH_CLOSED", "/requirements/classB2/value",
    ),
    "a register's number": (
        _asking(source="NaturalPerson", path="number", operator="equals", value="1"), "ITEM_PATH_CLOSED", "/requirements/classB2",
    ),
    "a predicate that searches": (_probing, "ITEM_PATH_CLOSED", "/requirements"),
    "no such class": (_asking(value="B9"), "ITEM_DOCUMENT_INVALID", "/requirements/classB2/value"),
    "a date as a class": (_asking(operator="onOrAfter", value="2026-01-01"), "ITEM_DOCUMENT_INVALID", "/requirements/classB2"),
    "includes of no list": (_asking(path="sex", value="男"), "ITEM_DOCUMENT_INVALID", "/requirements/classB2"),
    "a huge text": (_asking(operator="isOneOf", value=["B" * 10_000]), "ITEM_DOCUMENT_INVALID", "/requirements/classB2/value"),
    "a huge list": (_asking(operator="isOneOf", value=["B2"] * 10_000), "ITEM_DOCUMENT_INVALID", "/requirements/classB2/value"),
    "a huge number": (
        _asking(path="birthDate", operator="olderThan", value=10**30), "ITEM_DOCUMENT_INVALID", "/requirements/classB2/value",
    ),
    "no number": (_asking(path="birthDate", operator="olderThan", value=True), "ITEM_DOCUMENT_INVALID", "/requirements/classB2/value"),
    "unknown operator": (_asking(operator="matches"), "ITEM_DOCUMENT_INVALID", "/requirements/classB2/operator"),
    "another item's requirement": (
        _of(satisfiedBy=[{"source": "DriverLicence", "of": "applicant", "requirements": ["elsewhere"]}]),
        "ITEM_PATH_UNKNOWN", "/materials/0/satisfiedBy/0",
    ),
    "a requirement on another type": (_of(satisfiedBy=FOREIGN), "ITEM_DOCUMENT_INVALID", "/materials/0/satisfiedBy/0"),
    "satisfied by no type": (
        _of(satisfiedBy=[{"source": "Passport", "of": "applicant", "requirements": []}]),
        "ITEM_PATH_UNKNOWN", "/materials/0/satisfiedBy/0",
    ),
    "a proof without a number": (_of(**PROOF), "PROOF_NOT_RETAINED", "/materials/0"),
    "a proof with a number that is not there": (_of(**PROOF, retainedProof="P999"), "PROOF_NOT_RETAINED", "/materials/0/retainedProof"),
    "a deferral of 21 days": (_of(deferral=deferral(21)), "DEFERRAL_EXCLUDED", "/materials/0/deferral/days"),
    "a deferral up to the limit": (_of(deferral=deferral(19)), "DEFERRAL_EXCLUDED", "/materials/0/deferral/days"),
    "a deferral on the spot": (
        lambda: small(limits={"statutory": 20, "promised": 0}, materials=[material(deferral=deferral(1))]),
        "DEFERRAL_EXCLUDED", "/materials/0/deferral/days",
    ),
    "a commitment that a law excludes": (
        _of(commitment=commitment(), excluded=[{"act": "COMMITMENT", "basis": {"law": "某法", "grade": "strong"}}]),
        "COMMITMENT_EXCLUDED", "/materials/0/commitment",
    ),
    "somebody's number": (lambda: small(note="如 99020019850312001X"), "ITEM_DOCUMENT_INVALID", "/"),
    "a result of itself": (_of(resultOf=["licence"]), "ITEM_DOCUMENT_INVALID", "/materials/0/resultOf"),
    "results in a circle": (_circle, "ITEM_DOCUMENT_INVALID", "/materials/0/resultOf"),
    "a result of nothing": (_of(resultOf=["nowhere"]), "ITEM_PATH_UNKNOWN", "/materials/0/resultOf"),
    "a form field on no path": (
        lambda: small(form=[{"name": "points", "label": {"zh": "甲", "en": "A"}, "from": [{"source": "DriverLicence", "path": "no", "of": "applicant"}]}]),
        "ITEM_PATH_UNKNOWN", "/form/0/from/0",
    ),
    "a form field that is not shared": (
        lambda: small(form=[{"name": "points", "label": {"zh": "甲", "en": "A"}, "from": [{"source": "DriverLicence", "path": "points", "of": "applicant"}]}]),
        "ITEM_PATH_CLOSED", "/form/0/from/0",
    ),
    "a form field that is an object": (
        lambda: small(form=[{"name": "period", "label": {"zh": "甲", "en": "A"}, "from": [{"source": "TaxPaymentCertificate", "path": "lines.taxPeriod", "of": "applicant"}]}]),
        "ITEM_PATH_CLOSED", "/form/0/from/0",
    ),
    "a form field inside an object": (
        lambda: small(form=[{"name": "period", "label": {"zh": "甲", "en": "A"}, "from": [{"source": "TaxPaymentCertificate", "path": "lines.taxPeriod.from", "of": "applicant"}]}]),
        "ITEM_PATH_UNKNOWN", "/form/0/from/0",
    ),
    "a concern about another type's requirement": (
        lambda: small(concerns=[{"source": "BusinessLicence", "requirement": "classB2"}]), "ITEM_PATH_UNKNOWN", "/concerns/0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code", "place"), BAD.values(), ids=BAD)
def test_a_bad_document_is_refused_by_its_code_and_place(make: Callable[[], Any], code: str, place: str) -> None:
    refused = _refused(make())
    assert refused.code == code
    assert re.search(rf"{code} {place}(/[A-Za-z]+)?: ", refused.message)


@pytest.mark.parametrize("nature", [each for each in Nature if NATURES[each].commitment])
def test_no_commitment_takes_the_place_of_what_the_law_keeps_from_it(nature: Nature) -> None:
    assert _refused(small(materials=[material(nature=nature, commitment=commitment())])).code == "COMMITMENT_EXCLUDED"
    assert _refused(small(materials=[material(nature=nature, deferral=deferral())])).code == "DEFERRAL_EXCLUDED"


@pytest.mark.parametrize("sector", [each for each in Sector if SECTORS[each]])
def test_no_commitment_is_offered_in_a_sector_that_is_kept_from_it(sector: Sector) -> None:
    bad = small(sector=sector, materials=[material(commitment=commitment())])
    assert _refused(bad).code == "COMMITMENT_EXCLUDED"
    assert judging.parse(small(materials=[material(commitment=commitment())]), SOURCES).materials[0].commitment


def test_all_faults_of_a_document_are_said_at_once() -> None:
    told = _refused(small(materials=[material(nature="PROOF", satisfiedBy=FOREIGN, deferral=deferral(21))])).message
    assert all(code in told for code in ("PROOF_NOT_RETAINED", "DEFERRAL_EXCLUDED", "ITEM_DOCUMENT_INVALID"))


def test_each_code_is_said_once_before_its_faults() -> None:
    told = _refused(small(materials=[material(key="one", basis=[]), material(key="two", basis=[])])).message
    assert told.count("ITEM_DOCUMENT_INVALID") == 1
    assert "/materials/0/basis: " in told
    assert "/materials/1/basis: " in told


def test_the_list_of_retained_proofs_rests_on_nothing_below_a_regulation() -> None:
    assert {each.rank for each in retained_proofs().values()} <= set(Rank)
    assert all(each.law and each.article for each in retained_proofs().values())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_a_document_that_is_changed_anyhow_is_refused_or_still_sound(data: st.DataObject) -> None:
    whole: dict[str, Any] = copy.deepcopy(dict(data.draw(st.sampled_from(shipped_item_documents()))))
    inner: Any = whole
    for _ in range(data.draw(st.integers(0, 4))):  # go down somewhere
        below = inner[data.draw(st.sampled_from(sorted(inner)))]
        inner = below if isinstance(below, dict) and below else inner
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(_JSON)
    try:
        item = judging.parse(whole, SOURCES)
    except ItemDocumentError:
        return
    assert item.materials
    for each in item.materials:
        assert not (each.commitment and NATURES[each.nature].commitment)
        assert each.deferral is None or each.deferral.days <= item.limit - 2
