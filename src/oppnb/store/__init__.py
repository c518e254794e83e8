"""What oppnb remembers between runs: append-only Parquet files, one folder a table, one file a run.

>>> from tempfile import TemporaryDirectory
>>> import pandas as pd
>>> scores = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-03-31"]), "win_probability": [0.4]})
>>> with TemporaryDirectory() as folder:
...     store = open_store(folder)
...     name = store.append("scores", scores, run_id="first")
...     print(name, len(store.read("scores")))
scores/first.parquet 1
"""

from oppnb.store.opening import open_store
from oppnb.store.run_ids import new_run_id
from oppnb.store.store import Store
from oppnb.store.tables import STORED, StoredTable

__all__ = ["STORED", "Store", "StoredTable", "new_run_id", "open_store"]
