"""What is kept of a form between its pages: texts, which pictures belong to it, and the edition it was begun from.

Decides the shape of what `hub.licences.unfinished` keeps sealed, and how two officers' changes of one licence meet: field by field, what the
officer has changed himself stays as he typed it, everything else follows the newer edition. Rows are added and taken away here, too.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from hub.web.console.issuing.texts import Typed


@dataclass(frozen=True, slots=True)
class Present:
    """The edition that takes part in a renewal or change: what it says, digests of its pictures, and its revision."""

    texts: Mapping[str, str] = field(repr=False)
    digests: Mapping[str, str] = field(repr=False)
    revision: int

    @classmethod
    def of(cls, typed: Typed, revision: int) -> Self:
        """Return an edition as it stands in its form."""
        return cls(typed.texts, {name: digest(picture) for name, picture in typed.pictures.items()}, revision)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form that somebody fills in. `pictures` are ids of kept pictures by the paths of their controls, `digests` of what they hold."""

    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    pictures: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict, repr=False)
    present: Present | None = None

    def content(self) -> dict[str, Any]:
        """Return it as JSON."""
        whole: dict[str, Any] = {
            "texts": dict(self.texts), "pictures": dict(self.pictures), "digests": dict(self.digests),
        }  # fmt: skip
        if self.present:
            present = self.present
            whole["present"] = [dict(present.texts), dict(present.digests), present.revision]
        return whole

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        present = Present(*content["present"]) if "present" in content else None
        return cls(content["texts"], content["pictures"], content["digests"], present)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the paths that are named in it."""
        return (*self.texts, *self.pictures)

    def with_picture(self, name: str, picture_id: str, picture: bytes) -> Self:
        """Return it with a picture at a path."""
        pictures, digests = {**self.pictures, name: picture_id}, {**self.digests, name: digest(picture)}
        return replace(self, pictures=pictures, digests=digests)

    # -- rows --------------------------------------------------------------------------------------------------------

    def with_row(self, rows: str, place: int, member: str) -> Self:
        """Return it with one more row of a list, whose first member is named, and empty."""
        return replace(self, texts={**self.texts, f"{rows}[{place}].{member}": ""})

    def without_row(self, rows: str, place: int) -> Self:
        """Return it without a row of a list; those behind it move up."""
        texts, pictures, digests = (_moved_up(each, rows, place) for each in (self.texts, self.pictures, self.digests))
        return replace(self, texts=texts, pictures=pictures, digests=digests)

    # -- two officers ------------------------------------------------------------------------------------------------

    def follow(self, newer: Present) -> Self:
        """Return it begun from a newer edition: what he has changed stays as he typed it, the rest is the newer edition's.

        Pictures that only the newer edition has are its own matter: whoever calls keeps them and adds them.
        """
        if self.present is None:
            return self
        before = self.present
        own = {name: text for name, text in self.texts.items() if text.strip() != before.texts.get(name, "").strip()}
        cleared = {name for name in before.texts if not self.texts.get(name, "").strip()}
        texts = {name: text for name, text in newer.texts.items() if name not in cleared} | own
        kept = {name for name, of in self.digests.items() if of != before.digests.get(name)}
        pictures = {
            name: each
            for name, each in self.pictures.items()
            if name in kept or self.digests[name] == newer.digests.get(name)
        }
        digests = {name: self.digests[name] for name in pictures}
        return replace(self, texts=texts, pictures=pictures, digests=digests, present=newer)


def digest(picture: bytes) -> str:
    """Return what tells one picture from another."""
    return hashlib.sha256(picture).hexdigest()


def _moved_up(mapping: Mapping[str, str], rows: str, gone: int) -> dict[str, str]:
    placed = re.compile(rf"{re.escape(rows)}\[([0-9]{{1,3}})\](.*)")
    moved: dict[str, str] = {}
    for name, value in mapping.items():
        found = placed.fullmatch(name)
        place = int(found[1]) if found else -1
        if found and place > gone:
            moved[f"{rows}[{place - 1}]{found[2]}"] = value
        elif place != gone or not found:
            moved[name] = value
    return moved
