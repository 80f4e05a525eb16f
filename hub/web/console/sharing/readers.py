"""Who reads what: of a source which authority reads which fields for which item, and of an authority all it reads; as a page, on paper, and as CSV.

Decides only how it is laid out: what is in force, and whose it is to see, is decided by hub.sharing.grants.lists. How often it was used comes from the figures, never from records.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.sharing.grants.lists import READERS, Reading
from hub.supervision.use import Place
from hub.tabular import written
from hub.web.console.frame import Console
from hub.web.console.sections import Act
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.names import Names
from hub.web.pages import KEPT_NOWHERE
from hub.web.policy import HEADERS
from hub.web.words.catalogues import words

READS: Final = "/console/sharing/readers"
TABLE: Final = f"{READS}.csv"
COLUMNS: Final = (
    "sharing.reads", "sharing.code", "sharing.item", "sharing.code", "sharing.source", "sharing.code", "sharing.field", "sharing.path",
    "sharing.mark", "sharing.valid_until", "sharing.use.year",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """What was asked for, of a source, of an authority or of both, and what was found."""

    source: str
    authority: str
    readings: tuple[Reading, ...]
    used: Mapping[Place, int]

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields that anybody reads or has judged."""
        return frozenset().union(*(each.paths | each.checks for each in self.readings))


@dataclass(frozen=True, slots=True)
class ReaderPages:
    """Shows who reads what."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(READS, "GET", self.show, READERS, "sharing.readers.menu"),
            Act(TABLE, "GET", self.table, READERS),
        )

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show it as a page."""
        looked, names = await self._look(request, staff), self.demands.names(request)
        source = names.find(looked.source)
        return self.console.page(
            request, "console/sharing/readers.html", looked=looked, names=names, table=TABLE, sources=names.sources(), source=source,
            authorities=names.authorities(), today=self.console.hub.sharing.today(),
            columns=[path for path in source.leaf_paths if path in looked.fields] if source else [],
            query=request.url.query,
        )  # fmt: skip

    async def table(self, request: Request, staff: Staff) -> Response:
        """Give it as CSV."""
        looked, names = await self._look(request, staff), self.demands.names(request)
        say = words(names.language)
        body = written.table((say(each) for each in COLUMNS), _rows(looked, names))
        name = f"who-reads-what-{looked.source or looked.authority}.csv"
        headers = {**HEADERS, **KEPT_NOWHERE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, headers=headers, media_type="text/csv; charset=utf-8")

    async def _look(self, request: Request, staff: Staff) -> Looked:
        """Return what the address asks for; raises TypeUnknownError, AuthorityUnknownError, RoleMissingError."""
        lists, today = self.console.hub.sharing.grant_lists, self.console.hub.sharing.today()
        source, authority = (request.query_params.get(each, "") for each in ("source", "authority"))
        found: tuple[Reading, ...] = ()
        if source or authority:
            found = await run_sync(lists.readings, staff, source or None, authority or None, today)
        used = await run_sync(partial(self.console.hub.supervision.use.of, found, today)) if found else {}
        return Looked(source, authority, found, used)


def _rows(looked: Looked, names: Names) -> Iterator[tuple[str, ...]]:
    say = words(names.language)
    for each in looked.readings:
        place = (
            names.authority(each.authority), each.authority, names.item(each.item), each.item, names.source(each.source), each.source,
        )  # fmt: skip
        rest = (each.until.isoformat(), str(looked.used[each.authority, each.source, each.item]))
        for path in sorted(each.paths | each.checks):
            mark = "sharing.mark.read" if path in each.paths else "sharing.mark.check"
            yield *place, names.field(each.source, path), path, say(mark), *rest
