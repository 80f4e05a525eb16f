"""What facts of records about reads are called, and the ways by which a change leaves: for who writes such records, and for who derives something from them."""

from enum import StrEnum
from typing import Final

MATCHED: Final = "matched"
"""The fact of a record that says of a batch of pairs how many came to what."""

EVIDENCE_OF: Final = "evidence_of"
"""The fact of a record that says which earlier one's answer left again, for an evidence package."""


class Channel(StrEnum):
    """By which way a change reaches its receiver."""

    QUERY = "QUERY"
    SUBSCRIPTION = "SUBSCRIPTION"
    WEBHOOK = "WEBHOOK"
