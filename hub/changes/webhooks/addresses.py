"""Where the hub sends to: addresses out in the world, or in networks that the deployment names, and nowhere else.

Decides by the address that a name really resolves to, at the moment of connecting, and connects to that very address: what a name resolved to a moment ago
proves nothing. It must never reach the hub's own machine or an internal network because somebody registered it, nor by an IPv6 address that stands for an
IPv4 address. RFC 6890 and the IANA registries of special-purpose addresses, as Python's `ipaddress` has them.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpcore
from typing_extensions import override

from hub.changes.refusals import WebhookAddressError
from hub.variables import is_loopback

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
LONGEST: Final = 512
HTTPS: Final = 443
_RESERVED_PORTS: Final = 1024

_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10"),
            *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"),  # they stand for IPv4 addresses: NAT64, 6to4
        ),
    )
)
"""Ranges that some versions of Python take for the world's."""


class AddressRefusedError(httpcore.ConnectError):
    """The name does not resolve, or to an address that the hub does not send to."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the hub sends to; `allowed` are networks that it sends to although they are internal."""

    allowed: tuple[Network, ...] = ()

    def reaches(self, address: Address) -> bool:
        """Tell whether the hub sends to an address."""
        plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        if any(plain in network for network in self.allowed if network.version == plain.version):
            return True
        if getattr(plain, "scope_id", None) or any(plain in each for each in _SPECIAL):
            return False
        return plain.is_global and not plain.is_multicast and not plain.is_reserved

    def check(self, url: str) -> None:
        """Accept `https://host[:port][/path]`, on port 443 or above 1023; `http` on a loopback host that is allowed.

        Raises:
            WebhookAddressError: anything else, and an address that is told to be internal as it stands.
        """
        parts, port = _split(url)
        host = parts.hostname or ""
        plain = parts.scheme == "http" and is_loopback(host)
        if parts.scheme != "https" and not plain:
            raise WebhookAddressError
        if port is not None and port != HTTPS and port < _RESERVED_PORTS:
            raise WebhookAddressError
        literal = _literal("127.0.0.1" if host == "localhost" else host)
        if literal is not None and not self.reaches(literal):
            raise WebhookAddressError

    async def resolved(self, host: str, port: int) -> str:
        """Return the address to connect to.

        Raises:
            AddressRefusedError: the name does not resolve, or one of its addresses is out of reach: it is not ours to choose among them.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise AddressRefusedError("unresolved") from error
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(self.reaches(ip_address(each)) for each in addresses):
            raise AddressRefusedError("refused")
        return addresses[0]


def read_networks(words: Iterable[str]) -> tuple[Network, ...]:
    """Read networks, such as 10.0.0.0/8; raises ValueError."""
    return tuple(ip_network(word) for word in words)


def _split(url: str) -> tuple[SplitResult, int | None]:
    """Return the parts of an address, and its port."""
    unfit = (
        len(url) > LONGEST or not url.isascii() or not url.isprintable() or bool({" ", "@", "#", "?", "\\"} & set(url))
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookAddressError from None
    if unfit or not parts.hostname:
        raise WebhookAddressError
    return parts, port


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to the address that was checked; certificates are verified for the name all the same."""

    def __init__(self, reach: Reach) -> None:
        """Connect as far as `reach` goes."""
        self._reach = reach
        self._inner = httpcore.AnyIOBackend()

    @override
    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        address = await self._reach.resolved(host, port)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    @override
    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise AddressRefusedError("refused")

    @override
    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


@cache
def trusted() -> ssl.SSLContext:
    """Return what the operating system trusts; reading it takes 20 ms."""
    return ssl.create_default_context()
