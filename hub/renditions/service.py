"""Renditions: a licence as a PDF, for the authority that issued it, for its holder, and as an annotated copy (加注件) inside a case.

Decides who gets what: originals (原件) are the issuing authority's and the holder's, of valid licences, under the authority's seal of today; a department
gets an annotated copy in a case, of what is granted, which says its purpose, its maker, its last day and the licence's status. A sheet is made of what
left the funnel and of nothing else; each is on record before it leaves.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

import segno
from anyio.to_thread import run_sync

from hub.access.caller import Caller
from hub.access.holders.caller import HolderCaller
from hub.access.staff.acting import as_officer
from hub.access.staff.caller import Staff
from hub.audit.service import Audit, Entry, Pending
from hub.catalogue.codes import holds_citizen_number, normalise_holder_code
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.errors import InputInvalidError
from hub.licences.finding import Finder
from hub.licences.status import Status, effective_status
from hub.renditions.downloads import Download, Downloads, Link
from hub.renditions.records import KIND, MADE, Known, made_entry
from hub.renditions.refusals import DeadlineInvalidError, FaceErasedError, OriginalForbiddenError, RenditionUnknownError
from hub.renditions.rendering import Workshop
from hub.renditions.sealing import Hand, RenditionSealing, use_entry
from hub.renditions.sheet import Annotation, Ground, files_of
from hub.renditions.templates import template_of
from hub.renditions.typesetting import typeset
from hub.sharing.basis import CaseGrant, HolderSelf
from hub.sharing.disclosure import Disclosed
from hub.sharing.reading import LicenceKey, OpenCase
from hub.sharing.service import Sharing
from hub.sharing.withholding import Reason
from hub.vault import purposes
from hub.vault.service import Vault
from hub.writing import new_id

LONGEST_PURPOSE: Final = 200
COPY_REASON, ORIGINAL_REASON = "电子证照加注件", "电子证照原件"
CodeOf = Callable[[Disclosed, Pending], Awaitable[str]]
"""Returns the picture of a licence's printed code, SVG, its record promised (hub.counters.printed)."""


@dataclass(frozen=True, slots=True)
class CopyWish:
    """What an annotated copy is for, and the last day it may be used on."""

    purpose: str = field(repr=False)
    deadline: date


@dataclass(frozen=True, slots=True)
class Rendition:
    """A rendition that was made; its records are promised, so it leaves after they are durable."""

    id: str
    name: str
    pdf: bytes = field(repr=False)
    sha256: str
    signed: bool
    deadline: date | None
    persons: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Made:
    pdf: bytes
    use: Entry | None


