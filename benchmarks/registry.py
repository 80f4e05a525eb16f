"""What `make bench` measures: one row each, in the order in which they are run."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import (
    counter,
    feed,
    hardware,
    intake,
    log,
    lookup,
    offline,
    pages,
    reading,
    renditions,
    resealing,
    revocation,
    scale,
    sealing,
    seals,
    status_lists,
    tokens,
    whole_case,
)
from benchmarks.results import Outcome
from benchmarks.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A part: its name, what it measures, beside what, about how many minutes it takes, and how."""

    name: str
    what: str
    beside: str
    minutes: float
    run: Callable[[Workshop], Outcome]


BENCHMARKS = (
    Benchmark("sealing", "sealing and verifying a licence", "the suite's raw sign and verify", 0.5, sealing.run),
    Benchmark("seals", "sealing a hash and verifying it", "the suite's raw sign and verify", 0.3, seals.run),
    Benchmark("tokens", "signing and verifying a printed code", "the suite's raw sign and verify", 0.3, tokens.run),
    Benchmark(
        "renditions", "a licence as PDF, unsigned and signed", "bare typst on the same files", 0.5, renditions.run
    ),
    Benchmark("hardware", "signing by a key in hardware", "the PKCS#11 library alone", 0.2, hardware.run),
    Benchmark("reading", "reading rows of files into checked drafts", "a bound of 150 us a row", 0.5, reading.run),
    Benchmark(
        "lookup",
        "a case's licence by number over HTTP",
        "the same without GraphQL, the same by hand, PostGraphile 5, a bare row",
        6,
        lookup.run,
    ),
    Benchmark("case", "a whole case: three materials and the form", "single look-ups, graphql-core", 5, whole_case.run),
    Benchmark("scale", "look-ups at 10,000, 100,000 and 1,000,000 licences", "one another", 12, scale.run),
    Benchmark("intake", "import of a million licences", "its own first ten thousand", 0, intake.run),
    Benchmark("revocation", "revoking over HTTP, until a list shows it", "the smallest size", 2, revocation.run),
    Benchmark("status", "revoking and publishing, in process", "a bare commit, the smallest size", 5, status_lists.run),
    Benchmark(
        "offline", "the offline pack's bytes, and codes judged by it in node", "the bare verification", 1.5, offline.run
    ),
    Benchmark("resealing", "sealing all licences of a stolen key anew", "one another", 4, resealing.run),
    Benchmark("log", "records made durable, proven and verified", "its own smallest size", 5, log.run),
    Benchmark("feed", "changes to 1,000 subscribers over WebSocket", "a bound of two seconds", 1.5, feed.run),
    Benchmark(
        "pages", "the heaviest pages of the console with a million licences", "the same with ten thousand", 5, pages.run
    ),
    Benchmark("counter", "from scan to verdict in a browser", "a bare fetch from the same page", 0.5, counter.run),
)
