"""How a process tells of itself: in which form logs are written and from which weight on, and where metrics are listened for."""

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, TypeVar

from hub.errors import SettingsError

LARGEST_PORT: Final = 65535
_LISTEN: Final = re.compile(r"([0-9.]+|\[[0-9a-f:.]+\]):([0-9]{1,5})")

W = TypeVar("W", bound=StrEnum)


class LogFormat(StrEnum):
    """How lines of logs are written."""

    JSON = "json"
    TEXT = "text"


class LogLevel(StrEnum):
    """From which weight on lines of the hub's logs are written; DEBUG lets libraries speak too."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"


def read_word(values: Mapping[str, str], name: str, words: type[W]) -> W | None:
    """Read one of a closed set of words, None without a value; raises SettingsError."""
    try:
        return words(values[name]) if values.get(name) else None
    except ValueError:
        raise SettingsError(f"{name} must be {' or '.join(words)}.") from None


def read_listen(values: Mapping[str, str], name: str) -> tuple[str, int] | None:
    """Read an IP address and a port, None without a value; raises SettingsError."""
    if not values.get(name):
        return None
    found = _LISTEN.fullmatch(values[name])
    try:
        if found and 1 <= int(found.group(2)) <= LARGEST_PORT:
            return str(ip_address(found.group(1).strip("[]"))), int(found.group(2))
    except ValueError:
        pass
    raise SettingsError(f"{name} must be an IP address and a port, such as 127.0.0.1:9464 or [::1]:9464.")
