"""What staff send about demands: what is asked for, what is granted, and why nothing is."""

from datetime import date

import strawberry

from hub.sharing.demands.demand import Answer, DemandWish, Refusal


@strawberry.input(description="共享需求 · What a department asks for.")
class DemandInput:
    """A demand that is wished for."""

    authority: str = strawberry.field(description="需求部门 · Who asks, by credit code.")
    service_item: str = strawberry.field(description="事项编码 · For which of its service items.")
    source: str = strawberry.field(description="类型键 · Which licence type or register.")
    paths: list[str] = strawberry.field(description="字段路径 · Fields to read; as few as will do.")
    checks: list[str] | None = strawberry.field(default=None, description="仅核验字段 · Fields to judge only.")
    roles: list[str] | None = strawberry.field(default=None, description="角色 · Roles of parties it is to reach.")
    official_duty: bool = strawberry.field(default=False, description="依职权 · Without the holder's consent.")
    feed: bool = strawberry.field(default=False, description="变更推送 · Deliver changes without a case.")
    legal_basis: str = strawberry.field(description="使用依据 · On what basis it is used.")
    scene: str = strawberry.field(description="应用场景 · For what it is used.")
    valid_from: date = strawberry.field(description="起始日期 · From when.")
    valid_until: date = strawberry.field(description="截止日期 · Until when.")

    def wish(self) -> DemandWish:
        """Return the wish."""
        return DemandWish(
            self.authority, self.service_item, self.source, tuple(self.paths), self.legal_basis, self.scene,
            self.valid_from, self.valid_until, tuple(self.checks or ()), tuple(self.roles or ()), self.official_duty,
            self.feed,
        )  # fmt: skip


@strawberry.input(description="共享答复 · What is granted; null is as it was asked for, and nothing can be more.")
class DemandAnswerInput:
    """An answer."""

    paths: list[str] | None = strawberry.field(default=None, description="字段路径 · Fields to read.")
    checks: list[str] | None = strawberry.field(default=None, description="仅核验字段 · Fields to judge only.")
    roles: list[str] | None = strawberry.field(default=None, description="角色 · Roles of parties it reaches.")
    valid_from: date | None = strawberry.field(default=None, description="起始日期 · From when.")
    valid_until: date | None = strawberry.field(default=None, description="截止日期 · Until when.")
    official_duty: bool | None = strawberry.field(default=None, description="依职权 · Without the holder's consent.")
    feed: bool | None = strawberry.field(default=None, description="变更推送 · Changes without a case.")
    conditions: str = strawberry.field(default="", description="使用条件 · Under which conditions.")
    reason: str = strawberry.field(default="", description="原因 · Why it is less than was asked for.")

    def answer(self) -> Answer:
        """Return the answer."""
        return Answer(
            paths=_several(self.paths), checks=_several(self.checks), roles=_several(self.roles),
            valid_from=self.valid_from, valid_until=self.valid_until, official_duty=self.official_duty, feed=self.feed,
            conditions=self.conditions, reason=self.reason,
        )  # fmt: skip


def _several(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)


@strawberry.input(description="不予共享 · Why nothing is shared; it becomes an entry of the negative list.")
class DemandRefusalInput:
    """A refusal."""

    reason: str = strawberry.field(description="原因 · Why.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    review_on: date = strawberry.field(description="复核日期 · When it is looked at again.")
    paths: list[str] | None = strawberry.field(default=None, description="字段路径 · Which fields; null is all.")
    for_item_only: bool = strawberry.field(
        default=False, description="仅限本事项 · Whether it is listed for the demand's item only, not for everybody."
    )

    def refusal(self) -> Refusal:
        """Return the refusal."""
        return Refusal(self.reason, self.legal_basis, self.review_on, tuple(self.paths or ()), self.for_item_only)
