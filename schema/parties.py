"""Declared parties in GraphQL: what role they have in a case, and how it is known that they have it.

Decides only how it reads. It names nobody: the department declared them itself.
"""

from typing import Protocol

import strawberry

from hub.sharing.cases import CasePerson
from hub.sharing.reading import OpenCase
from schema.context import Info
from schema.fields import resolved
from schema.form_enums import PartyEvidence


@strawberry.type(description="办件相关人 · A declared party of the case, as it is known today.")
class CaseParty:
    """A party."""

    role: str = strawberry.field(description="角色 · The party's role in the case.")
    evidence: PartyEvidence = strawberry.field(
        description="关系依据 · How it is known. NOT_PROVED parties are not reached."
    )
    proved_by: str | None = strawberry.field(
        description="证明来源 · The key of the licence type that proves it; null unless PROVED."
    )

    @classmethod
    def of(cls, party: CasePerson) -> "CaseParty":
        """Show a party."""
        return cls(role=party.role, evidence=PartyEvidence(party.evidence.value), proved_by=party.proved_by)


class HasCase(Protocol):
    """What shows an open case."""

    @property
    def opened(self) -> OpenCase:
        """Return the case."""
        ...


@strawberry.type
class CaseParties:
    """The parties of a case; `Case` takes them over."""

    @resolved(
        "相关人 · The declared parties in the order they were declared. Relations that a licence can prove are checked if any grant of the item reaches the role."
    )
    async def parties(self: HasCase, info: Info) -> list[CaseParty]:
        """Tell what is known of them."""
        return [CaseParty.of(each) for each in await self.opened.parties(info.context.pending)]
