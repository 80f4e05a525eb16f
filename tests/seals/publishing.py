"""A hub up to its lists about seals, and what verifiers read of them."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from hub.reading import open_reader
from hub.seals.listing import TRUST_LIST
from hub.seals.published import PublishedList, SealLists
from hub.seals.publishing import Publishing
from keys import revocation_list, trust_list
from keys.trust_list import TrustList
from tests.seals.setting import URL, Setting

LIFE = timedelta(days=7)


@dataclass
class Published:
    """A hub up to its lists about seals; `another` gives those of a second process."""

    setting: Setting

    def __post_init__(self) -> None:
        self.publishing = self.another()
        self.publishing.prepare()

    def another(self) -> Publishing:
        one = self.setting
        return Publishing(
            one.database, one.audit, one.seals, one.store, one.store, one.clock, public_url=URL, life=LIFE
        )  # fmt: skip

    def present(self, name: str = TRUST_LIST) -> PublishedList:
        """Give what is handed out, without publishing first."""

        async def ask() -> PublishedList:
            reader = open_reader(self.setting.database.url)
            lists = SealLists(self.setting.database, reader, self.publishing, self.setting.clock)
            try:
                return await lists.present(name)
            finally:
                await reader.close()

        return asyncio.run(ask())

    def trust(self, known: int = 0) -> TrustList:
        """Give what a verifier reads, once what is due is published."""
        self.publishing.publish_due()
        keys, now = self.publishing.jwks()["keys"], self.setting.clock.now()
        return trust_list.read(self.present().body, keys, now, issuer=URL, known=known)

    def crl(self, suite: str = "ES256") -> revocation_list.RevocationList:
        """Give what a verifier reads of a root's list, once what is due is published."""
        self.publishing.publish_due()
        root = self.setting.seals.register.makers[suite].certificate
        return revocation_list.read(self.present(f"{suite}.crl").body, root, self.setting.clock.now())
