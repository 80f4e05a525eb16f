"""Sharing: what leaves the hub, for whom, for which purpose.

Puts the parts of this noun together: grants (who may read what), cases (for which purpose), the funnel (what leaves),
receipts and node ids; what holders see of themselves (`holders`), and what is kept from them for a time (`embargoes`); forms with what applicants say of them (`forms`); answers made again as evidence (`rebuilding`). It must never offer a way to a licence's data that does not go through the funnel.
"""

from collections.abc import Coroutine, Iterable
from datetime import date
from typing import Any

from anyio import to_thread

from hub.access.caller import Caller
from hub.access.idempotency import Idempotency
from hub.audit.log import TransparencyLog
from hub.audit.service import Audit, Pending
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock, Today
from hub.database import Database
from hub.errors import NotFoundError, NotGrantedError
from hub.identities.service import Identities
from hub.licences.finding import StoredLicence
from hub.licences.identifier import LicenceIdentifier
from hub.licences.listing import require_handling
from hub.licences.service import Licences
from hub.reading import Reader
from hub.sharing.accesses import Accesses
from hub.sharing.basis import OwnIssue
from hub.sharing.cases import Cases
from hub.sharing.consents.finding import ConsentFinder
from hub.sharing.consents.service import HolderConsents
from hub.sharing.demands.lists import DemandLists
from hub.sharing.demands.negative import NegativeList
from hub.sharing.demands.service import Demands
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.embargo_desk import Current, EmbargoDesk
from hub.sharing.embargoes import Embargoes
from hub.sharing.erasure import PersonErasure
from hub.sharing.feed import FeedGrant, FeedReading, is_feed
from hub.sharing.forms.answering import SourceDesk
from hub.sharing.forms.confirmations import Confirmations
from hub.sharing.forms.desk import FormDesk
from hub.sharing.forms.disputes import Disputes
from hub.sharing.forms.once import Once
from hub.sharing.forms.reading import FormReading
from hub.sharing.forms.said import Sayings
from hub.sharing.forms.service import Forms
from hub.sharing.forms.text import FormText
from hub.sharing.grants.desk import GrantDesk
from hub.sharing.grants.lists import GrantLists
from hub.sharing.grants.service import Grants, GrantWish
from hub.sharing.handles import Handles
from hub.sharing.history import History, HistoryEntry
from hub.sharing.holders import HolderReading
from hub.sharing.matching import Matching
from hub.sharing.materials.case_materials import CaseMaterials
from hub.sharing.node import OWN_ISSUE, Node, NodeIds
from hub.sharing.opening import Opening
from hub.sharing.own_search import OwnSearch
from hub.sharing.policy import Grant, InForce, Policy
from hub.sharing.presenting import Presenting
from hub.sharing.proofs import RecordProofs
from hub.sharing.proving import Proving
from hub.sharing.purpose import Purpose
from hub.sharing.reading import CaseReading, LicenceKey, OpenCase, WantedByType, wanted_of
from hub.sharing.rebuilding import Rebuilding
from hub.sharing.receipts import Receipts
from hub.sharing.records import recorded
from hub.sharing.register_disclosure import RegisterFunnel
from hub.sharing.register_reading import RegisterReading
from hub.vault.service import Vault
from keys.store import KeyStore


