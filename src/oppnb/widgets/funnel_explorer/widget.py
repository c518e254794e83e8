"""The widget: its attributes, what the hand may do, what it says to others."""

from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb import charts
from oppnb.errors import UsageError
from oppnb.review import Review
from oppnb.tables import Tables
from oppnb.widgets.asks_review import AsksReview, owner_names
from oppnb.widgets.commands import command
from oppnb.widgets.funnel_explorer.flow_state import flow_state, node_label, rows_behind
from oppnb.widgets.funnel_explorer.frames import Frames, Kept
from oppnb.widgets.funnel_explorer.question import Question, check_question, known_name
from oppnb.widgets.funnel_explorer.stage_charts import charts_state
from oppnb.widgets.funnel_explorer.state import found_state, leakiest, question_state
from oppnb.widgets.funnel_explorer.tables import deals_view, slices_state, slices_view
from oppnb.widgets.pipeline_bridge.state import slice_columns
from oppnb.widgets.work import Watch

__all__ = ["FunnelExplorer"]

_ASKED = ("process", "view", "by", "value")
_NOT_SLICES = ("process", "stage", "outcome")


class FunnelExplorer(AsksReview[Question, Frames]):
    """Who goes on from each stage, how long deals stay there, and where they are lost, by any attribute.

    Parameters
    ----------
    data : Review, path or Tables
        A review that is open already, or what `open_review` takes.
    process : str, optional
        Name of a process; by default the first.
    view : {'cohort', 'snapshot'}
        `cohort`: deals that entered a stage in the last 365 days, and where they went. `snapshot`: deals that stand
        there on the day of knowledge, and where they stood at the last review. By default `cohort`, or `snapshot`
        where no history says which way deals went.
    by : str, optional
        Conversion and dwell by this column, e.g. `region`, `owner_id`, `product`.
    value : str, optional
        Only deals with this value of `by`.
    selection : Selection, optional
        Shared with other widgets: a chosen stage, flow or slice filters them, their choice filters the funnel.
    as_of, compare_to, workspace, currency, locale
        As in `open_review`; only with a path or tables.

    Attributes
    ----------
    process, view, by, value
        May be set; the funnel is worked out at once. Watch them with `observe`.
    chosen_stage : str or None
        Name of a stage: those that entered it, or stand there.
    chosen_flow : tuple of (origin, target) or None
        A stage each, or `@won`, `@lost`, `@undecided`, `@created`, `@reopened`; None stands for any.
    selected_ids : tuple of str
        Deals behind what is chosen, as filtered in the table.
    funnel, leakage, flows, slices : DataFrame
        The frames behind it, as `Review.funnel`, `Review.leakage`, `count_flows` and `build_funnel_by` give them.

    Raises
    ------
    TypeError
        An unknown keyword; names the nearest.
    OppnbError
        Whatever `open_review` raises, or a process, view or column that there is not.

    Examples
    --------
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> small = SyntheticSettings(n_opportunities=60)
    >>> explorer = FunnelExplorer(Tables(make_pipeline(small).tables), as_of="2024-09-30", by="region")
    >>> explorer.chosen_stage = "Proposal"
    >>> entered = explorer.funnel.set_index("stage")["n_entered"]
    >>> len(explorer.selected_ids) == int(entered["Proposal"])
    True
    """

    front_end = "funnel_explorer"
    _asks = _ASKED
    _opening = ("as_of", "compare_to", "workspace", "currency", "locale")

    process = traitlets.Unicode(help="Name of the process")
    view = traitlets.Unicode("cohort", help="cohort or snapshot")
    by = traitlets.Unicode(None, allow_none=True, help="Column to slice by")
    value = traitlets.Unicode(None, allow_none=True, help="Only deals with this value of it")
    chosen_stage = traitlets.Unicode(None, allow_none=True, help="Name of the chosen stage")
    chosen_flow: Any = traitlets.Tuple(default_value=None, allow_none=True, help="Origin and target of the chosen flow")

    def __init__(self, data: Review | str | Path | Tables, **settings: Any) -> None:
        super().__init__(data, settings)
        review = self.review
        if not review.workspace.processes:
            raise UsageError("There is no funnel: neither the workspace nor the data names any stages.")
        self._kept = Kept(review)
        self._columns = tuple(name for name in slice_columns(review.snapshot) if name not in _NOT_SLICES)
        self._owners = owner_names(review)
        asked = self._asked(**{name: settings[name] for name in _ASKED if settings.get(name) is not None})
        made = self._made(asked, Watch())
        if "view" not in settings and made.rows.empty:
            asked = check_question(review, process=asked.process, view="snapshot", by=asked.by, value=asked.value)
            made = self._made(asked, Watch())
        self._show(asked, made)

    # --- Python ---------------------------------------------------------------------------------------------------

    @property
    def funnel(self) -> pd.DataFrame:
        """The stages of the process, as `Review.funnel` gives them, of the slice alone."""
        return self._frames.funnel

    @property
    def leakage(self) -> pd.DataFrame:
        """From which stages deals are lost, as `Review.leakage` gives it."""
        return self._frames.leakage

    @property
    def flows(self) -> pd.DataFrame:
        """How many deals go each way, as `count_flows` gives it."""
        return self._frames.flows

    @property
    def slices(self) -> pd.DataFrame | None:
        """Each stage by the attribute, as `build_funnel_by` gives it; None without one."""
        return self._frames.slices

    def to_figure(self) -> Any:
        """The figure of the report: how many move on, or what stands in each stage."""
        frame = self.funnel.assign(stage=[self._label(name) for name in self.funnel["stage"]])
        draw = charts.conversion if self.view == "cohort" else charts.funnel
        return draw(frame, words=self.words, formats=self.formats)

    def to_table(self) -> pd.DataFrame:
        """The deals behind what is chosen: the rows of `entered_flows` or `moves_between`."""
        rows = rows_behind(self._frames.rows, self._question, stage=self.chosen_stage, flow=self.chosen_flow)
        return rows[rows["opportunity_id"].isin(self.selected_ids)].reset_index(drop=True)

    def twin_title(self) -> str:
        """The finding."""
        return str(self.state["found"]["title"])

    def twin_table(self) -> pd.DataFrame:
        """The numbers of the charts, a row a stage."""
        made: dict[str, list[str]] = {}
        for chart in self.state["charts"]:
            rows = chart["spec"].get("rows") or chart["spec"]["bars"]
            made.setdefault(self.words("widgets_funnel_explorer.stage"), [row["label"] for row in rows])
            made[chart["title"]] = [f"{row['text']} ({row['note']})" if row["note"] else row["text"] for row in rows]
        return pd.DataFrame(made, dtype="str")

    # --- by hand --------------------------------------------------------------------------------------------------

    @command
    def choose_process(self, process: str) -> None:
        """Another process."""
        self.ask(process=process)

    @command
    def choose_view(self, view: str) -> None:
        """`cohort` or `snapshot`."""
        self.ask(view=view)

    @command
    def choose_by(self, by: str) -> None:
        """Another attribute; an empty text takes it away."""
        self.ask(by=by or None, value=None)

    @command
    def choose_value(self, value: str) -> None:
        """Only deals with this value; an empty text, or the same again, takes every deal."""
        self.ask(value=None if not value or value == self.value else value)

    @command
    def choose_stage(self, stage: str | None) -> None:
        """The deals of a stage; None or the same stage again: every deal."""
        self._choose(stage=None if stage == self.chosen_stage else stage)

    @command
    def choose_flow(self, origin: str | None, target: str | None) -> None:
        """The deals of a flow; the same again: every deal."""
        flow = (origin, target)
        self._choose(flow=None if flow in (self.chosen_flow, (None, None)) else flow)

    @command
    def show_all(self) -> None:
        """Forget what another widget chose, and what is chosen here."""
        self._choose()
        self.choose_deals(None)
        self.selection_changed()

    # --- within ---------------------------------------------------------------------------------------------------

    def selection_changed(self) -> None:
        """Another widget chose deals: the funnel is that of those deals."""
        self._forget_choice()
        self._answer(self._current() or self._question)

    def table_changed(self, name: str) -> None:
        """Another order or filter."""
        if name == "slices":
            self._draw()
        else:
            super().table_changed(name)

    @traitlets.observe(*_ASKED)
    def _asked_by_trait(self, change: Any) -> None:
        self._answer_trait(change)

    @traitlets.validate("chosen_stage")
    def _known_stage(self, proposal: Any) -> Any:
        if proposal.value is not None:
            known_name(proposal.value, [one for one in self.funnel["stage"] if isinstance(one, str)], what="stage")
        return proposal.value

    @traitlets.validate("chosen_flow")
    def _known_flow(self, proposal: Any) -> Any:
        if proposal.value is None:
            return None
        if len(proposal.value) != 2:
            raise UsageError("A flow has two ends: (origin, target); None stands for any.")
        for name, column in zip(proposal.value, ("origin", "target"), strict=True):
            if name is not None:
                known_name(name, sorted(set(self.flows[column].dropna())), what=column)
        return proposal.value

    @traitlets.observe("chosen_stage", "chosen_flow")
    def _chosen(self, change: Any) -> None:
        if self._is_settling:
            return
        if change.new is not None:  # a stage or a flow, not both
            with self._settling():
                setattr(self, "chosen_flow" if change.name == "chosen_stage" else "chosen_stage", None)
        self._picked = None
        self._draw()
        self._say_choice()

    def _choose(self, *, stage: str | None = None, flow: tuple[str | None, str | None] | None = None) -> None:
        if stage is not None:
            self.chosen_stage = stage
        elif flow is not None:
            self.chosen_flow = flow
        elif self.chosen_stage is not None:
            self.chosen_stage = None
        else:
            self.chosen_flow = None

    def _forget_choice(self) -> None:
        with self._settling():
            self.chosen_stage = self.chosen_flow = None
        self._picked = None

    def _asked(self, **question: Any) -> Question:
        current = self._current()
        known: dict[str, Any] = {"view": "cohort", "by": None, "value": None}
        known["process"] = self.review.workspace.processes[0].name
        if current is not None:
            known = {name: getattr(current, name) for name in _ASKED}
        if question.get("by", known["by"]) != known["by"]:
            known["value"] = None
        return check_question(self.review, **{**known, **question})

    def _made(self, asked: Question, watch: Watch) -> Frames:
        return self._kept.frames(asked, only=self.followed_ids, watch=watch)

    def _show(self, asked: Question, made: Frames) -> None:
        before = getattr(self, "_question", None)
        self._question, self._frames = asked, made
        is_same = before is not None and (before.process, before.view) == (asked.process, asked.view)
        if not is_same:
            self._forget_choice()
        self._picked = None
        with self._settling():
            for name in _ASKED:
                setattr(self, name, getattr(asked, name))
            if self.chosen_flow is not None and not self._has_flow(self.chosen_flow):
                self.chosen_flow = None
        self._draw()
        self._say_choice()

    def _has_flow(self, flow: Any) -> bool:
        known = (set(self.flows["origin"].dropna()), set(self.flows["target"].dropna()))
        return all(name is None or name in names for name, names in zip(flow, known, strict=True))

    def _draw(self) -> None:
        review, asked, frames = self.review, self._question, self._frames
        top = leakiest(frames)
        leak = None if top is None else top["stage"]
        stage, flow = self.chosen_stage, self.chosen_flow
        deals = deals_view(review, asked, frames.rows, self._owners, stage=stage, flow=flow)
        self.state = {
            "question": question_state(review, asked, self._columns, self._owners),
            "about": self._about(),
            "found": found_state(review, asked, frames),
            "flow": flow_state(review, asked, frames, stage=stage, flow=flow, leak=leak),
            "charts": charts_state(review, asked, frames, stage=stage),
            "by": self._by_state(stage or leak),
            "table": self.keep_table("deals", deals),
            "chosen": self._chosen_words(),
            "picked": list(self._picked or ()),
            "following": self._followed(),
        }

    def _by_state(self, stage: str | None) -> dict[str, Any] | None:
        stages = [name for name in self.funnel["stage"] if isinstance(name, str)]
        shown = stage or (stages[0] if stages else None)
        if self._question.by is None or shown is None:
            return None
        view = slices_view(self.review, self._question, self._frames, self._owners, stage=shown)
        spec = self.keep_table("slices", view)
        return {**slices_state(self.review, self._question, self.table("slices"), stage=shown), "table": spec}

    def _about(self) -> str:
        days = {
            "day": self.formats.day(self.review.as_of, short=True),
            "before": self.formats.day(self.review.compare_to, short=True),
        }
        about = self.words(f"widgets_funnel_explorer.about_{self._question.view}", **days)
        chosen, shown = set(self.followed_ids or ()), set(self._frames.rows["opportunity_id"].astype(str))
        if not chosen - shown:
            return about
        counts = {"n": self.formats.number(len(chosen - shown)), "of": self.formats.number(len(chosen))}
        return self.words("widgets_funnel_explorer.about_not_here", about=about, **counts)

    def _chosen_words(self) -> str:
        """What is chosen, in words; '' if nothing is."""
        if self.chosen_stage is not None:
            key = f"widgets_funnel_explorer.chosen_{self._question.view}"
            return self.words(key, stage=self._label(self.chosen_stage))
        if self.chosen_flow is None:
            return ""
        ends = [self._label(name) if name else self.words("widgets_funnel_explorer.any") for name in self.chosen_flow]
        return self.words("widgets_funnel_explorer.chosen_flow", origin=ends[0], target=ends[1])

    def _label(self, name: Any) -> str:
        return node_label(self.review, self._question.process, name if isinstance(name, str) else None)

    def _say_choice(self) -> None:
        """A chosen stage, flow, slice or deal filters the others; with none they see every deal again."""
        is_open = self.chosen_stage is None and self.chosen_flow is None and self._picked is None
        if is_open and self._question.value is None:
            self.tell_choice(None)
            return
        values = {one["key"]: one["label"] for one in self.state["question"]["values"]}
        label = self.picked_label() or self.state["chosen"] or values.get(self._question.value, "")
        self.tell_choice(self.selected_ids, label=label)
