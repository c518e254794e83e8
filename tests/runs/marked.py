"""A small client whose every name, id and text says of which region it is."""

from datetime import date
from pathlib import Path

import pandas as pd

from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml

DAY = date(2024, 6, 30)
MARK = "zq"
_KEYS = {
    "opportunities": ("opportunity_id", "name", "account_id", "product", "competitor", "lost_reason", "next_step"),
    "opportunity_history": ("opportunity_id",),
    "activities": ("opportunity_id", "contact_id"),
    "contacts": ("opportunity_id", "contact_id"),
    "evidence": ("opportunity_id",),
    "line_items": ("opportunity_id", "product"),
    "payments": ("opportunity_id",),
    "leads": ("opportunity_id", "lead_id"),
    "subscriptions": ("subscription_id", "account_id", "opportunity_id", "product"),
    "tickets": ("ticket_id", "account_id", "opportunity_id"),
}


def marked(region: object) -> str:
    return f"{region}{MARK}"


def write_client(folder: Path, *, n_opportunities: int = 110) -> tuple[Path, Path, list[str]]:
    """Write an export with `oppnb.yaml`; gives both and the regions."""
    settings = SyntheticSettings(n_opportunities=n_opportunities, end=DAY)
    tables = {name: frame.copy() for name, frame in make_pipeline(settings).tables.items()}
    owners, deals = tables["owners"], tables["opportunities"]
    of_owner = owners.set_index("owner_id")["region"]
    deals["region"] = deals["owner_id"].map(of_owner)
    of_deal = deals.set_index("opportunity_id")["region"]
    seller = deals.set_index("opportunity_id")["owner_id"]
    history = tables["opportunity_history"]
    history["owner_id"] = history["opportunity_id"].map(seller).where(history["owner_id"].notna())
    tables["accounts"] = _accounts(tables["accounts"], deals)
    for name, columns in _KEYS.items():
        frame = tables[name]
        region = frame["opportunity_id"].map(of_deal)
        region = region.where(region.notna(), pd.Series(min(of_deal.unique()), index=frame.index))
        for column in set(columns) & set(frame.columns):
            frame[column] = _with_mark(frame[column], region)
    for frame in (owners, deals, tables["targets"]):
        region = frame["owner_id"].map(of_owner)
        for column in {"owner_id", "name", "team"} & set(frame.columns):
            if frame is not deals or column == "owner_id":
                frame[column] = _with_mark(frame[column], region)
        if "region" in frame:
            frame["region"] = frame["region"].map(marked, na_action="ignore")
    owners["manager_id"] = owners["manager_id"].map(lambda one: _of(one, of_owner), na_action="ignore")
    history["owner_id"] = history["owner_id"].map(lambda one: _of(one, of_owner), na_action="ignore")
    (folder / "data").mkdir(parents=True)
    for name, frame in tables.items():
        frame.to_csv(folder / "data" / f"{name}.csv", index=False)
    (folder / "oppnb.yaml").write_text(workspace_yaml(settings), encoding="utf-8")
    return folder / "data", folder / "oppnb.yaml", sorted(deals["region"].dropna().unique())


def _accounts(accounts: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    """An account with deals in two regions becomes two."""
    pairs = deals[["account_id", "region"]].drop_duplicates()
    found = pairs.merge(accounts.drop(columns="region"), on="account_id")
    for column in ("account_id", "name"):
        found[column] = _with_mark(found[column], found["region"])
    return found.assign(region=found["region"].map(marked))


def _with_mark(values: pd.Series, region: pd.Series) -> pd.Series:
    text = region.map(marked, na_action="ignore") + " " + values.astype("str")
    return text.where(values.notna() & region.notna(), values.astype("object"))


def _of(owner: str, regions: pd.Series) -> str:
    region = regions.get(owner)
    return owner if pd.isna(region) else f"{marked(region)} {owner}"
