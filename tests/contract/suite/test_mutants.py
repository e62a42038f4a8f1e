"""Each check is proved on mutants of the mock's answers: the check that claims a mutant finds it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mock_oms.conformance.checks import ALL, judged
from mock_oms.conformance.crawl import Crawl, Exchange, Question
from tests.contract.suite.changes import (
    DETAILS,
    EXPECTED,
    LISTS,
    Change,
    Edit,
    Node,
    answered,
    contents,
    exchanges,
    header,
    page,
    plans,
    result_of,
    right,
    sized,
    then,
    turned,
)

Q = Question
LATER = (Q.REPEATED, Q.AGAIN)
LIST, SET = "http://oms.test/api/v1/oms/orderexecutionplans/", "orderexecutionplanitem_set"
EARLY, LATE = "2020-01-01T00:00:00.000000Z", "2030-01-01T00:00:00.000000Z"
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}
NO_ROWS: Node = {"count": 10, "next": None, "previous": None, "results": []}


def body(change: Callable[[bytes], bytes], *questions: Question) -> Change:
    return exchanges(lambda one: replace(one, body=change(one.body)), *questions)


def location(change: Callable[[str], str]) -> Change:
    def changed(one: Exchange) -> Exchange:
        return replace(one, headers=tuple((name, change(it) if name == "location" else it) for name, it in one.headers))

    return exchanges(changed, Q.NO_SLASH)


def failed(one: Exchange) -> Exchange:
    """A page for people, as Django has it where something broke."""
    html = (("content-type", "text/html"),)
    return replace(one, status=500, headers=html, body=b"<h1>Server Error (500)</h1>")


def to(name: str, link: str | None) -> Edit:
    """Lets the link of a page to its neighbour lead elsewhere."""
    return lambda content: content.update({name: link})


def in_links(old: str, new: str) -> Change:
    def edited(content: Node) -> None:
        content.update(
            {name: link and link.replace(old, new) for name in ("next", "previous") if (link := content[name])}
        )

    return contents(edited, *LISTS)


def without_page(number: int) -> Change:
    """A walk in which nobody ever came to one of the pages."""

    def changed(crawl: Crawl) -> Crawl:
        lost = [one for one in crawl.answered if one.question is Q.WALK][number]
        return replace(crawl, answered=tuple(one for one in crawl.answered if one is not lost))

    return changed


def repeat_a_row() -> Change:
    kept: list[Node] = []
    return then(
        page(0, lambda content: kept.append(content["results"][-1])),
        page(1, lambda content: content["results"].__setitem__(0, kept[-1])),
    )


def one_more(content: Node) -> None:
    content["count"] += 1


def lose_a_row(content: Node) -> None:
    content["results"].pop()


def other_payment(content: Node) -> None:
    for row in content["results"]:
        row["order"].update(payment_type="cash")


def put(path: str, value: Any) -> Edit:
    """Writes a value at a place; a callable makes it from the one before."""

    def edit(plan: Node) -> None:
        *way, last = path.split(".")
        node: Any = plan
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node[step]
        node[last] = value(node[last]) if callable(value) else value

    return edit


def item(path: str, value: Any) -> Edit:
    return put(f"{SET}.0.{path}", value)


def row(name: str, value: Any) -> Edit:
    """Writes into the first item of the order, in the order and in the plan's item, which show the same."""

    def edit(plan: Node) -> None:
        put(name, value)(plan["order"]["orderitem_set"][0])
        item(f"order_item.{name}", value)(plan)

    return edit


def command(slug: str, source: str, target: str) -> Edit:
    code = slug.replace("-", "_")
    named = {"id": 9, "name": slug, "slug": slug, "command_code": code}
    return put("commands", [{**named, "source_state": source, "destination_state": target}])


def second_like_the_first(name: str) -> Edit:
    return lambda plan: plan[SET][1].update({name: plan[SET][0][name]})


def more(text: str) -> str:
    """An amount, and a lira more."""
    return f"{float(text) + 1:.2f}"


def more_by_one(number: int) -> int:
    return number + 1


def figures(name: str, value: Any) -> Edit:
    """Changes a figure of the first attempt, at its first location."""

    def edit(plan: Node) -> None:
        place = next(iter(plan["context"]["1"]["stock_locations"].values()))
        put(name, value)(next(iter(place.values())))

    return edit


