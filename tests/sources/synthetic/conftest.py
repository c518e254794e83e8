"""The sample pipeline, made once for all tests of this folder."""

import pytest

from oppnb.sources.synthetic import SyntheticPipeline, make_pipeline


@pytest.fixture(scope="session")
def made() -> SyntheticPipeline:
    return make_pipeline()
