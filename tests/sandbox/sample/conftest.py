"""The sample workspace, built once and served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from larknb.sandbox import Sandbox, Tenant, sample_workspace

from ..conftest import Api


@pytest.fixture(scope="package")
def tenant() -> Tenant:
    return sample_workspace(300)


@pytest.fixture(scope="package")
def served(tenant: Tenant) -> Iterator[tuple[Sandbox, Api]]:
    with Sandbox(tenant) as box:
        api = Api(box.url, box.sign_in()["access_token"])
        yield box, api
        api.session.close()
