"""Models in files: one zip with the model (skops, never a pickle), its card, and the versions that made it."""

import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import oppnb
from oppnb.errors import ExtraMissingError, ModelFileError, ModelVersionError, NothingToReadError, first_keys, path_hint
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.skops_bytes import model_from_bytes, model_to_bytes, uses_sklearn

__all__ = ["MODEL_FORMAT", "SavedModel", "load_model", "read_card", "save_model"]

MODEL_FORMAT = 3
"""Raised when a model of today could not be read by yesterday's oppnb, or the other way round."""

_ABOUT, _CARD, _MODEL = "oppnb.json", "card.json", "model.skops"
_WHEN = (1980, 1, 1, 0, 0, 0)
_MODEL_EXTRA = "scoring"
_NOT_WHOLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class SavedModel:
    """What a model file holds.

    Attributes
    ----------
    model : WinModel
        Ready to predict.
    card : dict
        The model card, as it was given.
    versions : dict of str to str
        Of oppnb, numpy, skops, and of scikit-learn if the model holds anything of it.
    """

    model: WinModel
    card: dict[str, Any]
    versions: dict[str, str]


def save_model(model: WinModel, path: str | Path, *, card: Mapping[str, Any]) -> Path:
    """Write a model with its card into one file.

    Parameters
    ----------
    model : WinModel
        A fitted model of oppnb.
    path : path
        Written beside and renamed when complete; a file that is there is replaced. The folder is made.
    card : mapping
        The model card; anything that JSON can hold.

    Returns
    -------
    Path
        The file. The same model and card give the same bytes.

    Raises
    ------
    ExtraMissingError
        If skops is not installed.
    TypeError
        If the model holds a type that `load_model` would refuse.

    Examples
    --------
    >>> import tempfile
    >>> from oppnb.scoring.models.ridge import Ridge
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_model(Ridge(), Path(folder) / "deals.oppnb", card={"chosen": "ridge"})
    ...     load_model(file).card
    {'chosen': 'ridge'}
    """
    data = model_to_bytes(model)
    about = {"format": MODEL_FORMAT, "versions": _versions(with_sklearn=uses_sklearn(data))}
    parts = {_ABOUT: _as_json(about), _CARD: _as_json(dict(card)), _MODEL: data}
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{uuid4().hex[:8]}.writing")  # two may train at once
    try:
        with zipfile.ZipFile(beside, "w") as archive:
            for name, content in parts.items():
                archive.writestr(zipfile.ZipInfo(name, _WHEN), content, compress_type=zipfile.ZIP_DEFLATED)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return target


def _as_json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode()


def _versions(*, with_sklearn: bool) -> dict[str, str]:
    try:
        import numpy as np
        import sklearn
        import skops
    except ImportError as error:
        raise ExtraMissingError.for_extra(_MODEL_EXTRA, what="Saving and loading models") from error
    found = {"oppnb": oppnb.__version__, "numpy": str(np.__version__), "skops": str(skops.__version__)}
    return {**found, "scikit-learn": str(sklearn.__version__)} if with_sklearn else found


def load_model(path: str | Path) -> SavedModel:
    """Read a model that `save_model` wrote. Nothing in the file is run: only known types are put together again.

    Raises
    ------
    NothingToReadError
        If there is no such file.
    ModelFileError
        If the file is no model of oppnb, is damaged, or holds a type that models of oppnb do not hold.
    ModelVersionError
        If it was saved in another format, or holds parts of another scikit-learn.
    ExtraMissingError
        If skops is not installed.
    """
    content = _read(Path(path), (_ABOUT, _CARD, _MODEL))
    about = _told(content[_ABOUT], path)
    versions = _checked_versions(about, path)
    card = _told(content[_CARD], path)
    return SavedModel(model_from_bytes(content[_MODEL], name=Path(path).name), card, versions)


def read_card(path: str | Path) -> dict[str, Any]:
    """Read only the card of a model file, of whatever version.

    Raises
    ------
    NothingToReadError
        If there is no such file.
    ModelFileError
        If the file is no model of oppnb, or is damaged.
    """
    return _told(_read(Path(path), (_ABOUT, _CARD))[_CARD], path)


def _read(path: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    if not path.is_file():
        raise NothingToReadError(
            f"There is no model at '{path}'.{path_hint(path)} Make one:  oppnb train DATA --model-out {path.name}"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            absent = [name for name in names if name not in archive.namelist()]
            if absent:
                raise _damaged(path, f"it has no {first_keys(absent)}")
            return {name: archive.read(name) for name in names}
    except _NOT_WHOLE as error:
        raise _damaged(path, "it is no archive, or not whole") from error


def _damaged(path: str | Path, why: str) -> ModelFileError:
    return ModelFileError(
        f"'{Path(path).name}' is not a model file of oppnb: {why}.\n"
        "Use a file that oppnb train wrote with --model-out, or train again."
    )


def _told(content: bytes, path: str | Path) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "its description cannot be read") from error
    if not isinstance(told, dict):
        raise _damaged(path, "its description is no table of names")
    return told


def _checked_versions(about: Mapping[str, Any], path: str | Path) -> dict[str, str]:
    versions, found = about.get("versions"), about.get("format")
    if not isinstance(versions, dict) or not isinstance(found, int):
        raise _damaged(path, "it does not say which version wrote it")
    told = {str(name): str(version) for name, version in versions.items()}
    if found != MODEL_FORMAT:
        raise _other_version(path, told, f"model format {found}; this oppnb {oppnb.__version__} reads {MODEL_FORMAT}")
    if "scikit-learn" in told:
        here = _versions(with_sklearn=True)["scikit-learn"]
        if told["scikit-learn"].split(".")[:2] != here.split(".")[:2]:
            raise _other_version(path, told, f"scikit-learn {told['scikit-learn']}; here is {here}")
    return told


def _other_version(path: str | Path, versions: Mapping[str, str], why: str) -> ModelVersionError:
    return ModelVersionError(
        f"'{Path(path).name}' was saved by oppnb {versions.get('oppnb', '?')} with {why}.\n"
        f"Train it again:  oppnb train DATA --model-out {Path(path).name}\n"
        f"or use it with oppnb {versions.get('oppnb', '?')}."
    )
