"""Settings: unsafe values are refused, and no secret has a default."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.settings import Settings, read_settings
from hub.telling import LogFormat, LogLevel
from keys.certificates import ROOT, make_root
from keys.elliptic import ES256

URL = "https://hub.example.gov.cn"


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://hub.example.gov.cn:8443/licences",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://127.9.9.9",
        "http://[::1]:8000",
        "https://[2001:db8::1]",
    ],
)
def test_safe_addresses_are_taken(url: str) -> None:
    assert read_settings({"HUB_PUBLIC_URL": url}).public_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hub.example.gov.cn",
        "https://",
        "https://hub.example.gov.cn/",
        "https://hub.example.gov.cn/licences/",
        "https://hub.example.gov.cn?x=1",
        "https://hub.example.gov.cn?",
        "https://hub.example.gov.cn#x",
        "https://user@hub.example.gov.cn",
        "https://:secret@hub.example.gov.cn",
        "https://Hub.example.gov.cn",
        "HTTPS://hub.example.gov.cn",
        "https://hub.example.gov.cn\n",
        " https://hub.example.gov.cn",
        "https://hub example.gov.cn",
        "https://hub.example.gov.cn:port",
        "https://hub.example.gov.cn:99999",
        "https://[::1",
        "http://hub.example.gov.cn",
        "http://127.0.0.1.example.gov.cn",
        "http://0.0.0.0:8000",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
    ],
)
def test_unsafe_addresses_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="HUB_PUBLIC_URL"):
        read_settings({"HUB_PUBLIC_URL": url})


def test_the_address_has_no_default() -> None:
    with pytest.raises(SettingsError, match="HUB_PUBLIC_URL"):
        read_settings({})


def test_what_is_not_set_has_a_safe_default(tmp_path: Path) -> None:
    settings = read_settings({"HUB_PUBLIC_URL": URL, "HUB_DATA": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/hub.db"
    assert settings.key_store == tmp_path / "keys"
    assert settings.calendar.zone.key == "Asia/Shanghai"
    assert settings.token_seconds == 300
    with pytest.raises(SettingsError, match="HUB_PASSPHRASE_FILE"):
        settings.passphrase()


@pytest.mark.parametrize("url", ["postgresql://hub@db/hub", "postgresql+psycopg://hub@db/hub"])
def test_postgresql_is_reached_by_one_driver(url: str) -> None:
    settings = read_settings({"HUB_PUBLIC_URL": URL, "HUB_DATABASE_URL": url})
    assert settings.database_url == "postgresql+psycopg://hub@db/hub"


@pytest.mark.parametrize("url", ["mysql://hub@db/hub", "sqlite://", "postgresql+asyncpg://hub@db/hub", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="HUB_DATABASE_URL"):
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_DATABASE_URL": url})


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(SettingsError, match="HUB_TIME_ZONE"):
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_TIME_ZONE": zone})


@pytest.mark.parametrize("seconds", ["0", "-1", "3601", "1.5", "", "five", "٣", "1e2", " 5"])
def test_a_lifetime_of_tokens_that_is_none_is_refused(seconds: str) -> None:
    with pytest.raises(SettingsError, match="HUB_TOKEN_SECONDS"):
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_TOKEN_SECONDS": seconds})


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("HUB_SESSION_IDLE_SECONDS", "59"), ("HUB_SESSION_IDLE_SECONDS", "3601"), ("HUB_SESSION_SECONDS", "299"),
     ("HUB_SESSION_SECONDS", "43201"), ("HUB_STATUS_LIST_SECONDS", "0"), ("HUB_STATUS_LIST_SECONDS", "16"), ("HUB_STATUS_LIST_LIFE_SECONDS", "299"),
     ("HUB_STATUS_LIST_LIFE_SECONDS", "604801"), ("HUB_TRUST_LIST_LIFE_SECONDS", "3599"), ("HUB_TRUST_LIST_LIFE_SECONDS", "2592001")],
)  # fmt: skip
def test_a_number_of_seconds_that_would_break_a_promise_is_refused(name: str, seconds: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({"HUB_PUBLIC_URL": URL, name: seconds})


def _with_passphrase(file: Path) -> Settings:
    return read_settings({"HUB_PUBLIC_URL": URL, "HUB_PASSPHRASE_FILE": str(file)})


def test_the_passphrase_comes_from_a_file_of_the_hubs_own(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(b"made-up passphrase\n")
    file.chmod(0o600)
    assert _with_passphrase(file).passphrase() == b"made-up passphrase"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666])
def test_a_passphrase_that_everybody_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(b"made-up passphrase")
    file.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        _with_passphrase(file).passphrase()


def test_an_empty_or_missing_passphrase_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    with pytest.raises(SettingsError, match="cannot be read"):
        _with_passphrase(file).passphrase()
    file.touch(mode=0o600)
    file.write_bytes(b" \n")
    with pytest.raises(SettingsError, match="empty"):
        _with_passphrase(file).passphrase()


@pytest.mark.parametrize(("text", "expected"), [("on", True), ("off", False)])
def test_trusted_documents_only_is_a_switch(text: str, expected: bool) -> None:  # noqa: FBT001 - what is read
    settings = read_settings({"HUB_PUBLIC_URL": URL, "HUB_TRUSTED_DOCUMENTS_ONLY": text})
    assert settings.trusted_documents_only is expected


@pytest.mark.parametrize("text", ["", "ON", "true", "1", "no"])
def test_a_switch_that_is_neither_on_nor_off_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="HUB_TRUSTED_DOCUMENTS_ONLY"):
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_TRUSTED_DOCUMENTS_ONLY": text})


HARDWARE = {"HUB_PKCS11_MODULE": "/usr/lib/module.so", "HUB_PKCS11_TOKEN": "Seals", "HUB_PKCS11_PIN_FILE": "pin"}


@pytest.mark.parametrize("missing", HARDWARE)
def test_hardware_is_named_whole_or_not_at_all(missing: str) -> None:
    given = {name: value for name, value in HARDWARE.items() if name != missing}
    with pytest.raises(SettingsError, match="all three or none"):
        read_settings({"HUB_PUBLIC_URL": URL, **given})


def test_without_hardware_there_is_nothing_to_open() -> None:
    assert read_settings({"HUB_PUBLIC_URL": URL}).token_access() is None


def test_the_pin_is_read_from_its_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text("made-up-PIN\n", "utf-8")
    file.chmod(0o600)
    settings = read_settings({"HUB_PUBLIC_URL": URL, **HARDWARE, "HUB_PKCS11_PIN_FILE": str(file)})
    access = settings.token_access()
    assert access is not None
    assert (access.module, access.token, access.pin) == (Path("/usr/lib/module.so"), "Seals", "made-up-PIN")
    assert "made-up-PIN" not in f"{settings!r} {access!r}"


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (b"made-up-PIN", 0o640, "chmod 600"),
        (b"made-up-PIN", 0o604, "chmod 600"),
        (b"\n", 0o600, "empty"),
        (b"made-up-PIN\xff", 0o600, "UTF-8"),
        (None, 0o600, "cannot be read"),
    ],
)
def test_a_pin_file_that_others_read_or_that_holds_none_is_refused(
    tmp_path: Path, content: bytes | None, mode: int, words: str
) -> None:
    file = tmp_path / "pin"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    settings = read_settings({"HUB_PUBLIC_URL": URL, **HARDWARE, "HUB_PKCS11_PIN_FILE": str(file)})
    with pytest.raises(SettingsError, match=words) as refused:
        settings.token_access()
    assert "made-up-PIN" not in str(refused.value)
    assert refused.value.__cause__ is None or "made-up-PIN" not in str(refused.value.__cause__)


@pytest.mark.parametrize(
    "url",
    [
        "https://tsa.example.gov.cn",
        "https://tsa.example.gov.cn:8443/tsa?policy=1",
        "http://127.0.0.1:3161/",
        "http://[::1]/tsa",
    ],
)
def test_a_safe_address_of_a_timestamp_authority_is_taken(url: str) -> None:
    environment = {"HUB_PUBLIC_URL": URL, "HUB_TIMESTAMP_URL": url, "HUB_TIMESTAMP_ROOTS": "roots.pem"}
    settings = read_settings({**environment, "HUB_TIMESTAMP_POLICY": "1.2.3.4.1"})
    assert (settings.timestamp_url, settings.timestamp_roots) == (url, Path("roots.pem"))
    assert settings.timestamp_policy == "1.2.3.4.1"


@pytest.mark.parametrize(
    "url",
    [
        "tsa.example.gov.cn", "http://tsa.example.gov.cn", "http://10.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://",
        "https://user@tsa.example.gov.cn", "https://:secret@tsa.example.gov.cn", "https://tsa.example.gov.cn/#x", "https://[::1",
        "https://tsa.example.gov.cn:port", "https://tsa example.gov.cn", "https://tsa.example.gov.cn\n", "https://印.example",
    ],
)  # fmt: skip
def test_an_unsafe_address_of_a_timestamp_authority_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="HUB_TIMESTAMP_URL") as refused:
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_TIMESTAMP_URL": url, "HUB_TIMESTAMP_ROOTS": "roots.pem"})
    assert "secret" not in str(refused.value)


TIMESTAMPS = {"HUB_TIMESTAMP_URL": "https://tsa.example.gov.cn/", "HUB_TIMESTAMP_ROOTS": "roots.pem"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"HUB_TIMESTAMP_ROOTS": ""}, "HUB_TIMESTAMP_ROOTS"),
        ({"HUB_TIMESTAMP_URL": "", "HUB_TIMESTAMP_POLICY": "1.2.3"}, "HUB_TIMESTAMP_POLICY"),
        *(({"HUB_TIMESTAMP_POLICY": policy}, "HUB_TIMESTAMP_POLICY") for policy in ("tsa", "1", "1.02", "3.1", "1.2.", "1.2\n")),
    ],
)  # fmt: skip
def test_timestamps_by_halves_are_refused(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings({"HUB_PUBLIC_URL": URL, **TIMESTAMPS, **changes})


def test_roots_of_timestamp_authorities_are_read_from_their_file(tmp_path: Path) -> None:
    file, alone = tmp_path / "roots.pem", {"HUB_PUBLIC_URL": URL, "HUB_TIMESTAMP_ROOTS": str(tmp_path / "roots.pem")}
    with pytest.raises(SettingsError, match="HUB_TIMESTAMP_ROOTS cannot be read: No such file"):
        read_settings(alone).timestamp_authorities()
    for wrong in ("", "no certificates", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        file.write_text(wrong)
        with pytest.raises(SettingsError, match="HUB_TIMESTAMP_ROOTS holds no certificates"):
            read_settings(alone).timestamp_authorities()
    root = make_root(
        "钟", ES256.generate(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC), ROOT
    )
    file.write_bytes(root.to_pem())
    authorities = read_settings(alone).timestamp_authorities()
    assert authorities is not None
    assert len(authorities.roots) == 1
    assert read_settings({"HUB_PUBLIC_URL": URL}).timestamp_authorities() is None


def test_without_its_address_there_is_no_timestamp_authority() -> None:
    assert read_settings({"HUB_PUBLIC_URL": URL}).timestamp_url is None


def test_what_is_told_of_settings_holds_no_secret() -> None:
    told = read_settings({
        "HUB_PUBLIC_URL": "http://localhost:8000", "HUB_DATABASE_URL": "postgresql://hub:hunter2@db/hub?password=hunter3",
        "HUB_DATA": "/srv/hub",
    }).told()  # fmt: skip
    assert told["database_url"] == "postgresql+psycopg://db/hub"
    assert (told["public_url"], told["data"]) == ("http://localhost:8000", "/srv/hub")
    assert told["limits"]["body_bytes"] > 0
    assert "hunter" not in json.dumps(told)


@pytest.mark.parametrize(("url", "served"), [(URL, False), ("http://127.0.0.1:8000", True)])
def test_metrics_are_served_without_a_setting_on_loopback_only(url: str, *, served: bool) -> None:
    assert read_settings({"HUB_PUBLIC_URL": url}).metrics is served
    assert read_settings({"HUB_PUBLIC_URL": url, "HUB_METRICS": "on"}).metrics is True


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:9464", ("::1", 9464)),
        ("10.0.0.5:1", ("10.0.0.5", 1)),
        ("", None),
    ],
)
def test_metrics_may_have_a_listener_of_their_own(text: str, place: tuple[str, int] | None) -> None:
    assert read_settings({"HUB_PUBLIC_URL": URL, "HUB_METRICS_LISTEN": text}).metrics_listen == place


@pytest.mark.parametrize(
    "text", ["9464", "localhost:9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "1.2.3:80", ":80"]
)
def test_a_listener_is_an_address_and_a_port(text: str) -> None:
    with pytest.raises(SettingsError, match="HUB_METRICS_LISTEN"):
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_METRICS_LISTEN": text})


def test_logs_are_json_or_text_from_some_weight_on() -> None:
    chosen = read_settings({"HUB_PUBLIC_URL": URL, "HUB_LOG_FORMAT": "text", "HUB_LOG_LEVEL": "DEBUG"})
    assert (chosen.log_format, chosen.log_level) == (LogFormat.TEXT, LogLevel.DEBUG)
    assert read_settings({"HUB_PUBLIC_URL": URL}).log_format is None
    for name, value in (("HUB_LOG_FORMAT", "xml"), ("HUB_LOG_LEVEL", "LOUD")):
        with pytest.raises(SettingsError, match=name):
            read_settings({"HUB_PUBLIC_URL": URL, name: value})
