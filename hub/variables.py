"""How variables of the environment are read: strictly, each in one form, and never silently as something else.

Decides which texts are a switch, a number or a safe address. A message names the variable, never its value.
"""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hub.errors import SettingsError
from keys.token_keys import ALGORITHMS

USUAL_ALGORITHMS: Final = frozenset({"ES256", "Ed25519", "EdDSA", "PS256", "RS256"})
"""Signature algorithms that are taken of others' tokens unless settings say otherwise."""


def read_path(values: Mapping[str, str], name: str) -> Path | None:
    """Read the path of a file, None without a value."""
    return Path(values[name]) if values.get(name) else None


def read_switch(values: Mapping[str, str], name: str, *, otherwise: bool = False) -> bool:
    """Read on or off, `otherwise` without a value; raises SettingsError."""
    words = {"on": True, "off": False}
    text = values.get(name, "on" if otherwise else "off")
    if text not in words:
        raise SettingsError(f"{name} must be on or off.")
    return words[text]


def read_seconds(values: Mapping[str, str], name: str, *, default: int, longest: int, shortest: int = 1) -> int:
    """Read a whole number of seconds between `shortest` and `longest`; raises SettingsError."""
    return read_whole(values, name, default=default, least=shortest, most=longest, unit="seconds")


def read_whole(values: Mapping[str, str], name: str, *, default: int, most: int, least: int = 1, unit: str) -> int:
    """Read a whole number between `least` and `most`.

    Raises:
        SettingsError: not such a number.
    """
    text = values.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number of {unit} from {least} to {most}.")
    return int(text)


def read_networks(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read networks, such as `10.0.0.0/8 fd00::/8`, with blanks between them; raises SettingsError."""
    words = values.get(name, "").split()
    try:
        return tuple(str(ip_network(word)) for word in words)
    except ValueError:
        raise SettingsError(f"{name} names networks, such as 10.0.0.0/8 fd00::/8, with blanks between them.") from None


def check_service_address(url: str, setting: str) -> None:
    """Accept `https://host[:port][/path][?query]`, or `http` on a loopback host; `setting` is the variable's name.

    Raises:
        SettingsError: anything else.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or not url.isprintable() or " " in url or {"@", "#"} & set(url):
        raise SettingsError(f"{setting} must be like https://service.example.gov.cn/, without a user and a fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise SettingsError(f"{setting} must use https; http is for loopback addresses only.")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_algorithms(given: Mapping[str, str], name: str) -> frozenset[str]:
    """Read the signature algorithms that are taken of somebody else's tokens; without the variable the usual ones."""
    named = frozenset(given[name].split()) if name in given else USUAL_ALGORITHMS
    if not named or not named <= ALGORITHMS:
        raise SettingsError(f"{name} names one or more of {', '.join(sorted(ALGORITHMS))}, with blanks between them.")
    return named
