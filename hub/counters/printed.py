"""Printed codes: a licence's token under its authority's seal, made for whoever may print it, each use of the seal on record.

Decides who may have one: the issuing authority of its own issue, and the holder of what is his; and of which licences: those that are valid, or will
be. The holder's name comes out of the funnel and is masked here, if the licence type wants it at all. A seal that cannot sign refuses. No code is
kept: each one is a use of the seal, with a record that is older than any later theft of its key.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import Final, Protocol

from anyio import to_thread

from hub.audit.service import Entry, Pending
from hub.catalogue.service import Catalogue
from hub.catalogue.type_document import QrHolder
from hub.clock import Calendar, Clock
from hub.counters import qr_code
from hub.counters.masking import masked_holders
from hub.counters.qr_code import QrCode
from hub.errors import NotGrantedError, StatusForbidsError
from hub.licences.status import NOT_YET_VALID, Status
from hub.seals.reaching import reaching_a_key
from hub.seals.service import Sealer, Seals
from hub.seals.uses import KIND, use_id
from hub.sharing.basis import HolderSelf, OwnIssue
from hub.sharing.disclosure import Disclosed
from keys import qr_token
from keys.cose import parse
from keys.qr_token import QrToken, hub_mark

FORM: Final = "PRINTED_CODE"
PRINTED: Final = frozenset({Status.VALID, NOT_YET_VALID})
HOLDER: Final = frozenset({"holders.codeType", "holders.name"})
_MAY: Final = (OwnIssue, HolderSelf)


class Discloses(Protocol):
    """Discloses more of what somebody reads already (hub.sharing.service.Sharing)."""

    async def more_of(self, disclosed: Disclosed, wanted: frozenset[str], pending: Pending) -> Disclosed:
        """Return these paths of the same licence, on the same basis, on record."""


class PrintedCodes:
    """Makes printed codes."""

    def __init__(
        self, sharing: Discloses, seals: Seals, catalogue: Catalogue, clock: Clock, *, calendar: Calendar, public_url: str
    ) -> None:  # fmt: skip
        """`calendar` turns legal days into instants; `public_url` stands in every code."""
        self._sharing = sharing
        self._seals = seals
        self._catalogue = catalogue
        self._clock = clock
        self._calendar = calendar
        self._public_url = public_url

    async def code_of(self, disclosed: Disclosed, pending: Pending) -> QrCode:
        """Return the printed code of a licence that was disclosed in this request; its records are promised.

        Raises:
            NotGrantedError: it is neither the authority's own issue nor the holder's own licence.
            StatusForbidsError: the licence is not valid, and will not be.
            SealMissingError, SealUnusableError, SealCustodyError, SealKeyUnavailableError: the authority's seal cannot sign now.
            DamagedError, PolicyChangedError, UnavailableError: nothing was made.
        """
        if not isinstance(disclosed.basis, _MAY):
            raise NotGrantedError("A printed code is for the issuing authority and for the holder himself.")
        if disclosed.status not in PRINTED:
            raise StatusForbidsError("Only of a licence that is valid, or will be, is a code printed.")
        holder = await self._holder(disclosed, pending)
        code, entry = await to_thread.run_sync(self._made, disclosed, holder)
        pending.record(entry)
        return code

    async def _holder(self, disclosed: Disclosed, pending: Pending) -> str | None:
        newest = self._catalogue.current.types[disclosed.stored.type_key][-1]  # of older licences, too
        if newest.qr_holder is QrHolder.NONE:
            return None
        if not HOLDER.issubset(disclosed.disclosed):
            disclosed = await self._sharing.more_of(disclosed, HOLDER, pending)
        return masked_holders(disclosed.values.get("holders", ()))

    def _made(self, disclosed: Disclosed, holder: str | None) -> tuple[QrCode, Entry]:
        sealer = self._seals.sealer(disclosed.stored.authority)
        with reaching_a_key():
            token = qr_token.fitting(self._token(disclosed, holder, self._clock.now()), sealer.key.suite)
            made = qr_token.sign(token, sealer.key, sealer.kid)
        return qr_code.of_token(self._public_url, made), _use(disclosed, sealer, parse(made).signature)

    def _token(self, disclosed: Disclosed, holder: str | None, now: datetime) -> QrToken:
        stored, calendar = disclosed.stored, self._calendar
        until = stored.valid_until
        return QrToken(
            hub=hub_mark(self._public_url),
            identifier=stored.identifier,
            status_list=stored.status_list,
            status_index=stored.status_index,
            issued_at=int(now.timestamp()),
            not_before=int(calendar.start(date.fromisoformat(stored.valid_from)).timestamp()),
            expires_at=int(calendar.end(date.fromisoformat(until)).timestamp()) if until else None,
            holder=holder,
        )


def _use(disclosed: Disclosed, sealer: Sealer, signature: bytes) -> Entry:
    """Return the record of a use of a seal, as `hub.seals.uses` keeps and finds them; who asked is a client, or the holder (None)."""
    facts = {
        "operation": "USE", "seal": sealer.es_id, "authority": disclosed.stored.authority,
        "client": disclosed.basis.client, "key": sealer.kid, "form": FORM, "licence": disclosed.stored.identifier,
        "value": sha256(signature).hexdigest(),
    }  # fmt: skip
    return Entry(KIND, facts, use_id(signature))
