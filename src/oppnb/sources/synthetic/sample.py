"""The folder `data/sample`: the clean tables, their workspace, the dirty copy and the truth."""

from pathlib import Path

import pandas as pd

from oppnb.sources.synthetic.dirty import write_dirty
from oppnb.sources.synthetic.pipeline import SyntheticPipeline, make_pipeline
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.sources.synthetic.writing import as_text, write_csv, write_json, write_tables
from oppnb.tables import Kind

__all__ = ["write_sample"]


def write_sample(folder: str | Path, settings: SyntheticSettings | None = None) -> SyntheticPipeline:
    """Make a pipeline and write it.

    Parameters
    ----------
    folder : path
        Gets `pipeline/` (canonical CSV), `oppnb.yaml`, `dirty/` (as a neglected CRM would export it) and `truth/`.
        Files of the same names are overwritten, others are left alone.
    settings : SyntheticSettings, optional
        By default those of `data/sample`.

    Returns
    -------
    SyntheticPipeline
        What was written.
    """
    made = make_pipeline(settings)
    root = Path(folder)
    write_tables(root / "pipeline", dict(made.tables))
    (root / "oppnb.yaml").write_text(workspace_yaml(made.settings), encoding="utf-8", newline="\n")
    planted = write_dirty(root / "dirty", made)
    _write_truth(root / "truth", made)
    write_json(root / "truth" / "faults.json", {"faults": [fault.to_dict() for fault in planted]})
    return made


def _write_truth(folder: Path, made: SyntheticPipeline) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    truth = made.truth
    write_json(folder / "settings.json", truth.settings)
    for name, frame in (
        ("deals", truth.deals),
        ("deal_stages", truth.deal_stages),
        ("spells", truth.spells),
        ("dwell", truth.dwell),
    ):
        write_csv(folder / f"{name}.csv", pd.DataFrame({c: _short(frame[c]) for c in frame.columns}))


def _short(values: pd.Series) -> pd.Series:
    kind: Kind | None = "day" if str(values.name).endswith("_on") else None
    return as_text(values.round(5) if pd.api.types.is_float_dtype(values) else values, kind)
