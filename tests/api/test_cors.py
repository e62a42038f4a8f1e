"""A page of an origin that the setting names may read the vendor's answers; no other page may, and nobody the control API's."""

import httpx

from mock_oms.server.asgi.connection import Outgoing
from mock_oms.settings import Settings, fault_of_cors, fault_of_settings
from mock_oms.testing import running_server
from mock_oms.traffic.faults.fault import Effect, Fault, FaultTarget
from mock_oms.traffic.journal.journal import Filter
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT
from tests.api.fronted import Fronted
from tests.drf.tables import LIST, LOGIN
from tests.drf.wire import Sent
from tests.worlds import scenario

SHOP, OTHER = "http://localhost:5173", "http://evil.example"
TOKEN = {"Authorization": "Token mock-oms-token"}
ASKS = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,x-request-id"}


def front(cors: str = f"{SHOP}, https://Shop.example:443") -> Fronted:
    return Fronted(WorldManager(scenario(plans=[{"state": "pending"}])), cors=cors)


def said(answer: Outgoing) -> dict[str, str]:
    """What an answer says to browsers."""
    found = {name.decode(): value.decode() for name, value in answer.headers}
    return {
        name.removeprefix("access-control-"): value
        for name, value in found.items()
        if name.startswith("access-control")
    }


def get(origin: str | None, path: str = LIST, method: str = "GET", **more: str) -> Sent:
    return Sent(
        method=method,
        target=path,
        headers={"Host": "localhost", **TOKEN, **({"Origin": origin} if origin else {}), **more},
    )


def test_a_page_of_a_named_origin_may_read_whatever_the_vendor_answers_from_the_cache_too() -> None:
    mock = front()
    targets = (LIST, LIST, f"{LIST}?page=9", f"{LIST}9/", "/nowhere/", LIST.rstrip("/"))
    answers = mock.asked([get(SHOP, target) for target in targets] + [get(SHOP, Authorization="Token wrong")])
    assert ([one.status for one in answers], mock.from_cache) == ([200, 200, 404, 404, 404, 301, 401], 1)
    (shown,) = {tuple(said(one).items()) for one in answers}
    assert dict(shown).keys() == {"allow-origin", "allow-credentials", "expose-headers"}
    assert (dict(shown)["allow-origin"], dict(shown)["allow-credentials"]) == (SHOP, "true")
    assert {"X-Mock-Oms", "Retry-After", "X-Request-Id"} <= {*dict(shown)["expose-headers"].split(", ")}
    assert {one.value(b"vary") for one in answers} == {"Origin"}


def test_a_fault_is_read_as_any_other_answer() -> None:
    mock = front()
    lease = mock.simulation.lease(DEFAULT)
    lease.traffic.add([Fault(on=FaultTarget.LIST, effect=Effect(status=503))], lease.world.latest.world.now, "test")
    answer = mock.ask(get(SHOP))
    assert (answer.status, said(answer)["allow-origin"]) == (503, SHOP)


def test_no_other_page_may_read_anything_and_what_is_kept_for_one_page_is_not_for_another() -> None:
    mock = front()
    origins = (
        OTHER,
        "null",
        "http://localhost:5174",
        "https://localhost:5173",
        f"{SHOP}.evil.example",
        f"{SHOP}/",
        None,
    )
    answers = mock.asked([get(origin) for origin in (SHOP, *origins)])
    assert [said(one) for one in answers[1:]] == [{}] * len(origins)
    assert {one.value(b"vary") for one in answers} == {"Origin"}
    assert said(mock.ask(get("HTTPS://shop.example")))["allow-credentials"] == "true"


def test_a_browser_that_asks_first_is_answered_without_a_token_and_counts_for_nothing() -> None:
    mock = front()
    asked = [get(SHOP, path, "OPTIONS", **ASKS, Authorization="") for path in (LIST, LOGIN, "/nowhere/")]
    (shown,) = {(one.status, one.body, tuple(said(one).items())) for one in mock.asked(asked)}
    methods = {"allow-methods": "GET, HEAD, OPTIONS, POST", "allow-headers": "authorization,x-request-id"}
    assert (shown[:2], methods.items() <= dict(shown[2]).items(), mock.by_flask) == ((200, b""), True, 0)
    assert mock.simulation.unknown_tokens.page(Filter(), 10).entries == ()
    unasked = [get(OTHER, method="OPTIONS", **ASKS), get(SHOP, method="OPTIONS"), get(None, method="OPTIONS", **ASKS)]
    assert ["allow-methods" in said(one) for one in mock.asked(unasked)] == [False] * 3


def test_all_pages_may_read_where_the_setting_says_so_but_none_sends_its_cookies_along() -> None:
    answers = front("*").asked([get(OTHER), get(None), get("null", method="OPTIONS", **ASKS)])
    assert [said(one)["allow-origin"] for one in answers] == ["*"] * 3
    assert not [one for one in answers if "allow-credentials" in said(one)]


def test_without_the_setting_there_is_no_cors_and_the_control_api_has_none_with_it() -> None:
    off = front("off").asked([get(SHOP), get(SHOP, method="OPTIONS", **ASKS)])
    control = front("*").asked(
        [get(SHOP, path, method, **ASKS) for path in ("/_mock/worlds", "/_mock") for method in ("GET", "OPTIONS")]
    )
    assert [said(one) for one in (*off, *control)] == [{}] * 6
    assert [one.value(b"vary") for one in off] == [None, None]


def test_what_is_no_origin_is_refused_with_what_is_accepted() -> None:
    good = ("off", "*", SHOP, "https://a.example,http://[::1]:3000", "capacitor://localhost", "HTTP://LOCALHOST:80")
    bad = (
        "",
        "on",
        "localhost:3000",
        f"{SHOP}/",
        f"{SHOP}/app",
        "http://*.example",
        "null",
        f"{SHOP} {SHOP}",
        "http://a@b",
        f"{SHOP},",
        "off,*",
    )
    assert [one for one in good if fault_of_cors(one)] == []
    assert [one for one in bad if not fault_of_cors(one)] == []
    accepted = "off, *, or origins without a path such as http://localhost:5173, with commas between."
    assert fault_of_settings(Settings(cors="on")) == f"cors: found 'on', which is no origin; accepted: {accepted}"


def test_requests_that_are_known_by_their_octets_are_answered_the_same() -> None:
    with running_server(cors=SHOP) as server, httpx.Client(trust_env=False) as client:
        headers = {"Authorization": f"Token {server.token}", "Origin": SHOP}
        answers = [client.get(f"{server.url}{LIST}", headers=headers).headers for _ in range(4)]
    shown = [
        {name: value for name, value in one.items() if name.startswith(("access-control", "vary"))} for one in answers
    ]
    assert (len(shown[0]), shown) == (4, [shown[0]] * 4)
