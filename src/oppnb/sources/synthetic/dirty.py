"""The dirty copy: a smaller export with other headers, encodings and delimiters, and with faults."""

from pathlib import Path

from oppnb.sources.synthetic.export import (
    accounts_export,
    activities_export,
    chosen_ids,
    history_export,
    line_items_export,
    opportunities_export,
    users_export,
)
from oppnb.sources.synthetic.faults import plant_in_activities, plant_in_history, plant_in_opportunities
from oppnb.sources.synthetic.pipeline import SyntheticPipeline
from oppnb.sources.synthetic.planting import Garden, Planted
from oppnb.sources.synthetic.weeks import stream
from oppnb.sources.synthetic.writing import write_csv, write_tables

__all__ = ["write_dirty"]


def write_dirty(folder: Path, made: SyntheticPipeline) -> tuple[Planted, ...]:
    """Write the dirty copy and tell which faults stand in it.

    `Opportunities.csv` is UTF-8 with a byte-order mark, days first; `跟进记录.csv` is GB18030 with semicolons;
    `客户.csv` is GB18030 with commas; the others are plain UTF-8.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ids = chosen_ids(made)
    rng = stream(made.settings, "faults")
    deals = Garden("Opportunities.csv", opportunities_export(made, ids), "Opportunity ID", rng)
    history = Garden("Opportunity History.csv", history_export(made, ids), "Opportunity ID", rng)
    activities = Garden("跟进记录.csv", activities_export(made, ids), "商机编号", rng)
    plant_in_opportunities(deals, last_day=made.settings.end)
    plant_in_history(history)
    plant_in_activities(activities)
    _note_never_moved(deals, history)
    write_csv(folder / deals.file, deals.frame, encoding="utf-8-sig")
    write_csv(folder / history.file, history.frame)
    write_csv(folder / activities.file, activities.frame, encoding="gb18030", delimiter=";")
    write_csv(folder / "客户.csv", accounts_export(made, ids), encoding="gb18030")
    write_csv(folder / "Opportunity Product.csv", line_items_export(made, ids))
    write_csv(folder / "users.csv", users_export(made))
    write_tables(folder, {"exchange_rates": made.tables["exchange_rates"]})
    return (*deals.planted, *history.planted, *activities.planted)


def _note_never_moved(deals: Garden, history: Garden) -> None:
    """Open deals that still stand in their first stage, by the field history."""
    n_stages = (history.frame["To Stage"] != "").groupby(history.frame[history.key]).sum()
    is_open = deals.frame["Closed At"] == ""
    still = is_open & (deals.frame[deals.key].map(n_stages) == 1)
    deals.note("open_deal_has_moved", "Stage", [int(row) for row in still.index[still]])
