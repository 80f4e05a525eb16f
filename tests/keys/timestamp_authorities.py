"""A timestamp authority of its own on this machine: `openssl` makes its root and key, and answers each request."""

from pathlib import Path
from typing import Final

from tests.keys.seal_makers import openssl

DEFAULT_POLICY, OTHER_POLICY = "1.2.3.4.1", "1.2.3.4.2"
_CONFIGURATION: Final = f"""
[tsa]
default_tsa = one
[one]
serial = serial
default_policy = {DEFAULT_POLICY}
other_policies = {OTHER_POLICY}
digests = sha256, sha512, sm3, sha3-256
accuracy = millisecs:500
ess_cert_id_alg = sha256
signer_digest = sha256
"""


class TimestampAuthority:
    """Keys and certificates in a folder; an RSA key, because that is what real ones have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "configuration").write_text(_CONFIGURATION)
        (folder / "serial").write_text("01")
        (folder / "extensions").write_text(
            "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
        )
        usage = ("-addext", "keyUsage=critical,keyCertSign", "-days", "3650", "-subj", "/CN=Timestamps")
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root", *usage)
        openssl(
            folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "request", "-subj", "/CN=Clock"
        )
        issuing = ("-CA", "root", "-CAkey", "root.key", "-set_serial", "5", "-days", "3650", "-extfile", "extensions")
        openssl(folder, "x509", "-req", "-in", "request", "-out", "certificate", *issuing)

    @property
    def roots(self) -> bytes:
        """Give what a verifier trusts, in PEM."""
        return (self.folder / "root").read_bytes()

    def reply(self, query: bytes) -> bytes:
        """Answer a request, as a service would over HTTP."""
        (self.folder / "query").write_bytes(query)
        signing = ("-signer", "certificate", "-inkey", "key", "-out", "reply")
        openssl(self.folder, "ts", "-reply", "-config", "configuration", "-queryfile", "query", *signing)
        return (self.folder / "reply").read_bytes()
