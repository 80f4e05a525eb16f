"""(l) A whole case in one request: a person, three materials that are exempt with their sealed licences, and the form.

It is measured beside three things: one licence by number of the same persons, which a department would ask three times; the same requests with plans
switched off (`by_core.py`), so that graphql-core runs them by the same resolvers, the ordinary way; and, for p99, one person's three licences in one
request by PostGraphile, of which it gives the rows and nothing else. Each hub has a copy of the database, so that none grows another's log.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks import postgres
from benchmarks.companies import LAW
from benchmarks.contest import Contest, compete
from benchmarks.load import Request, post
from benchmarks.results import Goal, Outcome
from benchmarks.scene import ISSUER, READER, Scene, copied, make_scene
from benchmarks.servers import Asking, hub_process, identifiers_of, npm_packages, postgraphile_server
from benchmarks.workshop import Workshop
from hub.composition import Hub
from hub.demo.codes import credit_code
from hub.demo.people import Person, make_persons
from hub.demo.plan import draft

ITEM: Final = f"{READER}3000199906001"
ROUND: Final = 3
"""So many look-ups one whole case stands beside."""
MOST: Final = 1.5
OF_CORE: Final = 1.5
MOST_P99: Final = 1.0
ROWS: Final = "three rows, PostGraphile 5"
SEED: Final = 20261126
BATCH: Final = 250
COPIES: Final = 2
"""Of the database, for the hubs beside the one that answers whole cases."""
PATHS: Final = {
    "ResidentIdentityCard": ("number", "holders", "sex", "address"),
    "DriverLicence": ("number", "vehicleClasses", "firstIssuedOn"),
    "VehicleLicence": ("number", "plateNumber", "brandModel"),
}
_FORM: Final = (
    ("name", "ResidentIdentityCard", "holders.name"), ("number", "ResidentIdentityCard", "number"),
    ("address", "ResidentIdentityCard", "address"), ("classes", "DriverLicence", "vehicleClasses"),
    ("first", "DriverLicence", "firstIssuedOn"), ("plate", "VehicleLicence", "plateNumber"),
    ("brand", "VehicleLicence", "brandModel"),
)  # fmt: skip
WHOLE: Final = """query Whole($case: CaseInput!) { case(input: $case) { ... on Case {
  materials { key result reason { code } licence { identifier status proof { sdJwt }
    ... on ResidentIdentityCard { number address } ... on DriverLicence { vehicleClasses } ... on VehicleLicence { plateNumber } } }
  form { ... on Form { fields { name value state source { type identifier } } } ... on Problem { code } }
} ... on Problem { code } } }"""
SINGLE: Final = """query Single($case: CaseInput!, $number: String!) { case(input: $case) { ... on Case {
  licence(type: "ResidentIdentityCard", number: $number) {
    ... on ResidentIdentityCard { identifier status number address holders { name } withheld { path reason } proof { sdJwt } } ... on Problem { code } }
} ... on Problem { code } } }"""


@dataclass(frozen=True, slots=True)
class Street:
    """A hub with persons who have all three licences."""

    scene: Scene
    persons: Sequence[Person] = field(repr=False)


def run(workshop: Workshop) -> Outcome:
    """Measure on PostgreSQL and on SQLite."""
    goals, tables, remarks = [], [], []
    for name, contest in (("PostgreSQL", _on_postgres(workshop)), ("SQLite", _on_sqlite(workshop))):
        ratio = contest.cpu_ratio(_whole(name), _single(name))
        goals.append(Goal(f"CPU of a whole case / of three look-ups, {name}", ratio.median / ROUND, MOST, at_most=True))
        planned = contest.cpu_ratio(_by_core(name), _whole(name))
        goals.append(Goal(f"CPU of a whole case by graphql-core / by plans, {name}", planned.median, OF_CORE))
        if ROWS in contest.standings:
            p99 = contest.p99_ratio(_whole(name), ROWS)
            goals.append(
                Goal("p99 of a whole case / of three rows by PostGraphile", p99.median, MOST_P99, at_most=True)
            )
        tables.append(contest.table(f"On {name}"))
        remarks += [
            *(contest.in_line(each) for each in contest.standings),
            *(contest.with_workers(each) for each in (_whole(name), _by_core(name), _single(name))), f"{name}: {contest.told()}",
        ]  # fmt: skip
    return Outcome(tuple(goals), tuple(tables), tuple(remarks))


def _on_postgres(workshop: Workshop) -> Contest:
    database = workshop.postgres.database("whole")
    street = make_street(workshop.folder / "whole-postgresql", database, workshop.sizes.asked // 4)
    copies = [street.scene.on(workshop.postgres.database(f"whole_{each}", "whole")) for each in range(COPIES)]
    return _compete(workshop, street, copies, "PostgreSQL", workshop.postgres.process)


def _on_sqlite(workshop: Workshop) -> Contest:
    folder = workshop.folder / "whole-sqlite"
    street = make_street(folder, f"sqlite:///{folder / 'hub.db'}", workshop.sizes.asked // 4)
    copies = [copied(street.scene, folder / f"copy-{each}.db") for each in range(COPIES)]
    return _compete(workshop, street, copies, "SQLite", None)


def _whole(name: str) -> str:
    return f"whole case, {name}"


def _by_core(name: str) -> str:
    return f"whole case by graphql-core, {name}"


def _single(name: str) -> str:
    return f"one look-up, {name}"


def make_street(folder: Path, url: str, count: int) -> Street:
    """Make a hub in which so many persons have all three licences."""
    scene = make_scene(folder, url)
    random = Random(SEED)  # noqa: S311 - the same people in every run
    persons = [each for each in make_persons(random, 3 * count) if each.born.year < 2000][:count]  # noqa: PLR2004 - adults
    with scene.opened() as hub:
        _furnish(hub)
        types = {each.key: each for each in hub.catalogue.types()}
        wanted = [(key, one) for one in persons for key in PATHS]
        drafts = [draft(random, types[key], n, (one,), None).draft for n, (key, one) in enumerate(wanted)]
        for start in range(0, len(drafts), BATCH):
            hub.licences.issue_many(ISSUER, "benchmark", drafts[start : start + BATCH])
    return Street(scene, persons)


def _furnish(hub: Hub) -> None:
    hub.catalogue.add_item(ITEM, "机动车驾驶证期满换证", "Driving licence renewal", READER)
    hub.catalogue.documents.publish(ITEM, _document())
    today = hub.settings.calendar.day(hub.clock.now())
    definer = credit_code("11", "990000", "DE000000")
    for number, (key, paths) in enumerate(PATHS.items(), start=1):
        hub.catalogue.allow_issuing(ISSUER, key)
        hub.catalogue.set_type_code(key, f"{definer}{number:03d}", synthetic=True)
        hub.sharing.add_grant(
            READER, ITEM, key, paths, legal_basis="《政务数据共享条例》", valid_from=today,
            valid_until=today + timedelta(days=365), approver="基准测试",
        )  # fmt: skip


def _document() -> dict[str, Any]:
    basis = [{"law": "机动车驾驶证申领和使用规定", "article": "第六十三条", "grade": "weak"}]
    return {
        "key": "Measured", "version": 1, "order": 99, "name": {"zh": "换证", "en": "Renewal"}, "exampleCodes": {"local": "EXAMPLE-1"},
        "handledBy": {"zh": "车辆管理所", "en": "vehicle office"}, "applicants": ["PERSON"], "sector": "ORDINARY",
        "limits": {"statutory": 1, "note": "一日"}, "basis": basis, "notFor": [], "requirements": {},
        "materials": [
            {"key": key[0].lower() + key[1:], "name": {"zh": key, "en": key}, "nature": "CERTIFICATE", "basis": basis,
             "satisfiedBy": [{"source": key, "of": "applicant", "requirements": []}]}
            for key in PATHS
        ],
        "form": [
            {"name": name, "label": {"zh": name, "en": name}, "from": [{"source": source, "path": path, "of": "applicant"}]}
            for name, source, path in _FORM
        ],
        "concerns": [], "note": "基准测试 · a benchmark",
    }  # fmt: skip


def _compete(workshop: Workshop, street: Street, copies: Sequence[Scene], name: str, database: int | None) -> Contest:
    whole, scenes = whole_cases(street), (street.scene, *copies)
    asked = (
        (_whole(name), whole, "hub"),
        (_by_core(name), whole, "benchmarks.by_core"),
        (_single(name), singles(street), "hub"),
    )

    def settle() -> None:
        for scene in scenes if database is not None else ():
            postgres.settle(scene.settings.database_url)

    with ExitStack() as stack:
        servers = [
            stack.enter_context(hub_process(scene, title, requests, program=program))
            for scene, (title, requests, program) in zip(scenes, asked, strict=True)
        ]
        if database is not None and (packages := npm_packages(install=workshop.sizes.installs)):
            url, folder = street.scene.settings.database_url, workshop.folder / "postgraphile-whole"
            each = iter(identifiers_of(street.scene, workshop.sizes.asked))
            rows = [
                dict(zip(("first", "second", "third"), three, strict=True))
                for three in zip(each, each, each, strict=False)
            ]
            servers.append(stack.enter_context(postgraphile_server(packages, folder, url, ROWS, "three", rows)))
        return compete(servers, database, workshop.sizes.pace, workshop.say, settle)


def whole_cases(street: Street) -> Asking:
    """Return what is asked for whole cases of all persons."""
    variables = [{"case": _case(n, one)} for n, one in enumerate(street.persons)]
    looked_for = [(one.number.encode(), b'"EXEMPT"', b'"form":{"fields":[{') for one in street.persons]
    return _asking(WHOLE, variables, looked_for)


def singles(street: Street) -> Asking:
    """Return what is asked for one licence by number of each person."""
    variables = [{"case": _case(n, one), "number": one.number} for n, one in enumerate(street.persons)]
    return _asking(SINGLE, variables, [(one.number.encode(), b'"sdJwt":"ey') for one in street.persons])


def _asking(query: str, variables: Sequence[dict[str, Any]], looked_for: Sequence[tuple[bytes, ...]]) -> Asking:
    def ask(port: int, tokens: Sequence[str]) -> Iterator[Request]:
        for n, (asked, expected) in enumerate(zip(variables, looked_for, strict=True)):
            yield Request(
                post(port, "/graphql", {"query": query, "variables": asked}, tokens[n % len(tokens)]), expected
            )

    return ask


def _case(number: int, one: Person) -> dict[str, Any]:
    applicant = {"codeType": "111", "code": one.number}
    return {"serviceItem": ITEM, "caseNumber": f"REN-{number}", "applicant": applicant, "legalBasis": LAW}
