"""Tables as an extract-load tool lands them, with stage names that say nothing: the outcome is the export's."""

import pandas as pd
import pytest

from oppnb.review import open_review
from tests.field_data import field_data

pytestmark = pytest.mark.field_data


def test_a_closed_salesforce_deal_is_closed_although_its_stage_is_a_hash() -> None:
    folder = field_data("fivetran_seeds") / "salesforce"
    deals = pd.read_csv(folder / "sf_opportunity_data.csv").drop_duplicates("id").set_index("id")
    expected = deals["is_won"].map({True: "won", False: "lost"}).where(deals["is_closed"], "open")
    found = open_review(folder).snapshot.set_index("opportunity_id")["outcome"]
    assert found.to_dict() == expected.reindex(found.index).to_dict()
    assert (found == "won").sum() == 5
