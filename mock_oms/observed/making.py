"""An observation from a visit: `observed_of(survey, results, now)`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from mock_oms.contract import contract_for
from mock_oms.contract.document import Node
from mock_oms.findings.finding import Result
from mock_oms.observed.counting import Counting
from mock_oms.observed.document import Evidence, Host, Observed, Seen, Verdict, switches_of
from mock_oms.observed.patching import patch_for
from mock_oms.operations import Operation
from mock_oms.survey.reading import contents_of, page_in
from mock_oms.survey.showing import Counts, counted, settled, shown, with_maximum
from mock_oms.survey.survey import Asked, Survey

_OK = 200
#: How the names of headers begin that a mock alone sends: X-Mock-Oms, and X-Mock-Hint or X-Mock-Assumed.
_OURS = "x-mock-"


def observed_of(survey: Survey, results: Iterable[Result], now: datetime) -> Observed:
    """What a visit teaches: counts and shapes, read after the contract under the switches that the visit speaks for.

    `results` are those of the checks, of which numbers alone are kept. `now` is the day that the observation is of.
    """
    contents = contents_of(survey)
    counts = settled(counted(contents))
    answers = with_maximum(shown(counts))
    document = contract_for(switches_of(answers))
    claims = {**_read(survey, document), **_switches(counts)}
    return Observed(
        contract=document["info"]["version"],
        date=now.astimezone(UTC).replace(microsecond=0),
        host=host_of(survey),
        whole=survey.whole and not survey.cut_short,
        plans=len({plan["id"] for plan in contents.plans if isinstance(plan.get("id"), int)}),
        requests=dict(sorted(Counter(one.question.value for one in survey.asked).items())),
        answers=answers,
        evidence={name: Evidence(seen=seen) for name, seen in counts.items()},
        checks={one.check: Verdict(looked=one.looked, findings=len(one.findings)) for one in results},
        claims=claims,
        patch=patch_for(document, claims),
    )


def host_of(survey: Survey) -> Host:
    """What kind of machine was asked; whoever answers with a header of the mock's own is a mock."""
    if any(name.startswith(_OURS) for one in survey.asked for name, _ in one.exchange.headers):
        return Host.MOCK
    name = urlsplit(survey.target).hostname or ""
    try:
        address = ip_address(name)
    except ValueError:
        return _named(name)
    if address.is_loopback:
        return Host.LOOPBACK
    return Host.PRIVATE if address.is_private else Host.PUBLIC


def _named(name: str) -> Host:
    """What kind of host has a name like this; nobody is asked."""
    if name == "localhost" or name.endswith(".localhost"):
        return Host.LOOPBACK
    return Host.PUBLIC if "." in name and not name.endswith((".local", ".internal")) else Host.PRIVATE


def _read(survey: Survey, document: Node) -> Mapping[str, Seen]:
    counting = Counting(document)
    for one in survey.asked:
        counting.read(one.exchange)
        if one.exchange.status == _OK:
            _read_request(counting, one, document)
    return counting.result()


def _read_request(counting: Counting, asked: Asked, document: Node) -> None:
    """What a request that was answered says of parameters; one that is merely ignored is answered, too."""
    known, exchange = document["components"]["parameters"], asked.exchange
    if exchange.operation is Operation.DETAIL:
        counting.holds("parameter.id", holds=True)
    if "page" in known and any(name == "page" for name, _ in exchange.query):
        counting.holds("parameter.page", holds=True)
    page = page_in(asked)
    if page is None or not page.rows:
        return
    for name, size in page.asked.items():
        if name in known:
            counting.holds(f"parameter.{name}", holds=len(page.rows) <= size)


def _switches(counts: Counts) -> Mapping[str, Seen]:
    """The switches as claims: seen of two values, a switch contradicts itself."""
    return {
        f"switch.{name}": Seen(seen=(every := sum(seen.values())), unfit=every - max(seen.values()), types=seen)
        for name, seen in counts.items()
    }
