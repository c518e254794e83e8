"""`oppnb score`, `oppnb train`, `oppnb card`: win probabilities, the model behind them, and what it was worth."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Data, Only, WorkspaceFile, read_only
from oppnb.cli.tables_out import SUFFIXES, aligned, as_records, check_suffix, write_frame
from oppnb.cli.writing_back import check_ids, write_scores_back
from oppnb.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from oppnb.scoring import Scorer, Scores, ScoringRows, Training
    from oppnb.stages import OpenedData
    from oppnb.tables import Note

__all__ = ["card", "score", "train"]

Day = Annotated[str | None, typer.Option(help="Day of knowledge, e.g. 2017-09-30; by default the export's day.")]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]
ModelFile = Annotated[Path | None, typer.Option("--model", help="A trained model; by default one is trained.")]
ScoresFile = Annotated[
    Path | None,
    typer.Option("--out", help="File for the table: .csv, .parquet, .json or .xlsx; by default CSV is printed."),
]
WriteBack = Annotated[
    Path | None,
    typer.Option(help="File for the CRM: .csv by id, or .json with requests for the score entity of Dynamics 365."),
]
Judge = Annotated[
    str | None, typer.Option(help="Judge an imported score (a column, e.g. crm_score) by what happened, and stop.")
]
Leads = Annotated[bool, typer.Option("--leads", help="Leads that are not yet opportunities, not deals.")]
Deals = Annotated[
    list[str] | None, typer.Option("--deal", help="Tell this open deal in full instead of the table; may be repeated.")
]
WithinDays = Annotated[int, typer.Option(help="With --leads: converted within so many days.")]
ModelOut = Annotated[Path | None, typer.Option(help="File for the trained model, its card within.")]
CardFile = Annotated[Path | None, typer.Option("--card", help="File for the model card: .json or .html.")]
Champion = Annotated[
    Path | None, typer.Option(help="A model in use: it is replaced only if the new one wins on later deals.")
]
CardOut = Annotated[Path | None, typer.Option("--out", help="File: .html or .json; by default JSON is printed.")]


def score(
    data: Data,
    as_of: Day = None,
    workspace: WorkspaceFile = None,
    model: ModelFile = None,
    out: ScoresFile = None,
    write_back: WriteBack = None,
    deal: Deals = None,
    judge: Judge = None,
    leads: Leads = False,
    within_days: WithinDays = 90,
    locale: Locale = None,
    only: Only = None,
    as_json: AsJson = False,
) -> None:
    """Score the open deals: probability, interval, by when, three scores, grade, reasons, trend."""
    check_suffix(out, SUFFIXES)
    check_suffix(write_back, (".csv", ".json"))
    _refuse_together({"--judge": judge, "--leads": leads, "--deal": deal})
    _refuse_together({"--judge": judge, "--write-back": write_back})
    _refuse_together({"--judge": judge, "--only": only})
    _refuse_together({"--leads": leads, "--only": only})
    if judge is not None:
        _print_judgement(data, judge, as_of=as_of, workspace=workspace, out=out, locale=locale, as_json=as_json)
    elif leads:
        from oppnb.scoring import score_leads

        scored = score_leads(
            data,
            as_of=as_of,
            within_days=within_days,
            workspace=workspace,
            model=model,
            locale=locale,
            ready=check_ids(write_back),
        )
        said = locale or scored.opened.workspace.locale
        typer.echo("\n".join(scored.sentences(said)), err=True)
        if out is not None:
            write_frame(scored.frame, out, locale=said, sheet="leads")
        if write_back is not None:
            _say("crm_file", said, path=write_scores_back(scored.frame, write_back, of_leads=True))
        _print_scores(scored.frame, out, as_json=as_json, told="scored_leads", locale=said)
    else:
        from oppnb.scoring import score_pipeline

        ready = _check_all(write_back, deal or (), locale)
        found = score_pipeline(
            data,
            as_of=as_of,
            workspace=workspace,
            model=model,
            locale=locale,
            ready=ready,
            only=read_only(only),
        )
        said = locale or found.opened.workspace.locale
        _print_notes(found.opened.notes, said)
        typer.echo(_summary(found.scorer, said, n=len(found.frame)), err=True)
        _warn_of_age(found, said)
        if out is not None:
            write_frame(found.frame, out, locale=said, workspace=found.opened.workspace)
        if write_back is not None:
            _say("crm_file", said, path=write_scores_back(found.frame, write_back))
        if deal:
            _print_deals(found, deal, as_json=as_json, locale=said)
            return
        _remember(found, said)
        _print_alerts(found)
        _print_scores(found.frame, out, as_json=as_json, told="scored_deals", locale=said)


def _refuse_together(options: "Mapping[str, object]") -> None:
    """Options that ask for different things."""
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} ask for different things: use one of them.")


def _check_all(
    write_back: Path | None, deals: "Sequence[str]", locale: str | None
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

    if found.opened.workspace.store is not None:
        written = append_scores(found.frame, open_store(found.opened.workspace.store), model_id=found.scorer.model_id)
        _say("remembered", locale, written=written)


def _print_alerts(found: "Scores") -> None:
    alerted = found.frame.loc[found.frame["alerts"].notna(), ["opportunity_id", "alerts"]]
    for text in alerted.itertuples(index=False):
        typer.echo(f"{text.opportunity_id}: {text.alerts}", err=True)


def _print_deals(found: "Scores", deals: "Sequence[str]", *, as_json: bool, locale: str) -> None:
    from oppnb.scoring import deal_text, tell_deals

    told = tell_deals(found, list(dict.fromkeys(deals)), locale=locale)
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in told], ensure_ascii=False, indent=1))
    else:
        typer.echo("\n\n".join(deal_text(one, found, locale=locale) for one in told))


def _warn_of_age(found: "Scores", locale: str) -> None:
    from oppnb.locale import Words

    words, day = Words(locale), found.opened.as_of.isoformat()
    expires = found.scorer.card.get("expires_on")
    if expires is not None and day > expires:
        typer.echo(words("scoring.expired", expires=expires, day=day), err=True)
    exported = found.opened.tables.exported_on
    if found.as_of is not None and exported is not None and day > exported.isoformat():
        typer.echo(words("scoring.export_is_older", exported=exported.isoformat(), day=day), err=True)


def _say(key: str, locale: str, **values: object) -> None:
    from oppnb.locale import Words

    typer.echo(Words(locale)(f"cli.{key}", **values), err=True)


def _print_notes(notes: "Sequence[Note]", locale: str) -> None:
    from oppnb.locale import Words

    words = Words(locale)
    for note in notes:
        typer.echo(words(f"note.{note.code}", **note.values), err=True)


def _print_scores(frame: "pd.DataFrame", out: Path | None, *, as_json: bool, told: str, locale: str) -> None:
    """The table on standard output: as JSON where that is asked for, as CSV where it is not in a file."""
    if out is not None:
        _say(told, locale, n=f"{len(frame):,}", path=out)
    if as_json:
        typer.echo(json.dumps(as_records(frame), ensure_ascii=False, indent=1))
    elif out is None:
        typer.echo(frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d"), nl=False)


def train(
    data: Data,
    until: Day = None,
    workspace: WorkspaceFile = None,
    model_out: ModelOut = None,
    card: CardFile = None,
    champion: Champion = None,
    leads: Leads = False,
    within_days: WithinDays = 90,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Train on what was known up to a day: fields audited, every model tried on past days, the one that won kept."""
    from oppnb.scoring import save_scorer, train_leads, train_pipeline

    check_suffix(card, (".json", ".html"))
    _refuse_together({"--champion": champion, "--leads": leads})
    used = None if champion is None else _champion(champion)
    if leads:
        opened, training, scorer = train_leads(data, until=until, within_days=within_days, workspace=workspace)
    else:
        opened, training, scorer = train_pipeline(data, until=until, workspace=workspace)
    said = locale or opened.workspace.locale
    _print_notes(opened.notes, said)
    if used is not None and not _print_promotion(training, used, locale=said):
        # What stays in use is what the files must hold: the next job scores with them.
        scorer = used
    if model_out is not None:
        _say("model_file", said, path=save_scorer(scorer, model_out))
    if card is not None:
        _write_card(scorer.card, card, locale=said)
    if as_json:
        typer.echo(json.dumps(scorer.card, ensure_ascii=False, indent=1))
    else:
        typer.echo(_summary(scorer, said, n=None))
        typer.echo(_table(training, said))


