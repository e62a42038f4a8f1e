"""Who can reach the mock, and what must then not be in it: tokens that look like a real customer's."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from mock_oms.ordinary import read
from mock_oms.scenario.building import Scenario
from mock_oms.scenario.profiles import FOLDER
from mock_oms.scenario.real_tokens import warnings_of
from mock_oms.scenario.yaml_file import MAX_BYTES
from mock_oms.settings import Settings
from mock_oms.tokens import looks_real, real_looking, warning_of


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen on; of a name other than localhost nobody knows."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def real_tokens(settings: Settings, scenario: Scenario) -> tuple[str, ...]:
    """A sentence for each token that looks real: the setting, those of the scenario and of files beside it."""
    return tuple(dict.fromkeys(_warnings(settings, scenario)))


def against_real_tokens(settings: Settings, scenario: Scenario) -> str | None:
    """Why nothing may be served with these settings, or None where it may."""
    if is_loopback(settings.host) or settings.allow_real_tokens == "on":
        return None
    found = real_tokens(settings, scenario)
    if not found:
        return None
    why = f"{settings.host} can be reached from other machines, and these would be in their hands:"
    return "\n".join([why, *found, "Or say --allow-real-tokens, or listen on 127.0.0.1."])


def _warnings(settings: Settings, scenario: Scenario) -> Iterator[str]:
    if looks_real(settings.token):
        yield f"token: {warning_of(settings.token)}"
    yield from map(str, warnings_of(scenario.lines))
    for file in _files(settings.scenarios):
        yield from (f"{file}:{line}: {said}" for line, said in real_looking(_text(file)))


def _files(folder: Path | None) -> Iterator[Path]:
    """Whatever of the user's own a client of the control API can open a world with."""
    if folder is not None:
        found = (*folder.glob("*.y*ml"), *(folder / FOLDER).glob("*.y*ml"))
        yield from sorted(one for one in found if one.is_file())


def _text(file: Path) -> str:
    """As much of a file as a scenario may hold; one that cannot be read cannot be played either."""
    try:
        return read(file, MAX_BYTES).decode(errors="replace")
    except OSError:
        return ""
