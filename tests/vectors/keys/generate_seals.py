"""Makes seals.json anew: electronic seals and signatures of each suite, good ones and one for each attack.

Run from the top folder, only when the format changes on purpose: python -m tests.vectors.keys.generate_seals
"""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from keys import der_writing as der
from keys.certificates import Certificate
from keys.report import Result
from keys.ses_form import extensions_der
from keys.ses_making import prepare_seal
from keys.strict_der import Tag
from keys.suites import PrivateKey
from tests.keys.authorities import ES_ID, new_authority
from tests.keys.seals import (
    DOCUMENT,
    EXTENSION,
    FALSE,
    MOMENT,
    OFFICES,
    SIGNED_AT,
    VALID_FROM,
    VALID_UNTIL,
    Office,
    as_real_ones_are,
    ber_length,
    elements,
    indefinite,
    made,
    new_office,
    other_signer,
    parts_of,
    sealing_parts,
    signed,
    version_1,
)

VECTORS = Path(__file__).with_name("seals.json")
FAILED, OPEN = Result.TOTAL_FAILED, Result.INDETERMINATE
FORMAT: Final = (FAILED, ["FORMAT", "FORMAT_FAILURE"])

Attack = tuple[bytes, tuple[Any, ...], dict[str, str]]
"""A signature, the result and each row that must not pass, and facts that the verifier has."""


def _signed(office: Office, seal: bytes, **parts: bytes) -> bytes:
    return signed(office, der.sequence(*sealing_parts(office, seal, **parts)))


def _replaced(parts: list[bytes], place: int, part: bytes) -> bytes:
    return der.sequence(*parts[:place], part, *parts[place + 1 :])


def _under_another_user_id(key: PrivateKey, message: bytes, user_id: str) -> bytes:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "key").write_bytes(key.to_pkcs8(None))
        (place / "message").write_bytes(message)
        identity = ["-pkeyopt", f"distid:{user_id}"] if user_id else []
        command = ["openssl", "pkeyutl", "-sign", "-inkey", "key", "-rawin", "-in", "message", "-digest", "sm3"]
        return subprocess.run([*command, *identity], cwd=place, check=True, capture_output=True).stdout


