"""Made-up makers, signers and electronic seals, for every test of the GB/T 38540 structures."""

from base64 import b64decode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from keys import der_writing as der
from keys.certificates import Certificate, Subject
from keys.digests import digests_of
from keys.report import Outcome, Report, Result
from keys.seal_trust import SealTrust
from keys.ses_form import CertificateDigest, Extension, Picture, SealContent
from keys.ses_making import make_seal, prepare_seal, sign
from keys.ses_seal import Seal
from keys.ses_signature import SesSignature
from keys.strict_der import Tag
from keys.suites import SUITES, PrivateKey
from tests.keys.authorities import AUTHORITIES, END, ES_ID, START, Authority, make_signer

CREATED_AT: Final = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)
VALID_FROM, VALID_UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2031, 2, 1, tzinfo=UTC)
SIGNED_AT: Final = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AT: Final = SIGNED_AT + timedelta(days=30)
MOMENT: Final = timedelta(seconds=1)

DOCUMENT: Final = "星河市：准予许可。".encode()
DIGESTS: Final = digests_of(DOCUMENT)
PROPERTY_INFO: Final = "/Doc_0/Signs/Sign_0/Signature.xml"
# One red dot.
PNG: Final = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/e+m+7wAAAABJRU5ErkJggg=="
)
EXTENSION: Final = Extension("1.2.156.99.1", b"\x04\x00")


@dataclass(frozen=True)
class Office:
    """A maker and a signer under one root: who the one is, the other is not."""

    authority: Authority
    maker_key: PrivateKey
    maker: Certificate
    digest_kind: str = field(default="SM3")

    @property
    def key(self) -> PrivateKey:
        """The signer's key."""
        return self.authority.key

    @property
    def signer(self) -> Certificate:
        """The signer's certificate."""
        return self.authority.certificate

    def trust(self, **changes: Any) -> SealTrust:
        """A trust that knows this maker alone, and of no revocation."""
        known: dict[str, Any] = {
            "roots": (self.authority.root,), "makers": (self.maker,),
            "revoked_certificates": {}, "revoked_seals": {},
        }  # fmt: skip
        return SealTrust(**{**known, **changes})

    def content(self, **changes: Any) -> SealContent:
        """What the seal says: it lists its signer by certificate, unless changed."""
        said: dict[str, Any] = {
            "vendor": "LHUB", "es_id": ES_ID, "kind": 3, "name": "星河市公安局电子证照专用章",
            "created_at": CREATED_AT, "valid_from": VALID_FROM, "valid_until": VALID_UNTIL,
            "picture": Picture("PNG", PNG, 40, 30), "certificates": (self.signer.der,),
        }  # fmt: skip
        return SealContent(**{**said, **changes})

    def by_digest(self, **changes: Any) -> SealContent:
        """The same, but it lists its signer by digest."""
        return self.content(**{"certificates": (), "digests": (self.digest(),), **changes})

    def digest(self, certificate: Certificate | None = None) -> CertificateDigest:
        """A certificate by its digest."""
        return CertificateDigest(self.digest_kind, self.key.suite.digest((certificate or self.signer).der))

    def seal(self, content: SealContent | None = None) -> Seal:
        """The seal that the maker makes."""
        return make_seal(content or self.content(), self.maker, self.maker_key)

    def sign(self, seal: Seal | None = None, **changes: Any) -> SesSignature:
        """The signature of the document under the seal."""
        with_what: dict[str, Any] = {
            "signed_at": SIGNED_AT, "data_hash": self.key.suite.digest(DOCUMENT), "property_info": PROPERTY_INFO,
            "certificate": self.signer, "key": self.key,
        }  # fmt: skip
        return sign(seal or self.seal(), **{**with_what, **changes})


def new_office(authority: Authority, digest_kind: str) -> Office:
    """Make a maker beside the authority's own seal."""
    key = authority.key.suite.generate()
    subject = Subject("星河市电子印章制作中心", "星河市政务服务局", "11990100MB0000026F")
    maker = make_signer(subject, key.public, authority.root, authority.root_key, 77, START, END)
    return Office(authority, key, maker, digest_kind)


OFFICES: Final = {
    "SM2-SM3": new_office(AUTHORITIES["SM2-SM3"], "SM3"),
    "ES256": new_office(AUTHORITIES["ES256"], "SHA256"),
}


def complaints(report: Report) -> list[tuple[str, str | None]]:
    """Row and sub-indication of all that did not pass."""
    return [(row.name, row.sub_indication) for row in report.checks if row.outcome is not Outcome.PASSED]


def says(report: Report) -> tuple[Result, list[tuple[str, str | None]]]:
    """The result, and what did not pass."""
    return report.result, complaints(report)


