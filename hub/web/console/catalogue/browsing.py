"""What the catalogue holds, to look at: types with their versions, authorities, service items, registers and working days.

Decides nothing; all of it is public, and every catalogue steward sees all. What somebody may do is linked, and nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import CATALOGUE_STEWARD
from hub.catalogue.differences import differences
from hub.catalogue.items.sources import name_of
from hub.catalogue.items.words import role
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Authority, Generation, Level
from hub.clock import to_micros
from hub.web.console.catalogue import type_draft as draft
from hub.web.console.catalogue.acting import ROLES
from hub.web.console.catalogue.downloads import json_file
from hub.web.console.catalogue.places import at
from hub.web.console.catalogue.type_views import pretty, rules
from hub.web.console.frame import Console
from hub.web.console.sections import Act

HOME: Final = "/console/catalogue"
EACH_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Cut:
    """One page of a list that is in memory."""

    rows: Sequence[Any]
    total: int
    number: int

    @property
    def more(self) -> bool:
        """Tell whether a page follows."""
        return self.number * EACH_PAGE < self.total


def cut(rows: Sequence[Any], wanted: str) -> Cut:
    """Return a page of a list by its number, the first one for anything else."""
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and 0 < len(wanted) <= 6 else 1  # noqa: PLR2004 - digits of a page's number
    number = max(1, min(number, -(-len(rows) // EACH_PAGE)))
    return Cut(rows[(number - 1) * EACH_PAGE : number * EACH_PAGE], len(rows), number)


@dataclass(frozen=True, slots=True)
class CatalogueLists:
    """Shows lists and what stands in them."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be seen, and by whom."""
        one = f"{HOME}/types/{{key}}"
        version = f"{one}/versions/{{version}}"
        return (
            Act(HOME, "GET", self.types, ROLES, "catalogue.types"),
            Act(one, "GET", self.type, ROLES),
            Act(version, "GET", self.version, ROLES),
            Act(f"{version}/file", "GET", self.type_file, ROLES),
            Act(f"{HOME}/authorities", "GET", self.authorities, ROLES, "catalogue.authorities"),
            Act(f"{HOME}/authorities/{{authority}}", "GET", self.authority, ROLES),
            Act(f"{HOME}/items", "GET", self.items, ROLES, "catalogue.items"),
            Act(f"{HOME}/items/{{item}}", "GET", self.item, ROLES),
            Act(f"{HOME}/items/{{item}}/versions/{{version}}", "GET", self.item_version, ROLES),
            Act(f"{HOME}/items/{{item}}/versions/{{version}}/file", "GET", self.item_file, ROLES),
            Act(f"{HOME}/registers", "GET", self.registers, ROLES, "catalogue.registers"),
        )

    @property
    def _now(self) -> Generation:
        return self.console.hub.catalogue.current

    # -- types -------------------------------------------------------------------------------------------------------

    async def types(self, request: Request, staff: Staff) -> Response:
        """Show all types."""
        now, asked = self._now, request.query_params.get("q", "").strip().lower()
        found = [versions[-1] for versions in now.types.values()]
        shown = [each for each in found if asked in f"{each.key} {each.name.zh} {each.name.en}".lower()]
        uncoded = [key for key in now.types if key not in now.retired and now.code_of(key) is None]
        return self.console.page(
            request, "console/catalogue/types.html", typed={"q": asked}, kept=now, found=cut(shown, request.query_params.get("page", "")),
            asked=asked, uncoded=uncoded, issuers=self.console.hub.catalogue.issuers_of,
            hub_steward=staff.holds(CATALOGUE_STEWARD),
        )  # fmt: skip

    async def type(self, request: Request, staff: Staff) -> Response:
        """Show a type in its newest version."""
        catalogue = self.console.hub.catalogue
        one = catalogue.type_at(request.path_params["key"], catalogue.newest_version(request.path_params["key"]))
        kept = await run_sync(catalogue.kept.of_type, one.key, one.version)
        coverage = await run_sync(self.console.hub.supervision.counted)
        unfit = [each for each in await run_sync(self.console.offering.schema.left_out) if f" of {one.key}: " in each]
        return self.console.page(
            request, "console/catalogue/type.html", one=one, kept=self._now, rows=draft.rows(dict(kept)), unfit=unfit,
            rules={row.place: rules(at(kept, row.place)) for row in draft.rows(dict(kept))},
            per_person=dict(one.per_person), issuers=[catalogue.authority(code) for code in catalogue.issuers_of(one.key)],
            history=[each for each in reversed(self._now.history) if each.key == one.key],
            coverage={each.authority: each for each in coverage if each.type_key == one.key},
            keeps=catalogue.desk.keeps_type(staff, one.key), hub_steward=staff.holds(CATALOGUE_STEWARD),
        )  # fmt: skip

    async def version(self, request: Request, _staff: Staff) -> Response:
        """Show the document of a version, and what changed from the one before."""
        kept, key, version = self.console.hub.catalogue.kept, request.path_params["key"], _number(request)
        document = await run_sync(kept.of_type, key, version)
        before = await run_sync(kept.of_type, key, version - 1) if version > 1 else None
        return self.console.page(
            request, "console/catalogue/version.html", key=key, name=document["name"], document=document, text=pretty(document),
            changes=differences(before, document) if before else None, back=f"{HOME}/types/{key}",
            file=f"{HOME}/types/{key}/versions/{version}/file",
        )  # fmt: skip

    async def type_file(self, request: Request, _staff: Staff) -> Response:
        """Hand out the document of a version."""
        key, version = request.path_params["key"], _number(request)
        document = await run_sync(self.console.hub.catalogue.kept.of_type, key, version)
        return json_file(document, f"{key}.{version}.json")

    # -- authorities -------------------------------------------------------------------------------------------------

    async def authorities(self, request: Request, staff: Staff) -> Response:
        """Show authorities, each under its parent."""
        asked, level = request.query_params.get("q", "").strip().lower(), request.query_params.get("level", "")
        found = [
            (one, depth) for one, depth in tree(self.console.hub.catalogue.authorities())
            if asked in f"{one.code} {one.name_zh} {one.name_en} {one.division}".lower() and level in {"", one.level.value}
        ]  # fmt: skip
        return self.console.page(
            request, "console/catalogue/authorities.html", typed={"q": asked, "level": level}, asked=asked, level=level,
            found=cut(found, request.query_params.get("page", "")), levels=[each.value for each in Level], kept=self._now,
            hub_steward=staff.holds(CATALOGUE_STEWARD),
        )  # fmt: skip

    async def authority(self, request: Request, staff: Staff) -> Response:
        """Show an authority: where it belongs, what it issues, feeds and asks for, and its seals."""
        catalogue, now, hub = self.console.hub.catalogue, self._now, self.console.hub
        one = catalogue.authority(request.path_params["authority"])
        moment = to_micros(hub.clock.now())
        return self.console.page(
            request, "console/catalogue/authority.html", one=one, kept=now,
            parent=now.authorities.get(one.parent or ""), below=[each for each in catalogue.authorities() if each.parent == one.code],
            issues=[now.types[key][-1] for authority, key in sorted(now.issuing_rights) if authority == one.code],
            feeds=[REGISTERS[key] for authority, key in sorted(now.feeding_rights) if authority == one.code],
            items=[each for each in catalogue.items() if each.authority == one.code],
            seals=[(each, each.status_at(moment)) for each in hub.seals.seals(one.code)],
            keeps=staff.holds(CATALOGUE_STEWARD, one.code), hub_steward=staff.holds(CATALOGUE_STEWARD),
        )  # fmt: skip

    # -- service items -----------------------------------------------------------------------------------------------

    async def items(self, request: Request, _staff: Staff) -> Response:
        """Show service items, and which document each has."""
        catalogue, asked = self.console.hub.catalogue, request.query_params.get("q", "").strip().lower()
        found = [
            each for each in catalogue.items() if asked in f"{each.code} {each.name_zh} {each.name_en} {each.authority}".lower()
        ]  # fmt: skip
        return self.console.page(
            request, "console/catalogue/items.html", typed={"q": asked}, asked=asked, found=cut(found, request.query_params.get("page", "")),
            kept=self._now,
        )  # fmt: skip

    async def item(self, request: Request, staff: Staff) -> Response:
        """Show a service item: its materials, what stands in their place, its form and its basis."""
        now, one = self._now, self.console.hub.catalogue.item(request.path_params["item"])
        versions = now.documents.get(one.code, ())
        return self.console.page(
            request, "console/catalogue/item.html", one=one, kept=now, versions=versions, described=versions[-1].document if versions else None,
            handled_by=now.authorities[one.authority], keeps=staff.holds(CATALOGUE_STEWARD, one.authority), role=role,
            source_name=lambda key: name_of(now, key),
        )  # fmt: skip

    async def item_version(self, request: Request, _staff: Staff) -> Response:
        """Show one version of an item's document, and what changed from the one before."""
        kept, code, version = self.console.hub.catalogue.kept, request.path_params["item"], _number(request)
        document = await run_sync(kept.of_item, code, version)
        before = await run_sync(kept.of_item, code, version - 1) if version > 1 else None
        return self.console.page(
            request, "console/catalogue/version.html", key=code, name=document["name"], document=document, text=pretty(document),
            changes=differences(before, document) if before else None, back=f"{HOME}/items/{code}",
            file=f"{HOME}/items/{code}/versions/{version}/file",
        )  # fmt: skip

    async def item_file(self, request: Request, _staff: Staff) -> Response:
        """Hand out the document of a version."""
        code, version = request.path_params["item"], _number(request)
        document = await run_sync(self.console.hub.catalogue.kept.of_item, code, version)
        return json_file(document, f"{document['key']}.{version}.json")

    # -- registers ---------------------------------------------------------------------------------------------------

    async def registers(self, request: Request, staff: Staff) -> Response:
        """Show the registers with their sources, and the years whose working days are known."""
        now = self._now
        sources = {
            key: [now.authorities[code] for code, register in sorted(now.feeding_rights) if register == key] for key in REGISTERS
        }  # fmt: skip
        days, year = (
            self.console.hub.catalogue.working_days,
            self.console.pages.calendar.day(self.console.hub.clock.now()).year,
        )
        return self.console.page(
            request, "console/catalogue/registers.html", registers=REGISTERS.values(), sources=sources, years=sorted(days.years),
            missing=[each for each in (year, year + 1) if each not in days.years], hub_steward=staff.holds(CATALOGUE_STEWARD),
        )  # fmt: skip


def tree(authorities: Sequence[Authority]) -> Iterator[tuple[Authority, int]]:
    """Yield each authority after its parent, with its depth; those without a parent by level, division and code."""
    order = list(Level)
    below: dict[str | None, list[Authority]] = {}
    for each in sorted(authorities, key=lambda one: (order.index(one.level), one.division, one.code)):
        below.setdefault(each.parent, []).append(each)
    waiting = [(each, 0) for each in reversed(below.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        yield one, depth
        waiting += [(each, depth + 1) for each in reversed(below.get(one.code, []))]


def _number(request: Request) -> int:
    text = request.path_params["version"]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0  # noqa: PLR2004 - digits of a version
