"""Opaque ids of cases and of licences read in them, and opaque cursors of a case's list; each is an authority's own.

Decides what an id repeats: the opening of a case, or the read of a licence in it (or as the caller's own issue). An id carries
no right; policy and funnel are asked again. Ids and cursors are AES-SIV (RFC 5297): deterministic, so that one licence in one
case keeps one id for clients' caches, and unforgeable. The authority is associated data, so that an id is worth nothing to
another one; of a cursor the case is too.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.errors import HubError, InputInvalidError, NotFoundError
from hub.paging import FOREIGN_CURSOR, Place
from keys import base64url
from keys.errors import FormatError, KeyExistsError
from keys.store import KeyStore

NAME = "hub/node-1"
_KEY_BITS = 512
_SEPARATOR = "\x1f"
OWN_ISSUE = ""


@dataclass(frozen=True, slots=True)
class Node:
    """What an id stands for: a licence in a case, or the case itself.

    `case_id` is OWN_ISSUE where the issuing authority read its own licence, or a holder his; of a case itself the others are empty.
    """

    case_id: str
    type_key: str = ""
    identifier: str = ""

    @property
    def is_case(self) -> bool:
        """Tell whether it is a case and no licence."""
        return not self.identifier


class NodeIds:
    """Makes and reads ids under a secret of the key store."""

    def __init__(self, store: KeyStore) -> None:
        """Call `prepare` once before the first use."""
        self._store = store

    def prepare(self) -> None:
        """Make the secret where there is none."""
        if NAME in self._store.names(NAME):
            return
        try:
            self._store.add_secret(NAME, AESSIV.generate_key(_KEY_BITS))
        except KeyExistsError:  # another process was first
            return

    @cached_property
    def _cipher(self) -> AESSIV:
        return AESSIV(self._store.secret(f"store:{NAME}"))

    def make(self, reader: str, node: Node) -> str:
        """Return the id of a node for one reader: an authority, or a holder."""
        return _sealed(self._cipher, (node.case_id, node.type_key, node.identifier), reader)

    def read(self, reader: str, text: str) -> Node:
        """Return what an id stands for.

        Raises:
            NotFoundError: it was not made here, or not for this reader.
        """
        return Node(*_opened(self._cipher, text, NotFoundError, reader))

    def cursors(self, reader: str, case_id: str) -> "CaseCursors":
        """Return the cursors of a case's list of licences; of a holder's list the case is OWN_ISSUE."""
        return CaseCursors(self._cipher, reader, case_id)


@dataclass(frozen=True, slots=True)
class CaseCursors:
    """Cursors of one case's list of licences (hub.paging.Cursors): they name no licence to whoever reads them."""

    _cipher: AESSIV = field(repr=False)
    _reader: str
    _case_id: str

    def make(self, place: Place) -> str:
        """Return a place's cursor."""
        return _sealed(self._cipher, place, self._reader, self._case_id)

    def read(self, cursor: str) -> Place:
        """Return a cursor's place; raises InputInvalidError when it is none of this case's list."""
        return _opened(self._cipher, cursor, lambda: InputInvalidError(FOREIGN_CURSOR), self._reader, self._case_id)


def _sealed(cipher: AESSIV, names: Iterable[str], *bound: str) -> str:
    return base64url.encode(cipher.encrypt(_SEPARATOR.join(names).encode(), [each.encode() for each in bound]))


def _opened(cipher: AESSIV, text: str, refusal: Callable[[], HubError], *bound: str) -> tuple[str, ...]:
    try:
        plaintext = cipher.decrypt(base64url.decode(text), [each.encode() for each in bound])
    except (FormatError, InvalidTag, ValueError) as error:
        raise refusal() from error
    return tuple(plaintext.decode().split(_SEPARATOR))
