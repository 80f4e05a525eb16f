"""The hub's own command with its plans switched off: graphql-core runs every operation, by the same resolvers. `python -m benchmarks.by_core serve ...`.

Switched off here, from outside: the product has no such switch, and needs none.
"""

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from graphql import ExecutionResult, OperationDefinitionNode

from hub.__main__ import main
from schema.context import Context
from schema.plans.plan import Plans


async def by_none(
    _plans: Plans, _operation: OperationDefinitionNode, _inputs: Mapping[str, Any], _context: Context
) -> ExecutionResult | None:
    """Say that an operation has no plan."""
    return None


if __name__ == "__main__":
    with patch.object(Plans, "run", by_none):
        main()
