"""What each lever is worth: a simulated month of each profile, as tables and charts in docs/costs.md.

`python -m bench simulate` takes some minutes; the same figures come from `visavis simulate --profile NAME`. They are
counts, not times: the same seed gives the same table on any machine.
"""

from datetime import UTC, datetime

from backend.simulating import table
from backend.simulating.traffic import PROFILES
from backend.spending.calculator import PLAN_MODEL, SMALL_MODEL
from backend.spending.prices import open_book
from bench import report

DOCS = report.PAGE.parent
DAYS, SEED = 30, 1


def main() -> None:
    """Run every profile and write the chapter."""
    parts = [f"`python -m bench simulate`, {datetime.now(UTC).date()}, at the prices of the book of that day."]
    for name in PROFILES:
        result = table.simulate(name, DAYS, SEED, open_book(), (SMALL_MODEL, PLAN_MODEL), told=lambda run: None)
        (DOCS / f"simulate-{name}.svg").write_text(table.chart(result), "utf-8")
        chart = f"![What 1,000 turns cost with each lever, {name}](simulate-{name}.svg)"
        parts.append(f"### {name.capitalize()}\n\n{table.text(result)}\n\n{chart}")
        print(parts[-1], flush=True)
    report.write("simulate", "\n\n".join(parts), DOCS / "costs.md")
