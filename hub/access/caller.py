"""Callers and scopes: for whom a request is answered, and which kinds of act he may ask for.

A scope opens a kind of act, never data: what a caller may read is decided by grants (hub.sharing), and which licences
he may act on by his authority. Deny by default: an act that names no scope of this table is a programming error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from hub.errors import PurposeNotDeclaredError, ScopeMissingError


@dataclass(frozen=True, slots=True)
class Scope:
    """One row: a scope's name in tokens (RFC 6749 section 3.3) and what it allows."""

    name: str
    allows: str


READ: Final = Scope("licence:read", "open cases and read granted fields of licences")
ISSUE: Final = Scope("licence:issue", "issue, renew and change licences")
STATUS: Final = Scope("licence:status", "suspend, resume, withdraw, revoke, cancel and transfer licences")
REGISTER: Final = Scope("document:register", "register trusted documents for client systems of the same authority")

EMBARGO: Final = Scope(
    "case:embargo", "open cases whose reads are shown to the persons they are about later, on a legal basis"
)
FEED: Final = Scope("register:feed", "feed registers of which the authority is a source, and read back what it said")
MATCH: Final = Scope("identity:match", "compare codes and names with the registers, for a service item")

SCOPES: Final[Mapping[str, Scope]] = MappingProxyType(
    {scope.name: scope for scope in (READ, ISSUE, STATUS, REGISTER, EMBARGO, FEED, MATCH)}
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a client system that speaks for one authority.

    Attributes:
        client_id: the client system.
        authority: its authority's 18-character credit code.
        scopes: what the token carries and the client still has.
        epoch: the policy epoch under which he was accepted; an answer must not leave under another.
        purposes: the service items for which the trusted document that runs may open cases; None: a free text runs.
    """

    client_id: str
    authority: str
    scopes: frozenset[str]
    epoch: int
    purposes: frozenset[str] | None = None
    _serving: dict[frozenset[str], "Caller"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def require(self, scope: str) -> None:
        """Refuse an act whose scope the token does not carry.

        Raises:
            ScopeMissingError: the scope is missing; the message names it.
        """
        if scope not in SCOPES or scope not in self.scopes:
            raise ScopeMissingError(f"The access token lacks the scope {scope}; ask for it at the token endpoint.")

    def serving(self, purposes: frozenset[str]) -> "Caller":
        """Return the caller while a trusted document with these purposes runs: the same object each time."""
        if (found := self._serving.get(purposes)) is None:
            found = self._serving[purposes] = Caller(self.client_id, self.authority, self.scopes, self.epoch, purposes)
        return found

    def require_purpose(self, item: str | None = None) -> None:
        """Refuse a case of a service item for which the document was not registered; None asks whether it opens any.

        Raises:
            PurposeNotDeclaredError: the document opens no case of this item.
        """
        if self.purposes is not None and (not self.purposes if item is None else item not in self.purposes):
            raise PurposeNotDeclaredError


@dataclass(frozen=True, slots=True)
class ActiveClient:
    """A client that may call now."""

    client_id: str
    authority: str
    scopes: frozenset[str]
