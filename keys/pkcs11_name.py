"""What names a key in hardware, and what opens its token.

A `pkcs11:` reference says which token, and which key on it by its label, its id, or both (RFC 7512):

    pkcs11:token=Seals;object=seals%2F99010000000001;id=%9A%01

Decides that one key is named, on one token, with nothing doubled and nothing that this hub does not use. PIN and module
are the hub's settings: a reference stands in tables and must never carry them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from keys.errors import KeyMissingError
from keys.references import PKCS11, Reference

_ATTRIBUTES: Final = frozenset({"token", "object", "id", "type"})


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """What opens a token: whoever has this signs with every key on it.

    It may go through a pipe between two processes of one hub, and nowhere else.
    """

    module: Path
    token: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyName:
    """A key on a token; of label and id at least one is there."""

    token: str
    label: str | None
    id: bytes | None

    @classmethod
    def parse(cls, uri: str) -> "KeyName":
        """Take a reference apart; raises KeyMissingError, which never repeats it."""
        reference = Reference.parse(uri)
        pairs = [part.partition("=")[::2] for part in reference.name.split(";")]
        found = {name: unquote_to_bytes(value) for name, value in pairs}
        if reference.scheme != PKCS11 or len(found) < len(pairs) or not found.keys() <= _ATTRIBUTES:
            raise KeyMissingError(
                "not the reference of a key in hardware: it says token, object, id and type, each once"
            )
        if "token" not in found or not found.keys() & {"object", "id"} or found.get("type", b"private") != b"private":
            raise KeyMissingError(
                "the reference of a key in hardware names its token, and a private key by object or id"
            )
        try:
            label = found["object"].decode() if "object" in found else None
            return cls(found["token"].decode(), label, found.get("id"))
        except UnicodeDecodeError as error:
            raise KeyMissingError("the token and the label in a reference are text in UTF-8") from error

    @property
    def uri(self) -> str:
        """The reference, in its one spelling."""
        label = [] if self.label is None else [f"object={quote(self.label, safe='')}"]
        identifier = [] if self.id is None else ["id=" + "".join(f"%{octet:02X}" for octet in self.id)]
        return PKCS11 + ":" + ";".join(["token=" + quote(self.token, safe=""), *label, *identifier])
