"""Makes licences.json anew: one sealed licence of each suite, with the issuer metadata and root that verify it.

Run from the top folder, only when the format changes on purpose: python -m tests.vectors.keys.generate_licences
"""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from keys.suites import SUITES
from tests.keys.authorities import ES_ID, ISSUER, Authority, new_authority

VECTORS = Path(__file__).with_name("licences.json")


def vector(authority: Authority) -> dict[str, Any]:
    """One licence and all that its verifier needs."""
    jwk = {
        **authority.key.public.to_jwk(),
        "kid": authority.certificate.thumbprint,
        "alg": authority.key.suite.jose_algorithm,
        "x5c": [b64encode(one.der).decode("ascii") for one in (authority.certificate, authority.root)],
        "seal": ES_ID,
    }
    return {
        "presentation": authority.presentation(),
        "metadata": {"issuer": ISSUER, "jwks": {"keys": [jwk]}},
        "root": authority.root.to_pem().decode("ascii"),
    }


if __name__ == "__main__":
    made = {name: vector(new_authority(name)) for name in SUITES}
    VECTORS.write_text(json.dumps(made, indent=2) + "\n", "ascii")
