"""Whether a manifest may be registered at all: every document is judged, and every reason against it is told.

Decides on identifiers, on validity (by whoever knows the live schema, for this noun does not) and on purposes. It must
never let one good document of a bad manifest pass.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hub.access.manifest import PREFIX, Manifest, Offered
from hub.errors import AuthorityMismatchError, DocumentsRefusedError, Reason


@dataclass(frozen=True, slots=True)
class Examined:
    """What the live schema says of a text: the names of its operations ("" for one without), or why it cannot run."""

    operations: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()


# Takes an identifier to name in reasons, and a text.
Examine = Callable[[str, str], Examined]


@dataclass(frozen=True, slots=True)
class Judged:
    """A document that is good: hash, text, the names of its operations, and its service items."""

    hash: str
    text: str = field(repr=False)
    operations: tuple[str, ...]
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges manifests; `owner_of` returns the authority of a service item, or raises ItemUnknownError."""

    examine: Examine
    owner_of: Callable[[str], str]

    def judge(self, manifest: Manifest, authority: str) -> tuple[Judged, ...]:
        """Return a manifest's documents, each once.

        Raises:
            ItemUnknownError: the catalogue does not have an item.
            AuthorityMismatchError: an item is another authority's.
            DocumentsRefusedError: a document is not good; with every reason against every document.
        """
        if any(self.owner_of(item) != authority for item in sorted(manifest.items)):
            raise AuthorityMismatchError("A document serves service items of its client's own authority only.")
        reasons: list[Reason] = []
        judged = {each.hash: each for each in (self._judged(one, manifest, reasons) for one in manifest.documents)}
        if reasons:
            raise DocumentsRefusedError(reasons)
        return tuple(judged.values())

    def _judged(self, offered: Offered, manifest: Manifest, reasons: list[Reason]) -> Judged:
        identifier = PREFIX + offered.hash
        examined = self.examine(identifier, offered.text)
        purposes = manifest.purposes_of(examined.operations)
        if misnamed := offered.misnamed():
            reasons.append(misnamed)
        if purposes is None:
            unnamed = 'No purpose names an operation of it; name it, with [] if it opens no case, or all by "*".'
            reasons.append(Reason(identifier, "PURPOSE_NOT_DECLARED", unnamed))
        reasons.extend(examined.reasons)
        return Judged(offered.hash, offered.text, examined.operations, purposes or frozenset())
