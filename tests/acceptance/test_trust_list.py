"""A running hub publishes trust list and revocation lists by itself, at the addresses that roots and certificates name."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography import x509
from sqlalchemy import text

from hub.app import create_app
from keys import revocation_list, trust_list
from keys.certificates import Certificate
from tests.acceptance.small_hub import ISSUER, URL, calling, furnish_little, open_small_hub, register
from tests.acceptance.test_status_lists import lifespan


def test_a_running_hub_publishes_what_verifiers_offline_need(tmp_path: Path, sqlite_url: str) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    furnish_little(hub)
    client_id, key = register(hub)
    published = asyncio.Event()

    async def run() -> None:
        loop, publish = asyncio.get_running_loop(), hub.seal_lists.publish_due

        def noticed() -> int:
            try:
                return publish()
            finally:
                loop.call_soon_threadsafe(published.set)

        hub.seal_lists.publish_due = noticed  # type: ignore[method-assign]

        async def ask() -> None:
            await published.wait()
            with hub.database.snapshot() as session:
                assert session.execute(text("SELECT count(*) FROM seal_publication")).scalar_one() == 2
            async with calling(hub, client_id, key) as client:
                await check(client.http)

        await lifespan(create_app(hub), ask)

    async def check(http: httpx.AsyncClient) -> None:
        roots = await http.get("/.well-known/licence-hub/roots.pem")
        found = re.fullmatch(r'<(/[^>]+)>; rel="related"; type="application/jwt"', roots.headers["link"])
        assert found is not None
        answer = await http.get(found[1])
        keys = (await http.get("/.well-known/jwks.json")).json()["keys"]
        trusted = trust_list.read(answer.content, keys, datetime.now(UTC), issuer=URL)
        assert trusted.roots == Certificate.load_pem_bundle(roots.content)
        issuer = (await http.get(f"/authorities/{ISSUER}")).json()["jwks"]["keys"]
        assert [one for seal in trusted.seals.values() for one in seal.keys] == issuer
        (signer,) = trusted.trust.keys.values()
        named = x509.load_der_x509_certificate(signer.certificate.der).extensions
        (place,) = named.get_extension_for_class(x509.CRLDistributionPoints).value
        assert place.full_name is not None
        address = place.full_name[0].value
        assert address.startswith(f"{URL}/.well-known/")
        listed = await http.get(address.removeprefix(URL))
        assert listed.headers["content-type"] == "application/pkix-crl"
        assert not revocation_list.read(listed.content, trusted.roots[0], datetime.now(UTC)).entries

    asyncio.run(run())
