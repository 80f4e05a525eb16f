"""`make bench`: runs what benchmarks/registry.py lists, or the parts that are named, and writes RESULTS.md."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks import machine, report
from benchmarks.registry import BENCHMARKS, Benchmark
from benchmarks.results import Part, read_parts, write_parts
from benchmarks.workshop import FULL, QUICK, Workshop, open_workshop

HERE = Path(__file__).parent
RESULTS = "RESULTS.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for, print it, and write it."""
    asked = _parse(sys.argv[1:] if arguments is None else arguments)
    chosen = [row for row in BENCHMARKS if row.name in asked.parts or not asked.parts]
    output: Path = asked.output or (Path(tempfile.gettempdir()) / "licence-hub-bench" if asked.quick else HERE)
    output.mkdir(parents=True, exist_ok=True)
    screen, parts = Console(), read_parts(output)
    with (
        tempfile.TemporaryDirectory(prefix="hub-bench-", ignore_cleanup_errors=True) as folder,
        open_workshop(Path(folder), QUICK if asked.quick else FULL, screen) as workshop,
    ):
        for place, row in enumerate(chosen):
            minutes = 0 if asked.quick else sum(each.minutes for each in chosen[place:])
            left = f"; about {minutes:.0f} min left" if minutes else ""
            screen.print(
                f"[bold]{row.name}[/bold] ({place + 1} of {len(chosen)}): {row.what}, beside {row.beside}{left}"
            )
            parts[row.name] = _measure(row, workshop, _command(asked))
            write(output, parts)
    screen.print(Markdown(report.markdown(parts)))
    screen.print(f"{output / RESULTS}")


def write(output: Path, parts: dict[str, Part]) -> None:
    """Write what is known so far, in the order of the registry."""
    ordered = {row.name: parts[row.name] for row in BENCHMARKS if row.name in parts}
    write_parts(output, ordered)
    (output / RESULTS).write_text(report.markdown(ordered), encoding="utf-8")


def _measure(row: Benchmark, workshop: Workshop, command: str) -> Part:
    started, when = time.monotonic(), datetime.now(UTC)
    outcome = row.run(workshop)
    seconds = time.monotonic() - started
    return Part(
        row.name,
        row.what,
        outcome,
        f"{when:%Y-%m-%d %H:%M} UTC",
        command,
        machine.revision(),
        seconds,
        machine.describe(),
    )


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    names = [row.name for row in BENCHMARKS]
    parser = argparse.ArgumentParser(
        "make bench", description="Measures; what is measured again replaces its own figures."
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(names)}; all unless named"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, in two minutes: shows that all runs, no more"
    )
    parser.add_argument(
        "--output", type=Path, help="where RESULTS.md goes; here unless given, a temporary folder if quick"
    )
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return asked


def _command(asked: argparse.Namespace) -> str:
    words = [*asked.parts, *(["--quick"] if asked.quick else [])]
    return f'make bench ARGS="{" ".join(words)}"' if words else "make bench"


if __name__ == "__main__":
    main()
