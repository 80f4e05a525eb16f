"""Opaque ids of disclosed licences: an id binds a case (or the caller's own issue), a type and a licence to an authority.

Decides which read an id repeats; the funnel runs again, for an id carries no right. Ids are AES-SIV (RFC 5297):
deterministic, so that one licence in one case keeps one id for clients' caches, and unforgeable. The authority is
associated data, so that an id is worth nothing to another one.
"""

from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.errors import NotFoundError
from keys import base64url
from keys.errors import FormatError, KeyExistsError
from keys.store import KeyStore

NAME = "hub/node-1"
_KEY_BITS = 512
_SEPARATOR = "\x1f"
OWN_ISSUE = ""


@dataclass(frozen=True, slots=True)
class Node:
    """What an id stands for; `case_id` is OWN_ISSUE where the issuing authority read its own licence."""

    case_id: str
    type_key: str
    identifier: str


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

    def make(self, authority: str, node: Node) -> str:
        """Return the id of a node for one authority."""
        plaintext = _SEPARATOR.join((node.case_id, node.type_key, node.identifier)).encode()
        return base64url.encode(self._cipher.encrypt(plaintext, [authority.encode()]))

    def read(self, authority: str, text: str) -> Node:
        """Return what an id stands for.

        Raises:
            NotFoundError: it was not made here, or not for this authority.
        """
        try:
            plaintext = self._cipher.decrypt(base64url.decode(text), [authority.encode()])
        except (FormatError, InvalidTag, ValueError) as error:
            raise NotFoundError from error
        case_id, type_key, identifier = plaintext.decode().split(_SEPARATOR)
        return Node(case_id, type_key, identifier)
