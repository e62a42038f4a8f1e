"""However much is asked, and in however many ways: the front holds no more than it says."""

import gc

import pytest

from mock_oms.server.asgi.cached_answers import CACHED_BYTES, CachedAnswer
from mock_oms.server.asgi.connection import Outgoing
from mock_oms.traffic.journal import journal
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
def test_the_journal_holds_its_newest_requests_and_counts_the_others(from_cache: bool) -> None:
    simulation = WorldManager(scenario(clock={"rate": 0}, plans=[{"id": 7001, "items": ["A"]}]))
    fronted = Fronted(simulation)
    requests = journal.JOURNAL_SIZE + 200
    method = "GET" if from_cache else "OPTIONS"
    fronted.asked([Sent(target=f"{LIST}7001/", headers=TOKEN, method=method)] * requests)
    kept = simulation.lease("default").traffic.journal
    assert (fronted.from_cache > journal.JOURNAL_SIZE) is from_cache
    assert (len(kept.entries()), kept.total, kept.gone) == (journal.JOURNAL_SIZE, requests, 200)
    assert [kept.entries()[0].number, kept.entries()[-1].number] == [201, requests]


def test_requests_of_unknown_tokens_are_bounded_too() -> None:
    simulation = WorldManager(scenario(clock={"rate": 0}, plans=[]))
    fronted = Fronted(simulation)
    fronted.asked(
        [Sent(target=LIST, headers={"Authorization": f"Token {n}"}) for n in range(journal.JOURNAL_SIZE + 50)]
    )
    assert (len(simulation.strangers.entries()), simulation.strangers.gone) == (journal.JOURNAL_SIZE, 50)
