"""The widget: its attributes, what the hand may do, what it says to others."""

from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb import charts
from oppnb.errors import UsageError, nearest
from oppnb.locale import Formats, Words
from oppnb.scoring import Scores, ToldDeal, tell_deals
from oppnb.scoring.what_if import ACTIONS
from oppnb.tables import Tables
from oppnb.widgets.base import OppnbWidget, _by_hand
from oppnb.widgets.commands import command
from oppnb.widgets.score_explorer import deal as one_deal
from oppnb.widgets.score_explorer.model import card_state, header_state, reliability_state
from oppnb.widgets.score_explorer.ranked import missing_notes, ranked_view
from oppnb.widgets.score_explorer.source import Scored, score_data, scored_of
from oppnb.widgets.score_explorer.story import evidence_state, people_state, timeline_state
from oppnb.widgets.shown_progress import share_shown
from oppnb.widgets.with_tables import WithTables
from oppnb.widgets.work import Watch
from oppnb.workspace import Workspace, read_workspace

__all__ = ["ScoreExplorer"]

_SCORED = ("locale", "selection")
_OPENING = (*_SCORED, "as_of", "workspace", "model", "wait")
TABS = ("deals", "reliability", "card")


def _locale_of(workspace: Workspace | str | Path | None) -> str:
    return (workspace if isinstance(workspace, Workspace) else read_workspace(workspace)).locale