def card(
    model: Annotated[Path, typer.Argument(help="A trained model.", metavar="MODEL")],
    out: CardOut = None,
    locale: Annotated[str, typer.Option(help="en or zh_CN.")] = "en",
) -> None:
    """Show the card of a trained model: what it learnt from, what it was worth, what was kept out, until when."""
    from oppnb.scoring import read_card

    check_suffix(out, (".json", ".html"))
    found = read_card(model)
    if out is None:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _write_card(found, out, locale=locale)


def _summary(scorer: "Scorer", locale: str, *, n: int | None) -> str:
    sentences = scorer.card["sentences"]
    told: list[str] = sentences.get(locale, sentences["en"])
    return "\n".join([told[0], told[-1]] if n is not None else told)


def _table(training: "Training", locale: str) -> str:
    """The models' measures: in English by the names that the documentation explains, else in the reader's words."""
    from oppnb.locale import Words

    columns = ["model", "n", "auc", "log_loss", "brier_skill", "calibration_slope"]
    if training.evaluation.empty:
        return ""
    shown, words = (
        training.evaluation[[name for name in columns if name in training.evaluation]].round(3),
        Words(locale),
    )
    if words.locale != "en":
        shown = shown.assign(model=[words.get(f"scoring.model_{name}", name) for name in shown["model"]])
        shown = shown.rename(columns=lambda name: words.get(f"report.column_{name}", name))
    return aligned(shown)


def _write_card(card: Any, path: Path, *, locale: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".json":
        path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    else:
        from oppnb.reports import write_card

        write_card(card, path, locale=locale)
    _say("card_file", locale, path=path)


def _champion(path: Path) -> "Scorer":
    """The model in use, looked at before the work."""
    from oppnb.scoring import load_scorer, refuse_other_subject

    found = load_scorer(path)
    refuse_other_subject(found, "deal")
    return found


def _print_promotion(training: "Training", champion: "Scorer", *, locale: str) -> bool:
    from oppnb.locale import Words
    from oppnb.scoring import judge_champion

    found = judge_champion(training, champion)
    typer.echo(found.sentence(Words(locale)), err=True)
    return found.is_replaced


def _print_judgement(
    data: str,
    column: str,
    *,
    as_of: str | None,
    workspace: Path | None,
    out: Path | None,
    locale: str | None,
    as_json: bool,
) -> None:
    from oppnb.scoring.imported import judge_score

    found = judge_score(data, column, until=as_of, workspace=workspace, locale=locale)
    if out is not None:
        write_frame(found.evaluation, out, locale=found.locale, sheet="judgement")
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        typer.echo(found.describe())