def at_creation(plan: Node) -> None:
    for attempt in plan["context"].values():
        attempt["date"] = plan["created_date"]


def placed_elsewhere(plan: Node) -> None:
    for one in plan[SET]:
        one["stock_location"]["erp_code"] = "NOWHERE"


def unseen(plan: Node) -> None:
    """Takes the location of the first item out of every attempt."""
    for attempt in plan["context"].values():
        attempt["stock_locations"].pop(plan[SET][0]["stock_location"]["erp_code"])


def sold_out(plan: Node) -> None:
    """Nothing is left anywhere in any attempt."""
    for attempt in plan["context"].values():
        for figures in attempt["stock_locations"].values():
            for one in figures.values():
                one.update(quantity="0.00", reservation_count=one["stock_count"])


def never_moved(plan: Node) -> None:
    for one in plan[SET]:
        one["modified_date"] = one["created_date"]


def of_retried(edit: Edit) -> Edit:
    """Changes only plans with more than one attempt."""
    return lambda plan: edit(plan) if len(plan["context"]) > 1 else None


def kept_date() -> Edit:
    first: list[str] = []

    def edit(plan: Node) -> None:
        first.append(plan["modified_date"])
        plan["modified_date"] = first[0]

    return edit


#: Mutants of whole answers: the check that claims it, what is wrong, and how.
OF_ANSWERS: tuple[tuple[str, str, Change], ...] = (
    ("no-failure", "an unknown page makes the server fail", exchanges(failed, Q.NO_PAGE)),
    ("huge-id", "500 on a huge id", exchanges(failed, Q.HUGE_ID)),
    ("huge-id", "a huge id is 400", answered(400, NOT_FOUND, Q.HUGE_ID)),
    ("status-described", "another media type is 415", answered(415, {"detail": "Unsupported."}, Q.OTHER_MEDIA)),
    ("media-type", "details are announced as HTML", header("content-type", "text/html", *DETAILS)),
    ("media-type", "JSON has a charset", header("content-type", "application/json; charset=utf-8")),
    ("body-is-json", "a detail breaks off before its end", body(lambda it: it[:-20], Q.DETAIL)),
    ("body-is-json", "the list is not in UTF-8", body(lambda it: it + b"\xff", Q.AGAIN)),
    ("unknown-plan", "an unknown plan is null", answered(200, None, Q.NO_PLAN)),
    ("unknown-plan", "an unknown plan is forbidden", answered(403, FORBIDDEN, Q.NO_PLAN)),
    ("unknown-page", "a page past the end is empty", answered(200, NO_ROWS, Q.NO_PAGE)),
    ("no-token", "who has no token is forbidden", answered(403, FORBIDDEN, Q.NO_TOKEN)),
    ("wrong-token", "a wrong token is as good as a right one", turned(auth="off")),
    ("other-media", "JSON is sent to those who do not take it", answered(200, {}, Q.OTHER_MEDIA)),
    ("no-slash", "a path without its slash is not found", answered(404, NOT_FOUND, Q.NO_SLASH)),
    ("words-of-refusals", "an unknown plan is told by the name of its model", turned(not_found="model")),
    ("words-of-refusals", "a wrong token is told in other words", answered(401, {"detail": "Who?"}, Q.WRONG_TOKEN)),
    ("schema-of-refusals", "a refusal says `error`", answered(404, {"error": "Not found."}, Q.NO_PLAN)),
    ("schema-of-refusals", "a refusal has a code, too", answered(404, {**NOT_FOUND, "code": 4}, Q.NO_PLAN)),
    ("location-of-redirects", "a redirect loses the query", location(lambda it: it.partition("?")[0])),
    ("location-of-redirects", "a redirect does not say where to", header("location", None)),
    ("location-of-redirects", "a redirect names the host", location(lambda it: f"http://oms.test{it}")),
    ("www-authenticate", "a 401 does not name its scheme", header("www-authenticate", None)),
    ("www-authenticate", "a 401 asks for Bearer", header("www-authenticate", "Bearer", Q.NO_TOKEN, Q.WRONG_TOKEN)),
    ("allow", "Allow is missing", header("allow", None)),
    ("allow", "a detail allows DELETE", header("allow", "GET, DELETE, HEAD, OPTIONS", *DETAILS)),
    ("security-headers", "X-Frame-Options is missing", header("x-frame-options", None)),
    ("security-headers", "details lack X-Content-Type-Options", header("x-content-type-options", None, *DETAILS)),
    ("format-json", "`format=json` is not found", answered(404, NOT_FOUND, Q.FORMAT)),
    ("format-json", "`format=json` is an empty object", contents(lambda _: {}, Q.FORMAT)),
    ("listed-plans-exist", "plans of the list are not found", answered(404, NOT_FOUND, Q.DETAIL)),
    ("schema-of-plans", "a detail is in an envelope", contents(lambda plan: {"result": plan}, *DETAILS)),
)
#: Mutants of the list: its envelope, its pages, its links and its order.
OF_PAGES: tuple[tuple[str, str, Change], ...] = (
    ("schema-of-lists", "`count` is text", contents(put("count", str), *LISTS)),
    ("schema-of-lists", "`next` is missing", contents(lambda one: one.pop("next") and None, *LISTS)),
    ("schema-of-lists", "the list is a bare array", turned(list="array")),
    ("schema-of-lists", "the envelope has a field more", contents(lambda one: one.update(pages=4), *LISTS)),
    ("no-row-lost", "a page is lost", then(page(0, to("next", f"{LIST}?page=3")), without_page(1))),
    ("no-row-lost", "`count` is one too high", contents(one_more, *LISTS)),
    ("no-row-lost", "a row is lost from the last page", page(3, lose_a_row)),
    ("no-row-twice", "a row is repeated on the next page", repeat_a_row()),
    ("no-row-twice", "a page has a row twice", page(1, lambda one: one["results"].__setitem__(1, one["results"][0]))),
    ("count-agrees", "`count` is another one on the second page", page(1, one_more)),
    ("pages-are-full", "the second page is short of a row", page(1, lose_a_row)),
    ("default-page-size", "pages have four rows, not three", turned(page_size=4)),
    ("page-size-asked-for", "a size that is asked for is one too small", sized("=2", lose_a_row)),
    ("greatest-page-size", "there is no greatest size", turned(max_page_size=1000)),
    ("other-sizes-ignored", "size 0 is an empty page", sized("=0", lambda one: one["results"].clear())),
    ("next-leads-on", "the chain ends after one page", page(0, to("next", None))),
    ("next-leads-on", "the last page leads back to the first", page(3, to("next", LIST))),
    ("next-leads-on", "`next` leads to the page itself", page(1, to("next", f"{LIST}?page=2"))),
    ("previous-leads-back", "the second page has no `previous`", page(1, to("previous", None))),
    ("previous-leads-back", "`previous` leads to the first page always", page(2, to("previous", LIST))),
    ("links-stay", "links are relative", in_links("http://oms.test", "")),
    ("links-stay", "links lead to another host", in_links("oms.test", "internal.test")),
    ("links-stay", "links lead to another path", in_links("/oms/", "/")),
    ("links-stay", "links have another scheme", in_links("http:", "https:")),
    ("links-keep-parameters", "links forget the other parameters", in_links("&z=1", "")),
    ("links-in-order", "`previous` names page 1", page(1, to("previous", f"{LIST}?page=1"))),
    ("links-in-order", "parameters are in another order", sized("z=1", to("next", f"{LIST}?z=1&page=3&limit=2&a=2"))),
    ("list-in-order", "the oldest plan comes first", turned(order="id")),
    ("rows-agree", "a page of another size is older", contents(other_payment, Q.SIZED)),
)
#: Mutants of plans: fields, states, commands, dates, items, amounts, context, and how plans move.
OF_PLANS: tuple[tuple[str, str, Change], ...] = (
    ("schema-of-plans", "an id of the order is text", plans(put("order.omnitron_id", str))),
    ("schema-of-plans", "an amount is a number", plans(put("order.amount", float))),
    ("schema-of-plans", "`commands` is missing", plans(lambda plan: plan.pop("commands"))),
    ("schema-of-plans", "an address has no postcode", plans(lambda it: it["order"]["billing_address"].pop("postcode"))),
    ("schema-of-plans", "the order is an id", plans(put("order", lambda order: order["id"]))),
    ("schema-of-plans", "the order is null", plans(put("order", None))),
    ("schema-of-plans", "a plan has a field more", plans(lambda plan: plan.update(priority=1))),
    ("schema-of-plans", "an item is in no known state", plans(item("state", "lost"))),
    ("state-known", "a state outside the enum", plans(put("state", "paused"), only="pending")),
    ("state-known", "states are in capitals", plans(put("state", str.upper))),
    ("state-known", "a cancelled plan is canceled", plans(put("state", "canceled"), only="cancelled")),
    ("ended-has-no-commands", "a completed plan has commands",
     plans(command("plan-cancel", "pending", "cancelled"), only="completed")),
    ("commands-fit-the-state", "a plan at its start can be completed",
     plans(command("plan-complete", "start", "completed"), only="start")),
    ("commands-fit-the-state", "a pending plan has the commands of the start",
     plans(command("plan-cancel", "start", "cancelled"), only="pending")),
    ("dates-are-dates", "dates have no time zone", plans(put("created_date", lambda text: text.rstrip("Z")))),
    ("dates-are-dates", "dates are local", plans(put("created_date", lambda text: text.replace("Z", "+03:00")))),
    ("dates-are-dates", "the 30th of February", plans(put("order.date_placed", "2024-02-30T09:00:00.000000Z"))),
    ("made-before-changed", "a plan was made after its last change", plans(put("created_date", LATE))),
    ("made-before-changed", "an order item changed before it was made", plans(row("modified_date", EARLY))),
    ("placed-before-planned", "an order was placed after it was made", plans(put("order.date_placed", LATE))),
    ("placed-before-planned", "an order was made after its plan", plans(put("order.created_date", LATE))),
    ("places-fit", "a township is in another city", plans(put("order.billing_address.township.city.pk", more_by_one))),
    ("places-fit", "a city is spelt otherwise", plans(put("order.shipping_address.township.city.name", "?"))),
    ("places-fit", "a location's city is in another country",
     plans(item("stock_location.address.city.country.pk", more_by_one), only="completed")),
    ("nothing-is-negative", "an amount is negative", plans(put("order.shipping_amount", "-1.00"))),
    ("nothing-is-negative", "a price is negative", plans(row("price", "-1.00"))),
    ("nothing-is-negative", "an item is of minus one unit", plans(item("quantity", -1))),
    ("nothing-is-negative", "a stock is negative", plans(figures("stock_count", "-1.00"), only=7)),
    ("nothing-is-negative", "a quota is negative", plans(item("stock_location.quota", -1), only="completed")),
    ("items-of-the-plan", "an item names another plan", plans(item("order_execution_plan", 1))),
    ("items-of-the-plan", "two items have one id", plans(second_like_the_first("id"), only=7)),
    ("items-one-to-one", "two items are of one order item", plans(second_like_the_first("order_item"), only=7)),
    ("items-one-to-one", "an order item is not the order's", plans(item("order_item.id", 1))),
    ("items-one-to-one", "an order item is another than in the order", plans(item("order_item.image", "x"))),
    ("order-items-planned", "an order item is in no plan", plans(lambda plan: plan[SET].pop(), only=7)),
    ("amounts-add-up", "shipping is in the amount of an order", turned(order_amount="with_shipping")),
    ("amounts-add-up", "the order's amount is a lira too high", plans(put("order.amount", more))),
    ("amounts-add-up", "the order's discount is a lira too high", plans(put("order.discount_amount", more))),
    ("net-is-price-less-discount", "a price is a lira too high", plans(row("price", more))),
    ("tax-is-included", "the tax rate is another one", plans(row("tax_rate", "90.00"))),
    ("one-currency", "an order item has another currency", plans(row("price_currency", "eur"))),
    ("attempts-numbered", "attempts are numbered from 0",
     plans(put("context", lambda context: {str(int(number) - 1): one for number, one in context.items()}))),
    ("attempts-numbered", "the last attempt comes first",
     plans(of_retried(put("context", lambda context: dict(reversed(context.items())))))),
    ("attempts-in-time", "an attempt was before the plan", plans(of_retried(put("context.1.date", EARLY)))),
    ("attempts-in-time", "an attempt is later than the last change", plans(of_retried(put("context.1.date", LATE)))),
    ("attempts-in-time", "all attempts are at the moment of creation", plans(of_retried(at_creation))),
    ("placed-where-a-unit-was", "an attempt saw nothing", plans(sold_out, only="completed")),
    ("placed-where-a-unit-was", "an item lies where no attempt looked", plans(placed_elsewhere, only="completed")),
    ("placed-where-a-unit-was", "`context` lacks the location of an item", plans(unseen, only="completed")),
    ("items-change-when-placed", "placed items never change", plans(never_moved, only="completed")),
    ("items-change-when-placed", "items out of stock never change", plans(never_moved, only="pending")),
    ("live-is-not-canceled", "the order of a completed plan is canceled",
     plans(put("order.state.enum_value", "100"), only="completed")),
    ("live-is-not-canceled", "the order of a pending plan is canceled",
     plans(put("order.state.enum_value", "100"), only="pending")),
    ("live-is-not-canceled", "a placed order item is canceled",
     plans(item("order_item.state.enum_value", "100"), only="completed")),
    ("quantity-is-what-is-left", "`quantity` is a unit too high", plans(figures("quantity", more), only=7)),
    ("quantity-is-what-is-left", "`quantity` is never negative", plans(figures("reservation_count", "9.00"), only=7)),
    ("figures-of-own-items", "figures are of another SKU", plans(figures("sku", lambda sku: f"{sku}-X"), only=7)),
    ("detail-of-the-plan-asked-for", "a detail of another plan", plans(put("id", lambda it: it + 1), *DETAILS)),
    ("list-and-detail-agree", "a detail says another payment", plans(put("order.payment_type", "cash"), *DETAILS)),
    ("list-and-detail-agree", "a detail has an item without its place",
     plans(item("stock_location", None), Q.DETAIL, only="completed")),
    ("ids-stay", "items have other ids each time", plans(item("id", lambda number: number + 5), *LATER)),
    ("ids-stay", "the date of making moves", plans(put("created_date", EARLY), *LATER)),
    ("orders-agree", "an order has another currency later", plans(put("order.currency", "usd"), *LATER)),
    ("ended-stays", "a cancelled plan is pending again", plans(put("state", "pending"), *LATER, only="cancelled")),
    ("ended-stays", "a completed plan is at its start again", plans(put("state", "start"), *LATER, only="completed")),
    ("moves-along-the-table", "a pending plan starts again", plans(put("state", "start"), *LATER, only="pending")),
    ("context-only-grows", "`context` shrinks", plans(put("context", lambda it: {"1": it["1"]}), *LATER, only=7)),
    ("context-only-grows", "an attempt is rewritten", plans(figures("sku", "?"), *LATER, only=7)),
    ("modified-never-goes-back", "`modified_date` goes back", plans(put("modified_date", EARLY), *LATER)),
    ("modified-tells-of-moves", "an item leaves its place, and its date stays",
     plans(item("stock_location", None), *LATER, only="completed")),
    ("modified-tells-of-moves", "a stale `modified_date`", plans(kept_date(), only=7)),
)  # fmt: skip
MUTANTS = {f"{check}: {wrong}": (check, change) for check, wrong, change in (*OF_ANSWERS, *OF_PAGES, *OF_PLANS)}


def test_nothing_is_found_in_what_the_mutants_are_made_from_and_every_check_looks_at_something() -> None:
    results = judged(right(), EXPECTED)
    assert [(one.check, one.findings, one.unseen) for one in results if one.findings or one.unseen] == []


def test_a_mutant_is_found_by_the_check_that_claims_it() -> None:
    found = {name: result_of(check, change(right())).findings for name, (check, change) in MUTANTS.items()}
    assert [name for name, findings in found.items() if not findings] == []


def test_every_check_claims_a_mutant_and_has_a_name_of_its_own() -> None:
    assert {check for check, _ in MUTANTS.values()} == {check.name for check in ALL}
    assert len({check.name for check in ALL}) == len(ALL)
    assert len(MUTANTS) == len(OF_ANSWERS) + len(OF_PAGES) + len(OF_PLANS)