def version_1(office: Office, time: bytes | None = None, content: SealContent | None = None) -> tuple[bytes, bytes]:
    """A seal and a signature as GM/T 0031-2014 has them; nothing in the product writes such."""
    content = content or office.content()
    algorithm, maker = der.identifier(office.key.suite.signature_algorithm), der.octets(office.maker.der)
    info = der.sequence(
        der.sequence(der.ia5("ES"), der.integer(1), der.ia5(content.vendor)),
        der.ia5(content.es_id),
        der.sequence(
            der.integer(content.kind),
            der.utf8(content.name),
            der.sequence(*map(der.octets, content.certificates)),
            *map(utc_time, (content.created_at, content.valid_from, content.valid_until)),
        ),
        picture_der(content.picture),
    )
    value = office.maker_key.sign_der(der.sequence(info, maker, algorithm))
    seal = der.sequence(info, der.sequence(maker, algorithm, der.bits(value)))
    sealing = der.sequence(
        der.integer(1),
        seal,
        der.bits(utc_time(SIGNED_AT) if time is None else time),
        der.bits(office.key.suite.digest(DOCUMENT)),
        der.ia5(PROPERTY_INFO),
        der.octets(office.signer.der),
        algorithm,
    )
    return seal, der.sequence(sealing, der.bits(office.key.sign_der(sealing)))


def as_real_ones_are(office: Office) -> tuple[bytes, bytes]:
    """A seal and a signature with what is found in the field: FALSE spelt out, extDatas untagged, a seal valid before it was made."""
    content = office.content(valid_from=CREATED_AT - timedelta(days=1), picture=Picture("ofd", PNG, 30, 20))
    spelt = der.sequence(der.sequence(der.identifier(EXTENSION.identifier), FALSE, der.octets(EXTENSION.value)))
    info = der.sequence(*parts_of(content), spelt)
    algorithm = der.identifier(office.key.suite.signature_algorithm)
    seal = der.sequence(info, der.octets(office.maker.der), algorithm, der.bits(office.maker_key.sign_der(info)))
    sealing = der.sequence(*sealing_parts(office, seal), spelt)
    value = der.bits(office.key.sign_der(sealing))
    return seal, der.sequence(sealing, der.octets(office.signer.der), algorithm, value)


FALSE: Final = der.element(Tag.BOOLEAN, b"\x00")


def parts_of(content: SealContent) -> tuple[bytes, ...]:
    """The elements of SES_SealInfo before its extensions."""
    return tuple(elements(prepare_seal(replace(content, extensions=()))))


def sealing_parts(office: Office, seal: bytes, **changes: bytes) -> tuple[bytes, ...]:
    """The elements of TBS_Sign before its extensions."""
    parts = {
        "version": der.integer(4), "seal": seal, "time": der.generalized_time(SIGNED_AT),
        "hash": der.bits(office.key.suite.digest(DOCUMENT)), "info": der.ia5(PROPERTY_INFO),
    }  # fmt: skip
    return tuple({**parts, **changes}.values())


def picture_der(picture: Picture) -> bytes:
    """SES_ESPictureInfo."""
    return der.sequence(
        der.ia5(picture.kind), der.octets(picture.data), der.integer(picture.width), der.integer(picture.height)
    )


def utc_time(moment: datetime) -> bytes:
    """A UTCTime."""
    return der.element(Tag.UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())


def signed(office: Office, sealing: bytes) -> bytes:
    """The signature of a TBS_Sign that only a test would sign."""
    algorithm = der.identifier(office.key.suite.signature_algorithm)
    return der.sequence(sealing, der.octets(office.signer.der), algorithm, der.bits(office.key.sign_der(sealing)))


def made(office: Office, info: bytes) -> bytes:
    """The seal of a SES_SealInfo that only a test would sign."""
    algorithm = der.identifier(office.key.suite.signature_algorithm)
    return der.sequence(info, der.octets(office.maker.der), algorithm, der.bits(office.maker_key.sign_der(info)))


def elements(whole: bytes) -> list[bytes]:
    """The elements within one constructed element, each as the bytes it is."""
    found, place = [], _content(whole, 0)[0]
    while place < len(whole):
        end = _content(whole, place)[1]
        found.append(whole[place:end])
        place = end
    return found


def _content(data: bytes, place: int) -> tuple[int, int]:
    length, start = data[place + 1], place + 2
    if length >= 0x80:
        size = length - 0x80
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    return start, start + length


def ber_length(element: bytes) -> bytes:
    """The same element with a length of one byte more than it needs."""
    start, end = _content(element, 0)
    size = (end - start).to_bytes(4, "big")
    return bytes((element[0], 0x84)) + size + element[start:]


def indefinite(element: bytes) -> bytes:
    """The same element with no length and an end mark."""
    return bytes((element[0], 0x80)) + element[_content(element, 0)[0] :] + b"\x00\x00"


def flipped(data: bytes, place: int) -> bytes:
    """One bit turned; which one changes from byte to byte."""
    return data[:place] + bytes((data[place] ^ 1 << place % 8,)) + data[place + 1 :]


def other_signer(office: Office) -> tuple[PrivateKey, Certificate]:
    """Somebody else with a good certificate under the same root."""
    key = SUITES[office.key.suite.name].generate()
    subject = Subject("星河市民政局", "星河市民政局", "11990100MB0000034A")
    return key, make_signer(subject, key.public, office.authority.root, office.authority.root_key, 78, START, END)
