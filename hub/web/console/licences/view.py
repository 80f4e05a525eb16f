"""A licence as its page shows it: the document, how it stands, what became of it, and what proves it.

Decides nothing about what may be seen: it is given what left the funnel for the issuing authority. Pictures stand in the page itself, written anew
pixel by pixel, so that no address leads to one; verification is what anybody would do who is handed the presentation.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync

from hub.access.caller import Caller
from hub.audit.log import Inclusion
from hub.audit.refusals import NotIntegratedError, RecordUnknownError
from hub.audit.service import Pending
from hub.catalogue.licence_type import Term
from hub.errors import NotFoundError, SealMissingError
from hub.licences.finding import StoredLicence
from hub.licences.status import OPERATIONS, Operation
from hub.licences.verification import Report
from hub.renditions import photographs
from hub.sharing.disclosure import Disclosed
from hub.sharing.history import HistoryEntry
from hub.sharing.withholding import Reason
from hub.web.console.hub import ConsoleHub
from hub.web.console.licences.document import Document, Printed, document_of
from hub.web.console.licences.people import names_of
from hub.web.console.licences.steps import CHANGES
from hub.web.words.dates import Dates

_KINDS: Final = ((b"\x89PNG", "image/png"), (b"<svg", "image/svg+xml"), (b"<?xml", "image/svg+xml"))


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a licence, and the name of who did it."""

    entry: HistoryEntry = field(repr=False)
    who: str


@dataclass(frozen=True, slots=True)
class View:
    """A licence to be looked at. `proof` is that its issue is in the log, None while it is not yet; `seal` is its seal's name."""

    disclosed: Disclosed = field(repr=False)
    document: Document = field(repr=False)
    changes: Sequence[Change]
    report: Report
    proof: Inclusion | None
    seal: str
    erased: bool

    @property
    def licence(self) -> StoredLicence:
        """Return what stands of it in the clear."""
        return self.disclosed.stored

    @property
    def possible(self) -> Sequence[Operation]:
        """Return what may be done to it now, in the order of the table, new editions left out."""
        return [row for row in CHANGES.values() if self._allows(row)]

    @property
    def renewable(self) -> bool:
        """Tell whether a new edition may take its place."""
        return not self.erased and self._allows(OPERATIONS["renew"])

    def _allows(self, row: Operation) -> bool:
        return self.licence.status in row.from_statuses


async def view_of(hub: ConsoleHub, caller: Caller, identifier: str, dates: Dates, pending: Pending) -> View:
    """Return a licence of the caller's authority to be looked at, on record; raises as `Sharing.own`."""
    disclosed = await hub.sharing.own(caller, identifier, None, pending)
    past = await hub.sharing.past_of(disclosed)
    report = await hub.verification.verify(disclosed.presentation)
    return await run_sync(partial(_viewed, hub, caller, disclosed, past, report, dates))


def _viewed(
    hub: ConsoleHub, caller: Caller, disclosed: Disclosed, past: Sequence[HistoryEntry], report: Report, dates: Dates
) -> View:
    stored = disclosed.stored
    licence_type = hub.catalogue.type_at(stored.type_key, stored.type_version)
    issuer = hub.catalogue.authority(stored.authority)
    printed = Printed(
        Term(issuer.name_zh, issuer.name_en), stored.valid_from, stored.valid_until, seal_picture(hub, stored.es_id)
    )
    withheld = [each.path for each in disclosed.withheld]
    document = document_of(
        licence_type, disclosed.values, printed, dates, withheld=withheld, picture=partial(_picture, disclosed.values)
    )
    return View(
        disclosed, document, changes_of(hub, past), report, _proof(hub, caller, past), hub.seals.seal(stored.es_id).name,
        erased=any(each.reason is Reason.ERASED for each in disclosed.withheld),
    )  # fmt: skip


def changes_of(hub: ConsoleHub, past: Sequence[HistoryEntry]) -> Sequence[Change]:
    """Return changes with the names of those who did them; asks the database."""
    names = names_of({each.actor for each in past}, hub.staff, hub.access)
    return [Change(each, names[each.actor]) for each in past]


def _proof(hub: ConsoleHub, caller: Caller, past: Sequence[HistoryEntry]) -> Inclusion | None:
    try:
        return hub.sharing.proofs.of_record(caller, past[0].record)
    except (NotIntegratedError, RecordUnknownError):  # it will be, within seconds; an older record has another name
        return None


def seal_picture(hub: ConsoleHub, es_id: str) -> str | None:
    """Return the picture of a seal; None where there is none, or not any more."""
    try:
        found = hub.seal_office.picture(es_id)
    except (NotFoundError, SealMissingError):
        return None
    return None if found is None else inside(found.svg or found.png)


def _picture(values: Mapping[str, Any], path: str) -> str | None:
    """Return the picture at a path of a face; None if it cannot be shown."""
    value: Any = values
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    found = photographs.printable(value) if isinstance(value, str) else None
    return None if found is None else inside(found)


def inside(picture: bytes) -> str:
    """Return a picture as an address that holds it."""
    kind = next(kind for begin, kind in _KINDS if picture.lstrip().startswith(begin))
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"
