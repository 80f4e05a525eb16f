"""Makes trust_list.json anew, with all that it verifies.

One list of an ES256 seal that goes on, an Ed25519 seal that is suspended and an SM2-SM3 seal that was revoked; a licence under each, and a
document under the electronic seals of two. The keys are thrown away: the file is for reading.

Run from the top folder, only when the format changes on purpose: python -m tests.vectors.keys.generate_trust_list
"""

import json
from pathlib import Path
from typing import Any

from keys import cms
from keys.revocation import RevocationReason
from tests.keys.authorities import AUTHORITIES, SEALED_AT, shown
from tests.keys.seals import DIGESTS, DOCUMENT, OFFICES, SIGNED_AT
from tests.keys.trust_lists import DAY, KEYS, NOW, ended, seal, token

VECTORS = Path(__file__).with_name("trust_list.json")


def _licence(suite_name: str) -> str:
    header = {"seal": seal(suite_name).es_id}
    return shown(AUTHORITIES[suite_name].seal(header, iat=int(SEALED_AT.timestamp()), exp=None))


def _signature(suite_name: str) -> bytes:
    office = OFFICES[suite_name]
    return office.sign(office.seal(office.content(es_id=seal(suite_name).es_id))).der


def vector() -> dict[str, Any]:
    """The list, its publisher's keys, and what was sealed under its seals."""
    p256 = AUTHORITIES["ES256"]
    suspended = ended("Ed25519", NOW - DAY, "SUSPENDED", RevocationReason.CERTIFICATE_HOLD)
    revoked = ended("SM2-SM3", NOW - 2 * DAY, "REVOKED", RevocationReason.KEY_COMPROMISE)
    return {
        "keys": KEYS,
        "list": token(seal("ES256"), suspended, revoked).decode(),
        "licences": {name: _licence(name) for name in AUTHORITIES},
        "document": DOCUMENT.decode(),
        "signatures": {name: _signature(name).hex() for name in OFFICES},
        "cms": cms.sign(DIGESTS.by("sha-256"), p256.key, p256.certificate, SIGNED_AT).hex(),
    }


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vector(), indent=2) + "\n", "ascii")
