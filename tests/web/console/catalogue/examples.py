"""Real things for the paths of the catalogue that name one and are not every steward's: another authority's is refused there."""

from collections.abc import Callable, Mapping

from tests.acceptance.small_hub import ISSUER, ITEM
from tests.web.console.office import Office

_NAMES = {"key": "BusinessLicence", "authority": ISSUER, "item": ITEM, "register": "Organisation"}
_PATHS = (
    "types/{key}/retire", "types/{key}/code", "types/{key}/issuers", "types/{key}/issuers/{authority}", "authorities/{authority}/change",
    "authorities/{authority}/types", "items/{item}/next", "items/{item}/rename", "registers/{register}/sources",
    "registers/{register}/sources/{authority}",
)  # fmt: skip


def _named(template: str) -> Callable[[Office], str]:
    return lambda _office: template.format(**_NAMES)


EXAMPLES: Mapping[str, Callable[[Office], str]] = {
    f"/console/catalogue/{path}": _named(f"/console/catalogue/{path}") for path in _PATHS
}
