"""A made-up seal-making authority: root, issuing authority, maker and signer of one suite, for every test of certificates."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from keys.certificates import AUTHORITY, MAKER, ROOT, SIGNER, Certificate, Subject, issue, make_root
from keys.suites import SUITES, PrivateKey
from tests.keys.authorities import CREDIT_CODE

SIGNED_AT: Final = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)
OWNER: Final = Subject("星河市公安局公章", "星河市公安局", CREDIT_CODE)
DISTID: Final = "distid:1234567812345678"


@dataclass(frozen=True)
class SealMakers:
    """Who makes seals and issues signers' certificates, and one signer."""

    root_key: PrivateKey
    root: Certificate
    authority_key: PrivateKey
    authority: Certificate
    maker_key: PrivateKey
    maker: Certificate
    signer_key: PrivateKey
    signer: Certificate

    @property
    def bundle(self) -> bytes:
        """Give the signer's chain as an authority hands it out."""
        return b"".join(one.to_pem() for one in (self.signer, self.authority, self.root))


def new_seal_makers(suite_name: str) -> SealMakers:
    """Make everybody, with new keys."""
    root_key, authority_key, maker_key, signer_key = (SUITES[suite_name].generate() for _ in range(4))
    root = make_root("星河市根", root_key, 1, BEGIN, END, ROOT)
    authority = issue(AUTHORITY, Subject("星河市签发机构"), authority_key.public, root, root_key, 2, BEGIN, END)
    maker = issue(MAKER, Subject("星河市制章中心"), maker_key.public, root, root_key, 3, BEGIN, END)
    signer = issue(SIGNER, OWNER, signer_key.public, authority, authority_key, 4, BEGIN, END)
    return SealMakers(root_key, root, authority_key, authority, maker_key, maker, signer_key, signer)


SEAL_MAKERS: Final = {name: new_seal_makers(name) for name in SUITES}


def openssl(folder: Path, *arguments: str) -> bytes:
    """Run the real command there; its two outputs together."""
    done = subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout + done.stderr


def openssl_verifies(folder: Path, suite_name: str, spki: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the real command finds the signature good; SM2 under its default user ID."""
    options = {
        "ES256": ["dgst", "-sha256", "-verify", "spki", "-keyform", "DER", "-signature", "signature", "message"],
        "SM2-SM3": ["dgst", "-sm3", "-sigopt", DISTID, "-verify", "spki", "-keyform", "DER", "-signature", "signature", "message"],
        "Ed25519": ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "spki", "-rawin", "-in", "message", "-sigfile", "signature"],
    }  # fmt: skip
    for name, data in (("spki", spki), ("signature", signature), ("message", message)):
        (folder / name).write_bytes(data)
    done = subprocess.run(["openssl", *options[suite_name]], cwd=folder, check=False, capture_output=True)
    return done.returncode == 0
