"""Supervision in GraphQL: figures, coverage, deadlines and alerts, for auditors, hub administrators and an authority's own staff.

Decides only how they read. Who sees which authority is judged in the service. Of persons nothing is told but random handles.
"""

from datetime import date, datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.caller import Staff
from hub.paging import Window
from hub.sharing.deadlines import Deadlines
from hub.supervision import alerts as kept
from hub.supervision import coverage as covered
from hub.supervision import figures as counted
from hub.supervision import latency
from hub.supervision.service import Supervision as Watching
from schema.context import Info
from schema.enums import AlertRule, AlertState, FigureDimension
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last
from schema.sharing_enums import DeadlineKind

_Authority = Annotated[str | None, argument("机构 · Only this authority's, by its credit code.")]
_Type = Annotated[str | None, argument("类型键 · Only of this licence type.", "type")]


@strawberry.type(description="拒绝次数 · How often reads were refused for one reason.")
class Denial:
    """Refusals of one kind."""

    reason: str = strawberry.field(description="原因 · The code of the refusal.")
    count: int = strawberry.field(description="次数 · How often.")


@strawberry.type(description="响应时间 · How long look-ups took, in seconds; each figure at most a fifth too high.")
class Latency:
    """Quantiles of latency."""

    count: int = strawberry.field(description="次数 · Of how many requests.")
    p50: float | None = strawberry.field(description="中位数 · What half of them took at most; null above 23 seconds.")
    p95: float | None = strawberry.field(description="P95 · What 95 of 100 took at most.")
    p99: float | None = strawberry.field(description="P99 · What 99 of 100 took at most.")

    @classmethod
    def of(cls, told: latency.Latency) -> "Latency":
        """Show latency."""
        return cls(count=told.count, p50=told.p50, p95=told.p95, p99=told.p99)


@strawberry.type(
    description="监察指标 · Counts of one group; a dimension that was not asked for is null, one that does not apply is empty."
)
class SupervisionFigure:
    """Counts."""

    authority: str | None = strawberry.field(description="机构 · Who issued, or who read.")
    type: str | None = strawberry.field(description="类型键 · The licence type.")
    service_item: str | None = strawberry.field(description="政务服务事项 · For which item it was read.")
    day: date | None = strawberry.field(description="日期 · The legal day.")
    month: str | None = strawberry.field(description="月份 · The month, YYYY-MM.")
    uploaded: int = strawberry.field(description="证照归集数 · Licences issued or imported, new editions included.")
    allowed: int = strawberry.field(description="允许查询数 · Reads that disclosed something.")
    missed: int = strawberry.field(description="查无数 · Reads that found nothing.")
    denied: int = strawberry.field(description="拒绝查询数 · Reads that were refused.")
    denials: list[Denial] = strawberry.field(description="拒绝原因 · The same by reason.")
    exempted: int = strawberry.field(
        description="免提交材料数 · Materials that need not be handed in, each a paper saved; counted once for a case."
    )
    committed: int = strawberry.field(description="告知承诺数 · Materials that a commitment took the place of.")
    deferred: int = strawberry.field(description="容缺受理数 · Materials that were allowed to follow later.")
    presented: int = strawberry.field(
        description="亮证核销数 · Codes of holders that the authority's counters redeemed."
    )
    latency: Latency | None = strawberry.field(
        description="响应时间 · Of all GraphQL requests of the authority's systems; null unless asked for by authority and day alone."
    )

    @classmethod
    def of(cls, told: counted.Figure) -> "SupervisionFigure":
        """Show counts."""
        return cls(
            authority=told.authority, type=told.type_key, service_item=told.item, day=date.fromisoformat(told.day) if told.day else None,
            month=told.month, exempted=told.exempted, committed=told.committed, deferred=told.deferred, presented=told.presented,
            uploaded=told.uploaded, allowed=told.allowed, missed=told.missed, denied=sum(told.denied.values()),
            denials=[Denial(reason=reason, count=count) for reason, count in sorted(told.denied.items())],
            latency=Latency.of(told.latency) if told.latency else None,
        )  # fmt: skip