class ScoreExplorer(WithTables, OppnbWidget):
    """Open deals by win probability, and one of them in full: why, by when, what would change it, what happened.

    Parameters
    ----------
    data : Scores, path or Tables
        What `oppnb.scoring.score_pipeline` gave, or what it takes.
    locale : str, optional
        en or zh_CN; by default the workspace's.
    selection : Selection, optional
        Shared with other widgets: filters and an open deal filter them, their choice filters the table.
    as_of, workspace, model
        As in `score_pipeline`; only with a path or tables. Without a model one is trained, which takes minutes.
    wait : bool
        Only with a path or tables. False returns at once and scores in a thread, with progress and a button that stops
        it; until `is_ready` there are no deals. A report that is executed without a hand needs True.

    Attributes
    ----------
    deal : str or None
        The open deal.
    selected_ids : tuple of str
        The open deal, or deals that were set here, or those of the table after its filters; sorted. May be set.
    filters : dict of column to text
        As they stand under the headers, e.g. `{"win_probability": "> 50", "stage": "proposal"}`; shares in percent.
    sort_by : str or None
        A column; with `-` before it, the highest first. None: by priority.
    what_if : tuple of str
        What is tried on the open deal: keys of `oppnb.scoring.what_if.ACTIONS` that are not true of it yet.
    tab : str
        deals, reliability or card.
    is_ready : bool
        Whether it was scored.
    scores : Scores or None
        What was scored; None before that, and where no deal was open.
    told : ToldDeal or None
        All that `oppnb score --deal` says of the open deal.

    Raises
    ------
    TypeError
        An unknown keyword; names the nearest.
    OppnbError
        Whatever `score_pipeline` raises, or a deal, filter or order that is not there.

    Examples
    --------
    >>> from oppnb.scoring import score_pipeline
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> from oppnb.tables import Tables
    >>> made = Tables(make_pipeline(SyntheticSettings(n_opportunities=60)).tables)
    >>> explorer = ScoreExplorer(score_pipeline(made, as_of="2024-09-30"))
    >>> explorer.filters = {"win_probability": "> 20"}
    >>> bool((explorer.to_table()["win_probability"] > 0.2).all())
    True
    >>> set(explorer.selected_ids) == set(explorer.to_table()["opportunity_id"])
    True
    """

    front_end = "score_explorer"

    deal = traitlets.Unicode(None, allow_none=True, help="The open deal")
    selected_ids: Any = traitlets.Tuple(help="Deals chosen here")
    filters = traitlets.Dict(help="Column -> text")
    sort_by = traitlets.Unicode(None, allow_none=True, help="Column; '-' before it: highest first")
    what_if: Any = traitlets.Tuple(help="Keys of what is tried on the open deal")
    tab = traitlets.Enum(TABS, "deals", help="What is shown")
    is_ready = traitlets.Bool(False, help="Scored")

    def __init__(self, data: Scores | str | Path | Tables, **settings: Any) -> None:
        self.refuse_unknown(settings, list(_SCORED if isinstance(data, Scores) else _OPENING))
        self._picked: tuple[str, ...] | None = None
        self.told: ToldDeal | None = None
        self._actions: pd.DataFrame | None = None
        self._part: dict[str, Any] | None = None
        self._stamp = 0
        self.scored: Scored | None = None
        locale = settings.get("locale")
        given = scored_of(data, locale=locale) if isinstance(data, Scores) else None
        waits = settings.get("wait", True)
        asked = {name: settings[name] for name in ("as_of", "workspace", "model") if name in settings}
        if given is None and waits:
            with share_shown(Words(locale or _locale_of(asked.get("workspace")))) as show:
                given = score_data(data, locale=locale, watch=Watch(show), **asked)  # type: ignore[arg-type]
        words = Words(locale or _locale_of(asked.get("workspace"))) if given is None else given.words
        formats = Formats(words.locale) if given is None else given.formats
        super().__init__(words=words, formats=formats, selection=settings.get("selection"))
        self._make = lambda watch: score_data(data, locale=locale, watch=watch, **asked)  # type: ignore[arg-type]
        if given is not None:
            self._show(given)
        else:
            self.state = self._waiting()
            self._begin()

    # --- Python ---------------------------------------------------------------------------------------------------

    @property
    def scores(self) -> Scores | None:
        """What was scored."""
        return None if self.scored is None else self.scored.scores

    def to_figure(self) -> Any:
        """The open deal's waterfall; without one, what was stated against what was observed; None without a model."""
        if self.scored is None or self.scored.scores is None:
            return None
        if self.deal is not None:
            return one_deal.why_figure(self.scored, one_deal.explained(self.scored, self.deal))
        if self.tab != "reliability":
            return self._first_figure()
        from oppnb.widgets.score_explorer.model import reliability_frame

        frame = reliability_frame(self.scored.scores.scorer.card)
        return None if frame.empty else charts.reliability(frame, words=self.words, formats=self.formats)

    def to_table(self) -> pd.DataFrame:
        """Rows of the score table as filtered and sorted, with its own column names."""
        if self.scored is None:
            return pd.DataFrame({"opportunity_id": pd.Series(dtype="str")})
        return self.scored.frame.loc[self.table("deals").rows.index].reset_index(drop=True)

    def twin_title(self) -> str:
        """How many deals, or which one."""
        head = (self._part or {}).get("head")
        if head is not None:
            holds_key = head["name"].endswith(f"({head['id']})")
            return f"{head['name'] if holds_key else head['name'] + ' (' + head['id'] + ')'}: {head['chance']}"
        return str(self.state["header"]["title"])

    def twin_table(self) -> pd.DataFrame:
        """The table as the reader sees it."""
        return pd.DataFrame() if self.scored is None else self.table("deals").written()

    # --- by hand --------------------------------------------------------------------------------------------------

    @command
    def choose_deal(self, deal: str | None) -> None:
        """Open a deal; None or the open one again: close it."""
        self.deal = None if deal == self.deal else deal

    @command
    def choose_what_if(self, actions: list[str]) -> None:
        """Try these things on the open deal."""
        self.what_if = tuple(actions)

    @command
    def choose_tab(self, tab: str) -> None:
        """Show deals, reliability or the card."""
        if tab not in TABS:
            near = nearest(tab, TABS)
            raise UsageError(f"There is no tab '{tab}'." + (f" Did you mean '{near}'?" if near else ""))
        self.tab = tab

    @command
    def clear_filters(self) -> None:
        """Every deal, by priority, none open."""
        self._picked = None
        self.deal, self.filters, self.sort_by = None, {}, None
        self._say_choice()

    @command
    def show_all(self) -> None:
        """Forget what another widget chose."""
        self.choose_deals(None)
        self.selection_changed()

    @command
    def work_again(self) -> None:
        """Do what was stopped: score the pipeline, or tell the open deal."""
        if self.scored is None:
            self._begin()
        elif self.deal is not None and self.told is None:
            self._tell_more(self.deal)

    # --- scored ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        mark = _by_hand.set(True)  # a thread where there is a kernel's loop
        try:
            self.work(self._make, self._show)
        finally:
            _by_hand.reset(mark)

    def _waiting(self) -> dict[str, Any]:
        said = self.words("widgets_score_explorer.waiting")
        header = {"title": self.texts["title"], "facts": said, "warnings": []}
        return {"header": header, "table": None, "tab": self.tab, "deal": None, "picked": [], "notes": []}

    def _show(self, scored: Scored) -> None:
        self.scored, self.words, self.formats = scored, scored.words, scored.formats
        self._fixed = {
            "header": header_state(scored),
            "reliability": reliability_state(scored),
            "card": card_state(scored),
            "notes": missing_notes(scored)
            + [self.words(f"note.{one.code}", **one.values) for one in scored.opened.notes],
        }
        self._keep_table()
        self.is_ready = True
        self._settle_choice()
        self._draw()

    def _keep_table(self) -> None:
        if self.scored is None:
            return
        only = self.followed_ids
        self.keep_table("deals", ranked_view(self.scored, only=only))
        self._stamp += 1

    # --- table ----------------------------------------------------------------------------------------------------

    def table_changed(self, name: str) -> None:
        """Another order or filter."""
        view = self.table(name)
        self._stamp += 1
        self._picked = None
        with self._settling():
            self.filters = dict(view.filters)
            self.sort_by = f"-{view.sort_by}" if view.sort_by and view.descending else view.sort_by
        self._settle_choice()
        self._draw()
        self._say_choice()

    @traitlets.observe("filters", "sort_by")
    def _view_asked(self, change: Any) -> None:
        if self._is_settling or self.scored is None:
            return
        try:
            view = self.table("deals")
            if change.name == "filters":
                for column in view.filters:
                    view = view.filtered(column, "")
                for column, text in dict(change.new).items():
                    view = view.filtered(column, str(text))
            else:
                asked = change.new or None
                view = view.sorted(asked and asked.removeprefix("-"), descending=bool(asked and asked.startswith("-")))
        except Exception:
            self._put_back(change)
            raise
        self._tables["deals"] = view
        self.table_changed("deals")

    # --- one deal -------------------------------------------------------------------------------------------------

    @traitlets.validate("deal")
    def _known_deal(self, proposal: Any) -> Any:
        wanted = proposal.value
        known = {} if self.scored is None else self.scored.row_of
        if wanted is None or wanted in known:
            return wanted
        near = nearest(wanted, list(known)[:5000])
        raise UsageError(f"No open deal has the id '{wanted}'." + (f" The nearest is '{near}'." if near else ""))

    @traitlets.observe("deal")
    def _deal_chosen(self, change: Any) -> None:
        self.told, self._actions = None, None
        self._part = None
        with self._settling():
            self.what_if = ()
        if change.new is not None:
            self._picked = None
            self._open(change.new)
        self._settle_choice()
        self._draw()
        self._say_choice()
        if change.new is not None:
            self._tell_more(change.new)

    def _open(self, deal: str) -> None:
        """What is said of a deal at once."""
        scored = self._of_scored()
        self._part = {
            "head": one_deal.head_state(scored, deal, None),
            "why": one_deal.why_state(scored, one_deal.explained(scored, deal)),
            "curve": one_deal.curve_state(scored, deal),
            "people": people_state(scored, deal),
            "evidence": evidence_state(scored, deal),
            "more": None,
        }

    def _tell_more(self, deal: str) -> None:
        """What takes longer: similar deals, what would change it, its history."""
        scored, locale = self._of_scored(), self.words.locale

        def make(watch: Watch) -> tuple[ToldDeal, pd.DataFrame, dict[str, Any]]:
            watch.done(0.0)
            timeline = timeline_state(scored, deal)
            watch.done(0.2)
            background = scored.background
            watch.done(0.8)
            assert scored.scores is not None  # noqa: S101 - a deal is open
            told = tell_deals(scored.scores, [deal], locale=locale, background=background)[0]
            watch.done(0.9)
            actions = one_deal.actions_for(scored, deal)
            watch.done(1.0)
            return told, actions, timeline

        def then(made: tuple[ToldDeal, pd.DataFrame, dict[str, Any]]) -> None:
            if self.deal != deal or self._part is None:
                return
            self.told, self._actions, timeline = made
            self._part = {
                **self._part,
                "head": one_deal.head_state(scored, deal, self.told),
                "more": {"similar": one_deal.similar_state(scored, self.told), "timeline": timeline},
            }
            self._draw()

        self.work(make, then)

    def _of_scored(self) -> Scored:
        if self.scored is None:
            raise UsageError(self.words("widgets_score_explorer.waiting"))
        return self.scored

    @traitlets.validate("what_if")
    def _known_actions(self, proposal: Any) -> Any:
        asked = tuple(dict.fromkeys(str(one) for one in proposal.value))
        possible = [] if self._actions is None else list(self._actions["action"])
        for action in asked:
            if action in possible:
                continue
            near = nearest(action, list(ACTIONS))
            if action not in ACTIONS:
                raise UsageError(f"There is no '{action}' to try." + (f" Did you mean '{near}'?" if near else ""))
            raise UsageError(
                f"'{action}' would not change the open deal." if self.deal else "Open a deal first: set `deal`."
            )
        return asked

    @traitlets.observe("what_if")
    def _tried(self, _: Any) -> None:
        if not self._is_settling:
            self._draw()

    @traitlets.observe("tab")
    def _tab_chosen(self, _: Any) -> None:
        if self.scored is not None:
            self._draw()

    # --- choice ---------------------------------------------------------------------------------------------------

    @traitlets.observe("selected_ids")
    def _ids_set(self, change: Any) -> None:
        if self._is_settling:
            return
        known = {} if self.scored is None else self.scored.row_of
        ids = tuple(sorted({str(one) for one in change.new}))
        unknown = [one for one in ids if one not in known]
        if unknown:
            self._put_back(change)
            raise UsageError(f"No open deal has the id '{unknown[0]}' ({len(unknown)} of {len(ids)} are not there).")
        self.deal = None
        self._picked = ids or None
        self._settle_choice()
        self._draw()
        self._say_choice()

    def _settle_choice(self) -> None:
        if self.deal is not None:
            found: tuple[str, ...] = (self.deal,)
        elif self._picked is not None:
            found = self._picked
        else:
            found = () if self.scored is None else tuple(sorted(self.table("deals").rows["opportunity_id"]))
        with self._settling():
            self.selected_ids = found

    def selection_changed(self) -> None:
        """Another widget chose deals: the table is that of those deals."""
        if self.scored is None:
            return
        self._picked = None
        self._keep_table()
        chosen = self.followed_ids
        if chosen is not None and self.deal is not None and self.deal not in chosen:
            self.deal = None
        self._settle_choice()
        self._draw()

    def _say_choice(self) -> None:
        """An open deal, or filters, narrow the others; with neither, they see every deal again."""
        if self.deal is None and self._picked is None and not self.filters:
            self.tell_choice(None)
            return
        self.tell_choice(self.selected_ids, label=self._part["head"]["name"] if self._part else "")

    # --- state ----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self.scored is None:
            return
        self.state = {
            **self._fixed,
            "tab": self.tab,
            "table": {**self.table("deals").spec("deals"), "stamp": self._stamp},
            "picked": list(self._picked or ()) if self.deal is None else [self.deal],
            "following": self._followed(),
            "is_narrowed": bool(self.filters or self.sort_by),
            "deal": self._deal_state(),
        }

    def _deal_state(self) -> dict[str, Any] | None:
        if self._part is None or self.deal is None:
            return None
        more = self._part["more"]
        if more is None or self._actions is None:
            return self._part
        tried = one_deal.what_if_state(self._of_scored(), self.deal, self._actions, self.what_if)
        return {**self._part, "more": {**more, "what_if": tried}}

    def _first_figure(self) -> Any:
        """The first ten of the table with their probabilities."""
        rows = self.to_table().head(10)
        names = rows["name"].fillna(rows["opportunity_id"]) if "name" in rows else rows["opportunity_id"]
        return charts.bars(
            pd.DataFrame({"label": names.astype(str), "value": rows["win_probability"]}),
            label="label",
            value="value",
            title=self.words("widgets_score_explorer.first_deals"),
            write=self.formats.share,
            empty=self.words("widgets.no_rows"),
        )
