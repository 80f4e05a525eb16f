"""The change feed's way through the funnel (先照后证): a change of a licence leaves for a receiver who is granted changes of its type, without a case.

Decides who may be told of a change, and what of it, anew at every delivery. It must never tell a receiver of a licence that he may not
read, not even that there is one: what he may not read, what does not concern his item and what was erased are passed over alike. What leaves is
the newest edition, whichever the change made, and is recorded as any read is. That a delivery comes tells that its item's requirement is met: so only
what a grant lets be judged decides about one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from hub.access.caller import READ, Caller
from hub.audit.service import Pending
from hub.catalogue.licence_type import SharingClass
from hub.catalogue.requirements import Judgement, Requirement, judge
from hub.catalogue.service import Catalogue
from hub.errors import DamagedError, NotFoundError, NotGrantedError
from hub.licences.finding import Finder, StoredLicence
from hub.licences.identifier import LAST_VERSION
from hub.sharing.basis import OfNoCase, PartsOf, Reach, Shares
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.facts import Channel
from hub.sharing.node import CaseCursors, NodeIds
from hub.sharing.policy import Grant, Policy
from hub.sharing.reading import WantedByType, wanted_of
from hub.sharing.records import CHANGE, Outcome, recorded, refusal_entry

_PLACE: Final = "feed:"
_TYPE_CODE: Final = 5  # of the parts of an identifier, between full stops


@dataclass(frozen=True, slots=True)
class Receiver:
    """A client system that follows changes for one of its authority's service items."""

    caller: Caller
    item: str


