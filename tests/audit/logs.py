"""What tests of the log share: records of given names, and what a log has signed."""

from collections.abc import Callable

from hub.audit.log import TransparencyLog
from hub.audit.service import Audit, Entry
from hub.database import Database
from keys import checkpoint, merkle
from keys.checkpoint import Checkpoint
from keys.signed_note import Verifier

URL = "https://hub.example.gov.cn"
ORIGIN = "hub.example.gov.cn/log"
MakeLog = Callable[[], TransparencyLog]
"""Makes the log of another process."""


def append(database: Database, audit: Audit, *names: str) -> None:
    """Write records of these names, which are their ids too."""
    with database.transaction() as session:
        for name in names:
            audit.append(session, Entry("access", {"name": name}, name))


def named(count: int, prefix: str = "r") -> list[str]:
    """Return so many names."""
    return [f"{prefix}{number}" for number in range(count)]


def verifiers(log: TransparencyLog) -> list[Verifier]:
    """Return the keys of a log, as others read them."""
    return [Verifier.from_text(each) for each in log.published.verifier_keys()]


def signed(log: TransparencyLog) -> Checkpoint:
    """Return the newest checkpoint, verified."""
    return checkpoint.read(log.published.checkpoint(), verifiers(log)).checkpoint


def check(log: TransparencyLog, *names: str) -> None:
    """Check inclusion of each under the newest checkpoint, and that no place is taken twice."""
    tree = signed(log)
    places = set()
    for name in names:
        proof = log.inclusion(name)
        assert (proof.size, proof.checkpoint) == (tree.size, log.published.checkpoint())
        merkle.check_inclusion(proof.leaf, proof.place, tree.size, proof.hashes, tree.root)
        assert proof.record.facts["name"] == name
        places.add(proof.place)
    assert len(places) == len(names)
