"""Whether codes and names belong together, answered in batches: MATCH, PARTIAL or NO_MATCH, and nothing else leaves.

Decides who may ask: a client system with the scope, for a service item of its authority with a grant of the register's code and name, on a
legal basis. A batch is many people's, and a case is one applicant's, so no case is opened. It must never help to find people out: an unknown
code, a code that breaks its own rule and another's name are all NO_MATCH, reached by the same steps; PARTIAL is for those who know every
letter of the name. Pairs are paid for from a day's budget before they are compared, and each batch is on record without a code or a name.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from anyio.to_thread import run_sync

from hub.access.caller import MATCH, Caller
from hub.audit.service import Pending
from hub.catalogue.codes import holds_code, normalise_holder_code
from hub.catalogue.registers import NAME_PATH, Register
from hub.catalogue.service import Catalogue
from hub.errors import CodeError, InputInvalidError, NotGrantedError
from hub.identities.finding import Match, Pair
from hub.identities.service import Identities
from hub.limits import LARGEST_LIST
from hub.sharing.disclosure import Funnel
from hub.sharing.policy import Policy
from hub.sharing.purpose import legal_text
from hub.sharing.records import matching_entry, recorded
from hub.vault.purposes import person


@dataclass(frozen=True, slots=True)
class Claimed:
    """A code and the name that is said to belong to it."""

    code: str = field(repr=False)
    name: str = field(repr=False)


class Matching:
    """Compares."""

    def __init__(
        self, identities: Identities, catalogue: Catalogue, funnel: Funnel, policy: Callable[[], Policy], today: Callable[[], date]
    ) -> None:  # fmt: skip
        """`policy` gives the policy of the moment, `today` the legal day."""
        self._finder = identities.finder
        self._budget = identities.budget
        self._catalogue = catalogue
        self._funnel = funnel
        self._policy = policy
        self._today = today

    async def match(
        self,
        caller: Caller,
        register_key: str,
        item: str,
        legal_basis: str,
        claims: Sequence[Claimed],
        pending: Pending,
    ) -> list[Match]:
        """Return an answer for each pair, in the order asked.

        Raises:
            ScopeMissingError, PurposeNotDeclaredError: the token lacks identity:match, or the trusted document is for other items.
            TypeUnknownError, ItemUnknownError, InputInvalidError: the question has the wrong shape.
            NotGrantedError: the item is another authority's, or no grant for it covers code and name of the register.
            MatchBudgetError: the client's day is spent.
            PolicyChangedError, UnavailableError: nothing was compared.
        """
        register = self._catalogue.register(register_key)
        with recorded(pending, caller, type_key=register.key):
            basis = self._admitted(caller, register, item, legal_basis, claims, pending)
            await run_sync(self._budget.spend, caller.client_id, len(claims))
            pairs = [Pair(person(register.code_type, _spelled(register, one.code)), one.name) for one in claims]
            found = await self._finder.matches(register, pairs)
        counts = Counter(one.match for one in found)
        told = {each.value: counts[each] for each in Match}
        handles = [one.handle for one in found if one.handle]
        pending.record(matching_entry(caller, item, basis, register.key, told, handles))
        return [one.match for one in found]

    def _admitted(
        self, caller: Caller, register: Register, item: str, legal_basis: str, claims: Sequence[Claimed], pending: Pending
    ) -> str:  # fmt: skip
        """Refuse whoever may not ask, before anything is looked up; return the legal basis as it is recorded."""
        self._funnel.require_policy(pending)
        caller.require(MATCH.name)
        caller.require_purpose(item)
        if self._catalogue.item(item).authority != caller.authority:
            raise NotGrantedError
        grants = self._policy().of_type(caller.authority, item, register.key, self._today())
        if not any({register.code_path, NAME_PATH} <= grant.judged for grant in grants):
            raise NotGrantedError
        if not 1 <= len(claims) <= LARGEST_LIST:
            raise InputInvalidError(f"Send 1 to {LARGEST_LIST} pairs at once.")
        basis = legal_text(legal_basis)
        if any(holds_code(basis, register.code_type, one.code) for one in claims):
            raise InputInvalidError("The legal basis must not hold the code of a person.")
        return basis


def _spelled(register: Register, code: str) -> str:
    """Return a code in the spelling that is looked up; one that breaks its rule is looked up as it is, and nobody has it."""
    try:
        return normalise_holder_code(register.code_type, code)
    except CodeError:
        return f"?{code}"
