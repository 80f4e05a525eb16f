"""Which of the 5,000 licences exist: how many of each type, whose, with which number and dates."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from random import Random

from hub.catalogue.licence_type import LicenceType, ValidityKind
from hub.demo.face import Subject, fill
from hub.demo.people import NON_ENTERPRISES, TODAY_YEAR, Organisation, Person
from hub.licences.draft import Draft, Holder

TOTAL = 5000
ENTERPRISE_LICENCES: Mapping[str, int] = {
    "FoodBusinessLicence": 160, "FoodProductionLicence": 40, "DrugBusinessLicence": 50, "MedicalInstitutionLicence": 40,
    "RoadTransportPermit": 80, "ConstructionPlanningPermit": 60, "ConstructionPermit": 60, "SafetyProductionLicence": 60,
    "PublicPlaceHygieneLicence": 80, "FireSafetyInspectionOpinion": 80, "RealEstateTitle": 40,
}  # fmt: skip
ADULT_LICENCES: Mapping[str, int] = {
    "DriverLicence": 380, "VehicleLicence": 360, "DisabilityCertificate": 80, "PhysicianPracticeCertificate": 60,
}  # fmt: skip
DATED_YEARS = {"ResidentIdentityCard": 20, "VehicleLicence": 15}
PREFIXES: Mapping[str, str] = {
    "FoodBusinessLicence": "JY29901020", "FoodProductionLicence": "SC12499010", "DrugBusinessLicence": "星BA9901",
    "MedicalInstitutionLicence": "PDY99010201", "PhysicianPracticeCertificate": "110990100", "MarriageCertificate": "J990100-2020-",
    "DivorceCertificate": "L990100-2021-", "BirthMedicalCertificate": "X990", "RoadTransportPermit": "星交运管许可字990100",
    "RealEstateTitle": "星(2022)星河市不动产权第", "ConstructionPlanningPermit": "建字第990100", "ConstructionPermit": "9901002023",
    "SafetyProductionLicence": "(星)JZ安许证字[2024]", "PublicPlaceHygieneLicence": "星卫公证字(2023)第",
    "FireSafetyInspectionOpinion": "星消安检字〔2024〕第", "TaxPaymentCertificate": "(2025)星省完证", "HouseholdRegister": "990",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """A licence to be issued, and of which type."""

    type_key: str
    draft: Draft


def plan(
    random: Random, types: Mapping[str, LicenceType], persons: list[Person], organisations: list[Organisation]
) -> list[Planned]:
    """Return the drafts of 5,000 licences; what the counts leave open becomes tax certificates."""
    wanted = list(subjects(persons, organisations))
    wanted += [("TaxPaymentCertificate", (person,), None) for person in (persons * 5)[: TOTAL - len(wanted)]]
    return [
        draft(random, types[key], n, holders, organisation) for n, (key, holders, organisation) in enumerate(wanted)
    ]


Wanted = tuple[str, tuple[Person, ...], Organisation | None]


def subjects(persons: list[Person], organisations: list[Organisation]) -> Iterator[Wanted]:
    """Yield type, persons and organisation of every licence that is not a tax certificate."""
    families = [tuple(family) for _, family in groupby(persons, key=lambda person: person.family)]
    couples = [family[:2] for family in families if len(family) > 1]
    adults = [person for person in persons if person.born.year <= TODAY_YEAR - 25]
    children = [(child, family[1], family[0]) for family in families for child in family[2:]]
    yield from (("ResidentIdentityCard", (person,), None) for person in persons)
    yield from (("HouseholdRegister", family, None) for family in families)
    yield from (("MarriageCertificate", couple, None) for couple in couples[:-40])
    yield from (("DivorceCertificate", couple, None) for couple in couples[-40:])
    yield from (("RealEstateTitle", couple, None) for couple in couples[:260])
    yield from (("BirthMedicalCertificate", family, None) for family in children)
    for key, count in ADULT_LICENCES.items():
        yield from ((key, (person,), None) for person in adults[:count])
    yield from of_organisations(organisations)


def of_organisations(organisations: list[Organisation]) -> Iterator[Wanted]:
    """Yield the licences of organisations: each has its registration, some have permits."""
    enterprises = organisations[: -2 * NON_ENTERPRISES]
    yield from (("BusinessLicence", (), each) for each in enterprises)
    yield from (
        ("SocialOrganisationCertificate", (), each) for each in organisations[-2 * NON_ENTERPRISES : -NON_ENTERPRISES]
    )
    yield from (("PublicInstitutionCertificate", (), each) for each in organisations[-NON_ENTERPRISES:])
    for key, count in ENTERPRISE_LICENCES.items():
        yield from ((key, (), each) for each in enterprises[:count])


def draft(
    random: Random,
    licence_type: LicenceType,
    ordinal: int,
    persons: tuple[Person, ...],
    organisation: Organisation | None,
) -> Planned:
    """Return the draft of one licence."""
    issued_on = first_day(random, licence_type, persons, organisation)
    subject = Subject(random, ordinal, issued_on, persons, organisation)
    made = Draft(
        type_key=licence_type.key,
        number=number(licence_type.key, subject),
        holders=holders(licence_type, subject),
        issued_on=issued_on,
        valid_from=issued_on,
        valid_until=last_day(licence_type, issued_on),
        data=fill(licence_type.schema, subject),
        legal_basis=licence_type.source.law,
        reason="演示数据",
    )
    return Planned(licence_type.key, made)


def holders(licence_type: LicenceType, subject: Subject) -> tuple[Holder, ...]:
    """Return the holders: the organisation, else all persons or the first, as the type has it."""
    if subject.organisation:
        return (Holder("001", subject.organisation.code, subject.organisation.name),)
    persons = subject.persons if licence_type.several_holders else subject.persons[:1]
    return tuple(Holder("111", person.number, person.name) for person in persons)


def first_day(
    random: Random, licence_type: LicenceType, persons: tuple[Person, ...], organisation: Organisation | None
) -> date:
    """Return the day of issue: within six years, and never before the holder existed."""
    born = organisation.founded if organisation else max(person.born for person in persons)
    if licence_type.key == "BirthMedicalCertificate":
        born = persons[0].born
    earliest = max(born, date(TODAY_YEAR - 6, 12, 1))
    latest = date(TODAY_YEAR, 10, 1)
    return earliest + timedelta(days=random.randint(0, max(0, (latest - earliest).days)))


def last_day(licence_type: LicenceType, issued_on: date) -> date | None:
    """Return the last legal day of validity, None for long-term."""
    years = licence_type.validity.years
    if licence_type.validity.kind is ValidityKind.DATED:
        years = DATED_YEARS.get(licence_type.key, 6)
    if years is None:
        return None
    return issued_on.replace(year=issued_on.year + years, day=min(issued_on.day, 28)) - timedelta(days=1)


NUMBERS: Mapping[str, Callable[[Subject], str]] = {
    "ResidentIdentityCard": lambda subject: subject.persons[0].number,
    "DriverLicence": lambda subject: subject.persons[0].number,
    "DisabilityCertificate": lambda subject: f"{subject.persons[0].number}43",
}


def number(type_key: str, subject: Subject) -> str:
    """Return the number printed on the licence; registrations bear the credit code."""
    if type_key in NUMBERS:
        return NUMBERS[type_key](subject)
    if type_key in PREFIXES:
        return f"{PREFIXES[type_key]}{subject.ordinal:06d}"
    return subject.organisation.code if subject.organisation else f"{subject.ordinal:012d}"
