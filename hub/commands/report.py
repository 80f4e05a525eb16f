"""What an import has come to, on the screen: figures, what was wrong and how often, the first rows that were refused. No value."""

from rich.console import Console
from rich.table import Table

from hub.licences.importing.progress import ImportProgress, Tally

MOST_KINDS = 20


def print_report(screen: Console, progress: ImportProgress, tally: Tally) -> None:
    """Print the report of an import, or of a dry run."""
    done = "would be sealed and stored" if progress.dry_run else "sealed and stored"
    screen.print(f"{progress.good:,} licences {done}, {progress.bad:,} rows rejected.")
    if not progress.bad:
        return
    if tally.faults:
        screen.print(_kinds(tally))
        screen.print(_first(tally))
    if progress.id:
        screen.print(
            f"Mend them: licence-hub import rejects {progress.id} --output FILE, correct the cells, and import that file "
            "by the same map; the columns in brackets are ignored."
        )


def _kinds(tally: Tally) -> Table:
    table = Table("field", "reason", "rows", title="What was wrong")
    for (field_zh, field_en, zh, en), count in tally.faults.most_common(MOST_KINDS):
        table.add_row(f"{field_zh} {field_en}", f"{zh} / {en}", f"{count:,}")
    return table


def _first(tally: Tally) -> Table:
    table = Table("row", "field", "reason", title="The first of them")
    for one in tally.first:
        table.add_row(str(one.number), f"{one.field_zh} {one.field_en}", f"{one.zh} / {one.en}")
    return table
