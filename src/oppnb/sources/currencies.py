"""Columns of currencies, and the currencies that amounts carry as signs."""

from functools import cache

import pandas as pd
import pyarrow.compute as pc

from oppnb.sources.coerced import Coerced, decision
from oppnb.sources.problems import problem_where
from oppnb.sources.texts import plain_form, trimmed

__all__ = ["coerce_currencies", "currencies_in"]

_NAMES = {
    "CNY": "rmb cn¥ ￥ ¥ 元 圆 人民币 人民币元 人民币(元) yuan renminbi",
    "USD": "$ us$ usd$ us-dollar dollar dollars 美元 美金",
    "EUR": "€ euro euros 欧元",
    "GBP": "£ pound sterling 英镑",
    "JPY": "jp¥ yen 日元 日圆",
    "HKD": "hk$ 港币 港元 港幣",
    "TWD": "nt$ ntd 新台币 台币",
    "MOP": "mop$ 澳门元",
    "SGD": "s$ sg$ 新加坡元 新元",
    "KRW": "₩ 韩元 韩币",
    "INR": "₹ rs rs. 卢比",
    "AUD": "a$ au$ 澳元 澳大利亚元",
    "CAD": "c$ ca$ 加元 加拿大元",
    "NZD": "nz$ 新西兰元",
    "CHF": "fr fr. sfr 瑞士法郎",
    "RUB": "₽ 卢布",
    "BRL": "r$",
    "THB": "฿ 泰铢",
    "VND": "₫ 越南盾",
    "PHP": "₱",
    "ILS": "₪",
    "TRY": "₺",
    "UAH": "₴",
    "PLN": "zł",
    "CZK": "kč",
}
_SHARED = {"$": "USD", "¥": "CNY"}
_SIGN = r"(?P<sign>[A-Za-z]{1,3}\$|[$€£¥₩₹₽฿₫₱₪₺₴]|人民币|美元|美金|欧元|英镑|日元|日圆|港元|港币|元|圆|RMB|[A-Z]{3})"


@cache
def _codes() -> dict[str, str]:
    from babel.numbers import list_currencies

    named = {word: code for code, words in _NAMES.items() for word in words.split()}
    return {**{code.casefold(): code for code in sorted(list_currencies())}, **named}


def coerce_currencies(values: pd.Series) -> Coerced:
    """Give a column of currencies as ISO 4217 codes.

    Codes are known in any case, signs and names are recoded: € and 欧元 are EUR; 元, 人民币, RMB and ¥ are CNY; a
    bare $ is USD. What the two shared signs were read as is said in `decisions`.

    Returns
    -------
    Coerced
        `str`. Null, with a problem: `currency_is_known`.

    Examples
    --------
    >>> coerce_currencies(pd.Series(["usd", "人民币", "US$", "Taler"])).values.tolist()
    ['USD', 'CNY', 'USD', nan]
    """
    words = pd.Series(plain_form(trimmed(values)), index=values.index, dtype="str", name=values.name)
    known = {word: _codes().get(word.casefold().replace(" ", "")) for word in words.dropna().unique()}
    codes = words.map(known, na_action="ignore").astype("str")
    problems = problem_where("currency_is_known", values.index, (words.notna() & codes.isna()).to_numpy(bool))
    shared = ((sign, code, int((words == sign).sum())) for sign, code in _SHARED.items())
    told = tuple(decision("currency_sign", sign=sign, code=code, n=n) for sign, code, n in shared if n)
    return Coerced(codes, problems, told)


def currencies_in(values: pd.Series) -> pd.Series:
    """Give the currency that each amount carries as a sign or code, null where it carries none.

    For exports that write `¥1,200` and have no column for the currency.

    Examples
    --------
    >>> currencies_in(pd.Series(["¥1,200", "$ (300)", "12", "3.5万元", "EUR 5"])).tolist()
    ['CNY', 'USD', nan, 'CNY', 'EUR']
    """
    if not isinstance(values.dtype, pd.StringDtype) and values.dtype != "object":
        return pd.Series(None, index=values.index, dtype="str", name=values.name)
    signs = pc.struct_field(pc.extract_regex(plain_form(trimmed(values)), _SIGN), 0)
    found = pd.Series(signs, index=values.index, dtype="str", name=values.name)
    known = {word: _codes().get(word.casefold()) for word in found.dropna().unique()}
    return found.map(known, na_action="ignore").astype("str")
