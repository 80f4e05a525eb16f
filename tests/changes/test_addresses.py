"""Where webhooks are sent to: every way into a machine or network that is not out in the world is refused, at the moment of connecting."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import httpcore
import pytest

from hub.changes.refusals import WebhookAddressError
from hub.changes.webhooks.addresses import AddressRefusedError, CheckedBackend, Reach, read_networks
from hub.changes.webhooks.sending import Attempt, Result, Sender, result_of
from hub.errors import SettingsError
from hub.settings import read_settings
from tests.changes.receiver import receiving

WORLD = Reach()
INSIDE = Reach(read_networks(["127.0.0.0/8", "10.20.0.0/16", "fd00:20::/32"]))

INTERNAL = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",  # noqa: S104 - an address to refuse
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "100::1", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_and_special_addresses_are_out_of_reach(address: str) -> None:
    assert not WORLD.reaches(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2400:3200::1", "::ffff:1.1.1.1"])
def test_addresses_of_the_world_are_within_reach(address: str) -> None:
    assert WORLD.reaches(ip_address(address))


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("10.20.3.4", True),
        ("::ffff:10.20.3.4", True),
        ("10.21.0.1", False),
        ("fd00:20::5", True),
        ("fd00:21::5", False),
    ],
)
def test_a_network_that_is_named_is_within_reach_and_no_other(address: str, *, reached: bool) -> None:
    assert INSIDE.reaches(ip_address(address)) is reached


@pytest.mark.parametrize(
    "url",
    [
        "http://example.gov.cn/hook", "ftp://example.gov.cn/", "https://", "https:///x", "//example.gov.cn/", "example.gov.cn",
        "https://example.gov.cn:80/", "https://example.gov.cn:22/", "https://example.gov.cn:99999/", "https://example.gov.cn:x/",
        "https://me:secret@example.gov.cn/", "https://example.gov.cn/?token=1", "https://example.gov.cn/#x", "https://example.gov.cn/a b",
        "https://星河.cn/", "https://example.gov.cn\\@127.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://localhost/", "http://localhost:8000/", "http://127.0.0.1:8000/", "https://10.1.2.3/", "https://169.254.169.254/latest/",
        "https://[fe80::1]/", "https://example.gov.cn/" + "x" * 500, "https://[::1/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_to_send_to_is_refused_when_it_is_registered(url: str) -> None:
    with pytest.raises(WebhookAddressError):
        WORLD.check(url)


@pytest.mark.parametrize(
    "url", ["https://example.gov.cn/hook", "https://example.gov.cn:8443/", "https://1.1.1.1/", "https://example.gov.cn"]
)
def test_what_may_be_sent_to_is_accepted(url: str) -> None:
    WORLD.check(url)


def test_http_is_for_loopback_that_is_allowed() -> None:
    INSIDE.check("http://127.0.0.1:8000/hook")
    with pytest.raises(WebhookAddressError):
        INSIDE.check("http://10.20.0.1:8000/hook")


def _resolving(monkeypatch: pytest.MonkeyPatch, *answers: Sequence[str]) -> list[str]:
    """Let names resolve to these addresses, one answer after the other; return the names that were asked for."""
    asked: list[str] = []

    async def getaddrinfo(self: Any, host: str, port: int, **_: Any) -> list[Any]:  # noqa: ARG001 - the shape of asyncio
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["1.1.1.1", "192.168.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], []],
)
def test_a_name_that_resolves_into_an_internal_network_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    _resolving(monkeypatch, addresses)
    connected: list[str] = []

    async def scenario() -> None:
        backend = CheckedBackend(WORLD)
        monkeypatch.setattr(backend, "_inner", _Inner(connected))
        with pytest.raises(AddressRefusedError):
            await backend.connect_tcp("rebinding.example", 443)

    asyncio.run(scenario())
    assert connected == []


class _Inner:
    """Notes where connections go, and makes none."""

    def __init__(self, connected: list[str]) -> None:
        self._connected = connected

    async def connect_tcp(self, host: str, *_: Any) -> Any:
        self._connected.append(host)
        raise httpcore.ConnectError


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, connected = _resolving(monkeypatch, ["1.1.1.1"], ["127.0.0.1"]), list[str]()

    async def scenario() -> None:
        backend = CheckedBackend(WORLD)
        monkeypatch.setattr(backend, "_inner", _Inner(connected))
        with pytest.raises(httpcore.ConnectError):
            await backend.connect_tcp("rebinding.example", 443)
        with pytest.raises(AddressRefusedError):  # the second time the name says something else
            await backend.connect_tcp("rebinding.example", 443)

    asyncio.run(scenario())
    assert (asked, connected) == (["rebinding.example"] * 2, ["1.1.1.1"])


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_spellings_of_loopback_are_refused_by_what_they_resolve_to(host: str) -> None:
    async def scenario() -> Attempt:
        sender = Sender(WORLD, seconds=5)
        try:
            return await sender.post(f"https://{host}:8443/", {}, b"{}")
        finally:
            await sender.close()

    assert asyncio.run(scenario()).result in {Result.ADDRESS_REFUSED, Result.UNREACHABLE}


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def scenario() -> None:
        sender = Sender(INSIDE)
        async with receiving() as receiver:
            assert (await sender.post(receiver.url, {}, b"{}")).result is Result.DELIVERED
        await sender.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.DELIVERED), (204, Result.DELIVERED), (299, Result.DELIVERED), (301, Result.REDIRECTED), (400, Result.REFUSED),
        (408, Result.BUSY), (410, Result.GONE), (425, Result.BUSY), (429, Result.BUSY), (500, Result.FAILED), (503, Result.FAILED),
        (600, Result.FAILED), (199, Result.FAILED),
    ],
)  # fmt: skip
def test_a_status_is_a_result(status: int, result: Result) -> None:
    assert result_of(status) is result


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "everything", "10.0.0.0/8,fd00::/8"])
def test_networks_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="HUB_WEBHOOK_NETWORKS"):
        read_settings({"HUB_PUBLIC_URL": "https://hub.example.gov.cn", "HUB_WEBHOOK_NETWORKS": text})


def test_networks_are_read_and_told() -> None:
    settings = read_settings(
        {"HUB_PUBLIC_URL": "https://hub.example.gov.cn", "HUB_WEBHOOK_NETWORKS": "10.0.0.0/8 fd00::/8"}
    )
    assert settings.webhook_networks == ("10.0.0.0/8", "fd00::/8")
    assert "10.0.0.0/8" in str(settings.told())
