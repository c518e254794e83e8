"""The clean tables as a CRM would export them: its own headers, money signs, days first, Chinese in places."""

import numpy as np
import pandas as pd

from oppnb.sources.synthetic.pipeline import SyntheticPipeline
from oppnb.sources.synthetic.weeks import TIME_ZONE, stream
from oppnb.sources.synthetic.writing import as_text

__all__ = [
    "accounts_export",
    "activities_export",
    "chosen_ids",
    "history_export",
    "line_items_export",
    "opportunities_export",
    "users_export",
]

_KINDS_ZH = {
    "call": "电话", "mail": "邮件", "meeting": "会议", "visit": "拜访", "demo": "演示", "download": "下载",
    "page_view": "浏览",
}  # fmt: skip
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€"}


def chosen_ids(made: SyntheticPipeline) -> pd.Index:
    """The deals of the dirty copy."""
    ids = made.tables["opportunities"]["opportunity_id"].to_numpy(dtype=object)
    n = min(made.settings.n_dirty, len(ids))
    rows = np.sort(stream(made.settings, "dirty rows").permutation(len(ids))[:n])
    chosen: pd.Index = pd.Index(ids[rows], dtype="str")
    return chosen


def money(amount: pd.Series, currency: pd.Series) -> pd.Series:
    """`¥1,200.50`."""
    return pd.Series(
        [
            "" if np.isnan(value) else f"{_SIGNS.get(code, '')}{value:,.2f}"
            for value, code in zip(amount, currency, strict=True)
        ],
        index=amount.index,
        dtype=object,
    )


def local(moments: pd.Series) -> pd.Series:
    """Moments as the clock on the wall shows them."""
    wall: pd.Series = moments.dt.tz_localize("UTC").dt.tz_convert(TIME_ZONE).dt.tz_localize(None)
    return wall


def written(values: pd.Series, pattern: str) -> pd.Series:
    """Dates in a pattern, empty where missing."""
    text: pd.Series = values.dt.strftime(pattern).astype(object).where(values.notna(), "")
    return text


def opportunities_export(made: SyntheticPipeline, ids: pd.Index) -> pd.DataFrame:
    """A Salesforce report: labels for headers, D/M/Y, names where keys should be, a contract number on won deals."""
    deals = made.tables["opportunities"]
    deals = deals[deals["opportunity_id"].isin(ids)].reset_index(drop=True)
    tables = made.tables
    account = deals["account_id"].map(tables["accounts"].set_index("account_id")["name"])
    owner = deals["owner_id"].map(tables["owners"].set_index("owner_id")["name"])
    is_won = deals["outcome"] == "won"
    contract = "HT-" + local(deals["closed_at"]).dt.strftime("%Y") + "-" + deals["opportunity_id"]
    frame = {
        "Opportunity ID": deals["opportunity_id"],
        "Opportunity Name": deals["name"],
        "Account Name": account,
        "Opportunity Owner": owner,
        "Opportunity Record Type": deals["process"],
        "Stage": deals["stage"],
        "Amount": money(deals["amount"], deals["currency"]),
        "Amount Currency": deals["currency"],
        "Created Date": written(local(deals["created_at"]), "%d/%m/%Y %H:%M"),
        "Close Date": written(deals["expected_close_on"], "%d/%m/%Y"),
        "Closed At": written(local(deals["closed_at"]), "%d/%m/%Y %H:%M"),
        "Lead Source": deals["source"],
        "Product": deals["product"],
        "Region": deals["region"],
        "Primary Competitor": deals["competitor"],
        "Loss Reason": deals["lost_reason"],
        "Forecast Category": deals["forecast_category"],
        "Next Step": deals["next_step"],
        "Contract Number": contract.where(is_won),
    }
    return pd.DataFrame({name: as_text(values, None) for name, values in frame.items()})


def history_export(made: SyntheticPipeline, ids: pd.Index) -> pd.DataFrame:
    """A field history: moments in three styles; those without a zone are local time."""
    rows = made.tables["opportunity_history"]
    rows = rows[rows["opportunity_id"].isin(ids)].reset_index(drop=True)
    owner = rows["owner_id"].map(made.tables["owners"].set_index("owner_id")["name"])
    wall = local(rows["changed_at"])
    styles = [written(rows["changed_at"], "%Y-%m-%dT%H:%M:%SZ"), written(wall, "%Y-%m-%dT%H:%M:%S+08:00")]
    style = np.arange(len(rows)) % 3
    moment = np.select([style == 0, style == 1], styles, written(wall, "%Y-%m-%d %H:%M:%S"))
    frame = {
        "Opportunity ID": rows["opportunity_id"],
        "Edit Date": pd.Series(moment, dtype=object),
        "To Stage": rows["stage"],
        "Amount": as_text(rows["amount"], "money"),
        "Close Date": as_text(rows["expected_close_on"], "day"),
        "Owner": owner,
        "Forecast Category": rows["forecast_category"],
    }
    return pd.DataFrame({name: as_text(values, None) for name, values in frame.items()})


def activities_export(made: SyntheticPipeline, ids: pd.Index) -> pd.DataFrame:
    """A follow-up list of a Chinese CRM, times as on the wall."""
    rows = made.tables["activities"]
    rows = rows[rows["opportunity_id"].isin(ids)].reset_index(drop=True)
    frame = {
        "商机编号": rows["opportunity_id"],
        "跟进方式": rows["kind"].map(_KINDS_ZH),
        "跟进时间": written(local(rows["occurred_at"]), "%Y/%m/%d %H:%M"),
        "方向": rows["direction"].map({"in": "来", "out": "去"}),
        "时长(分钟)": rows["duration_minutes"],
    }
    return pd.DataFrame({name: as_text(values, None) for name, values in frame.items()})


def line_items_export(made: SyntheticPipeline, ids: pd.Index) -> pd.DataFrame:
    """The products of the deals, without faults: their spelling is the right one."""
    rows = made.tables["line_items"]
    rows = rows[rows["opportunity_id"].isin(ids)].reset_index(drop=True)
    headers = {"opportunity_id": "Opportunity ID", "product": "Product Name", "quantity": "Quantity"}
    frame = {header: as_text(rows[name], None) for name, header in headers.items()}
    return pd.DataFrame({**frame, "Sales Price": as_text(rows["unit_price"], "money"), "Currency": rows["currency"]})


def accounts_export(made: SyntheticPipeline, ids: pd.Index) -> pd.DataFrame:
    """A customer list with Chinese headers; the name is the key."""
    deals = made.tables["opportunities"]
    wanted = deals.loc[deals["opportunity_id"].isin(ids), "account_id"]
    rows = made.tables["accounts"]
    rows = rows[rows["account_id"].isin(wanted)].reset_index(drop=True)
    headers = {
        "name": "客户名称", "industry": "行业", "employees": "员工数", "annual_revenue": "年营业额", "region": "地区",
        "customer_since": "成为客户日期",
    }  # fmt: skip
    kinds = {"annual_revenue": "money", "customer_since": "day"}
    return pd.DataFrame({header: as_text(rows[name], kinds.get(name)) for name, header in headers.items()})  # type: ignore[arg-type]


def users_export(made: SyntheticPipeline) -> pd.DataFrame:
    """The sellers; the name is the key."""
    rows = made.tables["owners"]
    manager = rows["manager_id"].map(rows.set_index("owner_id")["name"])
    frame = {
        "Full Name": rows["name"],
        "Team": rows["team"],
        "Region": rows["region"],
        "Manager": manager,
        "Active": rows["active"],
    }
    return pd.DataFrame({name: as_text(values, None) for name, values in frame.items()})
