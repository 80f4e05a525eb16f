"""A department's desk that speaks GraphQL to a hub made of the real services, over HTTP and behind the real guard."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from hub.access.allowances import Allowances
from hub.access.caller import SCOPES
from hub.access.idempotency import Idempotency
from hub.access.service import Access
from hub.access.staff.service import StaffAccess
from hub.audit.epoch import EpochReader
from hub.changes.service import Changes
from hub.counters.codes import Codes
from hub.counters.seen import Seeing
from hub.counters.service import Counters
from hub.endpoints.guard import DisclosureGuard
from hub.identities.importing.service import RegisterImports
from hub.jobs.service import Jobs
from hub.licences.importing.importer import Ground
from hub.licences.importing.service import Imports
from hub.licences.importing.uploads import Uploads
from hub.licences.noting import Noting
from hub.licences.resealing import Resealing
from hub.licences.verification import Verification
from hub.limits import DEFAULT_LIMITS, Limits
from hub.seals.files import FileSealing
from hub.seals.inspection import Inspection
from hub.seals.office import SealOffice
from hub.seals.stamping import Stamping
from hub.supervision.service import Supervision
from keys.ring import KeyRing
from keys.store_lid import Cost
from schema.build import Schema
from schema.context import Services
from schema.http import METHODS, GraphQLEndpoint
from tests.access.department import Department
from tests.evidence.composed import Composed
from tests.licences.drafts import draft_of
from tests.renditions.studio import studio_of
from tests.sharing.world import ASKER, ISSUER, ITEM, LEGAL_BASIS, URL, World, make_world, world_again

KEYS = ("HouseholdRegister", "RealEstateTitle", "DriverLicence", "BusinessLicence")
ISSUED = "issued.json"
CASE = "query Read($case: CaseInput!, $id: String!) { case(input: $case) { ... on Problem { code message } ... on Case { %s } } }"


def case_of(person: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Return the CaseInput of an applicant."""
    applicant = {"codeType": person["codeType"], "code": person["code"]}
    return {
        "serviceItem": ITEM, "caseNumber": "CASE-1", "applicant": applicant, "legalBasis": LEGAL_BASIS, **changes,
    }  # fmt: skip


@dataclass
class Desk:
    """Two departments' systems on one hub: one issues, one asks. A shared one may not look licences up."""

    world: World
    access: Access
    services: Services
    schema: Schema
    app: DisclosureGuard
    departments: dict[str, Department]
    tokens: dict[str, str] = field(default_factory=dict)
    shared: bool = False

    @property
    def issued(self) -> dict[str, str]:
        """Return the identifiers of the licences issued, by type."""
        return self.world.issued

    def refresh(self) -> None:
        """Read the policy again, as a hub does when its epoch has changed."""
        self.world.catalogue.refresh()
        self.schema.refresh()
        self.access.refresh()
        self.world.sharing.refresh()

    def headers(self, authority: str | None = ASKER) -> dict[str, str]:
        """Return the headers of a signed-in department, or of nobody."""
        return {"authorization": f"Bearer {self.tokens[authority]}"} if authority else {}

    async def send(self, method: str = "POST", authority: str | None = ASKER, **request: Any) -> httpx.Response:
        """Send one request."""
        headers = {**self.headers(authority), **request.pop("headers", {})}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=URL) as client:
            return await client.request(method, "/graphql", headers=headers, **request)

    async def ask(self, query: str, authority: str | None = ASKER, **variables: Any) -> dict[str, Any]:
        """Ask and return the response map."""
        answer = await self.send(authority=authority, json={"query": query, "variables": variables})
        body: dict[str, Any] = answer.json()
        return body

    async def read(self, selection: str, person: dict[str, str], identifier: str = "") -> Any:
        """Read in the case of an applicant and return what `case` answered."""
        body = await self.ask(CASE % selection, case=case_of(person), id=identifier)
        assert "errors" not in body, body["errors"]
        return body["data"]["case"]

    def run(self, scenario: Callable[["Desk"], Awaitable[None]]) -> None:
        """Run a test's one scenario in an event loop of its own."""

        async def whole() -> None:
            try:
                await scenario(self)
            finally:
                if not self.shared:  # a reader lives and ends in one event loop
                    await self.world.reader.close()

        asyncio.run(whole())


def graphql_routes(
    schema: Schema, services: Services, limits: Limits = DEFAULT_LIMITS, *, trusted_only: bool = False
) -> list[Route]:
    """Return the endpoint's route, as the composition root makes it."""
    allowances = Allowances(limits)
    endpoint = GraphQLEndpoint(schema, services, allowances, trusted_only=trusted_only)
    return [Route("/graphql", endpoint.answer, methods=METHODS)]