class Sharing:
    """Opens cases and lets out what is granted. `prepare` and `refresh` come before the first use."""

    def __init__(
        self, database: Database, reader: Reader, vault: Vault, audit: Audit, catalogue: Catalogue, licences: Licences,
        identities: Identities, clock: Clock, store: KeyStore, log: TransparencyLog, *, calendar: Calendar, public_url: str, current: Current,
        embargo_days: int, consent_days: int = 90,
    ) -> None:  # fmt: skip
        """Use the nouns below; `calendar` says what day it is, `public_url` is the issuer of receipts.

        `current` returns a person of staff as he is now; no read is kept from its person for more than `embargo_days`, no consent lasts for more than `consent_days`.
        """
        self._in_force = InForce()
        self.policy = self._in_force.policy
        self.today = today = Today(clock, calendar)
        self._finder = licences.finder
        self._grants = Grants(database, audit, catalogue, clock)
        self._funnel = Funnel(vault, self._finder, catalogue, self._in_force, today)
        self._nodes = NodeIds(store)
        proving = Proving(self._finder, self._funnel)
        self._reading = reading = CaseReading(
            self._funnel, self._finder, catalogue, self._in_force, today, self._nodes, proving,
            ConsentFinder(reader, vault, clock),
        )  # fmt: skip
        self.consents = HolderConsents(database, vault, audit, catalogue, clock, today, days=consent_days)
        embargoes, handles = Embargoes(audit, clock, days=embargo_days), Handles(vault, catalogue)
        cases = Cases(database, reader, vault, audit, clock, embargoes)
        accesses = Accesses(cases, embargoes)
        self._opening = Opening(cases, catalogue, reading, self._funnel, today)
        self._history = History(database, vault, licences)
        self.own_search = OwnSearch(self._funnel, licences.finder, catalogue)
        self.erasure = PersonErasure(database, vault, audit, catalogue, licences, identities, self.consents, clock)
        registers = RegisterFunnel(vault, self._funnel, clock.now)
        self.grant_desk = GrantDesk(database, self._grants, catalogue, current=current, changed=self.refresh)
        self.grant_lists = GrantLists(database, catalogue)
        self.negative_list = NegativeList(database, audit, catalogue, clock, today, current=current)
        self.demands = Demands(
            database, audit, catalogue, self._grants, self.negative_list, clock, today,
            current=current, changed=self.refresh,
        )  # fmt: skip
        self.demand_lists = DemandLists(database, catalogue)
        self.registers = RegisterReading(identities, catalogue, self._funnel, registers, reading.basis, today)
        disputes, sayings = Disputes(vault, audit, catalogue, clock, calendar), Sayings(reader)
        self.materials = CaseMaterials(
            database, reader, vault, audit, clock, catalogue, cases, reading, self._funnel, identities.finder, registers,
            sayings, today,
        )  # fmt: skip
        self.matching = Matching(identities, catalogue, self._funnel, self._policy_now, today)
        self.holders = HolderReading(
            database, self._funnel, self._finder, catalogue, handles, accesses, embargoes, self._nodes, today
        )
        self.presenting = Presenting(
            cases,
            self._opening,
            reading,
            self.holders,
            self.consents,
            self._funnel,
            self._finder,
            catalogue,
            today,
        )
        self.feed = FeedReading(self._funnel, self._finder, catalogue, self._policy_now, today, self._nodes)
        self.embargoes = EmbargoDesk(database, embargoes, cases, accesses, handles, catalogue, current=current)
        confirmations = Confirmations(audit, clock)
        form_reading = FormReading(
            database, catalogue, self._funnel, reading, self.registers, disputes, sayings, clock.now,
        )  # fmt: skip
        once = Once(database, audit, Idempotency(database, vault, clock), disputes)
        desk = FormDesk(database, audit, cases, handles, embargoes, self._nodes, disputes, confirmations, once)
        source = SourceDesk(database, self._finder, disputes, once, identities.edition, current=current)
        self.forms = Forms(form_reading, FormText(catalogue, calendar), desk, source)
        self.receipts = Receipts(store, clock, public_url)
        self.proofs = RecordProofs(log, self.receipts)
        self.rebuilding = Rebuilding(
            database, audit, self._funnel, self._finder, licences, cases, handles, self._policy_now, today
        )

    def prepare(self) -> None:
        """Make the receipt key and the secret of node ids where there are none; safe to call at every start."""
        self._nodes.prepare()
        self.receipts.prepare()

    def refresh(self) -> None:
        """Read the grants and their epoch again; another process may have changed them."""
        self.policy = self._in_force.policy = self._grants.policy()

    def _policy_now(self) -> Policy:
        return self.policy

    # -- grants ------------------------------------------------------------------------------------------------------

    def add_grant(
        self, authority: str, item: str, type_key: str, paths: Iterable[str], roles: Iterable[str] = (), *,
        legal_basis: str, valid_from: date, valid_until: date, approver: str, checks: Iterable[str] = (),
        official_duty: bool = False, feed: bool = False,
    ) -> str:  # fmt: skip
        """Add a grant and return its id; see GrantWish and Grants.checked."""
        wish = GrantWish(
            authority, item, type_key, paths, legal_basis, approver, valid_from, valid_until, roles=roles,
            checks=checks, official_duty=official_duty, feed=feed,
        )  # fmt: skip
        grant_id = self._grants.add(wish)
        self.refresh()
        return grant_id

    def suspend_grant(self, grant_id: str) -> None:
        """Suspend a grant; reads under it stop at once. Raises NotFoundError, StatusForbidsError."""
        self._change_grant("suspended", grant_id)

    def resume_grant(self, grant_id: str) -> None:
        """Put a suspended grant in force again. Raises NotFoundError, StatusForbidsError."""
        self._change_grant("resumed", grant_id)

    def end_grant(self, grant_id: str) -> None:
        """End a grant for good. Raises NotFoundError, StatusForbidsError."""
        self._change_grant("ended", grant_id)

    def _change_grant(self, operation: str, grant_id: str) -> None:
        self._grants.change(operation, grant_id)
        self.refresh()

    def grants(self) -> tuple[Grant, ...]:
        """Return all grants, suspended and ended ones too."""
        return self._grants.all()

    def grant_version(self, grant_id: str, version: int) -> Grant:
        """Return a grant as it was, or is, in one version, as records name it. Raises NotFoundError."""
        return self._grants.version(grant_id, version)

    # -- reads -------------------------------------------------------------------------------------------------------

    def open_case(self, caller: Caller, purpose: Purpose, pending: Pending) -> Coroutine[Any, Any, OpenCase]:
        """Open the case of a purpose, making it at the first opening; parties are added, never removed.

        Raises, where it is waited for:
            ScopeMissingError: the token does not carry licence:read.
            PurposeNotDeclaredError: the trusted document that runs was not registered for the item.
            ItemUnknownError, InputInvalidError, CodeError: the purpose is not well formed.
            NotGrantedError: the item is another authority's, or no grant for it is in force.
            CaseMismatchError: the case belongs to another applicant.
            PolicyChangedError, UnavailableError: nothing was opened.
        """
        return self._opening.open(caller, purpose, pending)

    async def own(self, caller: Caller, identifier: str, wanted: WantedByType, pending: Pending) -> Disclosed:
        """Read a licence that the caller's authority issued; `wanted` are leaf paths by type, None all.

        Raises:
            ScopeMissingError: the token carries neither licence:issue nor licence:status.
            IdentifierError: this is no identifier.
            NotFoundError: there is none, or another authority issued it.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        with recorded(pending, caller):
            stored = await self._issued(caller, identifier, pending)
            return await self._funnel.disclose(OwnIssue(caller), [stored], wanted_of(wanted, stored.type_key), pending)

    async def node(self, caller: Caller, node_id: str, wanted: WantedByType, pending: Pending) -> Disclosed | OpenCase:
        """Repeat what an id stands for, with today's grants: the read of a licence, or the opening of a case.

        Raises:
            NotFoundError: the id was not made here for this authority, or there is no such licence or case any more.
            ScopeMissingError, PurposeNotDeclaredError, NotGrantedError: the caller may not read it now.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        with recorded(pending, caller):
            node = self._nodes.read(caller.authority, node_id)
            again = is_feed(node.case_id)
            case = (
                None
                if again or node.case_id == OWN_ISSUE
                else await self._opening.reopen(caller, node.case_id, pending)
            )
        if again:
            return await self.feed.again(caller, node.case_id, node.identifier, wanted, pending)
        if case is None:
            return await self.own(caller, node.identifier, wanted, pending)
        if node.is_case:
            return case
        key = LicenceKey(node.type_key, identifier=node.identifier)
        return await case.licence(key, wanted_of(wanted, node.type_key), pending)

    async def more_of(self, disclosed: Disclosed, wanted: frozenset[str], pending: Pending) -> Disclosed:
        """Disclose these paths of a licence that somebody reads in this request, on the same basis and on record; raises as the read."""
        return await self._funnel.disclose(disclosed.basis, [disclosed.stored], wanted, pending)

    async def history(self, caller: Caller, identifier: str, pending: Pending) -> tuple[HistoryEntry, ...]:
        """Return a licence's changes with their reasons, to the authority that issued it; raises as `own` does."""
        with recorded(pending, caller):
            stored = await self._issued(caller, identifier, pending)
            # The record of a read without any field says that the licence, and its reasons, were looked at.
            await self._funnel.disclose(OwnIssue(caller), [stored], frozenset(), pending)
            return await to_thread.run_sync(self._history.read, stored.id)

    async def past_of(self, disclosed: Disclosed) -> tuple[HistoryEntry, ...]:
        """Return the same of a licence that its authority reads in this request, whose record says so; raises NotGrantedError for others."""
        if not isinstance(disclosed.basis, OwnIssue):
            raise NotGrantedError
        return await to_thread.run_sync(self._history.read, disclosed.stored.id)

    async def _issued(self, caller: Caller, identifier: str, pending: Pending) -> StoredLicence:
        self._funnel.require_policy(pending)
        require_handling(caller)
        stored = await self._finder.by_identifier(str(LicenceIdentifier.parse(identifier)))
        if stored is None or stored.authority != caller.authority:
            raise NotFoundError
        return stored

    def erase_person(self, code_type: str, code: str) -> int:
        """Erase a person from licences and cases for good; see PersonErasure.erase."""
        return self.erasure.erase(code_type, code)

    # -- what goes with a disclosure ---------------------------------------------------------------------------------

    def node_id(self, disclosed: Disclosed) -> str:
        """Return the opaque id of what was disclosed; the same licence in the same case has the same one."""
        basis, stored = disclosed.basis, disclosed.stored
        place = basis.place if isinstance(basis, FeedGrant) else basis.case.id if basis.case else OWN_ISSUE
        return self._nodes.make(basis.reader, Node(place, stored.type_key, stored.identifier))

    def case_id(self, case: OpenCase) -> str:
        """Return the opaque id of an open case; the same case has the same one for its authority."""
        return self._nodes.make(case.caller.authority, Node(case.id))

    def receipt(self, disclosed: Disclosed, pending: Pending) -> str:
        """Return the signed receipt of a disclosure of this request; its access record says that one was given."""
        return self.receipts.sign(disclosed, pending)

    def jwks(self) -> dict[str, Any]:
        """Return the public receipt keys as a JWK Set."""
        return self.receipts.jwks()
