"""Stages while they are being changed, and the file's text with the change."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import UsageError, WorkspaceError
from oppnb.stages import StageDraft, draft_text, with_presets
from oppnb.tables import stage_rows
from oppnb.workspace import parse_workspace

TEXT = """\
# ours
processes:
  - name: new
    stages:
      # a first talk
      - name: Lead # by marketing
        odds: 0.1
        label: {zh_CN: 线索}
        evidence: [identify_pain]
        # tail of lead
      # shown on a screen
      - name: Demo
        odds: 0.3   # from 2019
        aliases: [Presentation]
        key_tasks:
          - {name: Book a room, due_days: 3} # by phone
      - {name: Offer, odds: .5}   # in writing
      - {name: Won, outcome: won, odds: 1}
      - {name: Lost, outcome: lost, odds: 0}
  - name: renewal  # never mind
    preset: set_odds_10_30_50_80
alerts:
  - {when: grade_fell, stages: [线索]}
# the end
"""


def begun(text=TEXT):
    return StageDraft.of(with_presets(parse_workspace(text)))


def names(draft, process="new"):
    return [one.stage.name for one in draft.processes[process]]


def test_a_moved_stage_stays_on_its_side_of_the_ends():
    draft = begun().move("Offer", 1)
    assert names(draft) == ["Offer", "Lead", "Demo", "Won", "Lost"]
    with pytest.raises(UsageError, match="places 1 to 3, not at 4"):
        draft.move("Offer", 4)
    assert names(draft.move("Won", 5, process="new"))[-2:] == ["Lost", "Won"]


def test_a_renamed_stage_is_still_read_under_its_old_names():
    draft = begun().rename("Demo", "Trial")
    rows = stage_rows(draft.workspace)
    found = rows[(rows["process"] == "new") & (rows["stage"] == "Trial")]
    assert set(found["spelling"]) == {"trial", "demo", "presentation"}
    assert draft.rename("Trial", "Demo") == begun()


def test_a_name_that_was_only_tried_is_no_other_spelling():
    draft = begun().rename("Demo", "Tiral").rename("Tiral", "Trial")
    assert draft.workspace.processes[0].stages[1].names == ("Trial", "Presentation", "Demo")


def test_a_merged_stage_is_read_as_the_one_that_stays_and_rules_still_find_it():
    draft = begun().merge("Lead", "Demo", process="new")
    kept = draft.processes["new"][0].stage
    assert (kept.name, kept.odds, kept.aliases) == ("Demo", 0.3, ["Presentation", "Lead", "线索"])
    assert kept.evidence == ["identify_pain"]
    assert [task.name for task in kept.key_tasks] == ["Book a room"]
    assert parse_workspace(draft_text(draft, TEXT)).processes[0].stages[0] == kept


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda draft: draft.rename("Lead", "demo", process="new"), "names a stage twice"),
        (lambda draft: draft.rename("Lead", "  ", process="new"), "needs a name"),
        (lambda draft: draft.merge("Lead", "Won", process="new"), "cannot be merged"),
        (lambda draft: draft.merge("Lead", "Lead", process="new"), "cannot be merged"),
        (lambda draft: draft.change("Lead", process="new", ods=0.5), "Did you mean 'odds'"),
        (lambda draft: draft.change("Lead", process="new", odds=1.5), "'odds'"),
        (lambda draft: draft.find("Leed"), "Did you mean 'Lead'"),
        (lambda draft: draft.find("Won"), "Several processes"),
        (lambda draft: draft.add("Demo", process="new"), "names a stage twice"),
        (lambda draft: draft.add("X"), "Name the process"),
    ],
)
def test_what_cannot_be_is_refused_in_words(act, said):
    with pytest.raises(UsageError, match=said):
        act(begun())


def test_nothing_changed_leaves_the_text_as_it_is():
    assert draft_text(begun(), TEXT) == TEXT
    assert (
        draft_text(begun().rename("Demo", "X").rename("X", "Demo").change("Demo", aliases=["Presentation"]), TEXT)
        == TEXT
    )


def test_stages_of_a_preset_are_written_out_only_when_they_change():
    text = draft_text(begun().change("Lead", process="new", odds=0.2), TEXT)
    assert "preset: set_odds_10_30_50_80\nalerts" in text
    first = names(begun(), "renewal")[0]
    changed = begun().change(first, process="renewal", odds=0.15)
    told = parse_workspace(draft_text(changed, TEXT)).processes[1]
    assert told.stages == changed.workspace.processes[1].stages


def test_without_a_file_the_proposed_stages_are_written():
    workspace = parse_workspace(TEXT)
    draft = StageDraft.of(workspace).change("Demo", odds=0.2)
    assert parse_workspace(draft_text(draft, "")).processes == draft.workspace.processes


def test_an_anchor_used_twice_is_refused_rather_than_changed_in_both_places():
    text = "processes:\n  - name: a\n    stages: &all\n      - {name: Demo, odds: 0.5}\n  - {name: b, stages: *all}\n"
    draft = StageDraft.of(parse_workspace(text)).change("Demo", process="a", odds=0.2)
    with pytest.raises(WorkspaceError, match="cannot be changed in place"):
        draft_text(draft, text)


def comments(text):
    return sorted(comment.strip() for comment in re.findall(r"(?:^|\s)(#.*)$", text, flags=re.MULTILINE))


ACTS = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 9), st.integers(1, 6)),
    st.tuples(
        st.just("rename"), st.integers(0, 9), st.sampled_from(["A b", "x: y", "# no", "阶段", "0.5", "null", "- a"])
    ),
    st.tuples(st.just("merge"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("add"), st.integers(1, 6), st.sampled_from(["New one", "'quoted'", "新阶段"])),
    st.tuples(st.just("odds"), st.integers(0, 9), st.sampled_from([None, 0.0, 0.123, 1.0])),
    st.tuples(st.just("lists"), st.integers(0, 9), st.sampled_from([[], ["a, b", "c: d"], ["identify_pain", "x"]])),
)


def acted(draft, act):
    what, first, second = act
    stages = draft.processes["new"]
    key = stages[first % len(stages)].key
    if what == "move":
        return draft.move(key, second)
    if what == "rename":
        return draft.rename(key, second)
    if what == "merge":
        return draft.merge(key, stages[second % len(stages)].key)
    if what == "add":
        return draft.add(second, process="new", at=first)
    if what == "odds":
        return draft.change(key, odds=second)
    return draft.change(key, evidence=second, exit_criteria=second[:1], time_limit_days=None if not second else 7.5)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, min_size=1, max_size=6))
def test_whatever_is_done_the_text_says_it_keeps_every_comment_and_can_be_gone_on_from(acts):
    draft = begun()
    for act in acts:
        try:
            draft = acted(draft, act)
        except UsageError:
            continue
    text = draft_text(draft, TEXT)
    assert with_presets(parse_workspace(text)).processes == draft.workspace.processes
    missing = [comment for comment in comments(TEXT) if comment not in text]
    assert missing == []
    # and back again, from what was saved
    back = begun().rebased(draft)
    again = draft_text(back, text)
    assert with_presets(parse_workspace(again)).processes == begun().workspace.processes
    assert [comment for comment in comments(TEXT) if comment not in again] == []
