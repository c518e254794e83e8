"""What `oppnb score` writes and says of what was scored."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from oppnb.cli.tables_out import as_records, without_formulas_in, write_frame
from oppnb.cli.writing_back import check_ids, write_scores_back

if TYPE_CHECKING:
    import pandas as pd

    from oppnb.scoring import LeadScores, Scores, ScoringRows
    from oppnb.stages import OpenedData
    from oppnb.tables import Note

__all__ = ["ScoreOutput", "print_notes", "say", "score_deals", "score_leads_of", "summary"]


@dataclass(frozen=True)
class ScoreOutput:
    """Where scores go: a file for the table, a file for the CRM, standard output."""

    out: Path | None = None
    write_back: Path | None = None
    as_json: bool = False

    def write(self, frame: "pd.DataFrame", locale: str, **given: Any) -> None:
        """The file of the table, if one is asked for."""
        if self.out is not None:
            write_frame(frame, self.out, locale=locale, **given)

    def write_for_crm(self, frame: "pd.DataFrame", locale: str, *, of_leads: bool = False) -> None:
        """The file for the CRM, if one is asked for."""
        if self.write_back is not None:
            say("crm_file", locale, path=write_scores_back(frame, self.write_back, of_leads=of_leads))

    def show(self, frame: "pd.DataFrame", locale: str, *, told: str) -> None:
        """The table on standard output: as JSON where that is asked for, as CSV where it is not in a file."""
        if self.out is not None:
            say(told, locale, n=f"{len(frame):,}", path=self.out)
        if self.as_json:
            typer.echo(json.dumps(as_records(frame), ensure_ascii=False, indent=1))
        elif self.out is None:
            safe = without_formulas_in(frame)
            typer.echo(safe.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d"), nl=False)


def score_deals(
    data: str, asked: Mapping[str, Any], output: ScoreOutput, *, deals: Sequence[str], only: Mapping[str, str] | None
) -> None:
    """Score the open deals, or tell those named in full."""
    from oppnb.scoring import score_pipeline

    ready = _check_all(output.write_back, deals, asked["locale"])
    found = score_pipeline(data, ready=ready, only=only, **asked)
    locale = asked["locale"] or found.opened.workspace.locale
    strangers = found.strangers(locale)
    print_notes(found.opened.notes, locale, are_stages_told=found.are_stages_untested)
    typer.echo(summary(found.scorer, locale, is_short=True), err=True)
    for strange in strangers:
        typer.echo(strange, err=True)
    _warn_of_age(found, locale, expired="scoring.expired")
    output.write(found.frame, locale, workspace=found.opened.workspace)
    output.write_for_crm(found.frame, locale)
    if deals:
        _print_deals(found, deals, as_json=output.as_json, locale=locale)
        return
    _remember(found, locale)
    _print_alerts(found)
    output.show(found.frame, locale, told="scored_deals")


def score_leads_of(data: str, asked: Mapping[str, Any], output: ScoreOutput, *, within_days: int) -> None:
    """Score the leads that are not yet opportunities."""
    from oppnb.scoring import score_leads

    scored = score_leads(data, within_days=within_days, ready=check_ids(output.write_back), **asked)
    locale = asked["locale"] or scored.opened.workspace.locale
    typer.echo("\n".join(scored.sentences(locale)), err=True)
    _warn_of_age(scored, locale, expired="scoring_leads.expired")
    output.write(scored.frame, locale, sheet="leads")
    output.write_for_crm(scored.frame, locale, of_leads=True)
    output.show(scored.frame, locale, told="scored_leads")


def _check_all(
    write_back: Path | None, deals: Sequence[str], locale: str | None
) -> "Callable[[OpenedData, ScoringRows], None]":
    """What can be refused is refused before anything is trained or scored."""
    checks = check_ids(write_back)

    def ready(opened: "OpenedData", rows: "ScoringRows") -> None:
        from oppnb.scoring import check_deals

        if checks is not None:
            checks(opened, rows)
        check_deals(opened, rows, deals, locale=locale)

    return ready


def _remember(found: "Scores", locale: str) -> None:
    from oppnb.scoring import append_scores
    from oppnb.store import open_store

    opened = found.opened
    if opened.ledger is not None:
        store = open_store(opened.ledger)
        written = append_scores(found.frame, store, model_id=found.scorer.model_id, only=opened.only)
        say("remembered", locale, written=written)


def _print_alerts(found: "Scores") -> None:
    alerted = found.frame.loc[found.frame["alerts"].notna(), ["opportunity_id", "alerts"]]
    for text in alerted.itertuples(index=False):
        typer.echo(f"{text.opportunity_id}: {text.alerts}", err=True)


def _print_deals(found: "Scores", deals: Sequence[str], *, as_json: bool, locale: str) -> None:
    from oppnb.scoring import deal_text, tell_deals

    told = tell_deals(found, list(dict.fromkeys(deals)), locale=locale)
    if as_json:
        fit = found.strangers(locale)  # the same of every deal: each stands by itself
        typer.echo(json.dumps([{**one.to_dict(), "fit": fit} for one in told], ensure_ascii=False, indent=1))
    else:
        typer.echo("\n\n".join(deal_text(one, found, locale=locale) for one in told))


def _warn_of_age(found: "Scores | LeadScores", locale: str, *, expired: str) -> None:
    """Of a model used for too long, and of an export older than the day; `expired` is the sentence for the first."""
    from oppnb.locale import Words

    if found.as_of is None:
        return
    words, day = Words(locale), found.as_of.isoformat()
    expires = found.scorer.card.get("expires_on")
    if expires is not None and day > expires:
        typer.echo(words(expired, expires=expires, day=day), err=True)
    exported = found.opened.tables.exported_on
    if exported is not None and day > exported.isoformat():
        typer.echo(words("scoring.export_is_older", exported=exported.isoformat(), day=day), err=True)


def say(key: str, locale: str, **values: object) -> None:
    """A line of the catalogue (`cli.`) on standard error."""
    from oppnb.locale import Words

    typer.echo(Words(locale)(f"cli.{key}", **values), err=True)


def print_notes(notes: "Sequence[Note]", locale: str, *, are_stages_told: bool = False) -> None:
    """What was noticed of the data, on standard error; `are_stages_told`: that stages say nothing is told beside it."""
    from oppnb.locale import Words

    words = Words(locale)
    for note in notes:
        is_short = are_stages_told and note.code == "review_stages_proposed"
        typer.echo(words(f"note.{note.code}{'_alone' if is_short else ''}", **note.values), err=True)


def summary(scorer: Any, locale: str, *, is_short: bool) -> str:
    """What the card says of a model, in sentences; in short which it is, and the verdict."""
    from oppnb.locale import Words
    from oppnb.reports.card_verdict import verdict_sentences

    sentences = scorer.card["sentences"]
    told: list[str] = sentences.get(Words(locale).locale, sentences["en"])
    verdict = verdict_sentences(scorer.card, words=Words(locale), chosen_by=told[-1])
    return "\n".join([*(told[:1] if is_short else told[:-1]), *verdict])


def card_json(card: Any) -> str:
    """A card for a machine, with the verdict that readers of the page are told, by locale (`verdict_told`)."""
    from oppnb.locale import LOCALES, Words
    from oppnb.reports.card_verdict import verdict_sentences

    sentences = card["sentences"]
    chosen_by = {name: sentences.get(name, sentences["en"])[-1] for name in LOCALES}
    told = {name: verdict_sentences(card, words=Words(name), chosen_by=chosen_by[name]) for name in LOCALES}
    return json.dumps({**card, "verdict_told": told}, ensure_ascii=False, indent=1)
