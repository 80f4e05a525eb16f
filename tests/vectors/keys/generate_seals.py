"""Makes the files below seals/ anew: electronic seals and signatures of each suite, good ones and one for each attack.

expected.json says of each suite who signed what, and of each attack the result, the rows that must not pass and why.

Run from the top folder, only when the format changes on purpose: python -m tests.vectors.keys.generate_seals
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from keys import der_writing as der
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
    utc_time,
    version_1,
)

VECTORS = Path(__file__).with_name("seals")
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


def _parts_out_of_order(office: Office) -> bytes:
    header, es_id, *rest = parts_of(office.content())
    return _signed(office, made(office, der.sequence(es_id, header, *rest)))


def _hash_before_time(office: Office) -> bytes:
    version, seal, time, data_hash, info = sealing_parts(office, office.seal().der)
    return signed(office, der.sequence(version, seal, data_hash, time, info))


def _doubled_time(office: Office) -> bytes:
    version, seal, time, *rest = sealing_parts(office, office.seal().der)
    return signed(office, der.sequence(version, seal, time, time, *rest))


def _doubled_timestamp(office: Office) -> bytes:
    token = der.element(Tag.CONTEXT_0, der.bits(b"token"))
    return der.sequence(*elements(office.sign().der), token, token)


def _version_1(office: Office, place: int, part: bytes) -> bytes:
    """A signature of version 1 over other parts: version, seal, time, hash, what is protected, certificate, algorithm."""
    sealing = _replaced(elements(elements(version_1(office)[1])[0]), place, part)
    return der.sequence(sealing, der.bits(office.key.sign_der(sealing)))


def _swapped_picture_of_version_1(office: Office) -> Attack:
    info, proof = elements(version_1(office)[0])
    picture = der.sequence(der.ia5("PNG"), der.octets(b"another picture"), der.integer(40), der.integer(30))
    seal = der.sequence(_replaced(elements(info), 3, picture), proof)
    return _version_1(office, 1, seal), (FAILED, ["SEAL_SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


def _swapped_certificate_of_version_1(office: Office) -> Attack:
    """Version 1 signs the certificate too."""
    sealing, value = elements(version_1(office)[1])
    other = _replaced(elements(sealing), 5, der.octets(other_signer(office)[1].der))
    rows = (["SIGNATURE", "SIG_CRYPTO_FAILURE"], ["SIGNER_LISTED", "SIG_CONSTRAINTS_FAILURE"])
    return der.sequence(other, value), (FAILED, *rows), {}


def _not_listed_in_version_1(office: Office) -> Attack:
    _, signature = version_1(office, content=office.content(certificates=(other_signer(office)[1].der,)))
    return signature, (FAILED, ["SIGNER_LISTED", "SIG_CONSTRAINTS_FAILURE"]), {}


def _expired_in_version_1(office: Office) -> Attack:
    late = der.bits(utc_time(VALID_UNTIL + MOMENT))
    return _version_1(office, 2, late), (FAILED, ["SEAL_VALIDITY", "EXPIRED"]), {}


def _wrong_hash_in_version_1(office: Office) -> Attack:
    other = der.bits(office.key.suite.digest(b"another"))
    return _version_1(office, 3, other), (FAILED, ["DATA_HASH", "HASH_FAILURE"]), {}


def _trailing_in_version_1(office: Office) -> bytes:
    return der.sequence(*elements(version_1(office)[1]), der.integer(0))


def _old_around_new(office: Office) -> bytes:
    return _version_1(office, 1, office.seal().der)


def _wrong_user_id_in_version_1(office: Office) -> Attack:
    sealing, _ = elements(version_1(office)[1])
    value = der.bits(_under_another_user_id(office.key, sealing, "1234567812345679"))
    return der.sequence(sealing, value), (FAILED, ["SIGNATURE", "SIG_CRYPTO_FAILURE"]), {}


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
    "parts of the seal out of order": _malformed(_parts_out_of_order),
    "hash before the time": _malformed(_hash_before_time),
    "doubled time": _malformed(_doubled_time),
    "doubled timestamp": _malformed(_doubled_timestamp),
    "version 1, swapped picture": _swapped_picture_of_version_1,
    "version 1, swapped certificate": _swapped_certificate_of_version_1,
    "version 1, signer not in the list": _not_listed_in_version_1,
    "version 1, seal expired at signing": _expired_in_version_1,
    "version 1, revoked before signing": lambda office: (version_1(office)[1], *_revoked(office)[1:]),
    "version 1, wrong hash": _wrong_hash_in_version_1,
    "version 1, trailing element": _malformed(_trailing_in_version_1),
    "version 1 around version 4": _malformed(_old_around_new),
}
SM2_ATTACKS: dict[str, Callable[[Office], Attack]] = {
    "wrong user ID": lambda office: _wrong_user_id(office, "1234567812345679"),
    "no user ID": lambda office: _wrong_user_id(office, ""),
    "seal under a wrong user ID": _seal_under_wrong_user_id,
    "version 1, wrong user ID": _wrong_user_id_in_version_1,
}


@dataclass(frozen=True)
class Vectors:
    """Good and bad ones of one suite: the files by name, and what is expected of them."""

    files: Mapping[str, bytes]
    expected: Mapping[str, Any]


def _good(office: Office) -> dict[str, tuple[bytes, bytes]]:
    listed, by_digest = office.seal(), office.seal(office.by_digest(extensions=(EXTENSION,)))
    return {
        "by certificate": (listed.der, office.sign(listed).der),
        "by digest, with extensions": (by_digest.der, office.sign(by_digest, extensions=(EXTENSION,)).der),
        "version 1": version_1(office),
        "as real ones are": as_real_ones_are(office),
    }


def vectors(office: Office) -> Vectors:
    """Make the files of one suite, and all that their verifier needs."""
    good, files = _good(office), {
        "root.pem": office.authority.root.to_pem(), "maker.pem": office.maker.to_pem(), "signer.pem": office.signer.to_pem(),
        "document": DOCUMENT,
    }  # fmt: skip
    for name, (seal, signature) in good.items():
        files |= {file_of("good", name, "esl"): seal, file_of("good", name, "ses"): signature}
    attacks: dict[str, Any] = {}
    for name, attack in {**ATTACKS, **(SM2_ATTACKS if office.key.suite.name == "SM2-SM3" else {})}.items():
        files[file_of("attacks", name, "ses")], (result, *rows), facts = attack(office)
        attacks[name] = {"result": result, "rows": rows, **facts}
    told = {"signer": office.signer.thumbprint, "es_id": ES_ID, "good": list(good), "attacks": attacks}
    return Vectors(files, told)


def file_of(folder: str, name: str, suffix: str) -> str:
    """Where the file of a name is, below its suite's folder."""
    return f"{folder}/{name.replace(',', '').replace(' ', '-')}.{suffix}"


def fresh(suite: str) -> Vectors:
    """Make those of a suite with keys that nobody else has."""
    return vectors(new_office(new_authority(suite), OFFICES[suite].digest_kind))


if __name__ == "__main__":
    shutil.rmtree(VECTORS, ignore_errors=True)
    expected = {}
    for suite in OFFICES:
        made_now = fresh(suite)
        expected[suite] = made_now.expected
        for file, content in made_now.files.items():
            (VECTORS / suite / file).parent.mkdir(parents=True, exist_ok=True)
            (VECTORS / suite / file).write_bytes(content)
    (VECTORS / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", "ascii")
