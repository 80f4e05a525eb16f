"""Records of renditions: that one was made, of what, for whom and until when, and that it was handed out.

Decides the facts. The record's id is the rendition's, which stands on the paper and in the file; with the file's digest in it the hub knows its own
again. It must never hold a name, a number, a case number or a person's code: the access record that it names leads to the holder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from hub.audit.service import Entry
from hub.clock import from_micros
from hub.renditions.sheet import Annotation
from hub.sharing.disclosure import Disclosed

KIND: Final = "rendition"
MADE, DOWNLOADED = "MADE", "DOWNLOADED"


class RenditionKind(StrEnum):
    """What a rendition is: 原件 or 加注件."""

    ORIGINAL = "ORIGINAL"
    ANNOTATED_COPY = "ANNOTATED_COPY"


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub knows of a rendition, as anybody may see who has it: kind, whose wish it was (None: the holder's), when, the file's SHA-256."""

    id: str
    kind: RenditionKind
    maker: str | None
    made_at: datetime
    deadline: date | None
    sha256: str
    signed: bool
    licence: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read a record of one that was made."""
        deadline = facts["deadline"]
        return cls(
            facts["id"], RenditionKind(facts["form"]), facts["authority"], from_micros(facts["time"]),
            date.fromisoformat(deadline) if deadline else None, facts["digest"], facts["signed"], facts["licence"],
        )  # fmt: skip


def made_entry(
    rendition: str, disclosed: Disclosed, annotation: Annotation | None, sha256: str, *, signed: bool
) -> Entry:
    """Return the record of a rendition that was made; `signed` is whether the file carries a signature under the seal."""
    basis = disclosed.basis
    facts = {
        "operation": MADE,
        "form": (RenditionKind.ANNOTATED_COPY if annotation else RenditionKind.ORIGINAL).value,
        "licence": disclosed.stored.identifier,
        "version": disclosed.stored.version,
        "type": disclosed.stored.type_key,
        "authority": basis.authority,
        "client": basis.client,
        "case": basis.case.id if basis.case else None,
        "item": basis.case.item if basis.case else None,
        "purpose": annotation.purpose if annotation else None,
        "deadline": annotation.deadline.isoformat() if annotation else None,
        "access": disclosed.entry.id,
        "digest": sha256,
        "signed": signed,
    }
    return Entry(KIND, facts, rendition)


def downloaded_entry(rendition: str) -> Entry:
    """Return the record of a rendition that was handed out."""
    return Entry(KIND, {"operation": DOWNLOADED, "rendition": rendition})
