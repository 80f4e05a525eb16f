"""What officers do to a licence by a page each: the operations of `hub.licences.status` that make no new edition, and their paths."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hub.licences.status import MAKING, OPERATIONS, Operation

CHANGES: Final[Mapping[str, Operation]] = MappingProxyType(
    {name: row for name, row in OPERATIONS.items() if name not in MAKING}
)
FINAL: Final = frozenset(
    name for name, row in CHANGES.items() if not any(row.to in each.from_statuses for each in CHANGES.values())
)
"""Those that nothing takes back."""
STEPS: Final[Mapping[str, str]] = MappingProxyType({name: re.sub("([A-Z])", r"-\1", name).lower() for name in CHANGES})
"""The last step of each one's path."""
