"""What the settings lead to: scenarios, tokens, the folder of kept worlds, the file of the control token."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from mock_oms.cli.doctor.finding import DoctorFinding, Level
from mock_oms.contract.observation import last_checked
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.checking import check
from mock_oms.scenarios.errors import Problem, ScenarioError
from mock_oms.scenarios.library import Library
from mock_oms.server.reload import open_library, open_observed
from mock_oms.server.security import real_tokens, refusal_of_real_tokens
from mock_oms.settings import Settings, fault_of_token
from mock_oms.tokens import ControlTokenError, TwoControlTokensError, given_token
from mock_oms.worlds.open_world import wall_clock

if TYPE_CHECKING:
    from mock_oms.contract.observation import Observation


_ANEW = "Write one with mock-oms contract URL --observe FILE"


def library(settings: Settings) -> Library:
    """The scenarios as a server of these settings has them; an observation that cannot be used is left out."""
    try:
        observed = open_observed(settings)
    except ScenarioError:  # told by `observation`
        observed = None
    return open_library(replace(settings, reload="off"), observed)


def observation(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether what was observed can be used, is of a real OMS, and was not read against another contract."""
    try:
        observed = open_observed(settings)
    except ScenarioError as error:
        way_out = f"{_ANEW}, or leave --observed out."
        for one in error.problems:
            yield DoctorFinding(check="observed", level=Level.ERROR, says=str(one), way_out=way_out)
        return
    if observed is None:
        yield DoctorFinding(
            check="observed", says="No observation of a real OMS is in use; --observed FILE adopts one."
        )
        return
    yield _age(settings, observed)
    yield from _another_contract(settings, observed)
    yield from _overruled(settings, observed)


def _age(settings: Settings, observed: "Observation") -> DoctorFinding:
    now = wall_clock()
    says = f"{settings.observed} is in use: {last_checked(observed, now)}."
    if observed.is_real and observed.date <= now:
        return DoctorFinding(check="observed", says=says)
    return DoctorFinding(check="observed", level=Level.WARNING, says=says, way_out=f"{_ANEW} of a real OMS.")


def _another_contract(settings: Settings, observed: "Observation") -> Iterator[DoctorFinding]:
    ours = contract_for(None)["info"]["version"]
    if observed.contract != ours:
        says = f"{settings.observed} was read against version {observed.contract} of the contract; here it is {ours}."
        yield DoctorFinding(check="observed", level=Level.WARNING, says=says, way_out=f"{_ANEW}.")


def _overruled(settings: Settings, observed: "Observation") -> Iterator[DoctorFinding]:
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
        yield DoctorFinding(
            check="observed", says=f"The scenario {settings.scenario} counts first: {', '.join(others)}."
        )


_MEND = "Mend the file, then verify it with mock-oms scenarios check."
_NAME = "Name what is there, with --scenario and --scenarios; mock-oms scenarios list shows it."
_WRITE = "Write one token into it, for instance with: openssl rand -base64 24."


def scenarios(settings: Settings) -> Iterator[DoctorFinding]:
    """Every scenario that can be played, as `mock-oms scenarios check` verifies it."""
    found = library(settings)
    try:
        names = dict.fromkeys((*found.files(), settings.scenario))
    except ScenarioError as error:
        yield from _broken(error.problems)
        return
    problems = [one for name in names for one in _problems(found, name)]
    yield from _broken(problems)
    if not problems:
        yield DoctorFinding(check="scenarios", says=f"All {len(names)} scenarios hold together.")


def _broken(problems: Iterable[Problem]) -> Iterator[DoctorFinding]:
    for one in problems:
        way_out = _MEND if _is_there(one.file) else _NAME
        yield DoctorFinding(check="scenarios", level=Level.ERROR, says=str(one), way_out=way_out)


def _is_there(file: str) -> bool:
    try:
        return Path(file).exists()
    except OSError:  # such as a name that is too long
        return False


def _problems(library: Library, name: str) -> list[Problem]:
    try:
        return check(library.load(name))
    except ScenarioError as error:
        return list(error.problems)


def tokens(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether clients can send the token, some token looks real, and that keeps the mock from starting."""
    fault = fault_of_token(settings.token)
    if fault:
        way_out = "Give another with --token, MOCK_OMS_TOKEN or in the file of settings."
        yield DoctorFinding(check="tokens", level=Level.ERROR, says=fault, way_out=way_out)
        return
    scenario = _played(settings)
    found = () if scenario is None else real_tokens(settings, scenario)
    refused = scenario is not None and refusal_of_real_tokens(settings, scenario) is not None
    for one in found:
        if refused:
            way_out = "Replace it, or say --allow-real-tokens, or listen on 127.0.0.1."
            yield DoctorFinding(check="tokens", level=Level.ERROR, says=one, way_out=way_out)
        else:
            yield DoctorFinding(check="tokens", level=Level.WARNING, says=one, way_out="Replace it.")
    if not found:
        yield DoctorFinding(check="tokens", says="No token looks like a real customer's.")


def _played(settings: Settings) -> Scenario | None:
    try:
        return library(settings).load(settings.scenario)
    except ScenarioError:  # told by another check
        return None


def state(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether worlds can be kept."""
    folder = settings.state
    if folder is None:
        yield DoctorFinding(check="state", says="Worlds end with the process; --state FOLDER keeps them.")
    elif not _can_be_written(folder):
        way_out = "Name another folder with --state, or change its rights."
        yield DoctorFinding(
            check="state", level=Level.ERROR, says=f"The folder {folder} cannot be written to.", way_out=way_out
        )
    elif _is_locked(folder):
        says, way_out = f"The folder {folder} is in use by a mock-oms.", "Stop that one, or name another folder."
        yield DoctorFinding(check="state", level=Level.WARNING, says=says, way_out=way_out)
    else:
        yield DoctorFinding(check="state", says=f"The folder {folder} can be written to, and nobody uses it.")


def _can_be_written(folder: Path) -> bool:
    """Whether files can be made in the folder; where it is not there yet, whether it can be made."""
    nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    lock = folder / "lock"
    return (
        nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK) and (not lock.exists() or os.access(lock, os.W_OK))
    )


def _is_locked(folder: Path) -> bool:
    lock = folder / "lock"
    if not lock.exists():  # to try it would make it
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def control_token(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the file of the control token holds one; it is not shown."""
    file = settings.control_token_file
    if file is None:
        return
    try:
        given_token(settings.control_token, file)
    except ControlTokenError as error:
        way_out = "Give one of them." if isinstance(error, TwoControlTokensError) else _WRITE
        yield DoctorFinding(check="control-token-file", level=Level.ERROR, says=str(error), way_out=way_out)
    else:
        yield DoctorFinding(check="control-token-file", says=f"{file} holds a control token (not shown).")
