"""Made-up authorities with keys, certificates and one licence, for every test of the package."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from keys import sd_jwt
from keys.certificates import SIGNER, Certificate, Subject, issue, make_root
from keys.suites import SUITES, PrivateKey
from keys.trust import Trust, TrustedKey

CREDIT_CODE: Final = "11990100MB0000018K"
ISSUER: Final = f"https://hub.example/authorities/{CREDIT_CODE}"
SUBJECT: Final = Subject("星河市公安局", "星河市公安局", CREDIT_CODE)
make_signer = partial(issue, SIGNER)
SEALED_AT: Final = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
ES_ID: Final = "99010000000001"

FACE: Final[dict[str, Any]] = {
    "number": "星证字〔2026〕第00017号",
    "holder": {"name": "示例甲", "code": "EXAMPLE-0001"},
    "members": [
        {"name": "示例乙", "tags": ["户主", "成年"]},
        {"name": "示例丙", "tags": []},
    ],
    "contractPeriod": {"from": "2026-01-01", "to": "2026-12-31"},
    "area": 88.5,
    "remarks": None,
    "extra": {},
}
ATOMIC: Final = frozenset({"contractPeriod", "members.tags"})
CLEAR: Final[dict[str, Any]] = {
    "iss": ISSUER,
    "iat": int(SEALED_AT.timestamp()),
    "nbf": int(SEALED_AT.timestamp()),
    "exp": int((SEALED_AT + timedelta(days=365)).timestamp()),
    "vct": "urn:licence-hub:type:Example:1",
    "status": {"status_list": {"idx": 7, "uri": "https://hub.example/status-lists/1"}},
}


@dataclass(frozen=True)
class Authority:
    """A seal's key under a maker's root."""

    key: PrivateKey
    certificate: Certificate
    root_key: PrivateKey
    root: Certificate

    def trusted(self, **changes: Any) -> TrustedKey:
        """What a verifier knows of the seal."""
        known = {"certificate": self.certificate, "chain": (self.root,), "issuer": ISSUER, "es_id": ES_ID}
        return TrustedKey(**{**known, **changes})

    def trust(self, **changes: Any) -> Trust:
        """A trust that knows this seal alone."""
        return Trust({self.certificate.thumbprint: self.trusted(**changes)}, (self.root,))

    def seal(self, header: dict[str, Any] | None = None, **clear: Any) -> sd_jwt.Sealed:
        """Seal the example licence; a clear claim given as None is left out."""
        claims = {name: value for name, value in {**CLEAR, **clear}.items() if value is not None}
        kid = self.certificate.thumbprint
        return sd_jwt.seal(claims, FACE, key=self.key, kid=kid, header=header or {"seal": ES_ID}, atomic=ATOMIC)

    def presentation(self, **clear: Any) -> str:
        """Seal the example licence and show all of it."""
        return shown(self.seal(**clear))


def shown(sealed: sd_jwt.Sealed) -> str:
    """Show everything a sealed licence can disclose."""
    return sd_jwt.present(sealed.jwt, [one.encoded for one in sealed.disclosures])


def new_authority(suite_name: str) -> Authority:
    """Make an authority with new keys."""
    root_key, key = SUITES[suite_name].generate(), SUITES[suite_name].generate()
    root = make_root("星河市电子印章制章中心", root_key, 1, START, END + timedelta(days=1))
    return Authority(key, make_signer(SUBJECT, key.public, root, root_key, 2, START, END), root_key, root)


AUTHORITIES: Final = {name: new_authority(name) for name in SUITES}