class Renditions:
    """Makes renditions, hands them out, and knows them again."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, sharing: Sharing,
        sealing: RenditionSealing, finder: Finder, clock: Clock, *, calendar: Calendar, public_url: str, code_of: CodeOf,
        link_seconds: int = 600, copy_days: int = 90,
    ) -> None:  # fmt: skip
        """`link_seconds` is how long a file waits to be downloaded, `copy_days` how far away the last day of a copy may be."""
        self._database = database
        self._audit = audit
        self._catalogue = catalogue
        self._sharing = sharing
        self._sealing = sealing
        self._finder = finder
        self._clock = clock
        self._calendar = calendar
        self._public_url = public_url
        self._code_of = code_of
        self._copy_days = copy_days
        self._workshop = Workshop()
        self.downloads = Downloads(database, vault, audit, clock, life=timedelta(seconds=link_seconds))
        sharing.erasure.reach(self.downloads.erase)

    # -- making ------------------------------------------------------------------------------------------------------

    async def of_issuer(self, caller: Caller, identifier: str, pending: Pending) -> Rendition:
        """Return the original of a licence, for the authority that issued it.

        Raises:
            OriginalForbiddenError: it is not valid today.
            FaceErasedError: its data was erased.
            SealMissingError, SealUnusableError, SealCustodyError, SealKeyUnavailableError: the authority's seal cannot stand on it now.
            TimestampUnavailableError, TimestampInvalidError, RenderingBusyError, FaceUnprintableError: nothing was made.
            Others as `Sharing.own`.
        """
        return await self._original(await self._sharing.own(caller, identifier, None, pending), pending)

    async def of_holder(self, holder: HolderCaller, identifier: str, pending: Pending) -> Rendition:
        """Return the original of a licence, for its holder; raises as `of_issuer`, and as `HolderReading.licence`."""
        return await self._original(await self._sharing.holders.licence(holder, identifier, None, pending), pending)

    async def of_staff(self, staff: Staff, authority: str, identifier: str, pending: Pending) -> Rendition:
        """Return the same as `of_issuer` to a licence officer of the authority; raises RoleMissingError too."""
        return await self.of_issuer(as_officer(staff, authority), identifier, pending)

    async def copy(self, case: OpenCase, key: LicenceKey, wish: CopyWish, pending: Pending) -> Rendition:
        """Return an annotated copy of what is granted in a case.

        Raises:
            DeadlineInvalidError: its last day is over, or too far away.
            InputInvalidError: the purpose is not well formed.
            SealKeyUnavailableError, TimestampUnavailableError, TimestampInvalidError, RenderingBusyError, FaceUnprintableError: nothing was made.
            Others as `OpenCase.licence`.
        """
        purpose = self._checked(wish)
        disclosed = await case.licence(key, None, pending)
        item = self._catalogue.item(case.item).name_zh
        return await self._copied(
            disclosed, self._annotation(case.caller.authority, purpose, wish, item, case.number), pending
        )

    async def copy_of_staff(
        self, staff: Staff, authority: str, identifier: str, wish: CopyWish, pending: Pending
    ) -> Rendition:
        """Return an annotated copy of what an authority issued itself, in no case, to a licence officer of it; raises as `copy`, RoleMissingError, FaceErasedError."""
        caller, purpose = as_officer(staff, authority), self._checked(wish)
        disclosed = _whole(await self._sharing.own(caller, identifier, None, pending))
        return await self._copied(disclosed, self._annotation(authority, purpose, wish), pending)

    def _annotation(self, maker: str, purpose: str, wish: CopyWish, item: str = "", number: str = "") -> Annotation:
        return Annotation(purpose, self._catalogue.authority(maker).name_zh, item, number, wish.deadline)

    async def _copied(self, disclosed: Disclosed, annotation: Annotation, pending: Pending) -> Rendition:
        rendition = new_id()
        code = segno.make_qr(address(self._public_url, rendition), error="M").svg_inline(border=4, omitsize=True)
        hand = partial(self._sealing.hand_if_any, disclosed.stored.authority)
        return await self._rendered(rendition, disclosed, hand, str(code), annotation, pending)

    async def _original(self, disclosed: Disclosed, pending: Pending) -> Rendition:
        if _whole(disclosed).status != Status.VALID:
            raise OriginalForbiddenError
        code = await self._code_of(disclosed, pending)
        hand = partial(self._sealing.hand, disclosed.stored.authority)
        return await self._rendered(new_id(), disclosed, hand, code, None, pending)

    def _checked(self, wish: CopyWish) -> str:
        purpose, today = wish.purpose.strip(), self._sharing.today()
        if (
            not 0 < len(purpose) <= LONGEST_PURPOSE
            or not purpose.isprintable()
            or holds_citizen_number(purpose)
        ):  # fmt: skip
            raise InputInvalidError(
                f"Say in 1 to {LONGEST_PURPOSE} printable characters, without a citizen number, what the copy is for."
            )
        if not today <= wish.deadline <= today + timedelta(days=self._copy_days):
            raise DeadlineInvalidError
        return purpose

    async def _rendered(
        self, rendition: str, disclosed: Disclosed, hand: Callable[[], Hand], code: str,
        annotation: Annotation | None, pending: Pending,
    ) -> Rendition:  # fmt: skip
        made = await self._workshop.run(partial(self._made, rendition, disclosed, hand, code, annotation))
        digest = hashlib.sha256(made.pdf).hexdigest()
        if made.use:
            pending.record(made.use)
        signed = made.use is not None
        pending.record(made_entry(rendition, disclosed, annotation, digest, signed=signed))
        name = f"{disclosed.stored.identifier}{'-copy' if annotation else ''}.pdf"
        deadline = annotation.deadline if annotation else None
        return Rendition(rendition, name, made.pdf, digest, signed, deadline, tuple(_persons(disclosed)))

    def _made(
        self, rendition: str, disclosed: Disclosed, find: Callable[[], Hand], code: str, annotation: Annotation | None
    ) -> _Made:
        stored, hand, now = disclosed.stored, find(), self._clock.now().replace(microsecond=0)
        licence_type = self._catalogue.type_at(stored.type_key, stored.type_version)
        template = template_of(stored.type_key)
        ground = Ground(
            rendition, now.astimezone(self._calendar.zone), self._catalogue.authority(stored.authority).name_zh,
            self._public_url, hand.picture, code, annotation,
        )  # fmt: skip
        laid_out = typeset(files_of(disclosed, licence_type, template, ground), now)
        reason = COPY_REASON if annotation else ORIGINAL_REASON
        pdf, value = self._sealing.signed(hand, laid_out, template, now, reason)
        return _Made(pdf, use_entry(hand, value, disclosed) if value else None)

    # -- handing out -------------------------------------------------------------------------------------------------

    async def link(self, made: Rendition) -> tuple[str, datetime]:
        """Keep a rendition to be downloaded once, and return where and until when; raises UnavailableError."""
        keep = partial(self.downloads.keep, made.id, made.name, made.pdf, made.persons)
        kept: Link = await self._workshop.run(keep)
        return f"{self._public_url}/downloads/{kept.token}", kept.expires_at

    def take(self, token: str) -> Download:
        """Return a file for good; see Downloads.take."""
        return self.downloads.take(token)

    def forget_expired(self) -> None:
        """Remove files that nobody took, some in each unit of work."""
        removed = 1
        while removed:
            with self._database.transaction() as session:
                removed = self.downloads.forget_expired(session)

    async def told(self, rendition: str) -> Mapping[str, Any]:
        """Return what anybody may know of a rendition who has it, by the id that stands on it, and the licence's status now.

        Raises:
            RenditionUnknownError: there is none.
            UnavailableError: it cannot be told now.
        """
        known = await run_sync(self.known, rendition)
        stored = await self._finder.by_identifier(known.licence)
        maker = self._catalogue.authority(known.maker) if known.maker else None
        today = self._sharing.today()
        over = known.deadline is not None and known.deadline < today
        return {
            "id": known.id, "kind": known.kind, "madeAt": known.made_at.isoformat().replace("+00:00", "Z"),
            "maker": maker and {"code": maker.code, "zh": maker.name_zh, "en": maker.name_en},
            "deadline": known.deadline and known.deadline.isoformat(), "over": over, "sha256": known.sha256,
            "signed": known.signed, "licenceStatus": stored and effective_status(stored.status, stored.valid_from, stored.valid_until, today),
        }  # fmt: skip

    def known(self, rendition: str) -> Known:
        """Return what is on record of a rendition; raises RenditionUnknownError."""
        with self._database.snapshot() as session:
            facts = self._audit.find(session, KIND, rendition)
        if facts is None or facts["operation"] != MADE:
            raise RenditionUnknownError
        return Known.of(facts)


def address(public_url: str, rendition: str) -> str:
    """Return where anybody may look what became of a rendition."""
    return f"{public_url}/renditions/{rendition}"


def _whole(disclosed: Disclosed) -> Disclosed:
    """Return what was disclosed, unless its data was erased; raises FaceErasedError."""
    if any(each.reason is Reason.ERASED for each in disclosed.withheld):
        raise FaceErasedError
    return disclosed


def _persons(disclosed: Disclosed) -> Iterator[str]:
    """Yield whom a sheet may be about, as blind indexes take persons."""
    basis = disclosed.basis
    if isinstance(basis, HolderSelf):
        yield basis.person.value
    if isinstance(basis, CaseGrant):
        yield from (each.person.value for each in basis.case.persons)
    for one in disclosed.values.get("holders", ()):
        if {"codeType", "code"} <= one.keys():
            yield purposes.person(one["codeType"], normalise_holder_code(one["codeType"], one["code"]))
