"""One deal told in full, as lines of text."""

from collections.abc import Iterator

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.deal_told import ToldDeal
from oppnb.scoring.pipeline import Scores
from oppnb.scoring.reason_words import told_text
from oppnb.scoring.signed import signed_number
from oppnb.scoring.similar import similar_summary
from oppnb.stages import only_currency, process_label, stage_label

__all__ = ["deal_text"]


def deal_text(told: ToldDeal, scores: Scores, *, locale: str | None = None) -> str:
    """A deal as a seller reads it, some twenty lines.

    Parameters
    ----------
    told : ToldDeal
        Of `oppnb.scoring.deal_told.tell_deals`.
    scores : Scores
        It comes from.
    locale : str, optional
        The same as of `tell_deals`.
    """
    return "\n".join(_Lines(told, scores, locale).lines())


class _Lines:
    def __init__(self, told: ToldDeal, scores: Scores, locale: str | None) -> None:
        self.told, self.row, self.scores = told, told.score, scores
        self.workspace = scores.opened.workspace
        self.words = Words(locale or self.workspace.locale)
        self.formats = Formats(
            self.words.locale, currency=self.workspace.currency or only_currency(scores.opened.tables)
        )

    def lines(self) -> Iterator[str]:
        """Every part, the number first."""
        for part in (
            self._head,
            self._chance,
            self._curve,
            self._why,
            self._rules,
            self._change,
            self._similar,
            self._what_if,
        ):
            yield from part()
        yield self.told.explanation.note

    def _said(self, key: str, **values: object) -> str:
        return self.words(f"scoring_deal.{key}", **values)

    def _known(self, name: str) -> bool:
        value = self.row.get(name)
        return value is not None and not pd.isna(value)

    def _head(self) -> Iterator[str]:
        deal = self.told.opportunity_id
        head = self._said("head_unnamed", deal=deal)
        if self._known("name"):
            name = told_text(self.row["name"])
            holds_key = name.endswith(f"({deal})")  # a name that was put together from customer and product
            head = self._said("head_unnamed", deal=name) if holds_key else self._said("head", deal=deal, name=name)
        day = self.scores.as_of
        yield head if day is None else self._said("head_on", head=head, day=self.formats.day(day))
        facts = list(self._facts())
        if facts:
            yield self._said("separator").join(facts)

    def _facts(self) -> Iterator[str]:
        process = str(self.row["process"]) if self._known("process") else None
        locale = self.words.locale
        if self._known("stage"):
            stage = stage_label(self.workspace, process, str(self.row["stage"]), locale=locale)
            yield self._said("is_at", stage=told_text(stage))
        if process is not None and len(self.workspace.processes) > 1:
            yield self._said("of_process", process=told_text(process_label(self.workspace, process, locale=locale)))
        if self._known("owner_id"):
            yield self._said("owner", owner=told_text(self.row["owner_id"]))
        if self._known("amount_base"):
            yield self._said("amount", amount=self.formats.money(float(self.row["amount_base"]), short=True))
        if self._known("expected_close_on"):
            yield self._said("expected_close", day=self._day(self.row["expected_close_on"]))

    def _day(self, value: object) -> str:
        return self.formats.day(pd.Timestamp(str(value)))

    def _share(self, name: str) -> str:
        return self.formats.share(float(self.row[name]))

    def _chance(self) -> Iterator[str]:
        ends = {
            f"{end}{level}": self._share(f"win_probability_{end}_{'95' if level else '80'}")
            for level in ("", "_95")
            for end in ("low", "high")
        }
        yield self._said("chance", chance=self._share("win_probability"), **ends)
        if isinstance(self.row.get("grade"), str):
            yield self._said("grade", grade=self.words(f"score_grade.{self.row['grade']}"))
        if self._known("priority_rank"):
            n = self.formats.number(float(self.scores.frame["priority_rank"].count()))
            yield self._said("priority", rank=self.formats.number(float(self.row["priority_rank"])), n=n)
        if self._known("prior_share"):
            yield self._said("prior_share", share=self._share("prior_share"))

    def _curve(self) -> Iterator[str]:
        if self.told.curve.empty:
            yield self._said("no_curve")
            return
        yield self._said("curve")
        lines = {}
        for point in self.told.curve.to_dict("records"):
            shares = {name: self.formats.share(float(point[name])) for name in ("won", "lost", "open")}
            by = pd.Timestamp(point["by"])
            lines[(by, 0)] = self._said("curve_point", day=self._day(by), days=point["days"], **shares)
        if self._known("win_probability_period_end"):
            end = pd.Timestamp(self.row["period_end_on"])
            by_end = self._share("win_probability_period_end")
            lines[(end, 1)] = self._said("curve_end", day=self._day(end), won=by_end)
        for place in sorted(lines):
            yield f"  {lines[place]}"

    def _why(self) -> Iterator[str]:
        yield self._said("why", compared=self.told.explanation.compared)
        for reason in self.told.explanation.reasons:
            if reason.points:
                yield f"  {reason.text}"

    def _rules(self) -> Iterator[str]:
        found = [kind for kind in ("attribute", "behaviour") if self._known(f"{kind}_points")]
        if found:
            yield self._said("rules")
        for kind in found:
            points = signed_number(float(self.row[f"{kind}_points"]), self.formats)
            reasons = self.row.get(f"{kind}_reasons")
            has_any = isinstance(reasons, str) and bool(reasons)
            key = f"{kind}_points" if has_any else f"{kind}_points_only"
            yield "  " + self._said(key, points=points, **({"reasons": reasons} if has_any else {}))

    def _change(self) -> Iterator[str]:
        if self.scores.as_of is None:
            return
        yield self._said("change")
        change = self.told.change
        if not change:
            yield "  " + self._said("change_unknown")
        else:
            before = self.formats.share(float(change["win_probability_before"]))
            yield "  " + self._said("change_known", before=before, text=change["text"])
        if self._known("alerts"):
            yield self._said("alerts")
            yield f"  {self.row['alerts']}"

    def _similar(self) -> Iterator[str]:
        if self.told.similar.empty:
            yield self._said("similar_none")
            return
        summary = similar_summary(self.told.similar, words=self.words, formats=self.formats)
        yield self._said("similar", summary=summary)
        for text in self.told.similar["text"]:
            yield f"  {text}"

    def _what_if(self) -> Iterator[str]:
        if self.told.what_if.empty:
            yield self._said("what_if_none")
            return
        yield self._said("what_if")
        for text in self.told.what_if["text"]:
            yield f"  {text}"
