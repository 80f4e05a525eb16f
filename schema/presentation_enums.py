"""The states of presentations, as GraphQL says them."""

from enum import Enum

import strawberry

from schema.enums import value


@strawberry.enum(description="亮证状态 · What became of a code.")
class PresentationState(Enum):
    """States of presentations."""

    OPEN = value("OPEN", description="待核销 · A counter may redeem it.")
    REDEEMED = value("REDEEMED", description="已核销 · A counter redeemed it.")
    CANCELLED = value("CANCELLED", description="已取消 · Its holder cancelled it.")
    EXPIRED = value("EXPIRED", description="已过期 · Its time was over before anybody redeemed it.")
