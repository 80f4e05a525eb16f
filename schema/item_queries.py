"""What anybody may ask of service items: one with its document, and the exemption list. `Query` takes both over."""

from typing import Annotated

import strawberry

from hub.catalogue.items.exemption_list import exemptions
from hub.paging import Window
from schema.catalogue import ServiceItem
from schema.context import Info
from schema.fields import argument, resolved
from schema.items import Exemption
from schema.relay import After, Before, Connection, First, Last


@strawberry.type
class ItemQuery:
    """Reads of service items; `Query` takes them over."""

    @resolved("政务服务事项 · A service item, with its document; null if there is none.")
    def service_item(
        self, info: Info, code: Annotated[str, argument("事项编码 · The item's code.")]
    ) -> ServiceItem | None:
        """Find an item."""
        found = info.context.catalogue.current.items.get(code)
        return ServiceItem.of(found) if found else None

    @resolved("材料免提交清单 · Which materials of which items need not be handed in, in which way and on which basis.")
    def exemption_list(
        self,
        info: Info,
        item: Annotated[str | None, argument("事项编码 · Of this item only.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Exemption] | None:
        """List exemptions."""
        rows = (row for row in exemptions(info.context.catalogue.current) if item in {None, row.item})
        window = Window(first, after, last, before)
        return Connection[Exemption].listing("exemptions", rows, lambda row: f"{row.number:08d}", window, Exemption.of)
