"""What is known of a real OMS: whether an observation is in use, how old it is, and where it counts for nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mock_oms.contract import contract_for
from mock_oms.diagnosis.finding import Finding, Level
from mock_oms.live import wall_clock
from mock_oms.observed.age import last_checked
from mock_oms.scenario.library import Library
from mock_oms.scenario.problems import ScenarioError
from mock_oms.settings import Settings
from mock_oms.watching import open_library, open_observed

if TYPE_CHECKING:
    from mock_oms.observed.document import Observed

_ANEW = "Write one with mock-oms contract URL --observe FILE"


def library(settings: Settings) -> Library:
    """The scenarios as a server of these settings has them; an observation that cannot be used is left out."""
    try:
        observed = open_observed(settings)
    except ScenarioError:  # told by `observation`
        observed = None
    return open_library(replace(settings, reload="off"), observed)


def observation(settings: Settings) -> Iterator[Finding]:
    """Whether what was observed can be used, is of a real OMS, and was not read against another contract."""
    try:
        observed = open_observed(settings)
    except ScenarioError as error:
        way_out = f"{_ANEW}, or leave --observed out."
        for one in error.problems:
            yield Finding(check="observed", level=Level.ERROR, says=str(one), way_out=way_out)
        return
    if observed is None:
        yield Finding(check="observed", says="No observation of a real OMS is in use; --observed FILE adopts one.")
        return
    yield _age(settings, observed)
    yield from _another_contract(settings, observed)
    yield from _overruled(settings, observed)


def _age(settings: Settings, observed: "Observed") -> Finding:
    now = wall_clock()
    says = f"{settings.observed} is in use: {last_checked(observed, now)}."
    if observed.is_real and observed.date <= now:
        return Finding(check="observed", says=says)
    return Finding(check="observed", level=Level.WARNING, says=says, way_out=f"{_ANEW} of a real OMS.")


def _another_contract(settings: Settings, observed: "Observed") -> Iterator[Finding]:
    ours = contract_for(None)["info"]["version"]
    if observed.contract != ours:
        says = f"{settings.observed} was read against version {observed.contract} of the contract; here it is {ours}."
        yield Finding(check="observed", level=Level.WARNING, says=says, way_out=f"{_ANEW}.")


def _overruled(settings: Settings, observed: "Observed") -> Iterator[Finding]:
    """The switches that the played scenario answers otherwise by, which is its right."""
    try:
        answers = library(settings).load(settings.scenario).answers
    except ScenarioError:  # told by another check
        return
    others = [
        f"{name} {getattr(answers, name)} (observed: {value})"
        for name, value in observed.answers.items()
        if getattr(answers, name) != value
    ]
    if others:
        yield Finding(check="observed", says=f"The scenario {settings.scenario} counts first: {', '.join(others)}.")