@strawberry.type(description="应归集数 · How many licences of a type an authority ought to have in the hub.")
class ExpectedNumber:
    """An expected number."""

    number: int = strawberry.field(description="数量 · How many.")
    as_of: date = strawberry.field(description="截至日期 · The day for which that is known.")
    source: str = strawberry.field(description="来源 · From where it is known.")
    set_by: strawberry.ID = strawberry.field(description="登记人 · Account of who said so.")

    @classmethod
    def of(cls, said: covered.Expected) -> "ExpectedNumber":
        """Show an expected number."""
        return cls(number=said.number, as_of=said.as_of, source=said.source, set_by=strawberry.ID(said.set_by))


@strawberry.type(description="归集率 · How many of the licences that ought to be in the hub are in it and valid.")
class TypeCoverage:
    """Coverage of one authority and type."""

    authority: str = strawberry.field(description="机构 · The issuing authority.")
    type: str = strawberry.field(description="类型键 · The licence type.")
    valid: int = strawberry.field(description="有效数 · Licences that are valid today.")
    kept: int = strawberry.field(description="在库数 · All editions in the hub, whatever their status.")
    expected: ExpectedNumber | None = strawberry.field(
        description="应归集数 · Null where nobody said how many there ought to be."
    )
    share: float | None = strawberry.field(
        description="归集率 · Valid by expected; above 1 there are more than expected."
    )

    @classmethod
    def of(cls, told: covered.Coverage) -> "TypeCoverage":
        """Show coverage."""
        return cls(
            authority=told.authority, type=told.type_key, valid=told.valid, kept=told.kept, share=told.share,
            expected=ExpectedNumber.of(told.expected) if told.expected else None,
        )  # fmt: skip


@strawberry.type(description="期限 · How much of one kind waits for an authority to act.")
class AuthorityDeadlines:
    """Deadlines."""

    kind: DeadlineKind = strawberry.field(description="类别 · What has a deadline.")
    authority: str | None = strawberry.field(
        description="机构 · Who has to act; null: the hub's sharing stewards, where a source has several owners."
    )
    open: int = strawberry.field(description="未办结数 · How many are open.")
    overdue: int = strawberry.field(description="逾期数 · How many of them are overdue.")

    @classmethod
    def of(cls, told: Deadlines) -> "AuthorityDeadlines":
        """Show deadlines."""
        return cls(kind=DeadlineKind(told.kind.value), authority=told.authority, open=told.open, overdue=told.overdue)


@strawberry.type(description="阈值与数值 · A figure behind an alert, or a threshold that it was held to.")
class AlertFigure:
    """A figure."""

    name: str = strawberry.field(description="名称 · Such as misses or threshold.")
    value: int = strawberry.field(description="数值 · How much.")


@strawberry.type(description="处置 · What somebody did about an alert.")
class AlertStep:
    """A step."""

    by: strawberry.ID = strawberry.field(description="处置人 · His account.")
    at: datetime = strawberry.field(description="处置时间 · When.")
    note: str = strawberry.field(description="说明 · Why, in his words.")

    @classmethod
    def of(cls, done: kept.Done | None) -> "AlertStep | None":
        """Show a step."""
        return None if done is None else cls(by=strawberry.ID(done.by), at=done.at, note=done.note)


@strawberry.type(description="告警 · Something unusual, raised by a rule from the records.")
class SupervisionAlert:
    """An alert."""

    alert: strawberry.ID = strawberry.field(description="告警编号 · For `acknowledgeAlert` and `closeAlert`.")
    rule: AlertRule = strawberry.field(description="规则 · What is unusual.")
    state: AlertState = strawberry.field(description="状态 · What was done about it.")
    authority: str = strawberry.field(
        description="机构 · Whose client read; of what is overdue, who has to act (empty: the hub's stewards)."
    )
    client: str = strawberry.field(description="客户端 · The client whose read raised it; empty where none did.")
    subject: str = strawberry.field(
        description="对象 · Whom it is about: the client, a random handle of the holder, or the demand or dispute that is overdue."
    )
    at: datetime = strawberry.field(description="时间 · When that read was, or when it was found overdue.")
    figures: list[AlertFigure] = strawberry.field(description="数值 · What raised it, with the thresholds.")
    records: list[strawberry.ID] = strawberry.field(description="记录编号 · The records behind it, the last hundred.")
    acknowledged: AlertStep | None = strawberry.field(description="受理 · Who looks into it.")
    closed: AlertStep | None = strawberry.field(description="办结 · What it came to.")

    @classmethod
    def of(cls, told: kept.KeptAlert) -> "SupervisionAlert":
        """Show an alert."""
        return cls(
            alert=strawberry.ID(told.id), rule=AlertRule(told.rule), state=AlertState(told.state), authority=told.authority,
            client=told.client, subject=told.subject, at=told.at,
            figures=[AlertFigure(name=name, value=value) for name, value in told.figures.items()],
            records=[strawberry.ID(each) for each in told.records],
            acknowledged=AlertStep.of(told.acknowledged), closed=AlertStep.of(told.closed),
        )  # fmt: skip


