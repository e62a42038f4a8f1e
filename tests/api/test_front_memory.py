"""However much is asked, and in however many ways: the front holds no more than it says."""

import gc

import pytest

from mock_oms.server.asgi.cached_answers import CACHED_BYTES, CachedAnswer
from mock_oms.server.asgi.connection import Outgoing
from mock_oms.traffic.journal.journal import JOURNAL_SIZE
from mock_oms.worlds.manager import WorldManager
from tests.api.fronted import Fronted
from tests.drf.cases import TOKEN
from tests.drf.tables import LIST
from tests.drf.wire import Sent
from tests.worlds import scenario


def pages(round_: int, size: int = 100) -> list[Sent]:
    """Every page of a world of 5,000 plans, each with a query that nobody has asked before."""
    targets = (f"{LIST}?limit={size}&page={page}&q={round_}x{page}" for page in range(1, 5_000 // size + 1))
    return [Sent(target=target, headers=TOKEN) for target in targets]


def held() -> int:
    """Octets of the bodies that anybody holds, whoever does."""
    gc.collect()
    # Not isinstance, which would wake lazy objects of whatever else this process has imported.
    return sum(len(one.body) for one in gc.get_objects() if type(one) in {CachedAnswer, Outgoing})


def test_a_world_of_5000_plans_read_page_by_page_with_ever_new_queries_fills_no_memory() -> None:
    fronted = Fronted(WorldManager(scenario(clock={"rate": 0}, plans=[{"state": "start", "count": 5_000}])))
    before = held()
    sizes = [len(fronted.ask(sent).body) for round_ in range(2) for sent in pages(round_)]
    assert sum(sizes) > 1.9 * CACHED_BYTES
    assert fronted.from_cache == 0
    assert 0.9 * CACHED_BYTES < held() - before <= CACHED_BYTES
    last = pages(1)[-1]
    assert len(fronted.ask(last).body) == sizes[-1]
    assert fronted.from_cache == 1


@pytest.mark.parametrize("from_cache", [True, False])
def test_journals_hold_their_newest_requests_and_count_the_others_also_those_of_unknown_tokens(
    from_cache: bool,
) -> None:
    fronted = Fronted(WorldManager(scenario(clock={"rate": 0}, plans=[{"id": 7001, "items": ["A"]}])))
    requests = JOURNAL_SIZE + 200
    fronted.asked([Sent(target=f"{LIST}7001/", headers=TOKEN, method="GET" if from_cache else "OPTIONS")] * requests)
    assert (fronted.from_cache > JOURNAL_SIZE) is from_cache
    unknown = [{"Authorization": f"Token {number}"} for number in range(requests if from_cache else 0)]
    fronted.asked([Sent(target=LIST, headers=headers) for headers in unknown])
    of_world, strangers = fronted.simulation.lease("default").traffic.journal, fronted.simulation.unknown_tokens
    for journal in (of_world, strangers) if from_cache else (of_world,):
        assert (len(journal.entries()), journal.total, journal.gone) == (JOURNAL_SIZE, requests, 200)
        assert [journal.entries()[0].number, journal.entries()[-1].number] == [201, requests]
