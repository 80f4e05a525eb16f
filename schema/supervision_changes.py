"""What staff say in supervision: that they look into an alert, what it came to, and how many licences are expected.

Decides only how it is asked for; who may is judged in the service. Said again it is refused, or the same again, so no key is needed.
"""

from datetime import date
from typing import Annotated

import strawberry
from anyio import to_thread

from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.supervision import SupervisionAlert, TypeCoverage

_Alert = Annotated[strawberry.ID, argument("告警编号 · The alert.")]
_Note = Annotated[str, argument("说明 · Why, in at most 200 characters; names no person.")]

AlertResult = Annotated[
    SupervisionAlert | Problem, strawberry.union("AlertResult", description="An alert, or why nothing was changed.")
]
CoverageResult = Annotated[
    TypeCoverage | Problem, strawberry.union("CoverageResult", description="Coverage, or why nothing was changed.")
]


@strawberry.input(description="应归集数 · How many licences of a type an authority ought to have in the hub.")
class ExpectedInput:
    """An expected number."""

    authority: str = strawberry.field(description="机构 · The issuing authority, by its credit code.")
    type: str = strawberry.field(description="类型键 · The licence type's key.")
    number: int = strawberry.field(description="数量 · How many; 0 takes an earlier number back.")
    as_of: date = strawberry.field(description="截至日期 · The day for which that is known.")
    source: str = strawberry.field(description="来源 · From where it is known, in at most 200 characters.")


@strawberry.type
class SupervisionMutation:
    """Changes of supervision; `Mutation` takes them over."""

    @resolved("受理告警 · Say that you look into an alert; for auditors.", AlertResult)
    async def acknowledge_alert(self, info: Info, alert: _Alert, note: _Note) -> SupervisionAlert | Problem:
        """Acknowledge."""
        act, staff = info.context.supervision.acknowledge, info.context.required_staff()
        return SupervisionAlert.of(await to_thread.run_sync(act, staff, str(alert), note))

    @resolved("办结告警 · Say what an acknowledged alert came to; for auditors.", AlertResult)
    async def close_alert(self, info: Info, alert: _Alert, note: _Note) -> SupervisionAlert | Problem:
        """Close."""
        act, staff = info.context.supervision.close, info.context.required_staff()
        return SupervisionAlert.of(await to_thread.run_sync(act, staff, str(alert), note))

    @resolved("登记应归集数 · Say how many licences are expected; for catalogue stewards.", CoverageResult)
    async def set_expected(
        self,
        info: Info,
        input: Annotated[ExpectedInput, argument("应归集数 · The number.")],  # noqa: A002 - GraphQL's word
    ) -> TypeCoverage | Problem:
        """Set an expected number."""
        act, staff = info.context.supervision.expect, info.context.required_staff()
        said = (input.authority, input.type, input.number, input.as_of, input.source)
        return TypeCoverage.of(await to_thread.run_sync(act, staff, *said))
