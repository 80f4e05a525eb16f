"""What a serving process does again and again, one row each: how its failure is told, what is done, every how many seconds.

Decides how often. Every process does all of it; that one of many does the work is decided where the work is.
"""

from collections.abc import Callable
from typing import Final

from hub.regular import Regular
from hub.settling import give_back

HOUSEKEEPING_SECONDS: Final = 600
HEAP_SECONDS: Final = 10
SEQUENCING_SECONDS: Final = 0.5
FOLDING_SECONDS: Final = 5
LATENCY_SECONDS: Final = 60
Work = Callable[[], object]


def rounds(
    *, publishing_seconds: float, publish: Work, publish_seals: Work, integrate: Callable[[], int], grown: Work,
    fold: Work, keep_latencies: Work, forget: Work,
) -> tuple[Regular, ...]:  # fmt: skip
    """Return the table; `grown` is told when the log has grown, `forget` removes what has expired also where nobody changes anything."""

    def integrated() -> None:
        if integrate():
            grown()

    return (
        Regular("status lists could not be published", publish, publishing_seconds),
        Regular("lists of seals could not be published", publish_seals, publishing_seconds),
        Regular("records could not be integrated into the log", integrated, SEQUENCING_SECONDS),
        Regular("records could not be folded into figures", fold, FOLDING_SECONDS),
        Regular("latencies could not be kept", keep_latencies, LATENCY_SECONDS),
        Regular("what has expired could not be removed", forget, HOUSEKEEPING_SECONDS),
        Regular("memory could not be given back", give_back, HEAP_SECONDS),
    )
