"""What several test files share."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.tabular.records import frame_of, raw_table_of_all


@pytest.fixture
def frame() -> pd.DataFrame:
    return frame_of(raw_table_of_all())
