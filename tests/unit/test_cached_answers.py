import tracemalloc

import pytest

from mock_oms.api.rest_framework import rendered
from mock_oms.server.asgi.cached_answers import CachedAnswer, CachedAnswers, Key
from mock_oms.server.asgi.connection import on_the_wire, packed
from mock_oms.server.asgi.request import HeaderFields, RequestTarget
from tests.worlds import START, opened

LIMIT = 2_000_000
EMPTY = b'{"count":0,"next":null,"previous":null,"results":[]}'
WORLD = opened(plans=[])


def key(number: int, accept: bytes = b"*/*") -> Key:
    fields = HeaderFields(b"Token x", accept + b"%d" % number, b"shop", odd=False)
    return Key(None, b"/x/", b"q=%d" % number, fields)  # type: ignore[arg-type]  # no world is looked at


def answer(body: bytes) -> CachedAnswer:
    headers = on_the_wire(rendered(body, allow="GET, HEAD, OPTIONS", indent=None).headers)
    return CachedAnswer(
        contents=WORLD.contents,
        since=START,
        until=None,
        headers=headers,
        packed=packed(headers),
        body=body,
        target=RequestTarget(),
        state=None,
        hint=f"A hint of {len(body)} octets.",
    )


@pytest.mark.parametrize(("accept", "requests"), [(b"*/*", 5_000), (b"application/json," + b"x" * 9_000, 2_000)])
def test_neither_new_queries_nor_long_headers_fill_the_memory(accept: bytes, requests: int) -> None:
    cache = CachedAnswers(LIMIT)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(requests):
            cache.store(key(number, accept), answer(bytes(bytearray(EMPTY))))
        assert tracemalloc.get_traced_memory()[0] - before < LIMIT * 1.2
    finally:
        tracemalloc.stop()


def test_an_answer_that_is_stored_again_counts_once() -> None:
    cache = CachedAnswers(LIMIT)
    for _ in range(5_000):
        cache.store(key(1), answer(EMPTY))
    cache.store(key(2), answer(EMPTY))
    assert None not in [cache.find(key(number), WORLD.contents, START) for number in (1, 2)]


def test_the_answer_that_was_used_longest_ago_goes_first() -> None:
    cache = CachedAnswers(LIMIT)
    for number in range(4):
        cache.store(key(number), answer(b"x" * 600_000))
        cache.find(key(0), WORLD.contents, START)
    assert [number for number in range(4) if cache.find(key(number), WORLD.contents, START)] == [0, 2, 3]


def test_what_is_larger_than_everything_that_may_be_stored_is_not_stored() -> None:
    cache = CachedAnswers(LIMIT)
    cache.store(key(1), answer(b"x" * (LIMIT + 1)))
    assert cache.find(key(1), WORLD.contents, START) is None


def test_of_too_many_known_requests_all_the_older_ones_are_forgotten() -> None:
    cache, fields = CachedAnswers(LIMIT), HeaderFields(None, None, None, odd=False)
    for number in range(10_001):
        cache.learn(b"%d" % number, ({}, fields, None))
        assert len(cache.known) <= 1_000
        assert b"%d" % number in cache.known
