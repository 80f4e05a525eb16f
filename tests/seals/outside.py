"""A certification authority of somebody else, which certifies keys of seals."""

from datetime import UTC, datetime

from keys import certificate_request
from keys.certificates import AUTHORITY, ROOT, SIGNER, Subject, issue, make_root
from keys.contracts import PublicKey
from keys.suites import SUITES
from tests.seals.setting import MARKET, NAME

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
SUBJECT = Subject(f"{NAME}电子证照专用章", NAME, MARKET)


class OutsideAuthority:
    """A certification authority of somebody else: a root and an issuer under it."""

    def __init__(self, suite: str = "ES256") -> None:
        root_key, self.key = SUITES[suite].generate(), SUITES[suite].generate()
        self.root = make_root("示范电子认证机构根", root_key, 1, BEGIN, END, ROOT)
        self.issuer = issue(AUTHORITY, Subject("示范电子认证机构"), self.key.public, self.root, root_key, 2, BEGIN, END)

    def certify(self, key: PublicKey, subject: Subject = SUBJECT, until: datetime = END) -> bytes:
        """Give a key's certificate and what is above it."""
        signer = issue(SIGNER, subject, key, self.issuer, self.key, 3, BEGIN, until)
        return b"".join(each.to_pem() for each in (signer, self.issuer, self.root))

    def answer(self, request: bytes) -> bytes:
        """Certify what a request asks for."""
        asked = certificate_request.read(request)
        return self.certify(asked.public_key, asked.subject)
