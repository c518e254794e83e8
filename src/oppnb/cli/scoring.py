"""`oppnb score`, `oppnb train`, `oppnb card`: win probabilities, the model behind them, and what it was worth."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Data, Only, WorkspaceFile, read_only
from oppnb.cli.score_output import ScoreOutput, card_json, print_notes, say, score_deals, score_leads_of, summary
from oppnb.cli.tables_out import SUFFIXES, aligned, check_suffix, write_frame
from oppnb.cli.writable import check_writable
from oppnb.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oppnb.scoring import Scorer, Training

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
    check_writable(out, write_back)
    asked = {"as_of": as_of, "workspace": workspace, "model": model, "locale": locale}
    output = ScoreOutput(out, write_back, as_json)
    if judge is not None:
        _print_judgement(data, judge, as_of=as_of, workspace=workspace, out=out, locale=locale, as_json=as_json)
    elif leads:
        score_leads_of(data, asked, output, within_days=within_days)
    else:
        score_deals(data, asked, output, deals=deal or (), only=read_only(only))


def _refuse_together(options: "Mapping[str, object]") -> None:
    """Options that ask for different things."""
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} ask for different things: use one of them.")


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
    from oppnb.locale import Words
    from oppnb.scoring import save_scorer, train_leads, train_pipeline

    check_suffix(card, (".json", ".html"))
    _refuse_together({"--champion": champion, "--leads": leads})
    check_writable(model_out, card)
    used = None if champion is None else _champion(champion)
    if leads:
        opened, training, scorer = train_leads(data, until=until, within_days=within_days, workspace=workspace)
    else:
        opened, training, scorer = train_pipeline(data, until=until, workspace=workspace)
    said = locale or opened.workspace.locale
    untested = (scorer.card.get("stages_untested") or {}).get(Words(said).locale, "")
    print_notes(opened.notes, said, are_stages_told=bool(untested))
    if training.until is None:
        _say_of_card("undated", said)
    if untested:
        typer.echo(untested, err=True)
    if used is not None and not _print_promotion(training, used, locale=said):
        # What stays in use is what the files must hold: the next job scores with them.
        scorer = used
    if model_out is not None:
        say("model_file", said, path=save_scorer(scorer, model_out))
    if card is not None:
        _write_card(scorer.card, card, locale=said)
    if as_json:
        typer.echo(card_json(scorer.card))
    else:
        typer.echo(summary(scorer, said, is_short=False))
        if not leads and training.backtest.n_open and len(training.evaluation):
            typer.echo(_measured_on(training, said))
        typer.echo(_table(training, said))


def card(
    model: Annotated[Path, typer.Argument(help="A trained model.", metavar="MODEL")],
    out: CardOut = None,
    locale: Annotated[str, typer.Option(help="en or zh_CN.")] = "en",
) -> None:
    """Show the card of a trained model: what it learnt from, what it was worth, what was kept out, until when."""
    from oppnb.scoring import read_card

    check_suffix(out, (".json", ".html"))
    check_writable(out)
    found = read_card(model)
    if out is None:
        typer.echo(card_json(found))
    else:
        _write_card(found, out, locale=locale)


def _say_of_card(key: str, locale: str) -> None:
    """A sentence of the model card on standard error: what a reader of the card is told, whoever trains is told too."""
    from oppnb.locale import Words

    typer.echo(Words(locale)(f"model_card.{key}"), err=True)


def _measured_on(training: "Training", locale: str) -> str:
    """Which deals the table is of: the comparisons above it count others, too."""
    from oppnb.locale import Words

    n, n_deals = (int(training.evaluation[name].max()) for name in ("n", "n_deals"))
    return Words(locale)("cli.measured_on", n=f"{n:,}", n_deals=f"{n_deals:,}")


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
        path.write_text(card_json(card) + "\n", encoding="utf-8")
    else:
        from oppnb.reports import write_card

        write_card(card, path, locale=locale)
    say("card_file", locale, path=path)


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
