"""Boosted hazard: P(ends in a week) and P(won | ends in it) for each week ahead; open deals count as what they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.engine.bags import clusters_of, equal_weights, pooled_sd
from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.engine.boosted import BoostSettings, Sample, fit_tables
from oppnb.scoring.engine.columns import RowBins, group_indices, level_masses, positions_by_target
from oppnb.scoring.engine.drivers import main_effects, pair_effects
from oppnb.scoring.engine.hazard import Curves, curves_of, parts_along_curve, won_ever
from oppnb.scoring.engine.lead_pace import LeadPace
from oppnb.scoring.engine.lead_scores import scores_at_leads, scores_by_group
from oppnb.scoring.engine.leads import LEAD_COLUMNS, N_LEADS, LeadRows, lead_codes, lead_rows
from oppnb.scoring.engine.levels import first_level
from oppnb.scoring.engine.margins import SeenCells, settled
from oppnb.scoring.engine.pairs import TableSum, with_level
from oppnb.scoring.engine.profile import Profiles, is_recent, some_recent
from oppnb.scoring.engine.sizes import FEW_DEALS, end_settings, win_settings
from oppnb.scoring.engine.stage_leads import frequent_stages, stage_codes, stage_column
from oppnb.scoring.models.ridge import await_ends
from oppnb.scoring.models.weighing import effective_deals, row_weights
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import GROUPS, ScoringRows
from oppnb.scoring.threads import limited_threads

__all__ = ["BoostedHazard"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

_CHUNK = 2_000
_LEAST_AT_RISK = 20
_MOST_SETTLED = 400_000
_WEEKS_TO_PERIOD_END = next(
    place for place, column in enumerate(LEAD_COLUMNS) if column.name == "weeks_to_period_end_then"
)


@dataclass(frozen=True)
class _LeadSample:
    """Rows of deals in lead bins: levels, whether it happened, the score to start from, deal, share of its time."""

    codes: Codes
    hit: Floats
    offset: Floats
    deals: Ints
    share: Floats


class BoostedHazard:
    """Curves by date from two sums of tables: does the deal end in this lead bin, and if so, is it won.

    Each deal-day is followed through the 27 lead bins of `LEAD_DAYS` as far as it was seen. Whether it ends in a bin
    is learned from every bin seen in full, open deals included; how it ends, from the bins in which deals ended. Both
    read the deal's features, the lead, the weeks to the period's end then, and the days to the expected close then.
    Beyond the last bin that at least 20 rows were followed through, what was seen last goes on. P(won ever) is the end
    of the curve, and of what is still open then the win share of its last three bins.

    Without dates there is no curve, only `won_ever`, from how deals ended.

    Parameters
    ----------
    end, win : BoostSettings, optional
        For the two sums; by default by the number of closed deals.

    References
    ----------
    .. [1] M. A. Nicolaie, J. C. van Houwelingen, T. M. de Witte, H. Putter, "Dynamic prediction by landmarking in
       competing risks", Statistics in Medicine 32, 2013, pp. 2031-2047.

    Examples
    --------
    >>> BoostedHazard().name
    'boosted_hazard'
    """

    name = "boosted_hazard"
    is_baseline = False

    def __init__(self, end: BoostSettings | None = None, win: BoostSettings | None = None) -> None:
        self.end = end
        self.win = win

    def fit(self, rows: ScoringRows) -> Self:
        """Learn from rows with ends.

        Raises
        ------
        ExtraMissingError
            If LightGBM is not installed.
        """
        deals = clusters_of(rows.keys["opportunity_id"].to_numpy(dtype=object))
        weight = equal_weights(deals)
        self.bins_ = RowBins.of(rows, weight=weight)
        codes = self.bins_.codes(rows)
        self.masses_ = level_masses(self.bins_.columns, codes, weight)
        self.is_dated_ = rows.is_dated
        days = _days(rows)
        seen = lead_rows(days, rows.is_closed) if self.is_dated_ else _without_leads(rows)
        self.last_lead_ = _last_lead(seen)
        self.pace_ = LeadPace.of(rows) if self.is_dated_ else None
        self.stages_ = frequent_stages(rows)
        leads = self._lead_codes(rows)
        n_deals = len(np.unique(deals[rows.is_closed]))
        with limited_threads(1 if n_deals < FEW_DEALS else None):
            if self.is_dated_:
                self.end_ = self._fit_end(rows, codes, leads, deals, seen)
            self.win_ = self._fit_win(rows, codes, leads, deals, n_deals)
        if self.is_dated_:
            self._settle(rows, codes, leads, deals, seen)
        self.profiles_ = self._typical(rows.take(is_recent(rows)), *self._by_group())
        self.feature_profiles_ = self._typical(some_recent(rows), *self._by_feature()[1:])
        return self

    def _win_settings(self, n_deals: int) -> BoostSettings:
        return self.win or win_settings(n_deals)

    def _end_settings(self, n_deals: int) -> BoostSettings:
        return self.end or end_settings(n_deals)

    def _fit_win(self, rows: ScoringRows, codes: Codes, leads: Codes, deals: Ints, n_deals: int) -> TableSum:
        """From the bins in which deals ended; one that ended beyond the last bin is taken as ended in it.

        A deal that is open ends, won as much as its latest row is likely to be, in the bin as far as it was followed.
        """
        row, won, share = await_ends(rows).outcomes(row_weights(rows))
        at = self._bins_of_ends(rows, codes, leads)[row]
        both = np.concatenate([codes[row], leads[row, at]], axis=1)
        told = effective_deals(deals[rows.is_closed], row_weights(rows)[rows.is_closed])
        base = first_level(rows, won, share * told / max(float(share.sum()), 1e-9))
        offset = base + self._calendar(rows)[1][row, at]
        sample = _LeadSample(both, won, offset, deals[row], share)
        return with_level(self._fit_tables(sample, self._win_settings(n_deals), n_told=told), base)

    def _settle(self, rows: ScoringRows, codes: Codes, leads: Codes, deals: Ints, seen: LeadRows) -> None:
        """Of each stage in each span of leads, and in each week of a quarter, as many are won, and lost, as were."""
        kept = _kept_rows(seen, _MOST_SETTLED)
        row, lead, ended = seen.row[kept], seen.lead[kept], seen.ended[kept]
        if not ended.any():
            return
        share, told = row_weights(rows)[row], np.unique(deals[row[ended]], return_inverse=True)[1].astype(np.int64)
        end, win = self._calendar(rows)
        cells = SeenCells(
            codes=np.concatenate([codes[row], leads[row, lead]], axis=1),
            ended=ended.astype("float64"),
            won=(ended & rows.is_won[row]).astype("float64"),
            offset=end[row, lead],
            win_offset=win[row, lead],
            weight=share * (effective_deals(told, share[ended]) / share[ended].sum()),
        )
        first = len(self.bins_.columns)
        for column in (first + len(LEAD_COLUMNS), first + _WEEKS_TO_PERIOD_END):
            self.end_, self.win_ = settled(self.end_, self.win_, cells, column)

    def _bins_of_ends(self, rows: ScoringRows, codes: Codes, leads: Codes) -> Ints:
        """The bin in which a deal ended; of an open one the bin by which half of its like have ended."""
        days, offset = _days(rows), self._calendar(rows)[0]
        found = np.minimum(np.searchsorted(LEAD_DAYS, days, side="right"), N_LEADS - 1)
        waiting = np.flatnonzero(~rows.is_closed)
        for start in range(0, len(waiting), _CHUNK):
            part = waiting[start : start + _CHUNK]
            scores = scores_at_leads(self.end_, codes[part], leads[part])[..., 0] + offset[part]
            gone = np.cumsum(np.logaddexp(0.0, scores), axis=1)  # less the log of the share still open
            before = np.where(found[part] > 0, gone[np.arange(len(part)), np.maximum(found[part] - 1, 0)], 0.0)
            found[part] = np.minimum((gone < before[:, None] + np.log(2)).sum(axis=1), N_LEADS - 1)
        return found

    def _fit_end(self, rows: ScoringRows, codes: Codes, leads: Codes, deals: Ints, seen: LeadRows) -> TableSum:
        """From every bin seen; the length of the bin is an offset, so that a table says how quickly, not how often."""
        settings = self._end_settings(len(np.unique(deals[rows.is_closed])))
        kept = _kept_rows(seen, settings.most_rows)
        row, lead, ended = seen.row[kept], seen.lead[kept], seen.ended[kept]
        both = np.concatenate([codes[row], leads[row, lead]], axis=1)
        share = row_weights(rows)[row]
        weeks = self._weeks(rows)[0][row, lead]
        self.weekly_ = ((share * ended).sum() + 1.0) / ((share * weeks).sum() + 10.0)
        sample = _LeadSample(both, ended.astype("float64"), self._calendar(rows)[0][row, lead], deals[row], share)
        return self._fit_tables(sample, settings)

    def _weeks(self, rows: ScoringRows) -> tuple[Floats, Floats]:
        """See `LeadPace.at_leads`; zeros without dates."""
        if self.pace_ is None:
            return np.zeros((len(rows), N_LEADS)), np.zeros((len(rows), N_LEADS))
        return self.pace_.at_leads(rows)

    def _calendar(self, rows: ScoringRows) -> tuple[Floats, Floats]:
        """Logit of ending in a bin at the average weekly rate, and what its days add to that of a win, (n, 27)."""
        weeks, odds = self._weeks(rows)
        return (np.log(np.expm1(self.weekly_ * weeks)) if self.is_dated_ else weeks), odds

    def _fit_tables(self, sample: "_LeadSample", settings: BoostSettings, *, n_told: float | None = None) -> TableSum:
        columns = [*self.bins_.columns, *self._lead_columns()]
        clusters = np.unique(sample.deals, return_inverse=True)[1].astype(np.int64)
        told = sample.share * (sample.hit if settings.counts_hits else np.ones(len(sample.hit)))
        # rows weigh together as many deals of equal weight as they are of: what they can tell
        n_told = effective_deals(clusters, told) if n_told is None else n_told
        weight = sample.share * max(n_told, 1.0) / max(float(told.sum()), 1e-9)
        positions = positions_by_target(columns, sample.codes, sample.hit, weight)
        masses = level_masses(columns, sample.codes, weight)
        learnt = Sample(sample.codes, positions, sample.hit, weight, sample.offset, clusters)
        return fit_tables(learnt, columns, masses, settings)

    def _typical(self, recent: ScoringRows, groups: Ints, n_groups: int) -> Profiles:
        parts = [np.concatenate([end, win], axis=2) for end, win in self._moves(recent, groups, n_groups)]
        empty = np.zeros((0, N_LEADS, 2 * n_groups))
        return Profiles.of(np.concatenate([empty, *parts]), recent.keys["process"])

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`; NaN throughout if it was fitted without dates."""
        parts = [curves_of(end[..., 0], win[..., 0]) for end, win in self._scores(rows, slice(0, 1))]
        none = np.zeros((0, N_LEADS))
        every = [Curves(none, none, np.zeros(0)), *parts]
        won, lost = (np.concatenate([getattr(part, name) for part in every]) for name in ("won", "lost"))
        ever = np.concatenate([part.won_ever for part in every])
        if not self.is_dated_:
            won, lost = np.full_like(won, np.nan), np.full_like(lost, np.nan)
        return Prediction(LEAD_DAYS, won, lost, ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """Exact parts of `won_ever`, from the typical recent deal of the same process (Aumann-Shapley)."""
        base, parts = self._parts(rows, self.profiles_, *self._by_group())
        return Contributions(base, parts, tuple(GROUPS))

    def feature_parts(self, rows: ScoringRows) -> tuple[tuple[str, ...], Floats]:
        """Features, and what each adds to `won_ever`, shape (n, n_features); see `oppnb.scoring.feature_parts`."""
        names, groups, n_groups = self._by_feature()
        return names, self._parts(rows, self.feature_profiles_, groups, n_groups)[1]

    def _parts(self, rows: ScoringRows, typical: Profiles, groups: Ints, n_groups: int) -> tuple[Floats, Floats]:
        places = typical.place(rows.keys["process"])
        bases, values, start = [np.zeros(0)], [np.zeros((0, n_groups))], 0
        time_end, time_win = self._time_scores()
        for end, win in self._moves(rows, groups, n_groups):
            mean_end, mean_win = np.split(typical.means[places[start : start + len(end)]], 2, axis=2)
            base, parts = parts_along_curve(
                time_end + mean_end.sum(axis=2), time_win + mean_win.sum(axis=2), end - mean_end, win - mean_win
            )
            bases.append(base)
            values.append(parts)
            start += len(end)
        return np.concatenate(bases), np.concatenate(values)

    def _by_group(self) -> tuple[Ints, int]:
        """The group of each column; the lead by itself is of none."""
        groups = group_indices([*self.bins_.columns, *self._lead_columns()], GROUPS)
        groups[len(self.bins_.columns)] = len(GROUPS)
        return groups, len(GROUPS)

    def _by_feature(self) -> tuple[tuple[str, ...], Ints, int]:
        """Names of features, and the place of each column among them: a date seen from a lead is the feature's."""
        names = [column.name for column in self.bins_.columns]
        of_leads = ["", *(column.name.removesuffix("_then") for column in self._lead_columns()[1:])]
        every = [*names, *(name for name in of_leads[1:] if name not in names)]
        places = [every.index(name) if name else len(every) for name in [*names, *of_leads]]
        return tuple(every), np.array(places, dtype=np.int64), len(every)

    def logit_sd(self, rows: ScoringRows) -> Floats:
        """Standard deviation of the logit of `won_ever` for want of deals, shape (n,); 0 with a single bag.

        From the bags of how deals end; when they end is taken as known.
        """
        if self.win_.n_outputs == 1:
            return np.zeros(len(rows))
        parts = [np.zeros((0, self.win_.n_outputs - 1))]
        for end, win in self._scores(rows, slice(1, None)):
            chance = np.clip(won_ever(end[..., 0], win), 1e-9, 1 - 1e-9)
            parts.append(np.log(chance / (1 - chance)))
        return pooled_sd(np.concatenate(parts))

    def drivers(self) -> pd.DataFrame:
        """What each level of each feature adds to P(won | it ends), in points; see `main_effects`."""
        n = len(self.bins_.columns)
        return main_effects(self._of_deal(), self.bins_.columns, self.masses_[:n])

    def pairs(self) -> pd.DataFrame:
        """The pairs of features that say more of P(won | it ends) together than apart; see `pair_effects`."""
        return pair_effects(self._of_deal(), self.bins_.columns, self.masses_)

    def _of_deal(self) -> TableSum:
        n = len(self.bins_.columns)
        kept = [place for place, (_, second) in enumerate(self.win_.pairs) if second < n]
        return TableSum(
            self.win_.intercept,
            self.win_.mains[:n],
            tuple(self.win_.pairs[place] for place in kept),
            tuple(self.win_.pair_tables[place] for place in kept),
        )

    def _lead_columns(self) -> tuple[ColumnBins, ...]:
        return (*LEAD_COLUMNS, stage_column(self.stages_))

    def _lead_codes(self, rows: ScoringRows) -> Codes:
        """Levels of the columns that change with the lead, shape (n, 27, 4)."""
        stages = stage_codes(rows, self.stages_, last_lead=self.last_lead_)
        return np.concatenate([lead_codes(rows, last_lead=self.last_lead_), stages[..., None]], axis=2)

    def _chunks(self, rows: ScoringRows) -> Iterator[tuple[Codes, Codes, ScoringRows]]:
        codes = self.bins_.codes(rows)
        for start in range(0, len(rows), _CHUNK):
            part = np.arange(start, min(start + _CHUNK, len(rows)))
            taken = rows.take(part)
            yield codes[part], self._lead_codes(taken), taken

    def _scores(self, rows: ScoringRows, outputs: slice) -> Iterator[tuple[Floats, Floats]]:
        """Logits of ending and of being won at each lead, shapes (n, 27, 1) and (n, 27, n_outputs)."""
        win_tables = self.win_.output(outputs)
        for codes, leads, part in self._chunks(rows):
            end_offset, win_offset = self._calendar(part)
            win = scores_at_leads(win_tables, codes, leads) + win_offset[..., None]
            if self.is_dated_:
                end = scores_at_leads(self.end_, codes, leads) + end_offset[..., None]
            else:
                end = np.zeros((len(codes), N_LEADS, 1))
            yield end, win

    def _moves(self, rows: ScoringRows, groups: Ints, n_groups: int) -> Iterator[tuple[Floats, Floats]]:
        """What each group of columns adds to both logits at each lead, shapes (n, 27, n_groups).

        The calendar goes with the weeks to the period's end.
        """
        dates = groups[len(self.bins_.columns) + _WEEKS_TO_PERIOD_END]
        for codes, leads, part in self._chunks(rows):
            end_offset, win_offset = self._calendar(part)
            win = scores_by_group(self.win_, codes, leads, groups, n_groups)
            end = scores_by_group(self.end_, codes, leads, groups, n_groups) if self.is_dated_ else np.zeros_like(win)
            end[..., dates] += end_offset
            win[..., dates] += win_offset
            yield end, win

    def _time_scores(self) -> tuple[Floats, Floats]:
        """What the lead alone says of both, shape (27,)."""
        column = len(self.bins_.columns)
        level = 1 + np.minimum(np.arange(N_LEADS), self.last_lead_)
        win = self.win_.intercept[0] + self.win_.mains[column][level, 0]
        if not self.is_dated_:
            return np.zeros(N_LEADS), win
        return self.end_.intercept[0] + self.end_.mains[column][level, 0], win


def _days(rows: ScoringRows) -> Floats:
    if rows.ends is None:
        raise ValueError("these rows are for scoring: their ends are not known")
    return rows.ends["days_to_end"].to_numpy(dtype="float64")


def _without_leads(rows: ScoringRows) -> LeadRows:
    row = np.flatnonzero(rows.is_closed)
    return LeadRows(row, np.zeros(len(row), dtype=np.int64), np.ones(len(row), dtype=bool))


def _last_lead(seen: LeadRows) -> int:
    at_risk = np.bincount(seen.lead, minlength=N_LEADS)
    enough = np.flatnonzero(at_risk >= _LEAST_AT_RISK)
    return int(enough[-1]) if len(enough) else 0


def _kept_rows(seen: LeadRows, most: int) -> Ints:
    """All lead rows, or those of evenly spaced deal-days if there are too many."""
    if len(seen.row) <= most:
        return np.arange(len(seen.row))
    n_days = int(seen.row.max()) + 1
    kept = np.zeros(n_days, dtype=bool)
    kept[np.linspace(0, n_days - 1, int(n_days * most / len(seen.row))).astype(np.int64)] = True
    return np.flatnonzero(kept[seen.row])
