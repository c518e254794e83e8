"""The tables of a model card in the reader's words; what is not known is a dash."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    from oppnb.scoring.reason_words import FeatureWords

__all__ = ["CardTables"]

Records = Sequence[Mapping[str, Any]]
_EXPORTED = "_as_exported"
MEASURES = ("auc", "log_loss", "brier_skill", "calibration_slope", "calibration_intercept")


class CardTables:
    """Frames of a card's parts.

    Parameters
    ----------
    card : mapping
        Of `oppnb.scoring.model_card`, or read from its JSON.
    words, formats : Words, Formats
        The reader's language.
    """

    def __init__(self, card: Mapping[str, Any], *, words: Words, formats: Formats) -> None:
        self.card = card
        self.words = words
        self.formats = formats

    def title(self, model: object) -> str:
        """The name of a model for readers; of leads by the words for leads."""
        if self.card.get("subject") == "lead":
            known = self.words.get(f"scoring_leads.model_{model}", "")
            if known:
                return known
        return self.words.get(f"scoring.model_{model}", str(model))

    def labels(self) -> dict[str, dict[str, str]]:
        """Names of processes and stages in the reader's language; none in a card that holds none."""
        locale = self.words.locale
        declared = {
            column: {name: label[locale] for name, label in names.items() if locale in label}
            for column, names in self.card.get("labels", {}).items()
        }
        own = {
            "default": self.words("process.default"),
            "lead": self.words("model_card.process_lead"),
        }  # names of our own
        return {**declared, "process": {**own, **declared.get("process", {})}}

    def number(self, value: Any, *, digits: int = 3) -> str:
        """A number, or a dash."""
        return self.formats.number(None if value is None else float(value), digits=digits)

    def measured(self, row: Mapping[str, Any], name: str, *, digits: int = 3) -> str:
        """A measure with its interval: `0.756 (0.72 – 0.79)`."""
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        said = self.number(row.get(name), digits=digits)
        if low is None or high is None:
            return said
        return f"{said} ({self.number(low, digits=2)} – {self.number(high, digits=2)})"

    def models(self) -> pd.DataFrame:
        """Every model with its measures, the lowest log loss first."""
        rows = self._ordered()
        return pd.DataFrame(
            {
                "model": [self.title(row["model"]) for row in rows],
                "kind_of_model": [self._kind(row) for row in rows],
                "n_deals": [row["n_deals"] for row in rows],
                **self._measures(rows, MEASURES[:-1]),
            }
        )

    def _ordered(self) -> list[Mapping[str, Any]]:
        return sorted(self.card["evaluation"], key=lambda row: (_or_last(row.get("log_loss")), str(row["model"])))

    def models_beside(self) -> pd.DataFrame:
        """The same, and how the model in use did on the same deals: its log loss less that of the row's model."""
        return self.models().assign(in_use_against=[self._against(row["model"]) for row in self._ordered()])

    def models_in_short(self) -> pd.DataFrame:
        """`models_beside` as a page has room for: the kind beside the name."""
        frame = self.models_beside()
        kinds = zip(frame["model"], self._ordered(), strict=True)
        named = [self.words("model_card.model_of_kind", model=name, kind=self._kind(row)) for name, row in kinds]
        return frame.assign(model=named).drop(columns=["kind_of_model"])

    def not_compared(self) -> list[str]:
        """Models that were judged and yet never held against the one in use: a dash in `models_beside`."""
        others = (row for row in self._ordered() if row["model"] != self.card["chosen"])
        judged = (row["model"] for row in others if row.get("log_loss") is not None)
        return [self.title(model) for model in judged if self._against(model) == "–"]

    def _against(self, model: object) -> str:
        """Log loss of the model in use less that of another on the same deals, with limits; a dash if not measured."""
        chosen = self.card["chosen"]
        for row in self.card["steps"]:
            if row["question"] == "timing" or row["difference"] is None:
                continue
            if (row["model"], row["against"]) == (chosen, model):
                return self._paired(row)
            if (row["model"], row["against"]) == (model, chosen):
                turned = {"difference": -row["difference"], "low": _turned(row["high"]), "high": _turned(row["low"])}
                return self._paired(turned)
        return "–"

    def _paired(self, row: Mapping[str, Any]) -> str:
        """A difference with its limits."""
        return self.paired(row["difference"], row.get("low"), row.get("high"))

    def _limits(self, row: Mapping[str, Any]) -> str:
        if row.get("low") is None or row.get("high") is None:
            return ""
        return f" ({self.number(row['low'], digits=4)} – {self.number(row['high'], digits=4)})"

    def paired(self, value: Any, low: Any, high: Any) -> str:
        """A difference in log loss with its limits; a gain of less than 0.0005 counts for nothing, so 3 digits do."""
        said = self.number(value)
        return said if low is None or high is None else f"{said} ({self.number(low)} – {self.number(high)})"

    def _kind(self, row: Mapping[str, Any]) -> str:
        is_chosen = row["model"] == self.card["chosen"]
        return self.words(f"model_card.kind_{'in_use' if is_chosen else 'baseline' if row['is_baseline'] else 'model'}")

    def _measures(self, rows: Records, names: Sequence[str] = MEASURES) -> dict[str, list[str]]:
        return {name: [self.measured(row, name) for row in rows] for name in names}

    def losses(self) -> pd.DataFrame:
        """What the chart of models is drawn from."""
        names = ("model", "is_baseline", "log_loss", "log_loss_low", "log_loss_high")
        frame = pd.DataFrame(
            [{name: row.get(name) for name in names} for row in self.card["evaluation"]], columns=names
        )
        numbers = dict.fromkeys(names[2:], "float64")
        return frame.assign(model=[self.title(model) for model in frame["model"]]).astype(numbers)

    def steps(self) -> pd.DataFrame:
        """Every comparison that led to the model in use."""
        says, rows = self.words, self.card["steps"]
        ends = ["is_better" if row["is_better"] else "is_worse" if row["is_worse"] else "is_even" for row in rows]
        return pd.DataFrame(
            {
                "model": [self.title(row["model"]) for row in rows],
                "against": [self.title(row["against"]) for row in rows],
                "question": [says(self.key(str(row["question"]), subject="model_card_step")) for row in rows],
                "difference": [self.number(row["difference"], digits=4) + self._limits(row) for row in rows],
                "n_deals": [row["n_deals"] for row in rows],
                "result": [says(f"model_card_step.{end}") for end in ends],
            }
        )

    def key(self, key: str, *, subject: str = "model_card") -> str:
        """The key of a text of the catalogue: that for leads where the card is of leads and has one of its own."""
        own = f"{subject}_of_leads"
        is_own = self.card.get("subject") == "lead" and key in self.words.keys(own)
        return f"{own if is_own else subject}.{key}"

    def reliability(self, name: str) -> pd.DataFrame:
        """Stated and observed by group."""
        names = ("bin", "n_deals", "stated", "observed", "low", "high")
        frame = pd.DataFrame([{name: row[name] for name in names} for row in self.card[name]], columns=names)
        return frame.astype({"bin": "int64", "n_deals": "int64", **dict.fromkeys(names[2:], "float64")})

    def slices(self, by: str) -> pd.DataFrame:
        """Measures of the model in use for each part."""
        rows = self.card[f"by_{by}"]
        parts = [row[by] if row[by] is not None else self.words("report.stage_unknown") for row in rows]
        return pd.DataFrame({by: parts, "n_deals": [row["n_deals"] for row in rows], **self._measures(rows)})

    def lift(self) -> pd.DataFrame:
        """Share won by tenth; empty for a card that has none."""
        names = ("decile", "n_deals", "observed", "lift", "lift_low", "lift_high", "share_of_wins")
        rows = [{name: row[name] for name in names} for row in self.card.get("lift", ())]
        whole = {"decile": "int64", "n_deals": "int64"}
        return pd.DataFrame(rows, columns=names).astype({**dict.fromkeys(names, "float64"), **whole})

    def fields(self, part: str, verdicts: Iterable[str]) -> pd.DataFrame:
        """Fields of the leakage audit: why, and what they would have added, to what."""
        from oppnb.scoring.reason_words import FeatureWords

        wanted, says = set(verdicts), FeatureWords(self.words, self.formats)
        rows = [row for row in self.card[part] if row["verdict"] in wanted]
        said = [self._with_labels(row["words"].get(self.words.locale) or row["words"]["en"]) for row in rows]
        added = pd.Series([row["would_have_added"] for row in rows], dtype="float64")
        without = pd.Series([row.get("auc_without") for row in rows], dtype="float64")
        base = {"auc_without": without, "auc_with": without + added} if without.notna().any() else {}
        verdict = [self.words.get(f"model_card_verdict.{row['verdict']}", row["verdict"]) for row in rows]
        return pd.DataFrame(
            {
                "field": [self._field(str(row["field"]), says) for row in rows],
                "verdict": verdict,
                **base,
                "would_have_added": added,
                "why": said,
            }
        )

    def _with_labels(self, text: str) -> str:
        """A text with quoted stages by their labels."""
        for name, label in self.labels().get("stage", {}).items():
            text = text.replace(f"“{name}”", f"“{label}”")
        return text

    def _field(self, name: str, says: "FeatureWords") -> str:
        """The name of a field for readers; a column that only the client's data has keeps its own."""
        bare = name.removesuffix(_EXPORTED)
        own = says.title(bare)
        said = (
            own
            if own != bare
            else self.words.get(f"report.column_{bare}", "") or self.words.get(f"column.{bare}", bare)
        )
        return said if bare == name else self.words("model_card.as_exported", field=said)

    def features(self) -> pd.DataFrame:
        """Fields in use, one row an idea."""
        from oppnb.scoring.reason_words import FeatureWords

        says = FeatureWords(self.words, self.formats)
        groups: dict[str, list[str]] = {}
        for feature in self.card["features"]:
            groups.setdefault(str(feature["group"]), []).append(says.title(str(feature["name"])))
        separator = self.words("model_card.separator")
        return pd.DataFrame(
            {
                "group": [self.words.get(f"score_group.{group}", group) for group in groups],
                "n_fields": [len(names) for names in groups.values()],
                "fields": [separator.join(names) for names in groups.values()],
            }
        )

    def drivers(self, *, most: int = 10) -> pd.DataFrame:
        """The fields that move the probability most, where the model can tell."""
        from oppnb.scoring.reason_words import TOLD_BY, FeatureWords

        says = FeatureWords(self.words, self.formats)
        strengths = {str(row["feature"]): float(row["strength"]) for row in self.card["drivers"]}
        ordered = sorted(strengths, key=lambda name: (-strengths[name], name))
        said_by: dict[str, str] = {}  # days in the stage and their multiple of the time limit say the same
        for name in ordered:
            said_by.setdefault(TOLD_BY.get(name, name), name)
        first = list(said_by.values())[:most]
        return pd.DataFrame(
            {"feature": [says.title(name) for name in first], "strength": [strengths[name] for name in first]}
        )

    def drift(self) -> pd.DataFrame:
        """Observed and expected wins by stage."""
        names = ["stage", "process", "n_deals", "observed", "expected", "z", "observed_of_late", "expected_of_late"]
        rows = (self.card["drift"] or {}).get("stages", [])
        frame = pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=names)
        frame = frame.astype(dict.fromkeys(names[3:], "float64"))
        states = [self.words(f"model_card_state.{row['state']}") for row in rows]
        return frame.assign(stage=frame["stage"].replace("", self.words("report.stage_unknown")), state=states)


def _or_last(value: Any) -> float:
    return float("inf") if value is None else float(value)


def _turned(value: Any) -> float | None:
    return None if value is None else -float(value)