@strawberry.type(description="电子监察 · Figures, coverage and alerts of the authorities that you may see.")
class Supervision:
    """What is watched."""

    watching: strawberry.Private[Watching]
    staff: strawberry.Private[Staff]

    @resolved("监察指标 · Counts from the records, in order of day, authority, type and item; a few seconds old.")
    async def figures(
        self,
        by: Annotated[list[FigureDimension], argument("维度 · By what they are told apart; none: one sum.")],
        from_: Annotated[date, argument("起始日期 · The first day.", "from")],
        to: Annotated[date, argument("截止日期 · The last day, at most a year later.")],
        authority: _Authority = None,
        type_: _Type = None,
        service_item: Annotated[str | None, argument("政务服务事项 · Only for this item.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SupervisionFigure] | None:
        """Count."""
        dimensions = tuple(counted.Dimension(each.value) for each in by)
        wanted, window = (
            counted.Wanted(dimensions, from_, to, authority, type_, service_item),
            Window(first, after, last, before),
        )
        page = await to_thread.run_sync(self.watching.figures_page, self.staff, wanted, window)
        return Connection[SupervisionFigure].of(page, SupervisionFigure.of)

    @resolved("归集率 · Coverage of every authority and type that has licences or ought to, as of now.")
    async def coverage(
        self,
        authority: _Authority = None,
        type_: _Type = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TypeCoverage] | None:
        """Compare."""
        window = Window(first, after, last, before)
        page = await to_thread.run_sync(self.watching.coverage_page, self.staff, window, authority, type_)
        return Connection[TypeCoverage].of(page, TypeCoverage.of)

    @resolved(
        "期限 · What waits for whom today: demands, their supply, promises to be checked, disputes to be answered."
    )
    async def deadlines(
        self,
        authority: _Authority = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AuthorityDeadlines] | None:
        """Count."""
        window = Window(first, after, last, before)
        page = await to_thread.run_sync(self.watching.deadlines_page, self.staff, window, authority)
        return Connection[AuthorityDeadlines].of(page, AuthorityDeadlines.of)

    @resolved("告警 · Alerts, the newest first.")
    async def alerts(
        self,
        authority: _Authority = None,
        rule: Annotated[AlertRule | None, argument("规则 · Only of this rule.")] = None,
        state: Annotated[AlertState | None, argument("状态 · Only in this state.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SupervisionAlert] | None:
        """List."""
        which = kept.Which(authority, rule and rule.value, state and state.value)
        page = await to_thread.run_sync(
            self.watching.alerts_page, self.staff, Window(first, after, last, before), which
        )
        return Connection[SupervisionAlert].of(page, SupervisionAlert.of)


SupervisionResult = Annotated[
    Supervision | Problem,
    strawberry.union("SupervisionResult", description="What is watched, or why you may not look."),
]


@strawberry.type
class SupervisionQuery:
    """Reads of supervision; `Query` takes them over."""

    @resolved(
        "电子监察 · Figures, coverage and alerts; for auditors and hub administrators, and of its own authority for all staff.",
        SupervisionResult,
    )
    async def supervision(self, info: Info) -> Supervision | Problem:
        """Watch."""
        watching, staff = info.context.supervision, info.context.required_staff()
        watching.admit(staff)
        return Supervision(watching=watching, staff=staff)
