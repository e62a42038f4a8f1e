"""What passes is waited for; what does not, is told."""

import httpx
import pytest
from client import Client, GaveUpError

from mock_oms.client import World

pytestmark = pytest.mark.oms(scenario="restock")


def test_it_waits_as_long_as_the_oms_says(client: Client, oms: World) -> None:
    before = oms.now
    oms.fault(on="list", status=503, retry_after=7, times=2)
    assert client.states() == {41207: "start"}
    assert (oms.now - before).total_seconds() == 14


@pytest.mark.parametrize("fault", [{"connection": "reset"}, {"connection": "truncate"}, {"body": "html"}])
def test_it_tries_again_when_an_answer_is_broken(client: Client, oms: World, fault: dict[str, str]) -> None:
    oms.fault(on="list", times=1, **fault)
    assert client.states() == {41207: "start"}
    oms.verify("list", exactly=2)


def test_it_gives_up_in_the_end(client: Client, oms: World) -> None:
    oms.fault(profile="down")
    with pytest.raises(GaveUpError, match="5 times"):
        client.states()


def test_it_does_not_insist_on_a_wrong_token(client: Client, oms: World) -> None:
    oms.fault(on="list", status=401)
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        client.states()
    oms.verify("list", exactly=1)


def test_it_fails_aloud_where_the_contract_has_changed(client: Client, oms: World) -> None:
    oms.fault(on="list", shape="missing-next")
    with pytest.raises(KeyError, match="next"):
        client.states()
