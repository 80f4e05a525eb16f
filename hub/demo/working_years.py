"""Working days of years whose notice the hub does not have: the demonstration runs in any year, and says that it made them up."""

import json
from datetime import date
from pathlib import Path

from hub.catalogue.working_days import SHIPPED


def write_working_years(folder: Path, today: date) -> Path | None:
    """Write this year and the next as far as they are not known, with New Year's Day as the only holiday; None if both are."""
    years = [year for year in (today.year, today.year + 1) if year not in SHIPPED.years]
    if not years:
        return None
    file = folder / "working-days.json"
    file.write_text(json.dumps([_invented(year) for year in years], ensure_ascii=False), "utf-8")
    return file


def _invented(year: int) -> dict[str, object]:
    new_year = {"name": "元旦", "from": f"{year}-01-01", "through": f"{year}-01-01"}
    return {"year": year, "source": "演示：虚构，不是国务院办公厅的通知", "holidays": [new_year], "makeUpDays": []}
