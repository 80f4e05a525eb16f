"""The key store's lid: a random store key, wrapped under a key stretched from the passphrase by Argon2id (RFC 9106).

The store key never changes with the passphrase, so changing the passphrase replaces one small file at once. Opening
the wrap is the check: it fails for a wrong passphrase and for a damaged file alike, and the file's checksum tells which.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from keys import base64url, envelope, strict_json
from keys.errors import DecryptionError, FormatError, WrongPassphraseError

_SALT_SIZE: Final = 16
_ASSOCIATED: Final = b"licence-hub key store 1"
_MOST_MEMORY_KIB: Final = 4 * 1024 * 1024
_MOST_ITERATIONS: Final = 64
_MOST_LANES: Final = 64


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of the passphrase costs; the default is RFC 9106's second recommended option."""

    iterations: int = 3
    lanes: int = 4
    memory_kib: int = 64 * 1024


STRONG: Final = Cost()


def close_lid(store_key: bytes, passphrase: bytes, cost: Cost, random: Callable[[int], bytes]) -> bytes:
    """The content of store.json."""
    if not passphrase:
        raise WrongPassphraseError("an empty passphrase protects nothing: give one")
    salt = random(_SALT_SIZE)
    wrapped = envelope.wrap(_stretch(passphrase, salt, cost), store_key, _ASSOCIATED, random)
    lid = {
        "format": 1,
        "derivation": {"name": "argon2id", "salt": base64url.encode(salt), **asdict(cost)},
        "store_key": base64url.encode(wrapped),
    }
    return strict_json.dumps({**lid, "checksum": _checksum(lid)})


def open_lid(content: bytes, passphrase: bytes) -> tuple[bytes, Cost]:
    """The store key and its cost; raises FormatError (the file is damaged) or WrongPassphraseError."""
    lid = strict_json.loads_object(content)
    given = lid.pop("checksum", None)
    if not isinstance(given, str) or not secrets.compare_digest(given.encode(), _checksum(lid).encode()):
        raise FormatError("the checksum does not fit")
    try:
        salt, cost = _derivation(lid["derivation"])
        wrapped = base64url.decode(lid["store_key"])
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError("a member is missing") from error
    try:
        return envelope.unwrap(_stretch(passphrase, salt, cost), wrapped, _ASSOCIATED), cost
    except DecryptionError as error:
        raise WrongPassphraseError("the passphrase does not open the key store") from error


def new_store_key(random: Callable[[int], bytes]) -> bytes:
    """A fresh store key."""
    return envelope.new_data_key(random)


def _derivation(found: dict[str, Any]) -> tuple[bytes, Cost]:
    cost = Cost(found["iterations"], found["lanes"], found["memory_kib"])
    if found["name"] != "argon2id" or not (
        0 < cost.iterations <= _MOST_ITERATIONS
        and 0 < cost.lanes <= _MOST_LANES
        and 8 * cost.lanes <= cost.memory_kib <= _MOST_MEMORY_KIB
    ):
        raise FormatError("the key derivation is unknown or out of bounds")
    return base64url.decode(found["salt"]), cost


def _stretch(passphrase: bytes, salt: bytes, cost: Cost) -> bytes:
    return Argon2id(
        salt=salt,
        length=envelope.KEY_SIZE,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive(passphrase)


def _checksum(lid: dict[str, Any]) -> str:
    return hashlib.sha256(strict_json.dumps(dict(sorted(lid.items())))).hexdigest()
