"""Model files: what comes back, and what is refused."""

import importlib
import json
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oppnb.errors import ModelFileError, ModelVersionError, NothingToReadError
from oppnb.scoring.models.ladder import BASELINES, LADDER
from oppnb.scoring.saving import MODEL_FORMAT, load_model, read_card, save_model
from oppnb.scoring.skops_bytes import MODEL_TYPES, PART_TYPES, model_to_bytes
from tests.scoring.ladder_rows import make_rows

ALL = {**BASELINES, **LADDER}
CARD = {"chosen": "ridge", "log_loss": 0.512, "names": ["新签"]}


class Strange:
    """Not a model."""

    def __init__(self) -> None:
        self.x = 1


class Wicked:
    """Would run a command if anybody unpickled it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/should-never-be-there",)


def rewritten(path: Path, **parts: bytes) -> Path:
    """The same archive with some parts replaced."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in {**content, **{name.replace("__", "."): value for name, value in parts.items()}}.items():
            archive.writestr(name, value)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save_model(LADDER["ridge"]().fit(make_rows(120)), tmp_path / "deals.oppnb", card=CARD)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_a_model_says_the_same_after_it_was_saved(make: Any, tmp_path: Path) -> None:
    model, rows = make().fit(make_rows(150)), make_rows(60, seed=4, is_open=True)
    saved = load_model(save_model(model, tmp_path / "deals.oppnb", card=CARD))
    assert type(saved.model) is type(model)
    assert saved.card == CARD
    np.testing.assert_array_equal(saved.model.predict(rows).won, model.predict(rows).won)
    np.testing.assert_array_equal(saved.model.contributions(rows).values, model.contributions(rows).values)


def test_the_same_model_gives_the_same_bytes_in_another_process(tmp_path: Path, file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from oppnb.scoring.models.ladder import LADDER\n"
        "from oppnb.scoring.saving import save_model; from tests.scoring.ladder_rows import make_rows\n"
        "from tests.scoring.test_saving import CARD\n"
        "save_model(LADDER['ridge']().fit(make_rows(120)), Path(sys.argv[1]), card=CARD)\n"
    )
    other = tmp_path / "other.oppnb"
    subprocess.run([sys.executable, "-c", code, str(other)], check=True, cwd=Path(__file__).resolve().parents[2])
    assert other.read_bytes() == file.read_bytes()


def test_no_pickle_is_in_it(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        archive.extract("model.skops", tmp_path)
    with zipfile.ZipFile(tmp_path / "model.skops") as archive:
        assert {name.rpartition(".")[2] for name in archive.namelist()} == {"json", "npy"}


def test_nothing_half_written_is_left(file: Path) -> None:
    assert [path.name for path in file.parent.iterdir()] == ["deals.oppnb"]


def test_two_may_save_at_once(tmp_path: Path) -> None:
    def save(number: int) -> None:
        save_model(LADDER["ridge"](), tmp_path / "deals.oppnb", card={"number": number, "text": "x" * 100_000})
        load_model(tmp_path / "deals.oppnb")

    with ThreadPoolExecutor(8) as workers:
        assert len(list(workers.map(save, range(48)))) == 48
    assert [path.name for path in tmp_path.iterdir()] == ["deals.oppnb"]


def test_every_trusted_type_is_there_and_named_once() -> None:
    names = [*MODEL_TYPES, *PART_TYPES]
    assert len(set(names)) == len(names)
    for name in names:
        module, _, kind = name.rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), kind), type)
        assert module.startswith("oppnb.scoring.")


def test_a_model_that_could_not_be_loaded_is_not_saved(tmp_path: Path) -> None:
    model: Any = LADDER["ridge"]().fit(make_rows(60))
    model.extra = Strange()
    with pytest.raises(TypeError, match="Strange"):
        save_model(model, tmp_path / "deals.oppnb", card={})
    assert not list(tmp_path.iterdir())


def test_a_card_can_be_read_alone_even_of_another_version(file: Path) -> None:
    rewritten(file, oppnb__json=json.dumps({"format": 99, "versions": {"oppnb": "9.0"}}).encode(), model__skops=b"")
    assert read_card(file) == CARD


def test_another_format_says_what_to_do(file: Path) -> None:
    about = {"format": MODEL_FORMAT + 1, "versions": {"oppnb": "9.9.0"}}
    with pytest.raises(ModelVersionError, match=r"(?s)oppnb 9\.9\.0.*Train it again:  oppnb train") as raised:
        load_model(rewritten(file, oppnb__json=json.dumps(about).encode()))
    assert raised.value.exit_code == 4


def test_parts_of_another_scikit_learn_are_refused(file: Path) -> None:
    about = {"format": MODEL_FORMAT, "versions": {"oppnb": "0.1.0", "scikit-learn": "0.24.2"}}
    with pytest.raises(ModelVersionError, match=r"scikit-learn 0\.24\.2; here is"):
        load_model(rewritten(file, oppnb__json=json.dumps(about).encode()))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToReadError, match="no model at"):
        load_model(tmp_path / "none.oppnb")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"a,b\n1,2\n", b"\x80\x04K\x01."])
def test_a_file_that_is_no_model_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "deals.oppnb"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"not a model file of oppnb.*\n.*train again"):
        load_model(path)


def test_a_workbook_or_another_archive_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(ModelFileError, match=r"it has no oppnb\.json"):
        load_model(tmp_path / "book.xlsx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_told(file: Path, share: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelFileError):
        load_model(file)


def test_a_flipped_byte_anywhere_is_told_or_changes_nothing(file: Path) -> None:
    whole, rows = file.read_bytes(), make_rows(20, seed=4, is_open=True)
    said = load_model(file).model.predict(rows).won_ever
    for place in range(40, len(whole), len(whole) // 30):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            np.testing.assert_array_equal(load_model(file).model.predict(rows).won_ever, said)
        except ModelFileError:
            continue


@pytest.mark.parametrize("about", [b"[]", b"{}", b'{"format": "x"}', b"nonsense", b'{"format": 1, "versions": 3}'])
def test_a_description_that_says_nothing_is_told(file: Path, about: bytes) -> None:
    with pytest.raises(ModelFileError):
        load_model(rewritten(file, oppnb__json=about))


def test_a_type_that_no_model_holds_is_refused_before_anything_is_loaded(file: Path) -> None:
    import skops.io

    for strange in (Strange(), Wicked(), {"a": os.system}):
        with pytest.raises(ModelFileError, match=r"does not hold:.*\nNothing of it was loaded"):
            load_model(rewritten(file, model__skops=skops.io.dumps(strange)))
    assert not Path("/tmp/should-never-be-there").exists()


def test_what_is_harmless_but_no_model_is_refused(file: Path) -> None:
    import skops.io

    part = LADDER["ridge"]().fit(make_rows(60)).encoder_  # type: ignore[attr-defined]
    for harmless in ({"a": 1}, np.arange(3), part):
        with pytest.raises(ModelFileError, match="not a model of oppnb"):
            load_model(rewritten(file, model__skops=skops.io.dumps(harmless)))


def test_a_model_inside_that_is_damaged_is_told(file: Path) -> None:
    data = model_to_bytes(LADDER["ridge"]().fit(make_rows(60)))
    for cut in (b"", data[:-100], data.replace(b'"__loader__"', b'"__loaded__"')):
        with pytest.raises(ModelFileError):
            load_model(rewritten(file, model__skops=cut))
