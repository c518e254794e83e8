"""Naive Bayes on counts of closed deals, as a well-known open-source CRM scores its leads."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from oppnb.scoring.models.contributions import profiles, shares_of
from oppnb.scoring.models.encoding import category_texts
from oppnb.scoring.models.seen import EndsSeen
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import GROUPS, ScoringRows

__all__ = ["NaiveBayes"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_START = 0.1
_FURTHEST = 9.21  # logit of 99.99 %


class NaiveBayes:
    """Odoo's way: counts of won and lost deals by value of each category, multiplied as if they had nothing in common.

    Each closed deal counts once, with the values it had last. Counts start at 0.1. A won deal is taken to have been in
    every stage, a lost one in all up to the furthest it stood in, so that the factor of a stage is 1 / P(a lost deal
    got that far). Values never seen add nothing, as do missing ones. The result is kept between 0.01 % and 99.99 %.
    Odoo counts by sales team; here the team is a category like others. Numbers and dates are not used.

    Attributes
    ----------
    prior_ : float
        Log odds of all closed deals.
    log_ratios_ : dict of str to dict of str to float
        By feature and value: log P(value | won) - log P(value | lost).
    reached_ : array of float, shape (n_positions,)
        By position of the stage, from 1: log P(won got there) - log P(lost got there).

    Examples
    --------
    >>> NaiveBayes().name, NaiveBayes().is_baseline
    ('naive_bayes', True)
    """

    name = "naive_bayes"
    is_baseline = True

    def fit(self, rows: ScoringRows) -> Self:
        """Count closed deals."""
        deals = _last_rows(rows)
        self.prior_ = float(np.log(deals.is_won.sum() + _START) - np.log(deals.is_lost.sum() + _START))
        used = [one for one in rows.features if one.kind == "category" and one.name not in ("stage", "process")]
        self.groups_ = {one.name: GROUPS.index(one.group) for one in used}
        self.log_ratios_ = {one.name: _log_ratios(deals, one.name) for one in used}
        self.reached_ = _reached(deals, _furthest(rows, deals))
        curve = EndsSeen.of(rows).part(np.ones(len(rows), dtype=bool)).curve
        self.won_by_, self.lost_by_ = curve.won, curve.lost
        self.profiles_ = profiles(rows, self._parts(rows))
        return self

    def _parts(self, rows: ScoringRows) -> Floats:
        parts = np.zeros((len(rows), len(GROUPS)))
        position = rows.keys["stage_position"].to_numpy(dtype="float64", na_value=np.nan)
        place = np.clip(np.nan_to_num(position, nan=0.0).astype("int64"), 0, len(self.reached_))
        parts[:, GROUPS.index("stage")] += np.append(0.0, self.reached_)[place]
        for name, group in self.groups_.items():
            if name in rows.values.columns:
                codes, levels = category_texts(rows.values[name])
                ratios = self.log_ratios_[name]
                parts[:, group] += np.array([ratios.get(level, 0.0) for level in levels] + [0.0])[codes]
        return self._inside(parts)

    def _inside(self, parts: Floats) -> Floats:
        """All parts of a row made smaller alike, so that their sum stays where it may be."""
        total = parts.sum(axis=1)
        room = np.where(total > 0, _FURTHEST - self.prior_, _FURTHEST + self.prior_)
        shrink = np.where(np.abs(total) > room, room / np.maximum(np.abs(total), 1e-12), 1.0)
        found: Floats = parts * np.maximum(shrink, 0.0)[:, None]
        return found

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`: the probability x the time curve of all deals; null without dates."""
        ever = expit(self.prior_ + self._parts(rows).sum(axis=1))
        won, lost = self.won_by_ * ever[:, None], self.lost_by_ * (1 - ever)[:, None]
        return Prediction(LEAD_DAYS, won, lost, ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """By group."""
        return shares_of(rows, self._parts(rows), self.profiles_, intercept=self.prior_)


def _last_rows(rows: ScoringRows) -> ScoringRows:
    """The last row of each closed deal."""
    closed = rows.take(rows.is_closed)
    order = closed.keys["as_of"].argsort(kind="stable").to_numpy() if closed.is_dated else np.arange(len(closed))
    ordered = closed.take(np.asarray(order, dtype="int64"))
    return ordered.take(~ordered.keys["opportunity_id"].duplicated(keep="last").to_numpy())


def _log_ratios(deals: ScoringRows, name: str) -> dict[str, float]:
    codes, levels = category_texts(deals.values[name])
    won, lost = (_START + _count(codes, len(levels), ended) for ended in (deals.is_won, deals.is_lost))
    ratios = np.log(won / won.sum()) - np.log(lost / lost.sum()) if len(levels) else np.zeros(0)
    return dict(zip(levels, ratios.tolist(), strict=True))


def _count(codes: npt.NDArray[np.int64], n: int, chosen: Bools) -> Floats:
    counted = codes[chosen & (codes >= 0)]
    return np.bincount(counted, minlength=n).astype("float64")


def _furthest(rows: ScoringRows, deals: ScoringRows) -> Floats:
    """The furthest position in which each deal stood, over all its rows; 0 where none is known."""
    best = rows.keys.groupby("opportunity_id")["stage_position"].max()
    found: Floats = best.reindex(deals.keys["opportunity_id"]).to_numpy(dtype="float64", na_value=np.nan)
    return np.nan_to_num(found, nan=0.0)


def _reached(deals: ScoringRows, furthest: Floats) -> Floats:
    lost = furthest[deals.is_lost]
    most = int(furthest.max()) if len(furthest) else 0
    got_there = np.array([(lost >= position).sum() for position in range(1, most + 1)], dtype="float64")
    return np.asarray(-np.log((got_there + _START) / (len(lost) + _START)), dtype="float64")
