"""Finding an authority's own licences by their number or by whose they are.

Decides that whoever searches so reads: each licence that a page shows leaves through the funnel, as far as a list needs it, on record; and so is a
search that finds nothing, for trying persons out is something to be seen. Numbers and codes are compared as blind indexes. It must never tell of
another authority's licences, nor how many there are.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.service import Catalogue
from hub.errors import NotFoundError, TypeUnknownError
from hub.licences.finding import Finder, StoredLicence
from hub.licences.listing import require_handling
from hub.paging import OpenCursors, Page, Place, Window, cut
from hub.sharing.basis import OwnIssue
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.purpose import Person
from hub.sharing.records import recorded

IN_A_ROW: Final = frozenset({"number", "holders.codeType", "holders.name"})
"""What of a licence leaves for a list of what was found."""

_CURSORS: Final = OpenCursors("licences found")
_LATEST: Final = 10**17  # microseconds, for the next thousand years


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a number, or whoever holds it; among all types, unless one is named."""

    number: str | None = field(default=None, repr=False)
    holder: Person | None = field(default=None, repr=False)
    type_key: str | None = None


class OwnSearch:
    """Finds licences for those who handle them."""

    def __init__(self, funnel: Funnel, finder: Finder, catalogue: Catalogue) -> None:
        """Look up by `finder`, among the catalogue's types; what is found leaves by `funnel`."""
        self._funnel = funnel
        self._finder = finder
        self._catalogue = catalogue

    async def page(self, caller: Caller, sought: Sought, window: Window, pending: Pending) -> Page[Disclosed]:
        """Return a page of what was found of the caller's own, all editions, the newest first, each on record.

        Raises:
            ScopeMissingError: he neither issues licences nor changes their status.
            CodeError: this is no code of its type.
            TypeUnknownError: no such type.
            InputInvalidError: a cursor is not this list's.
            NotFoundError: the authority has none; that, too, is on record.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        with recorded(pending, caller, type_key=sought.type_key):
            self._funnel.require_policy(pending)
            require_handling(caller)
            found = [one for one in await self._found(sought) if one.authority == caller.authority]
            if not found:
                raise NotFoundError
            shown = cut(sorted(found, key=_place), _place, window, _CURSORS)
            read = [await self._funnel.disclose(OwnIssue(caller), [one], IN_A_ROW, pending) for one in shown.items]
            return Page(tuple(read), shown.cursors, shown.has_previous, shown.has_next)

    async def _found(self, sought: Sought) -> Iterable[StoredLicence]:
        holder = sought.holder
        if holder is not None:
            holder = Person(holder.code_type, normalise_holder_code(holder.code_type, holder.code))
        of_types = await asyncio.gather(*(self._of_type(each, sought, holder) for each in self._types(sought)))
        return chain.from_iterable(of_types)

    async def _of_type(self, key: str, sought: Sought, holder: Person | None) -> tuple[StoredLicence, ...]:
        """Return what is found of a type; what is asked for in one turn of the loop is one query."""
        if holder is not None:
            return await self._finder.by_holder(key, holder.value)
        return await self._finder.by_number(key, sought.number or "")

    def _types(self, sought: Sought) -> list[str]:
        known = self._catalogue.current.types
        if sought.type_key is not None and sought.type_key not in known:
            raise TypeUnknownError
        return sorted(known) if sought.type_key is None else [sought.type_key]


def _place(stored: StoredLicence) -> Place:
    """Return where a licence stands: the newest first, so that the highest instant comes before the others."""
    return (f"{_LATEST - int(stored.sealed_at.timestamp() * 1_000_000):017d}{stored.id}",)