def _wrong_user_id(office: Office, user_id: str) -> Attack:
    sealing, certificate, algorithm, _ = elements(office.sign().der)
    value = der.bits(_under_another_user_id(office.key, sealing, user_id))
    return der.sequence(sealing, certificate, algorithm, value), (FAILED, ["SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


def _seal_under_wrong_user_id(office: Office) -> Attack:
    info, certificate, algorithm, _ = elements(office.seal().der)
    value = der.bits(_under_another_user_id(office.maker_key, info, "1234567812345679"))
    seal = der.sequence(info, certificate, algorithm, value)
    return _signed(office, seal), (FAILED, ["SEAL_SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


def _swapped_picture(office: Office) -> Attack:
    other = office.content(picture=replace(office.content().picture, data=b"another picture"))
    seal = _replaced(elements(office.seal().der), 0, prepare_seal(other))
    return _signed(office, seal), (FAILED, ["SEAL_SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


def _swapped_seal(office: Office) -> Attack:
    """Another good seal of the same signer, put in after signing."""
    sealing, *rest = elements(office.sign().der)
    other = office.seal(office.content(name="星河市公安局合同专用章"))
    return (
        der.sequence(_replaced(elements(sealing), 1, other.der), *rest),
        (FAILED, ["SIGNATURE", "SIG_CRYPTO_FAILURE"]),
        {},
    )


def _seal_by_a_signer(office: Office) -> Attack:
    thief, certificate = other_signer(office)
    forged = replace(office, maker=certificate, maker_key=thief).seal()
    return office.sign(forged).der, (OPEN, ["SEAL_MAKER", "NO_CERTIFICATE_CHAIN_FOUND"]), {}


def _not_listed(office: Office) -> Attack:
    seal = office.seal(office.content(certificates=(other_signer(office)[1].der,)))
    return _signed(office, seal.der), (FAILED, ["SIGNER_LISTED", "SIG_CONSTRAINTS_FAILURE"]), {}


def _not_listed_by_digest(office: Office) -> Attack:
    seal = office.seal(office.by_digest(digests=(office.digest(other_signer(office)[1]),)))
    return _signed(office, seal.der), (FAILED, ["SIGNER_LISTED", "SIG_CONSTRAINTS_FAILURE"]), {}


def _revoked(office: Office) -> Attack:
    return office.sign().der, (FAILED, ["SIGNING_TIME", "REVOKED"]), {"signer_revoked_at": _before(SIGNED_AT)}


def _seal_revoked(office: Office) -> Attack:
    return office.sign().der, (FAILED, ["SEAL_VALIDITY", "REVOKED"]), {"seal_revoked_at": _before(SIGNED_AT)}


def _before(moment: Any) -> str:
    return str((moment - timedelta(days=1)).isoformat())


def _expired(office: Office) -> Attack:
    return office.sign(signed_at=VALID_UNTIL + MOMENT).der, (FAILED, ["SEAL_VALIDITY", "EXPIRED"]), {}


def _too_early(office: Office) -> Attack:
    return office.sign(signed_at=VALID_FROM - MOMENT).der, (FAILED, ["SEAL_VALIDITY", "NOT_YET_VALID"]), {}


def _wrong_hash(office: Office) -> Attack:
    return office.sign(data_hash=office.key.suite.digest(b"another")).der, (FAILED, ["DATA_HASH", "HASH_FAILURE"]), {}


def _re_encoded_sealing(office: Office) -> Attack:
    """What a tidy library would have written: FALSE left out."""
    _, real = as_real_ones_are(office)
    sealing, *rest = elements(real)
    tidy = _replaced(elements(sealing), 5, extensions_der((EXTENSION,)))
    return der.sequence(tidy, *rest), (FAILED, ["SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


def _re_encoded_seal(office: Office) -> Attack:
    real, _ = as_real_ones_are(office)
    info, *rest = elements(real)
    tidy = der.sequence(_replaced(elements(info), 4, extensions_der((EXTENSION,))), *rest)
    return _signed(office, tidy), (FAILED, ["SEAL_SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


def _malformed(spoil: Callable[[Office], bytes]) -> Callable[[Office], Attack]:
    return lambda office: (spoil(office), FORMAT, {})


def _trailing_in_seal(office: Office) -> bytes:
    return _signed(office, der.sequence(*elements(office.seal().der), der.integer(0)))


def _ber_in_what_is_signed(office: Office) -> bytes:
    parts = sealing_parts(office, office.seal().der, info=ber_length(der.ia5("x")))
    return signed(office, der.sequence(*parts))


def _ber_whole_sealing(office: Office) -> bytes:
    return signed(office, ber_length(der.sequence(*sealing_parts(office, office.seal().der))))


def _long_version(office: Office) -> bytes:
    return _signed(office, office.seal().der, version=b"\x02\x02\x00\x04")


def _version_5(office: Office) -> bytes:
    header = der.sequence(der.ia5("ES"), der.integer(5), der.ia5("LHUB"))
    seal = made(office, der.sequence(header, *parts_of(office.content())[1:]))
    return _signed(office, seal, version=der.integer(5))


def _with_extensions(office: Office, *extensions: bytes) -> bytes:
    info = der.sequence(*parts_of(office.content()), der.sequence(*extensions))
    return _signed(office, made(office, info))


def _doubled_extension(office: Office) -> bytes:
    one, other = (
        der.sequence(der.identifier(EXTENSION.identifier), critical, der.octets(b"")) for critical in (b"", FALSE)
    )
    return _with_extensions(office, one, other)


def _true_as_one(office: Office) -> bytes:
    truth = der.element(Tag.BOOLEAN, b"\x01")
    return _with_extensions(office, der.sequence(der.identifier("1.2.3"), truth, der.octets(b"")))


def _members_out_of_order(office: Office) -> bytes:
    return _with_extensions(office, der.sequence(der.identifier("1.2.3"), der.octets(b""), FALSE))


def _unsorted_certificate(office: Office) -> Attack:
    """A signer whose certificate names him by a SET OF that is not in DER's order."""
    tbs = elements(elements(office.signer.der)[0])
    long, short = (
        der.sequence(der.identifier("2.5.4.10"), der.utf8("星河市公安局")),
        der.sequence(der.identifier("2.5.4.3"), der.utf8("章")),
    )
    tbs[5] = der.sequence(bytes((0x31, len(long + short))) + long + short)
    signed_part, algorithm = der.sequence(*tbs), elements(office.signer.der)[1]
    value = der.bits(office.authority.root_key.sign_der(signed_part))
    certificate = der.sequence(signed_part, algorithm, value)
    seal = office.seal(office.content(certificates=(certificate,)))
    sealing, _, kind, signature = elements(_signed(office, seal.der))
    rows = [[row, "FORMAT_FAILURE"] for row in ("SIGNATURE", "CERTIFICATE", "SIGNING_TIME")]
    return der.sequence(sealing, der.octets(certificate), kind, signature), (FAILED, *rows), {}


ATTACKS: dict[str, Callable[[Office], Attack]] = {
    "swapped picture": _swapped_picture,
    "swapped seal": _swapped_seal,
    "seal made by a signer": _seal_by_a_signer,
    "signer not in the list": _not_listed,
    "signer not among the digests": _not_listed_by_digest,
    "revoked before signing": _revoked,
    "seal revoked before signing": _seal_revoked,
    "seal expired at signing": _expired,
    "seal not yet valid at signing": _too_early,
    "wrong hash": _wrong_hash,
    "re-encoded TBS_Sign": _re_encoded_sealing,
    "re-encoded SES_SealInfo": _re_encoded_seal,
    "unsorted names in a certificate": _unsorted_certificate,
    "trailing bytes": _malformed(lambda office: office.sign().der + b"\x00"),
    "trailing element within": _malformed(lambda office: der.sequence(*elements(office.sign().der), der.integer(0))),
    "trailing element in the seal": _malformed(_trailing_in_seal),
    "BER length": _malformed(lambda office: ber_length(office.sign().der)),
    "BER length of what is signed": _malformed(_ber_whole_sealing),
    "BER length in what is signed": _malformed(_ber_in_what_is_signed),
    "indefinite length": _malformed(lambda office: indefinite(office.sign().der)),
    "version in two bytes": _malformed(_long_version),
    "version 5": _malformed(_version_5),
    "doubled extension": _malformed(_doubled_extension),
    "TRUE as 01": _malformed(_true_as_one),
    "critical after the value": _malformed(_members_out_of_order),
}
SM2_ATTACKS: dict[str, Callable[[Office], Attack]] = {
    "wrong user ID": lambda office: _wrong_user_id(office, "1234567812345679"),
    "no user ID": lambda office: _wrong_user_id(office, ""),
    "seal under a wrong user ID": _seal_under_wrong_user_id,
}


def _attacks(office: Office) -> Iterator[tuple[str, dict[str, Any]]]:
    chosen = {**ATTACKS, **(SM2_ATTACKS if office.key.suite.name == "SM2-SM3" else {})}
    for name, attack in chosen.items():
        signature, (result, *rows), facts = attack(office)
        yield name, {"signature": _text(signature), "result": result, "rows": rows, **facts}


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _pem(certificate: Certificate) -> str:
    return certificate.to_pem().decode("ascii")


def _good(office: Office) -> dict[str, dict[str, str]]:
    listed, by_digest = office.seal(), office.seal(office.by_digest(extensions=(EXTENSION,)))
    pairs = {
        "by certificate": (listed.der, office.sign(listed).der),
        "by digest, with extensions": (by_digest.der, office.sign(by_digest, extensions=(EXTENSION,)).der),
        "version 1": version_1(office),
        "as real ones are": as_real_ones_are(office),
    }
    return {name: {"seal": _text(seal), "signature": _text(one)} for name, (seal, one) in pairs.items()}


def vector(office: Office) -> dict[str, Any]:
    """Good and bad ones of one suite, and all that their verifier needs."""
    return {
        "root": _pem(office.authority.root),
        "maker": _pem(office.maker),
        "signer": office.signer.thumbprint,
        "es_id": ES_ID,
        "document": _text(DOCUMENT),
        "good": _good(office),
        "attacks": dict(_attacks(office)),
    }


if __name__ == "__main__":
    made_now = {name: vector(new_office(new_authority(name), one.digest_kind)) for name, one in OFFICES.items()}
    VECTORS.write_text(json.dumps(made_now, indent=1) + "\n", "ascii")
