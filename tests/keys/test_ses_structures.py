"""Seals and signatures under them: what was made is read, an independent reader agrees, and bounds hold both ways."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import der_writing as der
from keys import ses_form
from keys.errors import FormatError, UncheckableError, VerificationError
from keys.ses_form import CertificateDigest, Extension, Picture, SealContent
from keys.ses_making import complete, complete_seal, make_seal, prepare, prepare_seal, sign, with_timestamp
from keys.ses_seal import parse_seal
from keys.ses_signature import parse_signature
from keys.strict_der import Tag
from tests.keys.authorities import AUTHORITIES
from tests.keys.seals import (
    CREATED_AT,
    DOCUMENT,
    EXTENSION,
    FALSE,
    OFFICES,
    PNG,
    PROPERTY_INFO,
    SIGNED_AT,
    Office,
    as_real_ones_are,
    elements,
    made,
    other_signer,
    parts_of,
    sealing_parts,
    signed,
    version_1,
)

VISIBLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), min_size=1, max_size=40)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
    lambda moment: moment.replace(microsecond=0)
)
EXTENSIONS = st.lists(
    st.builds(
        Extension,
        st.integers(1, 10**9).map("1.2.156.99.{}".format),
        st.binary(max_size=30),
        st.booleans(),
    ),
    unique_by=lambda one: one.identifier,
    max_size=3,
).map(tuple)
DIGESTS = st.builds(
    CertificateDigest,
    st.text("ABCZabcz019 '()+,-./:=?", min_size=1, max_size=9),
    st.binary(max_size=ses_form.LARGEST_DIGEST),
)
LISTED = st.tuples(st.lists(st.binary(max_size=50), min_size=1, max_size=3).map(tuple), st.just(())) | st.tuples(
    st.just(()), st.lists(DIGESTS, min_size=1, max_size=3).map(tuple)
)
CONTENTS = st.builds(
    lambda times, listed, **said: SealContent(
        valid_from=min(times), valid_until=max(times), certificates=listed[0], digests=listed[1], **said
    ),
    times=st.tuples(MOMENTS, MOMENTS),
    listed=LISTED,
    vendor=VISIBLE,
    es_id=VISIBLE,
    kind=st.integers(0, ses_form.LARGEST_KIND),
    name=NAMES,
    created_at=MOMENTS,
    picture=st.builds(
        Picture, VISIBLE, st.binary(min_size=1, max_size=300), st.integers(1, 1000), st.integers(1, 1000)
    ),
    extensions=EXTENSIONS,
)
SOME = OFFICES["ES256"]


@pytest.fixture(params=sorted(OFFICES))
def office(request: pytest.FixtureRequest) -> Office:
    return OFFICES[str(request.param)]


@given(CONTENTS)
@settings(max_examples=60, deadline=None)
def test_a_seal_says_what_was_put_into_it(content: SealContent) -> None:
    seal = make_seal(content, SOME.maker, SOME.maker_key)
    assert (seal.content, seal.version, seal.maker) == (content, 4, SOME.maker.der)
    assert parse_seal(seal.der) == seal
    assert seal.signed == prepare_seal(content) == elements(seal.der)[0]


@given(
    MOMENTS, st.binary(max_size=64), VISIBLE | st.just(""), EXTENSIONS, st.none() | st.binary(min_size=1, max_size=99)
)
@settings(max_examples=60, deadline=None)
def test_a_signature_says_what_was_put_into_it(
    moment: datetime, data_hash: bytes, info: str, extensions: tuple[Extension, ...], token: bytes | None
) -> None:
    seal = SOME.seal()
    signature = sign(seal, moment, data_hash, info, SOME.signer, SOME.key, extensions)
    if token is not None:
        signature = with_timestamp(signature, token)
    sealing = signature.sealing
    assert (sealing.seal, sealing.signed_at, sealing.data_hash) == (seal, moment, data_hash)
    assert (sealing.property_info, sealing.extensions, signature.timestamp) == (info, extensions, token)
    assert parse_signature(signature.der) == signature
    assert sealing.der == elements(signature.der)[0]


@asn1.sequence
class _Header:
    mark: asn1.IA5String
    version: int
    vendor: asn1.IA5String


@asn1.sequence
class _Property:
    kind: int
    name: str
    list_type: int
    certificates: list[bytes]
    created_at: asn1.GeneralizedTime
    valid_from: asn1.GeneralizedTime
    valid_until: asn1.GeneralizedTime


@asn1.sequence
class _Picture:
    kind: asn1.IA5String
    data: bytes
    width: int
    height: int


@asn1.sequence
class _Extension:
    identifier: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(value=False)]
    value: bytes


@asn1.sequence
class _Info:
    header: _Header
    es_id: asn1.IA5String
    property: _Property
    picture: _Picture
    extensions: list[_Extension] | None


@asn1.sequence
class _Seal:
    info: _Info
    certificate: bytes
    algorithm: ObjectIdentifier
    value: asn1.BitString


@asn1.sequence
class _Sealing:
    version: int
    seal: _Seal
    signed_at: asn1.GeneralizedTime
    data_hash: asn1.BitString
    property_info: asn1.IA5String
    extensions: Annotated[list[_Extension] | None, asn1.Explicit(0)]


@asn1.sequence
class _Signature:
    sealing: _Sealing
    certificate: bytes
    algorithm: ObjectIdentifier
    value: asn1.BitString
    timestamp: Annotated[asn1.BitString | None, asn1.Explicit(0)]


def test_the_library_that_knows_the_structure_reads_and_writes_the_same(office: Office) -> None:
    critical = replace(EXTENSION, identifier="1.2.156.99.2", critical=True)
    seal = office.seal(office.content(extensions=(EXTENSION, critical)))
    ours = with_timestamp(office.sign(seal, extensions=(critical, EXTENSION)), b"token")
    theirs = asn1.decode_der(_Signature, ours.der)
    assert asn1.encode_der(theirs) == ours.der
    said = theirs.sealing.seal.info
    assert (said.header.mark.as_str(), said.header.version, said.header.vendor.as_str()) == ("ES", 4, "LHUB")
    assert (said.property.name, said.property.list_type) == ("星河市公安局电子证照专用章", 1)
    assert said.property.certificates == [office.signer.der]
    assert said.property.created_at.as_datetime() == CREATED_AT
    assert (said.picture.data, said.picture.width, said.picture.height) == (PNG, 40, 30)
    assert [one.critical for one in said.extensions or ()] == [False, True]
    assert theirs.sealing.data_hash.as_bytes() == office.key.suite.digest(DOCUMENT)
    assert theirs.timestamp is not None
    assert theirs.timestamp.as_bytes() == b"token"
    assert theirs.algorithm.dotted_string == office.key.suite.signature_algorithm


# Tolerance: exactly what real seals deviate in.


@pytest.mark.parametrize("as_made", [version_1, as_real_ones_are])
def test_older_and_looser_ones_are_read(office: Office, as_made: Callable[[Office], tuple[bytes, bytes]]) -> None:
    seal_der, signature_der = as_made(office)
    seal, signature = parse_seal(seal_der), parse_signature(signature_der)
    assert signature.sealing.seal == seal
    assert (seal.content.name, seal.content.certificates) == ("星河市公安局电子证照专用章", (office.signer.der,))
    assert (signature.sealing.signed_at, signature.certificate) == (SIGNED_AT, office.signer.der)
    assert signature.sealing.der == elements(signature_der)[0]


@pytest.mark.parametrize("critical", [b"", FALSE], ids=["left out", "spelt out"])
@pytest.mark.parametrize("tag", ["plain", "explicit", "implicit"])
def test_extensions_stand_in_any_of_their_forms(tag: str, critical: bytes) -> None:
    one = der.sequence(der.identifier(EXTENSION.identifier), critical, der.octets(EXTENSION.value))
    forms = {
        "plain": der.sequence(one),
        "explicit": der.element(Tag.CONTEXT_0, der.sequence(one)),
        "implicit": der.element(Tag.CONTEXT_0, one),
    }
    seal = made(SOME, der.sequence(*parts_of(SOME.content()), forms[tag]))
    assert parse_seal(seal).content.extensions == (EXTENSION,)
    sealing = der.sequence(*sealing_parts(SOME, seal), forms[tag])
    assert parse_signature(signed(SOME, sealing)).sealing.extensions == (EXTENSION,)


@pytest.mark.parametrize("spelt", ["3000", "a000", "a0023000"])
def test_a_list_of_no_extensions_is_none(spelt: str) -> None:
    info = der.sequence(*parts_of(SOME.content()), bytes.fromhex(spelt))
    assert parse_seal(made(SOME, info)).content.extensions == ()


def test_extensions_are_a_list_or_stand_alone_and_nothing_between() -> None:
    """Two lists, or a list and one beside it, would hide what stands in them."""
    one = der.sequence(der.identifier("1.2.3"), der.octets(b""))
    other = der.sequence(der.identifier("1.2.4"), der.octets(b""))
    for content in ((der.sequence(one), der.sequence(other)), (der.sequence(one), other), (one, der.sequence())):
        info = der.sequence(*parts_of(SOME.content()), der.element(Tag.CONTEXT_0, *content))
        with pytest.raises(FormatError):
            parse_seal(made(SOME, info))


@pytest.mark.parametrize("tag", ["plain", "explicit", "implicit"])
def test_a_timestamp_stands_in_any_of_its_forms(tag: str) -> None:
    forms = {
        "plain": der.bits(b"token"),
        "explicit": der.element(Tag.CONTEXT_0, der.bits(b"token")),
        "implicit": der.element(Tag.CONTEXT_0_PRIMITIVE, b"\x00token"),
    }
    whole = der.sequence(*elements(SOME.sign().der), forms[tag])
    assert parse_signature(whole).timestamp == b"token"


def test_a_time_that_version_1_takes_from_a_timestamp_is_unknown() -> None:
    assert parse_signature(version_1(SOME, time=der.sequence(der.integer(1)))[1]).sealing.signed_at is None


# Versions.


@pytest.mark.parametrize("version", [0, 2, 3, 5, 1000])
def test_another_version_is_refused_by_name(version: int) -> None:
    header = der.sequence(der.ia5("ES"), der.integer(version), der.ia5("LHUB"))
    # What version 5 adds stands behind all that tells the version.
    info = der.sequence(header, *parts_of(SOME.content())[1:])
    seal = der.sequence(*elements(made(SOME, info)), der.element(Tag.CONTEXT_0, der.bits(b"token")))
    with pytest.raises(FormatError, match=rf"version {version} of electronic seals is not read here: versions 1 and 4"):
        parse_seal(seal)
    sealing = der.sequence(*sealing_parts(SOME, SOME.seal().der, version=der.integer(version)))
    with pytest.raises(FormatError, match=rf"version {version} of electronic seals"):
        parse_signature(signed(SOME, sealing))


def test_a_signature_and_its_seal_are_of_one_version() -> None:
    sealing = der.sequence(*sealing_parts(SOME, version_1(SOME)[0]))
    with pytest.raises(FormatError, match="version 4 under a seal of version 1"):
        parse_signature(signed(SOME, sealing))


def test_nothing_new_is_signed_under_an_old_seal() -> None:
    with pytest.raises(FormatError, match="older versions"):
        prepare(parse_seal(version_1(SOME)[0]), SIGNED_AT, b"\x00" * 32, PROPERTY_INFO)


# Bounds: what is not read is not made either.

TOO_MUCH: dict[str, dict[str, Any]] = {
    "picture of more than a mebibyte": {"picture": Picture("PNG", bytes(ses_form.LARGEST_PICTURE + 1), 40, 30)},
    "picture of nothing": {"picture": Picture("PNG", b"", 40, 30)},
    "picture without width": {"picture": Picture("PNG", PNG, 0, 30)},
    "picture of negative height": {"picture": Picture("PNG", PNG, 40, -1)},
    "picture wider than a metre": {"picture": Picture("PNG", PNG, 1001, 30)},
    "picture of no kind": {"picture": Picture("", PNG, 40, 30)},
    "picture of a Chinese kind": {"picture": Picture("图", PNG, 40, 30)},
    "more signers than anybody": {"certificates": tuple(bytes((place,)) for place in range(ses_form.MOST_SIGNERS + 1))},
    "a huge certificate": {"certificates": (bytes(ses_form.LARGEST_CERTIFICATE + 1),)},
    "nobody to sign": {"certificates": ()},
    "certificates and digests": {"digests": (SOME.digest(),)},
    "a huge digest": {"certificates": (), "digests": (CertificateDigest("SM3", bytes(65)),)},
    "digest of a Chinese kind": {"certificates": (), "digests": (CertificateDigest("国密", bytes(32)),)},
    "digest of an odd kind": {"certificates": (), "digests": (CertificateDigest("SM3*", bytes(32)),)},
    "name of nothing": {"name": ""},
    "long name": {"name": "章" * 100},
    "name that reads backwards": {"name": "星河市\u202e章"},
    "name of two lines": {"name": "星河市\n章"},
    "no esID": {"es_id": ""},
    "esID that clears the screen": {"es_id": "\x1b[2J"},
    "Chinese esID": {"es_id": "章"},
    "no vendor": {"vendor": ""},
    "negative kind": {"kind": -1},
    "huge kind": {"kind": 1 << 31},
    "end before start": {"valid_until": CREATED_AT, "valid_from": CREATED_AT + timedelta(seconds=1)},
    "time without a zone": {"created_at": CREATED_AT.replace(tzinfo=None)},
    "validity without a zone": {"valid_from": CREATED_AT.replace(tzinfo=None)},
    "part of a second": {"created_at": CREATED_AT.replace(microsecond=1)},
    "an extension twice": {"extensions": (EXTENSION, replace(EXTENSION, value=b"other"))},
    "more extensions than anybody": {"extensions": tuple(Extension(f"1.2.3.{n}", b"") for n in range(33))},
    "a huge extension": {"extensions": (Extension("1.2.3", bytes(ses_form.LARGEST_EXTENSION + 1)),)},
    "an extension of no name": {"extensions": (Extension("x", b""),)},
}


def test_a_seal_lists_its_signers_in_one_way() -> None:
    with pytest.raises(FormatError, match="by one of the two"):
        SOME.seal(SOME.content(digests=(SOME.digest(),)))


@pytest.mark.parametrize("kind", [1, 2])
def test_a_seal_that_lists_nobody_is_not_read(kind: int) -> None:
    parts = list(parts_of(SOME.content()))
    listed = elements(parts[2])
    parts[2] = der.sequence(*listed[:2], der.integer(kind), der.sequence(), *listed[4:])
    with pytest.raises(FormatError, match="lists nobody"):
        parse_seal(made(SOME, der.sequence(*parts)))


def test_what_does_not_begin_as_a_seal_is_none() -> None:
    header = der.sequence(der.ia5("XS"), der.integer(4), der.ia5("LHUB"))
    with pytest.raises(FormatError, match="does not begin with ES"):
        parse_seal(made(SOME, der.sequence(header, *parts_of(SOME.content())[1:])))


@pytest.mark.parametrize("change", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_seal_out_of_bounds_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        SOME.seal(SOME.content(**change))


def test_a_seal_at_its_bounds_is_made_and_read() -> None:
    content = SOME.content(
        picture=Picture("PNG", bytes(ses_form.LARGEST_PICTURE), 1000, 1000),
        certificates=tuple(bytes((place,)) * ses_form.LARGEST_CERTIFICATE for place in range(ses_form.MOST_SIGNERS)),
        extensions=(Extension("1.2.3", bytes(ses_form.LARGEST_EXTENSION)),),
    )
    assert parse_seal(SOME.seal(content).der).content == content


@pytest.mark.parametrize(
    "change",
    [
        {"property_info": "x" * (ses_form.LONGEST_PROPERTY_INFO + 1)},
        {"property_info": "图"},
        {"property_info": "\x1b[2J"},
        {"data_hash": bytes(65)},
        {"signed_at": SIGNED_AT.replace(tzinfo=None)},
        {"signed_at": SIGNED_AT.replace(microsecond=1)},
        {"extensions": (EXTENSION, EXTENSION)},
    ],
    ids=str,
)
def test_a_signature_out_of_bounds_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        SOME.sign(**change)


def test_a_whole_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(FormatError, match="at most"):
        parse_seal(bytes(ses_form.LARGEST + 1))
    with pytest.raises(FormatError, match="at most"):
        parse_signature(bytes(ses_form.LARGEST + 1))


# Who keeps his own key signs elsewhere.


def test_what_was_signed_elsewhere_is_completed(office: Office) -> None:
    content = office.by_digest()
    info = prepare_seal(content)
    seal = complete_seal(info, office.maker, office.maker_key.sign_der(info))
    assert seal.content == content
    prepared = prepare(seal, SIGNED_AT, office.key.suite.digest(DOCUMENT), PROPERTY_INFO)
    signature = complete(prepared, office.signer, office.key.sign_der(prepared))
    assert signature.sealing.der == prepared
    assert parse_signature(signature.der) == signature


def test_a_value_of_somebody_else_completes_nothing(office: Office) -> None:
    key, certificate = other_signer(office)
    info = prepare_seal(office.content())
    with pytest.raises(VerificationError):
        complete_seal(info, office.maker, key.sign_der(info))
    prepared = prepare(office.seal(), SIGNED_AT, bytes(32), PROPERTY_INFO)
    with pytest.raises(VerificationError):
        complete(prepared, office.signer, key.sign_der(prepared))
    with pytest.raises(VerificationError, match="does not list"):
        complete(prepared, certificate, key.sign_der(prepared))


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data + b"\x05\x00", lambda data: data + data])
def test_only_what_was_prepared_is_completed(spoil: Callable[[bytes], bytes]) -> None:
    info = spoil(prepare_seal(SOME.content()))
    with pytest.raises(FormatError):
        complete_seal(info, SOME.maker, SOME.maker_key.sign_der(info))
    prepared = spoil(prepare(SOME.seal(), SIGNED_AT, bytes(32), PROPERTY_INFO))
    with pytest.raises(FormatError):
        complete(prepared, SOME.signer, SOME.key.sign_der(prepared))


def test_a_key_signs_under_its_own_certificate_only(office: Office) -> None:
    with pytest.raises(FormatError, match="does not belong"):
        make_seal(office.content(), office.maker, office.key)
    with pytest.raises(FormatError, match="does not belong"):
        office.sign(key=office.maker_key)


def test_a_suite_without_seals_makes_none() -> None:
    other = AUTHORITIES["Ed25519"]
    with pytest.raises(UncheckableError):
        make_seal(SOME.content(), other.certificate, other.key)
    seal = SOME.seal(SOME.content(certificates=(other.certificate.der,)))
    with pytest.raises(UncheckableError):
        SOME.sign(seal, certificate=other.certificate, key=other.key)


def test_a_timestamp_is_put_in_once_and_changes_nothing_that_is_signed(office: Office) -> None:
    bare = office.sign()
    stamped = with_timestamp(bare, b"token")
    assert (stamped.sealing, stamped.value, stamped.timestamp) == (bare.sealing, bare.value, b"token")
    largest = bytes(ses_form.LARGEST_TIMESTAMP)
    assert with_timestamp(bare, largest).timestamp == largest
    for signature, token in ((stamped, b"again"), (bare, b""), (bare, bytes(ses_form.LARGEST_TIMESTAMP + 1))):
        with pytest.raises(FormatError):
            with_timestamp(signature, token)
    with pytest.raises(FormatError):
        with_timestamp(parse_signature(version_1(office)[1]), b"token")
