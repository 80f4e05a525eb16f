"""A token as a holder of keys: made there, found there, never leaving; and every way in which it refuses."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import AttributeSensitive

from keys.errors import (
    KeyExistsError,
    KeyMissingError,
    KeyNotExportableError,
    KeysError,
    KeyStoreError,
    TokenError,
    TokenMissingError,
    TokenSuiteError,
    VerificationError,
    WrongPinError,
)
from keys.pkcs11_module import open_module
from keys.pkcs11_name import KeyName, TokenAccess
from keys.pkcs11_token import HardwareToken
from keys.store import KeyStore
from keys.store_lid import Cost
from keys.suites import SUITES, PrivateKey
from tests.keys.softhsm import PIN, SEALS, SPARE, TWINS, Hardware

ES256 = SUITES["ES256"]
ES256_CURVE = bytes.fromhex("06082a8648ce3d030107")
SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")


@pytest.fixture
def raw(hardware: Hardware, token: HardwareToken) -> Iterator[pkcs11.Session]:
    """Give a session that may write, of the library itself."""
    token.facts()  # logs this process in
    session = open_module(hardware.module).get_token(token_label=SEALS).open(rw=True)
    yield session
    session.close()


def _pair(raw: pkcs11.Session, curve: bytes, label: str) -> None:
    parameters = raw.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True)
    parameters.generate_keypair(
        label=label, id=label.encode(), store=True, mechanism=Mechanism.EC_KEY_PAIR_GEN,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY
    )  # fmt: skip


def test_a_key_is_found_again_by_its_reference(hardware: Hardware, token: HardwareToken) -> None:
    uri = token.make_private("seals/99010000000001", ES256)
    assert uri.startswith("pkcs11:token=Seals%20of%20the%20tests;object=seals%2F99010000000001;id=%")
    key = token.private(uri)
    assert token.private(uri) is key
    again = hardware.token().private(uri)
    assert again.public == key.public
    again.public.verify(key.sign(b"message"), b"message")


@pytest.mark.parametrize("by", ["object", "id"])
def test_a_key_that_others_made_is_found_by_label_or_id(token: HardwareToken, raw: pkcs11.Session, by: str) -> None:
    _pair(raw, ES256_CURVE, f"theirs-{by}")
    wanted = {"object": KeyName(SEALS, f"theirs-{by}", None), "id": KeyName(SEALS, None, f"theirs-{by}".encode())}[by]
    key = token.private(wanted.uri)
    key.public.verify(key.sign(b"message"), b"message")


@pytest.mark.parametrize("suite", ["ES256", "Ed25519"])
def test_a_key_is_sensitive_and_cannot_be_exported(token: HardwareToken, raw: pkcs11.Session, suite: str) -> None:
    name = KeyName.parse(token.make_private(f"kept/{suite}", SUITES[suite]))
    (found,) = raw.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: name.id})
    assert found[Attribute.SENSITIVE] is True
    assert found[Attribute.EXTRACTABLE] is False
    assert found[Attribute.ALWAYS_SENSITIVE] is True
    assert found[Attribute.NEVER_EXTRACTABLE] is True
    assert found[Attribute.DERIVE] is False
    with pytest.raises(AttributeSensitive):
        found[Attribute.VALUE]


def test_a_key_is_handed_out_to_nobody(hardware_keys: dict[str, PrivateKey], tmp_path: Path) -> None:
    store = KeyStore.create(tmp_path / "keys", b"made-up", cost=Cost(1, 1, 8))
    for key in hardware_keys.values():
        for attempt in (
            lambda key=key: key.to_pkcs8(None),
            lambda key=key: key.to_pkcs8(b"x"),
            lambda key=key: store.add_private("a", key),
        ):
            with pytest.raises(KeyNotExportableError, match="never leaves"):
                attempt()
    assert store.names() == ()


def test_a_key_is_never_overwritten(token: HardwareToken) -> None:
    uri = token.make_private("seals/taken", ES256)
    before = token.private(uri).public
    with pytest.raises(KeyExistsError):
        token.make_private("seals/taken", SUITES["Ed25519"])
    assert token.private(uri).public == before


@pytest.mark.parametrize("name", ["", "..", "a//b", "a b", "印", "a" * 200])
def test_a_name_is_one_that_the_key_store_would_take(token: HardwareToken, name: str) -> None:
    before = token.facts().keys
    with pytest.raises(KeyMissingError):
        token.make_private(name, ES256)
    assert token.facts().keys == before


def test_a_removed_key_is_gone_for_everybody(hardware: Hardware, token: HardwareToken) -> None:
    uri = token.make_private("seals/removed", ES256)
    other = hardware.token()
    key = other.private(uri)
    token.remove(uri)
    for attempt in (lambda: token.private(uri), lambda: token.remove(uri), lambda: key.sign(b"message")):
        with pytest.raises(KeyMissingError):
            attempt()


def test_sm2_is_refused_by_name(token: HardwareToken, raw: pkcs11.Session) -> None:
    before = token.facts()
    assert before.suites == ("ES256", "Ed25519")
    with pytest.raises(TokenSuiteError, match="SM2-SM3"):
        token.make_private("seals/sm2", SUITES["SM2-SM3"])
    assert token.facts().keys == before.keys
    _pair(raw, SM2_CURVE, "on the SM2 curve")
    with pytest.raises(TokenSuiteError, match="plain ECDSA"):
        token.private(KeyName(SEALS, "on the SM2 curve", None).uri)


def test_a_key_of_another_curve_is_refused(token: HardwareToken, raw: pkcs11.Session) -> None:
    _pair(raw, bytes.fromhex("06052b81040022"), "P-384")
    with pytest.raises(TokenSuiteError):
        token.private(KeyName(SEALS, "P-384", None).uri)


def test_halves_that_do_not_belong_together_are_not_used(token: HardwareToken, raw: pkcs11.Session) -> None:
    for label in ("half-a", "half-b"):
        _pair(raw, ES256_CURVE, label)
    (lonely,) = raw.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: "half-a"})
    lonely.destroy()
    (wrong,) = raw.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: "half-b"})
    wrong[Attribute.LABEL] = "half-a"
    with pytest.raises(TokenError, match="do not belong together"):
        token.private(KeyName(SEALS, "half-a", None).uri)


def test_two_keys_of_one_name_are_told_apart_by_id_alone(token: HardwareToken, raw: pkcs11.Session) -> None:
    parameters = raw.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: ES256_CURVE}, local=True)
    for octets in (b"first", b"second"):
        parameters.generate_keypair(label="double", id=octets, store=True, mechanism=Mechanism.EC_KEY_PAIR_GEN)
    with pytest.raises(KeyMissingError, match="several keys"):
        token.private(KeyName(SEALS, "double", None).uri)
    one, other = (token.private(KeyName(SEALS, "double", octets).uri) for octets in (b"first", b"second"))
    with pytest.raises(VerificationError):
        one.public.verify(other.sign(b"message"), b"message")


def test_a_key_that_is_not_there(token: HardwareToken) -> None:
    for attempt in (token.private, token.remove):
        with pytest.raises(KeyMissingError):
            attempt(KeyName(SEALS, "nothing", None).uri)
        with pytest.raises(KeyMissingError, match="another token"):
            attempt(KeyName(SPARE, "nothing", None).uri)
    with pytest.raises(KeyMissingError, match="symmetric"):
        token.secret(KeyName(SEALS, "nothing", None).uri)


@pytest.mark.parametrize(("name", "words"), [("No such token", "label"), (TWINS, "several")])
def test_a_token_that_is_not_there_or_not_the_only_one(hardware: Hardware, name: str, words: str) -> None:
    with pytest.raises(TokenMissingError, match=words):
        hardware.token(name).facts()


@pytest.mark.parametrize("content", [None, b"", b"not a library"])
def test_a_module_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "module.so"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TokenMissingError, match=str(path)):
        HardwareToken(TokenAccess(path, SEALS, PIN)).facts()


def test_a_library_that_is_no_module() -> None:
    with pytest.raises(TokenMissingError, match="not a PKCS#11 module"):
        HardwareToken(TokenAccess(Path("libcrypto.so.3"), SEALS, PIN)).facts()


def test_nothing_tells_the_pin(hardware: Hardware, token: HardwareToken, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = HardwareToken(hardware.access(SPARE, "a wrong PIN 0815"))
    uri = token.make_private("seals/secret", ES256)
    attempts: list[Callable[[], object]] = [
        wrong.facts, wrong.facts, hardware.token("No such token").facts, hardware.token(TWINS).facts,
        lambda: token.private(KeyName(SEALS, "nothing", None).uri), lambda: token.private(uri).to_pkcs8(None),
        lambda: token.make_private("seals/secret", ES256),
    ]  # fmt: skip
    said = [repr(each) for each in (token, token.access, wrong, token.private(uri), hardware.access())]
    for attempt in attempts:
        with pytest.raises(KeyStoreError) as refused:
            attempt()
        error: BaseException | None = refused.value
        while error is not None:
            said.append(f"{error!r} {error}")
            error = error.__cause__ or error.__context__
    told = " ".join([*said, caplog.text])
    assert PIN not in told
    assert "0815" not in told


def test_only_exceptions_of_this_package_come_out(hardware: Hardware) -> None:
    for name in ("", "a" * 40, "\x00", "印" * 20):
        with pytest.raises(KeysError):
            HardwareToken(hardware.access(name)).facts()
    with pytest.raises(WrongPinError):
        HardwareToken(hardware.access(SPARE, "1")).facts()
