"""What every widget has: texts, a state that the front end draws, commands, words for a fault, a static twin."""

import contextvars
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import anywidget
import pandas as pd
import traitlets

from oppnb.errors import OppnbError
from oppnb.locale import Formats, Words
from oppnb.widgets.assets import front_end
from oppnb.widgets.commands import check_keywords, checked, command, commands_of
from oppnb.widgets.front_ends import VIEW, is_run_by_program
from oppnb.widgets.refusals import told_refusal
from oppnb.widgets.selection import Selection
from oppnb.widgets.twin import twin_html
from oppnb.widgets.work import Running, Watch, kernel_loop

__all__ = ["OppnbWidget"]

_Result = TypeVar("_Result")
_AT_ONCE = ("cancel", "dismiss_error", "read_rows")
_by_hand: contextvars.ContextVar[bool] = contextvars.ContextVar("oppnb_by_hand", default=False)


def _is_of_notebook(error: BaseException) -> bool:
    """Whether a cell of the notebook raised it: somebody's own observer."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == "__main__"


class OppnbWidget(anywidget.AnyWidget):
    """The base of every widget.

    A subclass names its `front_end` (files in `ui/widgets`, subject `widgets_<front_end>` of the catalogue), sets
    `state`, marks what the hand may do with `@command`, and gives `to_figure` and `to_table`. Where a command builds on
    what the one before it makes, `queues_commands` lets it wait for work that goes on.

    Parameters
    ----------
    words, formats : Words, Formats
        The reader's language and currency.
    selection : Selection, optional
        Shared with other widgets; by default one of its own.

    Attributes
    ----------
    state : dict
        All that the front end draws, small; assign a new one, a change inside it is not seen.
    busy, progress, can_cancel
        Work in a thread: whether, the share done (-1: not known), whether it can be stopped.
    error : str
        What went wrong, in words; shown under the widget.
    """

    front_end: ClassVar[str] = ""
    queues_commands: ClassVar[bool] = False
    _is_settling = False
    _is_echo = False
    _others_choice: tuple[tuple[str, ...], str] | None = None

    texts = traitlets.Dict(help="Words of the front end by key").tag(sync=True)
    locale = traitlets.Unicode("en", help="en or zh_CN").tag(sync=True)
    state = traitlets.Dict(help="What the front end draws").tag(sync=True)
    busy = traitlets.Bool(False, help="Work goes on").tag(sync=True)
    progress = traitlets.Float(-1.0, help="Share of the work done; -1 if not known").tag(sync=True)
    can_cancel = traitlets.Bool(False, help="The work can be stopped").tag(sync=True)
    error = traitlets.Unicode("", help="What went wrong, in words").tag(sync=True)

    def __init_subclass__(cls, **settings: Any) -> None:
        """Join the front end once, when the class is made."""
        if cls.front_end and "_esm" not in cls.__dict__:
            joined = front_end(cls.front_end)
            cls._esm, cls._css = joined.esm, joined.css
        super().__init_subclass__(**settings)

    def __init__(self, *, words: Words, formats: Formats, selection: Selection | None = None) -> None:
        super().__init__()
        self.words = words
        self.formats = formats
        self.selection = Selection() if selection is None else selection
        self._watch: Watch | None = None
        self._running: Running | None = None
        self._queued: list[Mapping[str, Any]] = []
        self.locale = words.locale
        own = f"widgets_{self.front_end}"
        self.texts = {key: words(f"{subject}.{key}") for subject in ("widgets", own) for key in words.keys(subject)}
        self._take_others_choice()
        self.on_msg(self._on_message)
        self.selection.observe(self._on_selection, names="opportunity_ids")

    # --- what a subclass gives ------------------------------------------------------------------------------------

    def to_figure(self) -> Any:
        """The figure of the state as plotly draws it, as in a report; None if there is none."""
        return None

    def to_table(self) -> pd.DataFrame:
        """The table of the state, with the canonical column names."""
        raise NotImplementedError

    def selection_changed(self) -> None:
        """Somebody else chose deals in the shared selection; draw accordingly."""

    def say(self, key: str, **values: Any) -> str:
        """A text of this widget, in the reader's language."""
        return self.words(f"widgets_{self.front_end}.{key}", **values)

    def twin_title(self) -> str:
        """Heading of the static twin."""
        return str(self.texts.get("title", type(self).__name__))

    def twin_table(self) -> pd.DataFrame:
        """The table of the static twin, with headers and values as a reader sees them; by default `to_table`."""
        return self.to_table()

    # --- from the front end ---------------------------------------------------------------------------------------

    @command
    def cancel(self) -> None:
        """Stop the work that goes on: at once for the reader; its thread ends at its next `Watch.done`, unheard."""
        if self._watch is None:
            return
        self._watch.cancel()
        self._end_work()
        self.send_state("state")  # the front end shows what was there before
        self._answer_queued()

    @command
    def dismiss_error(self) -> None:
        """Take the words of the last error away."""
        self.error = ""

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        """`{"do": name, "call": number, "with": {...}}`; answered by `{"answer": number, "result": ...}`."""
        if not isinstance(content, dict) or "do" not in content:
            return
        if self.queues_commands and self._watch is not None and content["do"] not in _AT_ONCE:
            self._queued.append(content)
            return
        self._answer_command(content)

    def _answer_command(self, content: Mapping[str, Any]) -> None:
        answer: dict[str, Any] = {"answer": content.get("call")}
        mark = _by_hand.set(True)
        try:
            answer["result"] = self._done(str(content["do"]), content.get("with") or {})
        except Exception as error:  # noqa: BLE001 - the reader is told; a traceback would show data
            answer["failed"] = True
            self._tell_error(error)
        finally:
            _by_hand.reset(mark)
        self.send(answer)

    def _done(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name not in commands_of(type(self)):
            raise LookupError(name)
        method = getattr(self, name)
        if name not in _AT_ONCE:
            self.error = ""
        return method(**checked(method, arguments))

    def _tell_error(self, error: BaseException) -> None:
        if isinstance(error, OppnbError):
            self.error = told_refusal(str(error), self.words)
            return
        told = f"{type(error).__name__}: {error}"
        self.error = self.words("widgets.own_callback" if _is_of_notebook(error) else "widgets.fault", error=told[:200])

    # --- work -----------------------------------------------------------------------------------------------------

    def work(
        self, make: Callable[[Watch], _Result], then: Callable[[_Result], None], *, can_cancel: bool = True
    ) -> None:
        """Do what may take longer than a second, then show it.

        Asked for by hand in a live kernel, `make` runs in a thread and `then` on the kernel's loop, and the widget
        shows progress. From Python both run at once, so that the next line of a cell sees the result.

        Parameters
        ----------
        make : callable of Watch
            Works out the result; must not touch traits; calls `watch.done(share)` now and then.
        then : callable
            Takes the result and sets traits.
        can_cancel : bool
            Whether the front end offers to stop it.
        """
        loop = kernel_loop() if _by_hand.get() else None
        if self._watch is not None:
            self._watch.cancel()
        if loop is None:
            self._end_work()
            then(make(Watch()))
            return
        watch = Watch(lambda share: loop.add_callback(self._tell_progress, watch, share))
        self._watch = watch
        self.busy, self.progress, self.can_cancel = True, -1.0, can_cancel

        def deliver(result: Any, error: BaseException | None) -> None:
            if self._watch is not watch:  # a later command took its place
                return
            self._end_work()
            self._deliver(result, error, then)
            self._answer_queued()

        self._running = Running(lambda: make(watch), deliver, loop=loop)

    def _answer_queued(self) -> None:
        while self._queued and self._watch is None:
            self._answer_command(self._queued.pop(0))

    def finish_work(self) -> None:
        """Wait for what was asked by hand and is still worked out; called before Python builds on it."""
        if self._running is not None and not _by_hand.get():
            self._running.finish()

    def _end_work(self) -> None:
        self._watch = self._running = None
        self.busy, self.progress, self.can_cancel = False, -1.0, False

    def _tell_progress(self, watch: Watch, share: float) -> None:
        if self._watch is watch:
            self.progress = share

    def _deliver(self, result: Any, error: BaseException | None, then: Callable[[Any], None]) -> None:
        try:
            if error is not None:
                raise error
            then(result)
        except Exception as caught:  # noqa: BLE001 - told under the widget
            self._tell_error(caught)
            self.send_state("state")

    # --- traits that are set without being asked --------------------------------------------------------------------

    @contextmanager
    def _settling(self) -> Iterator[None]:
        """Traits set within tell what is, and ask for nothing; observers look at `_is_settling`."""
        self._is_settling, before = True, self._is_settling
        try:
            yield
        finally:
            self._is_settling = before

    def _put_back(self, change: Any) -> None:
        """A trait was set to what cannot be: it says again what it said."""
        with self._settling():
            setattr(self, change.name, change.old)

    # --- selection ------------------------------------------------------------------------------------------------

    def tell_choice(self, opportunity_ids: Any, *, label: str = "") -> None:
        """Tell the others what is chosen here, of what somebody else chose before; None: nothing is chosen here.

        Then what was chosen before holds again, or every deal. What follows from another's choice is not told back.
        """
        is_ours, before = self.selection.source == self.model_name, self._others_choice
        if self._is_echo or (opportunity_ids is None and not is_ours):
            return
        if opportunity_ids is None and before is None:
            if self.selection.opportunity_ids is not None:
                self.choose_deals(None)
            return
        within = None if before is None else set(before[0])
        ids = before[0] if opportunity_ids is None and before is not None else opportunity_ids
        ids = tuple(sorted(one for one in {str(key) for key in ids} if within is None or one in within))
        if not is_ours or ids != self.selection.opportunity_ids:
            self.choose_deals(ids, label=before[1] if opportunity_ids is None and before is not None else label)

    def choose_deals(self, opportunity_ids: Any, *, label: str = "") -> None:
        """Choose deals in the shared selection, in this widget's name; None chooses all, whoever chose before."""
        if opportunity_ids is None:
            self._others_choice = None
            self.selection.clear(by=self.model_name)
        else:
            self.selection.choose(opportunity_ids, by=self.model_name, label=label)

    @property
    def model_name(self) -> str:
        """Who this is in `Selection.source`; two bridges on one selection are told apart."""
        return f"{type(self).__name__} {self.model_id or id(self)}"

    @property
    def follows_selection(self) -> bool:
        """True if somebody else chose deals."""
        return self._others_choice is not None

    @property
    def followed_ids(self) -> tuple[str, ...] | None:
        """The deals that somebody else chose, of which this widget shows; None: every deal."""
        return None if self._others_choice is None else self._others_choice[0]

    def _followed(self) -> dict[str, Any] | None:
        """What the front end says of the deals that somebody else chose; None if nobody did."""
        if self._others_choice is None:
            return None
        ids, label = self._others_choice
        return {"n": self.formats.number(len(ids)), "label": label}

    def _on_selection(self, _: Any) -> None:
        if self.selection.source == self.model_name:
            return
        self._take_others_choice()
        with self._echoing():
            self.selection_changed()

    def _take_others_choice(self) -> None:
        ids = self.selection.opportunity_ids
        self._others_choice = None if ids is None else (ids, self.selection.label)

    @contextmanager
    def _echoing(self, is_echo: bool = True) -> Iterator[None]:
        """What is done within follows from another's choice, and is not told back."""
        self._is_echo, before = is_echo, self._is_echo
        try:
            yield
        finally:
            self._is_echo = before

    # --- static twin ----------------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **settings: Any) -> Any:
        bundle = super()._repr_mimebundle_(**settings)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if is_run_by_program():
            data = {kind: said for kind, said in (data or {}).items() if kind != VIEW}
        title = self.twin_title()
        twin = twin_html(self.to_figure(), self.twin_table(), title=title, words=self.words, formats=self.formats)
        return {**(data or {}), "text/html": twin, "text/plain": title}, metadata

    @classmethod
    def refuse_unknown(cls, given: Mapping[str, Any], known: list[str]) -> None:
        """Raise TypeError with the nearest name if a constructor was given a keyword that it does not know."""
        check_keywords(given, known, of=cls.__name__)

    @classmethod
    def refuse_opening(cls, given: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Raise TypeError for a keyword that says how data is opened, where a review is open already."""
        for name in given:
            if name in names:
                raise TypeError(
                    f"{cls.__name__} takes '{name}' with a path or tables. A review that is open has its own: "
                    "give it to open_review."
                )
