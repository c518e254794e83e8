"""Models as skops bytes: which types are trusted, and the same bytes for the same model."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, cast

from oppnb.errors import ExtraMissingError, ModelFileError, first_keys
from oppnb.scoring.prediction import WinModel

__all__ = ["MODEL_TYPES", "PART_TYPES", "model_from_bytes", "model_to_bytes", "uses_sklearn"]

MODEL_TYPES = (
    "oppnb.scoring.calibration.CalibratedModel",
    "oppnb.scoring.models.base_rate.BaseRate",
    "oppnb.scoring.models.boosted_closed.BoostedClosed",
    "oppnb.scoring.models.boosted_hazard.BoostedHazard",
    "oppnb.scoring.models.composed.ComposedModel",
    "oppnb.scoring.models.logistic.Logistic",
    "oppnb.scoring.models.naive_bayes.NaiveBayes",
    "oppnb.scoring.models.offset_ridge.OffsetRidge",
    "oppnb.scoring.models.ridge.Ridge",
    "oppnb.scoring.models.ridge_on_rates.RidgeOnRates",
    "oppnb.scoring.models.spline_hazard.SplineHazard",
    "oppnb.scoring.models.stage_odds.ObservedStageOdds",
    "oppnb.scoring.models.stage_odds.SetStageOdds",
    "oppnb.scoring.models.stage_rates.StageRates",
    "oppnb.scoring.models.stage_week.StageWeekRates",
)
"""What may be saved as a model."""

PART_TYPES = (
    "oppnb.scoring.calibration.CalibrationMap",
    "oppnb.scoring.engine.bins.ColumnBins",
    "oppnb.scoring.engine.boosted.BoostSettings",
    "oppnb.scoring.engine.columns.RowBins",
    "oppnb.scoring.engine.lead_pace.LeadPace",
    "oppnb.scoring.engine.pairs.TableSum",
    "oppnb.scoring.engine.profile.Profiles",
    "oppnb.scoring.models.encoding.Encoder",
    "oppnb.scoring.models.encoding._Category",
    "oppnb.scoring.models.encoding._Number",
    "oppnb.scoring.models.logistic_fit.LogisticFit",
    "oppnb.scoring.rows.Feature",
)
"""What a model may hold besides arrays, numbers, texts, lists and dictionaries. Data only: none runs anything."""

_TRUSTED = [*MODEL_TYPES, *PART_TYPES]
_SCHEMA = "schema.json"
_WHEN = (1980, 1, 1, 0, 0, 0)
_UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, ImportError, OSError, EOFError, RecursionError)


def model_to_bytes(model: WinModel) -> bytes:
    """Write a model; the same model gives the same bytes.

    Raises
    ------
    ExtraMissingError
        If skops is not installed.
    TypeError
        If it holds a type that is not among `MODEL_TYPES` and `PART_TYPES`.
    """
    skops = _skops()
    data = skops.dumps(model)
    strange = sorted(set(skops.get_untrusted_types(data=data)) - set(_TRUSTED))
    if strange:
        raise TypeError(f"a model of oppnb holds plain data; these types could not be loaded again: {strange}")
    return _same_bytes(data)


def model_from_bytes(data: bytes, *, name: str) -> WinModel:
    """Read a model that `model_to_bytes` wrote.

    Raises
    ------
    ModelFileError
        If the bytes are damaged, or hold a type that a model of oppnb does not hold; `name` is the file's.
    ExtraMissingError
        If skops is not installed.
    """
    skops = _skops()
    try:
        strange = sorted(set(skops.get_untrusted_types(data=data)) - set(_TRUSTED))
        if not strange:
            found = skops.loads(data, trusted=_TRUSTED)
    except (zipfile.BadZipFile, *_UNREADABLE) as error:
        raise ModelFileError(f"'{name}' is damaged: the model in it cannot be read. Train again.") from error
    if strange:
        raise ModelFileError(
            f"'{name}' holds {len(strange)} types that a model of oppnb does not hold: {first_keys(strange)}.\n"
            "Nothing of it was loaded. Do not use files of unknown origin; train again."
        )
    kind = f"{type(found).__module__}.{type(found).__qualname__}"
    if kind not in MODEL_TYPES:
        raise ModelFileError(f"'{name}' holds a {kind}, which is not a model of oppnb. Train again.")
    return cast("WinModel", found)


def uses_sklearn(data: bytes) -> bool:
    """Whether anything of scikit-learn is in it, which only the same version can put together again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
    return any(str(node.get("__module__", "")).split(".")[0] == "sklearn" for node in _nodes(schema))


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise ExtraMissingError.for_extra("scoring", what="Saving and loading models") from error
    return skops.io


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a tree of JSON, from the top down."""
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _nodes(child)


def _same_bytes(data: bytes) -> bytes:
    """The same content with numbers instead of memory addresses, and without the time of day."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(content.pop(_SCHEMA))
    numbers: dict[int, int] = {}
    for node in _nodes(schema):
        if isinstance(node.get("__id__"), int):
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
    names = {name: _numbered(name, numbers) for name in content}
    for node in _nodes(schema):
        if node.get("file") in names:
            node["file"] = names[node["file"]]
    parts = {names[name]: content[name] for name in sorted(content, key=lambda name: (len(names[name]), names[name]))}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, value in {_SCHEMA: json.dumps(schema).encode(), **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), value)
    return buffer.getvalue()


def _numbered(name: str, numbers: dict[int, int]) -> str:
    stem, dot, ending = name.partition(".")
    return f"{numbers[int(stem)]}{dot}{ending}" if stem.isdecimal() and int(stem) in numbers else name
