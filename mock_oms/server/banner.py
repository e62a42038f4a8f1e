"""The banner: what a server says of itself on standard error when it begins to answer, for people or for machines."""

from collections.abc import Iterator

from mock_oms.scenarios.schema import without_defaults
from mock_oms.server.log import event_line
from mock_oms.server.security import Exposure, real_tokens
from mock_oms.settings import Settings
from mock_oms.text import counted, pace, printable, time_text
from mock_oms.traffic.faults.limits import Limits
from mock_oms.worlds.manager import WorldManager
from mock_oms.worlds.store import DEFAULT


def text_banner(settings: Settings, manager: WorldManager, exposure: Exposure, contract: str) -> Iterator[str]:
    """What a newcomer must know; `contract` says when it was last checked against a real OMS."""
    world = manager.lease(DEFAULT).world
    scenario, view, rate = world.origin.scenario, world.reading(), world.rate
    document = scenario.document
    yield f"mock-oms plays the scenario {scenario.name}: {printable(' '.join(document.description.split()))}\n"
    yield f"  {counted(view.count, 'plan')}; its clock shows {view.world.now:%Y-%m-%dT%H:%M:%SZ}, {pace(rate)}\n"
    if settings.token == Settings().token:
        yield f"  Authorization: Token {settings.token}\n"
    if document.faults or document.limits != Limits():
        limits = counted(len(without_defaults(document.limits)), "limit")
        yield f"  the scenario begins with {counted(len(document.faults), 'fault')} and {limits}\n"
    if settings.state is not None:
        yield f"  {counted(len(manager.leases()), 'world')} kept in {settings.state}\n"
    yield f"  {contract}\n"
    yield f"  dashboard: {exposure.url}/_mock/ in a browser\n"
    yield f"  control API: {exposure.url}/_mock/docs for people, {exposure.url}/_mock/openapi.json for programs\n"
    yield from exposure_lines(exposure)
    yield from (f"Warning: {one}\n" for one in real_tokens(settings, scenario))
    yield f"Serving on {exposure.url}\n"


def loopback_line(exposure: Exposure) -> str:
    """Which addresses `localhost` stands for here; empty where another host is listened on."""
    if exposure.settings.host.lower() != "localhost":
        return ""
    other = f"also {exposure.others[0]}" if exposure.others else "and nothing else: this machine has one loopback"
    return f"localhost is {exposure.url}, {other}"


def exposure_lines(exposure: Exposure) -> Iterator[str]:
    """What nobody else says: other addresses, the control token that was made, and the authority of https."""
    if loopbacks := loopback_line(exposure):
        yield f"  {loopbacks}\n"
    if exposure.made:
        yield f"  control API: Authorization: Bearer {exposure.settings.control_token}\n"
        yield "    made for this run, because others can ask here too; --control-token-file gives one that lasts\n"
    if exposure.tls is not None:
        yield f"  {exposure.tls.ca} is the authority of this run; clients that start now trust it through\n"
        yield "    SSL_CERT_FILE (requests: REQUESTS_CA_BUNDLE, Node.js: NODE_EXTRA_CA_CERTS, curl: --cacert)\n"


def json_banner(settings: Settings, manager: WorldManager, exposure: Exposure, contract: str) -> Iterator[str]:
    """What machines read of the start: the lines for people without the token."""
    world = manager.lease(DEFAULT).world
    scenario, view = world.origin.scenario, world.reading()
    if exposure.made:
        token = exposure.settings.control_token
        yield event_line("control_token", "A control token was made for this run.", control_token=token)
    for one in real_tokens(settings, scenario):
        yield event_line("warning", one)
    if loopbacks := loopback_line(exposure):
        yield event_line("loopbacks", loopbacks)
    yield event_line(
        "serving",
        f"Serving on {exposure.url}",
        url=exposure.url,
        dashboard=f"{exposure.url}/_mock/",
        docs=f"{exposure.url}/_mock/docs",
        openapi=f"{exposure.url}/_mock/openapi.json",
        other_urls=list(exposure.others),
        ca=None if exposure.tls is None else str(exposure.tls.ca),
        scenario=scenario.name,
        world=DEFAULT,
        plans=view.count,
        now=time_text(view.world.now),
        rate=world.rate,
        faults=len(scenario.document.faults),
        limits=len(without_defaults(scenario.document.limits)),
        worlds=len(manager.leases()),
        contract=contract,
        state=None if settings.state is None else str(settings.state),
    )
