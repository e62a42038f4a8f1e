"""What the pytest plugin prepares for a test that passes: nothing, where no fixture but its own can still fail."""

import pytest

from mock_oms import pytest_plugin
from mock_oms.client import World


def test_whoever_uses_our_fixtures_alone_has_no_report_prepared(request: pytest.FixtureRequest, oms: World) -> None:
    assert oms.token
    assert set(request.fixturenames) - pytest_plugin.HARMLESS == set()