@dataclass(frozen=True, slots=True)
class FeedGrant(Shares, OfNoCase):
    """A receiver and his grants with feed for one licence type; `change` is the record of the change, None where a licence is read again."""

    receiver: Receiver
    grants: tuple[Grant, ...]
    change: str | None
    channel: Channel

    @property
    def authority(self) -> str:
        """Return the receiver's authority."""
        return self.receiver.caller.authority

    @property
    def client(self) -> str:
        """Return the receiver's client system."""
        return self.receiver.caller.client_id

    @property
    def reader(self) -> str:
        """Return the receiver's authority."""
        return self.receiver.caller.authority

    @property
    def place(self) -> str:
        """Return what stands in opaque ids for a case."""
        return f"{_PLACE}{self.receiver.item}"

    @property
    def legal_basis(self) -> str | None:
        """Return the legal basis of the grants."""
        return "；".join(dict.fromkeys(grant.legal_basis for grant in self.grants))

    @property
    def outlasts_erasure(self) -> bool:
        """Return False: of an erased licence nobody is told."""
        return False

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return the item, which is no case's, the change that was told of, and how."""
        del stored, parts_of
        return {"item": self.receiver.item, CHANGE: self.change, "channel": self.channel.value}

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return what the grants let out, of every holder who was not erased."""
        del leaves, parts_of
        place = (self.authority, self.receiver.item, stored.type_key)
        paths = frozenset[str]().union(
            *(
                grant.paths
                for grant in self.grants
                if (grant.authority, grant.item, grant.type_key) == place and grant.feed and grant.in_force(day)
            )
        )
        return {part: paths for part, _ in stored.holders} if paths else {}


class FeedReading:
    """Tells receivers of changes."""

    def __init__(
        self, funnel: Funnel, finder: Finder, catalogue: Catalogue, policy: Callable[[], Policy],
        today: Callable[[], date], nodes: NodeIds,
    ) -> None:  # fmt: skip
        """`policy` gives the policy of the moment, `today` the legal day, `nodes` make cursors."""
        self._funnel = funnel
        self._finder = finder
        self._catalogue = catalogue
        self._policy = policy
        self._today = today
        self._nodes = nodes
        self._types: tuple[int, Mapping[str, str]] = (-1, {})

    def receiver(self, caller: Caller, item: str, pending: Pending) -> Receiver:
        """Return who follows changes for an item; a refusal is promised as a record.

        Raises:
            ScopeMissingError: the token does not carry licence:read.
            PurposeNotDeclaredError: the trusted document that runs was not registered for the item.
            ItemUnknownError: there is no such item.
            NotGrantedError: it is another authority's, or no grant with feed for it is in force.
            PolicyChangedError: begin again.
        """
        with recorded(pending, caller):
            self._funnel.require_policy(pending)
            caller.require(READ.name)
            caller.require_purpose(item)
            receiver = Receiver(caller, item)
            if self._catalogue.item(item).authority != caller.authority or not self.types(receiver):
                raise NotGrantedError
        return receiver

    def types(self, receiver: Receiver) -> frozenset[str]:
        """Return the keys of the types of whose changes a receiver may be told now."""
        keys = self._policy().in_force(receiver.caller.authority, receiver.item, self._today())
        return frozenset(key for key in keys if self._grants(receiver, key))

    def type_of(self, identifier: str) -> str | None:
        """Return the key of the type of a licence, which is told by its identifier; None of one whose type nobody knows any more."""
        generation = self._catalogue.current
        if self._types[0] != generation.number:
            codes = {code: key for key in generation.types if (code := generation.code_of(key)) is not None}
            self._types = generation.number, MappingProxyType(codes)
        parts = identifier.split(".")
        return self._types[1].get(parts[_TYPE_CODE]) if len(parts) > _TYPE_CODE else None

    def cursors(self, client_id: str) -> CaseCursors:
        """Return the cursors of one client system's feed."""
        return self._nodes.cursors(f"client {client_id}", "changes")

    async def tell(
        self, receiver: Receiver, identifier: str, change: str, wanted: WantedByType, pending: Pending, channel: Channel
    ) -> Disclosed | None:
        """Disclose the newest edition of a licence that changed (`change` is the record); None when there is nothing to tell him.

        Raises:
            PolicyChangedError, UnavailableError: nothing was disclosed; tell it again.
        """
        self._funnel.require_policy(pending)
        type_key = self.type_of(identifier)
        grants = self._grants(receiver, type_key) if type_key else ()
        stored = await self._newest(identifier) if grants else None
        if type_key is None or stored is None or stored.type_key != type_key:
            return None
        basis = FeedGrant(receiver, grants, change, channel)
        if not await self._concerned(basis, stored):
            return None
        try:
            return await self._funnel.disclose(basis, [stored], wanted_of(wanted, type_key), pending)
        except NotFoundError:  # nobody is left of whom it tells
            return None
        except DamagedError as error:  # it must not keep what stands behind it from the receiver
            told = refusal_entry(
                receiver.caller, Outcome.REFUSED, error.code, item=receiver.item, type_key=type_key,
            )  # fmt: skip
            pending.record(told)
            return None

    async def again(
        self, caller: Caller, place: str, identifier: str, wanted: WantedByType, pending: Pending
    ) -> Disclosed:
        """Read once more, by its opaque id, what the feed told of.

        Raises:
            NotFoundError: there is nothing that he may be told any more; and as `receiver`.
        """
        receiver = self.receiver(caller, place.removeprefix(_PLACE), pending)
        with recorded(pending, caller):
            stored = await self._finder.by_identifier(identifier)
            if stored is None:
                raise NotFoundError
            basis = FeedGrant(receiver, self._grants(receiver, stored.type_key), None, Channel.QUERY)
            if not await self._concerned(basis, stored):
                raise NotFoundError
            return await self._funnel.disclose(basis, [stored], wanted_of(wanted, stored.type_key), pending)

    def _grants(self, receiver: Receiver, type_key: str) -> tuple[Grant, ...]:
        """Return the grants that let changes of a type out; where the type asks for the holder's consent, those of official duty only.

        Of a type that is not shared any more nobody is told, not even that there is a licence.
        """
        versions = self._catalogue.current.types.get(type_key, ())
        if not versions or versions[-1].sharing_class is SharingClass.NOT_SHARED:
            return ()
        asked = versions[-1].holder_consent
        of_type = self._policy().of_type(receiver.caller.authority, receiver.item, type_key, self._today())
        return tuple(grant for grant in of_type if grant.feed and (grant.official_duty or not asked))

    async def _concerned(self, basis: FeedGrant, stored: StoredLicence) -> bool:
        """Tell whether a licence concerns the receiver's item, as its document says: as it is, or as it was before its last change.

        An item without a document is concerned by everything that is granted. A requirement that the grants let nobody judge is met by nothing.
        """
        published = self._catalogue.current.documents.get(basis.receiver.item)
        if not published:
            return True
        document = published[-1].document
        named = [each.requirement for each in document.concerns if each.source == stored.type_key]
        asked = [document.requirements[name] for name in named if name is not None and name in document.requirements]
        if None in named or not asked:
            return None in named
        before = await self._finder.by_identifier(stored.supersedes) if stored.supersedes else None
        judged = frozenset[str]().union(*(grant.judged for grant in basis.grants)) - self._funnel.unshared(
            basis, stored
        )
        editions = [each for each in (stored, before) if each is not None]
        return any(self._meets(each, one) for one in asked if one.path in judged for each in editions)

    def _meets(self, stored: StoredLicence, requirement: Requirement) -> bool:
        """Tell whether an edition meets a requirement, whatever its status: a licence that was revoked concerns whom it concerned before."""
        today = self._today()
        asked = [(stored, frozenset({requirement.path}))]
        return self._funnel.confirms(asked, lambda faces: judge(requirement, faces[0], today) is Judgement.YES)

    async def _newest(self, identifier: str) -> StoredLicence | None:
        """Return the newest edition of a licence: what a change of an older one left behind is of no use any more."""
        found, following = None, str(identifier)
        for _ in range(LAST_VERSION):
            stored = await self._finder.by_identifier(following)
            if stored is None:
                break
            found = stored
            if stored.superseded_by is None:
                break
            following = stored.superseded_by
        return found


def is_feed(place: str) -> bool:
    """Tell whether an opaque id is of what the feed told of."""
    return place.startswith(_PLACE)
