"""Signing by a key in hardware through the hub's pool of sessions, beside the PKCS#11 library alone, by CPU time.

The hardware is SoftHSM2, which is software: so the figure is what the hub adds to a token that takes no time of its own. Both sign the
same bytes with the same key; the library does so in one session with a handle that it has.
"""

import os
import subprocess
from pathlib import Path
from typing import Any, Final

from pkcs11 import ObjectClass

from benchmarks.figures import Figure, ratios
from benchmarks.results import Goal, Outcome, Table
from benchmarks.sealing import microseconds
from benchmarks.workshop import Workshop
from keys.pkcs11_module import open_module
from keys.pkcs11_name import TokenAccess
from keys.pkcs11_suites import TOKEN_SUITES, TokenSuite
from keys.pkcs11_token import HardwareToken

REACH: Final = 0.7
MODULES: Final = ("usr/lib/softhsm/libsofthsm2.so", "usr/lib/*/softhsm/libsofthsm2.so", "usr/lib64/libsofthsm2.so")
COLUMNS: Final = ("suite", "library alone, us", "through the pool, us", "ratio")
_TOKEN, _PIN = "Benchmark", "made-up-PIN"
_MESSAGE: Final = bytes(600)


def run(workshop: Workshop) -> Outcome:
    """Measure every suite that a token can compute, in rounds."""
    module = next((each for place in MODULES for each in sorted(Path("/").glob(place))), None)
    if module is None:
        return Outcome(remarks=("SoftHSM2 is not installed (make hsm), so nothing was measured.",))
    token = _token(module, workshop.folder / "hardware")
    figures = {name: _measured(workshop, token, row) for name, row in TOKEN_SUITES.items()}
    token.close()
    goals = tuple(
        Goal(f"{name}: PKCS#11 library / pool", ratios(library, pool).median, REACH)
        for name, (library, pool) in figures.items()
    )
    rows = tuple(
        (name, Figure.of(library).shown(1), Figure.of(pool).shown(1), ratios(library, pool).shown(2))
        for name, (library, pool) in figures.items()
    )
    return Outcome(goals, (Table("CPU of one signature on SoftHSM2", COLUMNS, rows),))


def _token(module: Path, folder: Path) -> HardwareToken:
    tokens, configuration = folder / "tokens", folder / "softhsm2.conf"
    tokens.mkdir(parents=True)
    configuration.write_text(f"directories.tokendir = {tokens}\nlog.level = ERROR\n", "utf-8")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    command = ["softhsm2-util", "--init-token", "--free", "--label", _TOKEN, "--pin", _PIN, "--so-pin", _PIN]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
    return HardwareToken(TokenAccess(module, _TOKEN, _PIN))


def _measured(workshop: Workshop, token: HardwareToken, row: TokenSuite) -> tuple[list[float], list[float]]:
    """Return the microseconds of the library and of the pool, round by round."""
    key = token.private(token.make_private(row.suite.name, row.suite))
    session = open_module(token.access.module).get_token(token_label=_TOKEN).open()
    found: Any = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=row.suite.name)
    messages = [_MESSAGE] * workshop.sizes.sealed
    library: list[float] = []
    pool: list[float] = []
    for _ in range(workshop.sizes.pace.rounds):
        library.append(microseconds(lambda message: found.sign(row.prepared(message), mechanism=row.signing), messages))
        pool.append(microseconds(key.sign, messages))
    session.close()
    return library, pool
