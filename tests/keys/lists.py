"""A small status list under made-up keys, for the tests of its formats."""

from dataclasses import replace
from typing import Any, Final

from keys.status_bits import put
from keys.status_list import StatusList, sign
from keys.suites import SUITES, PrivateKey

URI: Final = "https://hub.example/status-lists/1"
PLACES: Final = 256
KEYS: Final = {name: suite.generate() for name, suite in SUITES.items()}
SHOWN: Final = {0: 1, 7: 2, 9: 3, 255: 1}


def jwks(key: PrivateKey, kid: str = "status-1") -> list[dict[str, Any]]:
    """What the list's publisher tells of its key."""
    return [{**key.public.to_jwk(), "kid": kid, "alg": key.public.suite.jose_algorithm, "use": "sig"}]


def statuses(values: dict[int, int] = SHOWN) -> bytes:
    """Two bits a place."""
    array = bytearray(PLACES // 4)
    for index, value in values.items():
        put(array, index, value, 2)
    return bytes(array)


EXAMPLE: Final = StatusList(URI, 1_795_353_366, 1_795_439_766, 20, statuses(), 2, "https://hub.example/status-lists")


def token(media_type: str, suite_name: str = "ES256", **changes: Any) -> bytes:
    """The example, with changes, in one form."""
    return sign(replace(EXAMPLE, **changes), KEYS[suite_name], "status-1")[media_type]
