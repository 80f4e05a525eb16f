"""Staff: who is signed in, and everything that is done to accounts, roles and sessions.

What other parts use: `caller` turns a session token into a `Staff`; `Staff.require(role, authority)` refuses; `current` holds him and his
roles for a unit of work. The rest is what people and administrators do, each decided in the module that is named for it.
"""

from typing import Final

from sqlmodel import Session

from hub.access.allowances import Peer
from hub.access.staff.accounts import Accounts
from hub.access.staff.acts import Acts
from hub.access.staff.administration import Administration
from hub.access.staff.caller import Staff
from hub.access.staff.founding import Founding
from hub.access.staff.members import Member, Members
from hub.access.staff.openid.relying_party import RelyingParty
from hub.access.staff.own_proof import OwnProof
from hub.access.staff.passwords import Passwords
from hub.access.staff.provider_sign_in import ProviderSignIn
from hub.access.staff.proving import Proving
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.access.staff.sessions import Lives, OpenSession, Sessions, Way
from hub.access.staff.signing_in import SignedIn, SigningIn
from hub.access.staff.subjects import Subjects
from hub.access.staff.tries import Tries
from hub.audit.service import Audit, Entry
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.openid import LOCAL_ONLY, SignInRules
from hub.vault.service import Vault
from keys.store_lid import STRONG, Cost

USUAL: Final = Lives()


class StaffAccess:
    """Knows the staff of one hub."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, clock: Clock, calendar: Calendar, *, public_url: str,
        lives: Lives = USUAL, cost: Cost = STRONG, rules: SignInRules = LOCAL_ONLY, party: RelyingParty | None = None,
    ) -> None:  # fmt: skip
        """`lives` are those of sessions; passwords are stretched at `cost`; `party` speaks with the provider of `rules`, where there is one."""
        stretcher = Passwords(cost)
        accounts = Accounts(vault, stretcher.decoy)
        self._database = database
        self._audit = audit
        self._tries = Tries(database, vault, clock)
        self._sessions = Sessions(database, audit, clock, calendar, lives)
        proving = Proving(database, audit, clock, accounts, stretcher, self._tries, rules)
        self._signing_in = SigningIn(database, accounts, proving, self._sessions, public_url)
        self.rules = rules
        self.own = OwnProof(database, clock, accounts, stretcher, proving, self._sessions, public_url)
        self.provider = (
            ProviderSignIn(database, audit, clock, accounts, Subjects(vault), self._sessions, party) if party else None
        )
        self.acts = Acts(database, audit, clock)
        self.members = Members(database, accounts, self._tries)
        self.administration = Administration(
            database, audit, clock, calendar, accounts, stretcher, self._tries, self._sessions, self.provider
        )
        self.founding = Founding(
            database, audit, clock, calendar, accounts, stretcher, self._tries, self._sessions, public_url
        )

    def prepare(self) -> None:
        """Make what signing in at a provider needs; safe to call at every start. Raises SettingsError."""
        if self.provider is not None:
            self.provider.party.prepare()

    # -- who is calling ----------------------------------------------------------------------------------------------

    def caller(self, authorization: str | None) -> Staff:
        """Tell who sends this Authorization header (`Bearer` and a session token); raises as Sessions.caller."""
        return self._sessions.caller(authorization)

    def current(self, session: Session, staff: Staff) -> Staff:
        """Return him as he is now, held until the unit of work ends; raises SessionInvalidError. Check his role on what it returns."""
        return self._sessions.current(session, staff)

    def standing(self, staff_id: str) -> Staff:
        """Return somebody as he is now, in no session: what he asked for goes on for as long as he may. Raises RoleMissingError."""
        return self._sessions.standing(staff_id)

    # -- what everybody does -----------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> SignedIn:
        """Begin a session; raises as SigningIn.sign_in."""
        return self._signing_in.sign_in(login, password, code, way, peer)

    def change_password(self, staff: Staff, password: str, new: str, code: str) -> Staff:
        """Replace his password and return him as he is now; raises as OwnProof.change_password."""
        return self.own.change_password(staff, password, new, code)

    def sign_out(self, staff: Staff) -> None:
        """End the session he calls in."""
        self.administration.end_session(staff, staff.session)

    def me(self, staff: Staff) -> Member:
        """Return the person that he is."""
        return self.members.of(staff.id)

    def sessions(self, staff: Staff) -> tuple[OpenSession, ...]:
        """Return his open sessions, the newest first."""
        return self._sessions.of(staff.id)

    def member(self, actor: Staff, staff_id: str) -> Member:
        """Return somebody as hub administrators see him; raises RoleMissingError, StaffUnknownError."""
        actor.require(HUB_ADMINISTRATOR)
        return self.members.of(staff_id)

    def sessions_of(self, actor: Staff, staff_id: str) -> tuple[OpenSession, ...]:
        """Return somebody's open sessions, for hub administrators; raises RoleMissingError."""
        actor.require(HUB_ADMINISTRATOR)
        return self._sessions.of(staff_id)

    # -- housekeeping ------------------------------------------------------------------------------------------------

    def forget_expired(self) -> None:
        """Remove sessions, counts of tries and proofs of acts that are over; what was turned away and is not on record yet is recorded."""
        removed = 1
        while removed:
            with self._database.transaction() as session:
                gone = self._tries.forget_expired(session)
                removed = len(gone) + self._sessions.forget_expired(session) + self.acts.forget_expired(session)
                for row in gone:
                    facts = {"operation": "turn_away", "of": row.kind, "tried": row.key.hex()[:32]}
                    if row.turned_away:
                        self._audit.append(session, Entry("staff", {**facts, "turned_away": row.turned_away}))
