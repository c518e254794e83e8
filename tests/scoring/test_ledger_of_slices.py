"""The ledger of scores keeps what was told of a slice apart."""

from datetime import date

import pandas as pd

from oppnb.scoring import append_scores, scores_known
from oppnb.store import open_store


def test_scores_of_a_slice_stand_apart_from_those_of_the_whole(tmp_path):
    store = open_store(tmp_path)
    said = {"opportunity_id": ["1"], "as_of": pd.Timestamp("2025-03-02")}
    append_scores(pd.DataFrame({**said, "win_probability": [0.4]}), store, model_id="spring")
    append_scores(pd.DataFrame({**said, "win_probability": [0.6]}), store, model_id="spring", only={"region": "East"})
    before = date(2025, 3, 9)
    assert scores_known(store, before=before)["win_probability"].tolist() == [0.4]
    assert scores_known(store, before=before, only={"region": "East"})["win_probability"].tolist() == [0.6]
    assert scores_known(store, before=before, only={"region": "West"}).empty
