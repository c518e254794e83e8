"""The customers: names in two languages, size, industry, region."""

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.people import REGIONS
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.vocabulary import BRANDS_EN, BRANDS_ZH, CITIES_ZH, FORMS_EN, TRADES_EN, TRADES_ZH
from oppnb.sources.synthetic.weeks import stream

__all__ = ["accounts_table", "size_class"]

_REGION_SHARES = (0.35, 0.2, 0.25, 0.2)
_SMALL, _LARGE = 150, 1_200


def accounts_table(settings: SyntheticSettings) -> pd.DataFrame:
    """The canonical table `accounts`: one for four deals; two in five were customers before the first day.

    `customer_since` is empty for an account that becomes a customer later: a CRM that filled it then would give the
    outcome away.
    """
    rng = stream(settings, "accounts")
    n = max(40, settings.n_opportunities // 4)
    region = rng.choice(len(REGIONS), size=n, p=_REGION_SHARES)
    employees = np.round(np.exp(rng.normal(6.0, 1.2, size=n))).clip(8, 60_000)
    revenue = np.round(employees * np.exp(rng.normal(13.2, 0.5, size=n)), -4)
    days_before = rng.integers(30, 2_500, size=n)
    is_customer = rng.random(n) < 0.4
    since = [
        settings.start - timedelta(days=int(days)) if known else None
        for days, known in zip(days_before, is_customer, strict=True)
    ]
    return pd.DataFrame(
        {
            "account_id": pd.Series([f"A{position + 1:04d}" for position in range(n)], dtype="str"),
            "name": pd.Series(_names(rng, region), dtype="str"),
            "industry": pd.Series(rng.choice(list(settings.laws.industry), size=n), dtype="str"),
            "employees": employees,
            "annual_revenue": revenue,
            "region": pd.Series([REGIONS[position] for position in region], dtype="str"),
            "customer_since": pd.Series(since, dtype="datetime64[us]"),
        }
    )


def size_class(employees: NDArray[np.float64]) -> NDArray[np.int64]:
    """0 small, 1 middle, 2 large, by headcount."""
    return (employees >= _SMALL).astype("int64") + (employees >= _LARGE)


def _names(rng: np.random.Generator, region: NDArray[np.int64]) -> list[str]:
    chinese = [f"{city}{brand}{trade}有限公司" for city in CITIES_ZH for brand in BRANDS_ZH for trade in TRADES_ZH]
    stems = [f"{brand} {trade}" for brand in BRANDS_EN for trade in TRADES_EN]
    english = [f"{stem} {FORMS_EN[position % len(FORMS_EN)]}" for position, stem in enumerate(stems)]
    pools = ([chinese[i] for i in rng.permutation(len(chinese))], [english[i] for i in rng.permutation(len(english))])
    is_english = (region == REGIONS.index("Overseas")) | (rng.random(len(region)) < 0.15)
    used = [0, 0]
    names = []
    for language in is_english.astype("int64"):
        pool, count = pools[language], used[language]
        names.append(pool[count % len(pool)] + (f" {count // len(pool) + 1}" if count >= len(pool) else ""))
        used[language] += 1
    return names
