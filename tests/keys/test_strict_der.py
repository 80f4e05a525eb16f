"""DER has one spelling here; an independent reader and the openssl command agree with what is read and written."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import der_writing as der
from keys.errors import FormatError
from keys.strict_der import LONGEST_IDENTIFIER, Reader, Tag, read

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
    lambda moment: moment.replace(microsecond=0)
)
OIDS = st.builds(
    lambda root, rest: ".".join(map(str, (*root, *rest))),
    st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 999)),
    st.lists(st.integers(0, 10**12), min_size=1, max_size=8),
)


@asn1.sequence
class Judged:
    """The same elements as the library declares them."""

    number: int
    octets: bytes
    bits: asn1.BitString
    identifier: ObjectIdentifier
    text: str
    ascii: asn1.IA5String
    at: asn1.GeneralizedTime
    truth: bool
    many: list[int]
    tagged: Annotated[bytes | None, asn1.Explicit(0)]


def _members(reader: Reader) -> tuple[Any, ...]:
    return (
        reader.integer(0, 2**62), reader.octets(9), reader.bits(9), reader.identifier(), reader.utf8(90),
        reader.ia5(90), reader.generalized_time(), reader.boolean(),
        reader.each(Tag.SEQUENCE, lambda one: one.integer(0, 9), 3),
        reader.inside(Tag.CONTEXT_0, lambda one: one.octets(9)) if reader.coming() is not None else None,
    )  # fmt: skip


def _read(data: bytes) -> tuple[Any, ...]:
    return read(data, lambda reader: reader.inside(Tag.SEQUENCE, _members), 1000)


VALUES = st.tuples(
    st.integers(0, 2**62),
    st.binary(max_size=9),
    st.binary(max_size=9),
    OIDS,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text(st.characters(max_codepoint=127), max_size=20),
    MOMENTS.filter(lambda moment: moment.year > 1949),  # the judge has no earlier ones
    st.booleans(),
    st.lists(st.integers(0, 9), max_size=3).map(tuple),
    st.none() | st.binary(max_size=9),
)


def _written(value: tuple[Any, ...]) -> bytes:
    number, octets, bits, oid, text, ascii_, at, truth, many, tagged = value
    return der.sequence(
        der.integer(number), der.octets(octets), der.bits(bits), der.identifier(oid), der.utf8(text), der.ia5(ascii_),
        der.generalized_time(at), der.element(Tag.BOOLEAN, b"\xff" if truth else b"\x00"),
        der.sequence(*map(der.integer, many)),
        b"" if tagged is None else der.element(Tag.CONTEXT_0, der.octets(tagged)),
    )  # fmt: skip


@given(VALUES)
@settings(deadline=None)
def test_what_was_written_is_read_and_the_library_agrees(value: tuple[Any, ...]) -> None:
    data = _written(value)
    assert _read(data) == value
    judged = asn1.decode_der(Judged, data)
    assert asn1.encode_der(judged) == data
    assert (
        judged.number, judged.octets, judged.bits.as_bytes(), judged.identifier.dotted_string, judged.text,
        judged.ascii.as_str(), judged.at.as_datetime(), judged.truth, tuple(judged.many),
        judged.tagged,
    ) == value  # fmt: skip


@given(VALUES, st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=3))
@settings(deadline=None)
def test_what_is_read_has_one_spelling_that_the_library_reads_too(
    value: tuple[Any, ...], spoils: list[tuple[int, int]]
) -> None:
    data = bytearray(_written(value))
    for place, octet in spoils:
        data[place % len(data)] = octet
    try:
        found = _read(bytes(data))
    except FormatError:
        return
    if found[6].microsecond == 0:  # a fraction of a second is read and not written
        assert _written(found) == data
    assert asn1.encode_der(asn1.decode_der(Judged, bytes(data))) == data


def test_openssl_reads_what_is_written(tmp_path: Any) -> None:
    at = datetime(2026, 3, 1, 8, 0, 1, tzinfo=UTC)
    path = tmp_path / "one.der"
    path.write_bytes(_written((300, b"\x01" * 3, b"\x80", "1.2.156.10197.1.501", "印章", "ES", at, True, (1,), b"x")))
    told = subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-in", path], check=True, capture_output=True)
    for one in (b":012C", b":SM2-with-SM3", "印章".encode(), b":ES", b":20260301080001Z", b":255", b"cont [ 0 ]"):
        assert one in told.stdout


SPELLINGS: list[tuple[Callable[[Reader], Any], str, str]] = [
    (lambda one: one.integer(0, 999), "0200", "a number of no bytes"),
    (lambda one: one.integer(0, 999), "02020001", "a number with a zero before it"),
    (lambda one: one.integer(0, 999), "0202ffff", "minus one in two bytes"),
    (lambda one: one.integer(0, 999), "0201ff", "minus one"),
    (lambda one: one.integer(0, 999), "020203e8", "too large a number"),
    (lambda one: one.integer(0, 999), "0209000000000000000001", "a number of nine bytes"),
    (lambda one: one.integer(0, 999), "02810101", "a length in two bytes that fits in one"),
    (lambda one: one.integer(0, 999), "0282000101", "a length with a zero before it"),
    (lambda one: one.integer(0, 999), "0280010000", "no length"),
    (lambda one: one.integer(0, 999), "02ff01", "a reserved length"),
    (lambda one: one.integer(0, 999), "0285000000000101", "a length of five bytes"),
    (lambda one: one.integer(0, 999), "0281", "a length cut off"),
    (lambda one: one.integer(0, 999), "0202 01", "a number cut off"),
    (lambda one: one.integer(0, 999), "02", "a tag alone"),
    (lambda one: one.integer(0, 999), "", "nothing"),
    (lambda one: one.integer(0, 999), "040101", "another tag"),
    (lambda one: one.integer(0, 999), "1f020101", "a tag of two bytes"),
    (lambda one: one.integer(0, 999), "02010100", "a byte left over"),
    (Reader.boolean, "010101", "true as C has it"),
    (Reader.boolean, "0100", "neither true nor false"),
    (Reader.boolean, "0102ffff", "true twice"),
    (lambda one: one.octets(2), "0403000000", "more bytes than allowed"),
    (lambda one: one.octets(2), "24040402 0000".replace(" ", ""), "bytes in parts"),
    (lambda one: one.octets(200), "0480" + "07" * 128, "no length, read as one of 128"),
    (lambda one: one.octets(200), "04817f" + "07" * 127, "127 in a length of two bytes"),
    (lambda one: one.bits(9), "0300", "bits without their count"),
    (lambda one: one.bits(9), "03020180", "seven bits"),
    (lambda one: one.bits(1), "0303000000", "more bits than allowed"),
    (Reader.identifier, "0600", "an identifier of no numbers"),
    (Reader.identifier, "06032a8086", "an identifier cut off"),
    (Reader.identifier, "06032a8001", "an identifier with a zero before a number"),
    (lambda one: one.utf8(9), "0c01ff", "no UTF-8"),
    (lambda one: one.utf8(9), "0c02c080", "UTF-8 of more bytes than needed"),
    (lambda one: one.ia5(9), "1601e9", "no ASCII"),
    (lambda one: one.printable(9), "130140", "@ is not printable"),
    (lambda one: one.printable(9), "1301e9", "no ASCII"),
    (Reader.generalized_time, "180d3230323630333031303830305a", "a time without seconds"),
    (Reader.generalized_time, "180e3230323630333031303830303030", "a time without a zone"),
    (Reader.generalized_time, "18133230323630333031303830303030" + "2b30383030", "a time of another zone"),
    (Reader.generalized_time, "18113230323630333031303830303030" + "2e305a", "a fraction of nothing"),
    (Reader.generalized_time, "18123230323630333031303830303030" + "2e31305a", "a fraction with a zero behind it"),
    (Reader.generalized_time, "180f3230323631333031303830303030" + "5a", "the thirteenth month"),
    (Reader.generalized_time, "180f3230323630333031303830303630" + "5a", "a leap second"),
    (Reader.utc_time, "170b323630333031303830305a", "a time without seconds"),
    (Reader.utc_time, "170d3236303232393038303030305a", "a day that was not"),
    (lambda one: one.inside(Tag.SEQUENCE, lambda _: None), "3003020101", "something in an empty sequence"),
    (lambda one: one.each(Tag.SEQUENCE, Reader.boolean, 1), "30060101ff0101ff", "one too many"),
    (lambda one: one.each(Tag.SEQUENCE, Reader.boolean, 9), "30040101ff01", "an element cut off within"),
]  # fmt: skip


@pytest.mark.parametrize(("reading", "spelt", "why"), SPELLINGS, ids=[why for _, _, why in SPELLINGS])
def test_any_other_spelling_is_refused(reading: Callable[[Reader], Any], spelt: str, why: str) -> None:
    with pytest.raises(FormatError):
        read(bytes.fromhex(spelt), reading, 100)
    assert why


@pytest.mark.parametrize(
    ("reading", "spelt", "value"),
    [
        (lambda one: one.integer(0, 999), "02020080", 128),
        (lambda one: one.octets(200), "0481c8" + "07" * 200, b"\x07" * 200),
        (lambda one: one.octets(200), "048180" + "07" * 128, b"\x07" * 128),
        (lambda one: one.octets(200), "047f" + "07" * 127, b"\x07" * 127),
        (lambda one: one.printable(9), "13035348412d".replace("03", "04"), "SHA-"),
        (Reader.identifier, "0603883701", "2.999.1"),
        (Reader.identifier, "06022700", "0.39.0"),
        (Reader.generalized_time, "1811" + b"20260301080000.5Z".hex(), datetime(2026, 3, 1, 8, 0, 0, 500000, UTC)),
        (Reader.utc_time, "170d" + b"491231235959Z".hex(), datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (Reader.utc_time, "170d" + b"500101000000Z".hex(), datetime(1950, 1, 1, tzinfo=UTC)),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else None,
)
def test_the_edges_are_read(reading: Callable[[Reader], Any], spelt: str, value: object) -> None:
    assert read(bytes.fromhex(spelt), reading, 1000) == value


def test_the_original_bytes_are_kept() -> None:
    data = der.sequence(der.sequence(der.integer(1)), der.integer(2))

    def parts(reader: Reader) -> tuple[bytes, bytes]:
        place = reader.place
        reader.inside(Tag.SEQUENCE, lambda inner: inner.integer(0, 9))
        return reader.since(place), reader.whole(Tag.INTEGER)

    assert read(data, lambda reader: reader.inside(Tag.SEQUENCE, parts), 99) == (data[2:7], data[7:])


def test_more_than_a_structure_may_have_is_not_looked_at() -> None:
    assert read(der.octets(b"123"), lambda one: one.octets(9), 5) == b"123"
    with pytest.raises(FormatError, match="at most 5 bytes"):
        read(der.octets(b"1234"), lambda one: one.octets(9), 5)


@pytest.mark.parametrize(
    "write",
    [
        lambda: der.integer(-1),
        lambda: der.ia5("é"),
        lambda: der.printable("章"),
        lambda: der.utf8("\ud800"),
        lambda: der.generalized_time(datetime(2026, 3, 1)),  # noqa: DTZ001 - the naive time is the point
        lambda: der.generalized_time(datetime(2026, 3, 1, 0, 0, 0, 1, UTC)),
        lambda: der.generalized_time(datetime.max.replace(microsecond=0, tzinfo=timezone(timedelta(hours=-8)))),
        *(lambda text=text: der.identifier(text) for text in ("", "1", "3.1.1", "1.40.1", "1.2" + ".3" * 300, "1.2" + ".3" * 128, "1.2.03", "1.2.x", "1.2.-1")),
    ],
)  # fmt: skip
def test_what_has_no_spelling_is_not_written(write: Callable[[], bytes]) -> None:
    with pytest.raises(FormatError):
        write()


def test_the_longest_identifier_is_written_and_read() -> None:
    longest = "1.2" + ".3" * (LONGEST_IDENTIFIER - 1)
    assert read(der.identifier(longest), Reader.identifier, 999) == longest


def test_a_time_is_written_in_utc() -> None:
    beijing = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert der.generalized_time(beijing) == der.generalized_time(datetime(2026, 3, 1, tzinfo=UTC))
    assert der.generalized_time(datetime(7, 1, 1, tzinfo=UTC))[2:] == b"00070101000000Z"
