"""Digests of one document, each with the name of its algorithm: what is sealed and checked, so that the document stays where it is.

SHA-256 and SM3 are equally long, so bytes alone would not say which of the two they are. Decides that a digest is only ever taken
under its own name, and reads documents of any size in parts. Names are those of the suites (`Suite.digest_name`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.hashes import SHA256, SM3, Hash

from keys.errors import FormatError, UncheckableError

_ALGORITHMS: Final = MappingProxyType({"sha-256": SHA256(), "sm3": SM3()})
NAMES: Final = tuple(_ALGORITHMS)
_PART: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Digests:
    """A document's digests by algorithm: all that is known of it; raises FormatError for what is none."""

    values: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if name not in _ALGORITHMS or len(value) != _ALGORITHMS[name].digest_size:
                raise FormatError(f"a digest is named {' or '.join(NAMES)}, and of that algorithm's length")

    def by(self, name: str) -> bytes:
        """The digest by one algorithm; raises UncheckableError when it was not given."""
        value = self.values.get(name)
        if value is None:
            raise UncheckableError(f"the document's {name} digest is needed, and was not given")
        return value

    @property
    def is_of_nothing(self) -> bool:
        """Whether it is an empty document, by any of them."""
        return any(value == _NOTHING.values[name] for name, value in self.values.items())


def digests_of(document: bytes) -> Digests:
    """All digests of a document that is at hand."""
    return _digests((document,), NAMES)


def digests_in(file: BinaryIO, names: Iterable[str] = NAMES) -> Digests:
    """The digests of what is left in a file, read once and in parts. Raises OSError."""
    return _digests(iter(lambda: file.read(_PART), b""), names)


def _digests(parts: Iterable[bytes] | Iterator[bytes], names: Iterable[str]) -> Digests:
    running = {name: Hash(_ALGORITHMS[name]) for name in names}
    for part in parts:
        for each in running.values():
            each.update(part)
    return Digests(MappingProxyType({name: each.finalize() for name, each in running.items()}))


_NOTHING: Final = digests_of(b"")