def make_office(database_url: str, folder: Path) -> None:
    """Make what desks are copies of: a hub that has issued the family's licences, in a database and a folder."""
    world = make_world(database_url, folder)
    issued = dict(zip(KEYS, world.issue(*(draft_of(key) for key in KEYS)), strict=True))
    (folder / ISSUED).write_text(json.dumps(issued))
    world.close()


def desk_on_sqlite(office: Path, folder: Path, limits: Limits = DEFAULT_LIMITS) -> Desk:
    """Return a desk on SQLite, on a copy of an office."""
    shutil.copytree(office, folder, dirs_exist_ok=True)
    return make_desk(f"sqlite:///{folder / 'hub.db'}", folder, limits)


def make_desk(database_url: str, folder: Path, limits: Limits = DEFAULT_LIMITS) -> Desk:
    """Compose the hub on copies of what `make_office` made, and sign both departments in."""
    world = world_again(database_url, folder)
    world.issued = json.loads((folder / ISSUED).read_text())
    access = Access(world.database, world.audit, world.store, world.clock, issuer=URL, token_seconds=300)
    access.prepare()
    calendar = world.sharing.today.calendar
    verification = Verification(world.seals, world.licences.finder, world.clock, calendar)
    staff = StaffAccess(
        world.database, world.vault, world.audit, world.clock, calendar, public_url=URL, cost=Cost(1, 1, 8)
    )
    ground = Ground(
        world.database, KeyRing(world.store), world.vault, world.audit, access, staff, world.catalogue,
        Jobs(world.database, world.clock), world.clock, calendar, URL,
    )  # fmt: skip
    uploads = Uploads(world.database, world.vault, world.audit, world.clock, largest=limits.upload_bytes)
    imports = Imports(ground, Idempotency(world.database, world.vault, world.clock), uploads)
    office = SealOffice(
        world.database, world.audit, KeyRing(world.store), world.vault, world.clock, world.catalogue, world.seals,
        current=staff.current,
    )  # fmt: skip
    codes = Codes.of(
        world.database, world.audit, world.seals, world.licences.finder, world.catalogue, world.sharing, world.clock,
        calendar=calendar, public_url=URL,
    )  # fmt: skip
    services = Services(
        access, world.catalogue, world.seals, world.licences, world.sharing, verification, world.clock, imports, staff,
        office, Inspection(world.database, world.clock, world.seals, office),
        FileSealing(
            world.database, world.audit, world.clock, world.seals, office, Stamping(world.clock), current=staff.current
        ),
        Resealing(
            world.database, world.audit, Jobs(world.database, world.clock), world.seals,
            Noting(world.vault, world.audit, world.clock), world.clock,
            current=staff.current,
        ),
        Composed(world).evidence,
        None,
        Supervision(
            world.database, world.audit, world.catalogue, world.licences, world.clock, calendar, current=staff.current
        ),
        world.identities,
        RegisterImports(
            world.database, world.vault, world.audit, access, world.catalogue, Jobs(world.database, world.clock),
            world.identities, uploads, calendar=calendar,
        ),
        Changes(
            world.database, world.vault, world.audit, access, world.catalogue, world.sharing.feed, world.clock,
            public_url=URL,
        ),
        codes,
        Counters.of(
            world.database, world.vault, world.audit, world.catalogue, world.sharing,
            Seeing(verification, world.catalogue, world.seals, world.clock), world.clock,
            printed=codes.public.verify, current=staff.current, public_url=URL, seconds=60,
        ),
        studio_of(world),
    )  # fmt: skip

    schema = Schema(world.catalogue, limits)
    schema.follow()

    async def refresh() -> None:
        desk.refresh()

    guard = DisclosureGuard(
        Starlette(routes=graphql_routes(schema, services, limits)),
        recorder=world.recorder,
        current_epoch=lambda: min(access.epoch, world.sharing.policy.epoch),
        durable_epoch=EpochReader(world.reader).read,
        refresh=refresh,
        limits=limits,
        allowances=Allowances(limits),
    )
    departments = {authority: Department(world.clock, f"desk-{authority[-4:]}") for authority in (ASKER, ISSUER)}
    desk = Desk(world, access, services, schema, guard, departments)
    for authority, department in departments.items():
        access.add_client("A desk", authority, list(SCOPES), department.jwk, department.client_id)
    desk.refresh()
    desk.tokens = {each: access.token(one.form())["access_token"] for each, one in departments.items()}
    return desk
