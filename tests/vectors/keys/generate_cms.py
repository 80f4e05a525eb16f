"""Makes the files below cms/ anew: detached CMS signatures of ES256, good ones and one for each attack.

expected.json says of each attack the result, and the first row that must not pass with its reason. Run from the top folder, only when
the format changes on purpose: python -m tests.vectors.keys.generate_cms
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from asn1crypto import cms as asn1_cms
from asn1crypto import core

from keys import cms
from keys.certificates import SIGNER, Subject, issue
from keys.report import Result
from tests.keys.cms_changes import (
    Change,
    attribute,
    certificates_of,
    changed,
    indefinite,
    long_length,
    out_of_order,
    replaced,
)
from tests.keys.seal_makers import BEGIN, END, SIGNED_AT, SealMakers, new_seal_makers, openssl
from tests.keys.seals import DIGESTS, DOCUMENT

VECTORS = Path(__file__).with_name("cms")
DIGEST: Final = DIGESTS.by("sha-256")
OTHER: Final = bytes(reversed(DIGEST))
FAILED, OPEN = Result.TOTAL_FAILED, Result.INDETERMINATE
FORMAT: Final = (FAILED, "FORMAT", "FORMAT_FAILURE")
CRYPTO: Final = (FAILED, "SIGNATURE", "SIG_CRYPTO_FAILURE")

Told = tuple[Result, str, str]
Attack = tuple[Callable[[SealMakers], bytes], Told]


def signed(makers: SealMakers, **changes: Any) -> bytes:
    """Sign the document."""
    said = {"digest": DIGEST, "signing_time": SIGNED_AT, **changes}
    return cms.sign(said["digest"], makers.signer_key, makers.signer, said["signing_time"], (makers.authority,))


def _by_openssl(makers: SealMakers) -> bytes:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for name, content in (
            ("key", makers.signer_key.to_pkcs8(None)), ("signer", makers.signer.to_pem()),
            ("authority", makers.authority.to_pem()), ("file", DOCUMENT),
        ):  # fmt: skip
            (place / name).write_bytes(content)
        command = [
            "cms",
            "-sign",
            "-binary",
            "-in",
            "file",
            "-signer",
            "signer",
            "-inkey",
            "key",
            "-certfile",
            "authority",
        ]
        openssl(place, *command, "-md", "sha256", "-cades", "-outform", "DER", "-out", "signature")
        return (place / "signature").read_bytes()


def _after(change: Change, *, again: bool = False) -> Callable[[SealMakers], bytes]:
    return lambda makers: changed(signed(makers), makers.signer_key, change, again=again)


def _spoilt(spoil: Callable[[bytes], bytes]) -> Callable[[SealMakers], bytes]:
    return lambda makers: spoil(signed(makers))


def _doubled(_: Any, info: Any) -> None:
    info["signed_attrs"] = asn1_cms.CMSAttributes([*info["signed_attrs"], attribute("message_digest", OTHER)])


def _attached(content: Any, _: Any) -> None:
    content["encap_content_info"] = {"content_type": "data", "content": core.OctetString(DOCUMENT)}


def _two_signers(content: Any, info: Any) -> None:
    other = info.copy()
    other["signature"] = b"\x00"
    content["signer_infos"] = asn1_cms.SignerInfos([info, other])


def _twin(makers: SealMakers) -> bytes:
    """Another certificate for the same key, of the same issuer and number: only the signed digest tells them apart."""
    twin = issue(
        SIGNER, Subject("换了名"), makers.signer_key.public, makers.authority, makers.authority_key, 4, BEGIN, END
    )

    def swapped(content: Any, _: Any) -> None:
        content["certificates"] = certificates_of(twin, makers.authority)

    return changed(signed(makers), makers.signer_key, swapped)


def _without_signer(makers: SealMakers) -> bytes:
    def others(content: Any, _: Any) -> None:
        content["certificates"] = certificates_of(makers.authority)

    return changed(signed(makers), makers.signer_key, others)


ATTACKS: dict[str, Attack] = {
    "wrong hash": (lambda makers: signed(makers, digest=OTHER), (FAILED, "DATA_HASH", "HASH_FAILURE")),
    "tampered hash": (
        _after(lambda _, info: replaced(info, "message_digest", attribute("message_digest", OTHER))),
        (FAILED, "DATA_HASH", "HASH_FAILURE"),
    ),
    "signed over the wrong tag": (
        lambda makers: changed(signed(makers), makers.signer_key, lambda _, info: info.__setitem__(
            "signature", makers.signer_key.sign_der(info["signed_attrs"].dump())
        )),
        CRYPTO,
    ),
    "signer not in it": (_without_signer, (OPEN, "FORMAT", "NO_CERTIFICATE_CHAIN_FOUND")),
    "another certificate of the key": (_twin, (FAILED, "CERTIFICATE", "SIG_CONSTRAINTS_FAILURE")),
    "revoked before signing": (signed, (FAILED, "REVOCATION", "REVOKED")),
    "expired at signing": (
        lambda makers: signed(makers, signing_time=END + timedelta(seconds=1)), (FAILED, "SIGNING_TIME", "EXPIRED"),
    ),
    "not yet valid at signing": (
        lambda makers: signed(makers, signing_time=BEGIN - timedelta(seconds=1)), (FAILED, "SIGNING_TIME", "NOT_YET_VALID"),
    ),
    "trailing bytes": (_spoilt(lambda der: der + b"\x00"), FORMAT),
    "BER length": (_spoilt(long_length), FORMAT),
    "indefinite length": (_spoilt(indefinite), FORMAT),
    "unsorted attributes": (_spoilt(out_of_order), FORMAT),
    "doubled attribute": (_after(_doubled, again=True), FORMAT),
    "missing signing time": (_after(lambda _, info: replaced(info, "signing_time"), again=True), FORMAT),
    "content inside": (_after(_attached), FORMAT),
    "two signers": (_after(_two_signers), FORMAT),
}  # fmt: skip


@dataclass(frozen=True)
class Vectors:
    """Good and bad ones: the files by name, and what is expected of them."""

    files: Mapping[str, bytes]
    expected: Mapping[str, Any]


def fresh() -> Vectors:
    """Make them with keys that nobody else has."""
    makers = new_seal_makers("ES256")
    good = {"ours": signed(makers), "by openssl": _by_openssl(makers)}
    files = {"root.pem": makers.root.to_pem(), "signer.pem": makers.signer.to_pem(), "document": DOCUMENT}
    files |= {file_of("good", name): der for name, der in good.items()}
    files |= {file_of("attacks", name): make(makers) for name, (make, _) in ATTACKS.items()}
    attacks: dict[str, Any] = {
        name: dict(zip(("result", "row", "why"), told, strict=True)) for name, (_, told) in ATTACKS.items()
    }
    attacks["revoked before signing"]["signer_revoked_at"] = (SIGNED_AT - timedelta(days=1)).isoformat()
    return Vectors(files, {"good": list(good), "attacks": attacks})


def file_of(folder: str, name: str) -> str:
    """Where the file of a name is."""
    return f"{folder}/{name.replace(' ', '-')}.p7s"


if __name__ == "__main__":
    shutil.rmtree(VECTORS, ignore_errors=True)
    made = fresh()
    for file, content in made.files.items():
        (VECTORS / file).parent.mkdir(parents=True, exist_ok=True)
        (VECTORS / file).write_bytes(content)
    (VECTORS / "expected.json").write_text(json.dumps(made.expected, indent=1) + "\n", "ascii")
