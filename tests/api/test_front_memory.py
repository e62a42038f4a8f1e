"""However much is asked, and in however many ways: the front holds no more than it says."""

import gc

from mock_oms.server.asgi.cached_answers import CACHED_BYTES, CachedAnswer
from mock_oms.server.asgi.connection import Outgoing
from mock_oms.traffic.journal.journal import JOURNAL_BYTES, JOURNAL_SIZE
from mock_oms.worlds.manager import WorldManager
from tests.api.fronted import Fronted
from tests.drf.cases import TOKEN
from tests.drf.tables import LIST
from tests.drf.wire import Sent
from tests.worlds import scenario

PAGES, PAGE = 5, 100


def pages(round_: int) -> list[Sent]:
    """Every page of a world, each with a query that nobody has asked before."""
    targets = (f"{LIST}?limit={PAGE}&page={page}&q={round_}x{page}" for page in range(1, PAGES + 1))
    return [Sent(target=target, headers=TOKEN) for target in targets]


def bodies() -> dict[int, CachedAnswer | Outgoing]:
    """What holds the octets of a body now, whoever has it."""
    gc.collect()
    # Not isinstance, which would wake lazy objects of whatever else this process has imported.
    return {id(one): one for one in gc.get_objects() if type(one) in {CachedAnswer, Outgoing}}


def test_a_world_that_is_read_page_by_page_with_ever_new_queries_fills_no_memory() -> None:
    plans = [{"state": "start", "count": PAGES * PAGE}]
    fronted = Fronted(WorldManager(scenario(clock={"rate": 0}, plans=plans)))
    before = bodies()
    size, round_ = 0, 0
    while size < 1.1 * CACHED_BYTES:
        round_ += 1
        size += sum(len(answer.body) for answer in fronted.asked(pages(round_)))
    assert fronted.from_cache == 0
    # A thread that has just answered may still hold its answer: its body is the one that is cached.
    held = {id(one.body): len(one.body) for key, one in bodies().items() if key not in before}
    assert 0.9 * CACHED_BYTES < sum(held.values()) <= CACHED_BYTES
    fronted.asked(pages(round_))
    assert fronted.from_cache == PAGES


def test_journals_hold_their_newest_requests_and_count_the_others_also_those_of_unknown_tokens() -> None:
    fronted = Fronted(WorldManager(scenario(clock={"rate": 0}, plans=[{"id": 7001, "items": ["A"]}])))
    cached, by_flask = JOURNAL_SIZE + 1, 199
    asked = ["GET"] * cached + ["OPTIONS"] * by_flask
    fronted.asked([Sent(target=f"{LIST}7001/", headers=TOKEN, method=method) for method in asked])
    assert fronted.from_cache == cached - 1
    unknown = [{"Authorization": f"Token {number}"} for number in range(len(asked))]
    fronted.asked([Sent(target=LIST, headers=headers) for headers in unknown])
    of_world, strangers = fronted.simulation.lease("default").traffic.journal, fronted.simulation.unknown_tokens
    for journal in (of_world, strangers):
        assert (len(journal.entries()), journal.total, journal.gone) == (JOURNAL_SIZE, len(asked), 200)
        assert [journal.entries()[0].number, journal.entries()[-1].number] == [201, len(asked)]


def test_a_journal_holds_no_more_bytes_than_it_says_however_long_the_heads_are() -> None:
    fronted = Fronted(WorldManager(scenario(clock={"rate": 0}, plans=[])))
    many, length = 300, 30_000
    fronted.asked([Sent(target="/x", headers={**TOKEN, "X-Long": f"{number:030000}"}) for number in range(many)])
    journal = fronted.simulation.lease("default").traffic.journal
    held = sum(len(value) for one in journal.entries() for _, value in one.headers)
    assert (0.9 * JOURNAL_BYTES < held <= JOURNAL_BYTES, journal.total) == (True, many)
    assert journal.gone == fronted.simulation.metrics.evicted == many - held // length
