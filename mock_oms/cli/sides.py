"""The two sides of `mock-oms drift`: what each word means, who is asked with which token, and what it showed."""

import json
import os
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mock_oms.cli.common import RefusedError, clear_errors
from mock_oms.cli.observing import library_of, observation
from mock_oms.cli.targets import permitted, token_for
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from mock_oms.asking.politeness import Politeness
    from mock_oms.asking.target import Target
    from mock_oms.asking.visit import Progress
    from mock_oms.comparing.portrait import Portrait

_OK = 200
#: Suffixes that say what is in a file.
_TELLING = {".json", ".yaml", ".yml"}
#: Bytes of a file among which its first sign is looked for.
_BEGINNING = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side as it was typed: `letter` is A or B, `named` an address, a file, or a scenario by its name.

    `observed` is the file of what was seen of a real OMS: a scenario answers so. `rate` is in requests per second;
    None: 2, on this machine 50.
    """

    letter: str
    named: str
    token_env: str | None
    token_file: Path | None
    keyword: Literal["Token", "Bearer"]
    ca: Path | None
    scenarios: Path | None
    observed: Path | None
    rate: float | None
    max_requests: int

    @property
    def variable(self) -> str:
        """The variable of its token; one for each side, so that no token goes to a host that it is not for."""
        return self.token_env or f"OMS_TOKEN_{self.letter}"

    @property
    def is_captured(self) -> bool:
        """Whether it is a file of JSON, which nobody is asked for.

        :raises RefusedError: there is a file of that name that cannot be read.
        """
        return "://" not in self.named and _is_json(Path(self.named))

    @property
    def bearer(self) -> str:
        """What to say where the token is sent after that word."""
        return f"--keyword-{self.letter.lower()} Bearer"


def admitted(side: Side, *, yes: bool) -> "Target | None":
    """Whom to ask, with a token, once a person has agreed where it is not this machine; None for a file or a scenario.

    :raises RefusedError: nobody agrees, or there is no token.
    :raises mock_oms.asking.errors.TargetError: it is no address, or no header can carry the token.
    """
    from mock_oms.asking.target import Target

    if "://" not in side.named:
        return None
    target = Target(url=side.named, keyword=side.keyword, ca=side.ca, bearer=side.bearer)
    permitted(target, _politeness(side, target), yes=yes)
    return replace(target, token=_token(side, target))


def shown(side: Side, target: "Target | None", progress: "Progress") -> "Portrait":
    """What a side shows: of an OMS that is asked, of a scenario that is served for a moment, or of a file.

    :raises RefusedError: it shows nothing, for whatever reason.
    :raises mock_oms.asking.errors.AskingError: it cannot be asked.
    """
    if target is not None:
        return _asked(target, _politeness(side, target), progress)
    return _of_file(Path(side.named)) if side.is_captured else _served(side, progress)


def _politeness(side: Side, target: "Target") -> "Politeness":
    from mock_oms.asking.politeness import RATE, RATE_HERE, Politeness

    return Politeness(rate=side.rate or (RATE_HERE if target.loopback else RATE), max_requests=side.max_requests)


def _token(side: Side, target: "Target") -> str | None:
    own = Settings().token
    said = side.token_env or side.token_file or os.environ.get(side.variable)
    if target.loopback and not said:
        return own
    return token_for(target, None if side.token_file else side.variable, side.token_file)


def _asked(target: "Target", politeness: "Politeness", progress: "Progress") -> "Portrait":
    from mock_oms.asking.visit import visit
    from mock_oms.comparing.portraying import portrait_of
    from mock_oms.observed.making import host_of
    from mock_oms.survey.survey import Question

    survey = visit(target, politeness, progress)
    if all(one.status != _OK for one in survey.of(Question.WALK)):
        raise RefusedError(survey.ended or f"{target.url} shows no list of plans.")
    return replace(portrait_of(survey), host=host_of(survey))


def _served(side: Side, progress: "Progress") -> "Portrait":
    """A scenario, served on this machine for as long as it is asked."""
    from mock_oms.asking.target import Target
    from mock_oms.testing import running_server

    library = library_of(side.scenarios, observation(side.observed))
    with clear_errors():
        scenario = library.load(side.named)
        keyword: Any = "Bearer" if scenario.answers.auth == "bearer" else "Token"
        with running_server(scenario=side.named, scenarios=side.scenarios, observed=side.observed) as server:
            target = Target(url=server.url, token=server.token, keyword=keyword)
            return replace(_asked(target, _politeness(side, target), progress), target=side.named)


def _is_json(file: Path) -> bool:
    """Whether it is a file of JSON: by its name, or, where that says nothing, by the sign it begins with."""
    if file.suffix in _TELLING:
        return file.suffix == ".json"
    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            return stream.read(_BEGINNING).removeprefix(BOM_UTF8).lstrip()[:1] in {b"{", b"["}
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None


def _of_file(file: Path) -> "Portrait":
    from mock_oms.comparing.keeping import PortraitError, is_kept, recalled
    from mock_oms.comparing.portraying import portrait_of_bodies

    document = _json_in(file)
    try:
        if is_kept(document):
            return replace(recalled(document), target=str(file))
    except PortraitError as error:
        raise RefusedError(f"{file} cannot be used: {error}") from None
    if not _is_captured(document):
        raise RefusedError(
            f"{file} holds no plan, no list of plans, and nothing that --save-a has kept; accepted: one of these."
        )
    return portrait_of_bodies(str(file), [document])


def _json_in(file: Path) -> Any:  # noqa: ANN401  where JSON enters
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{file} is no JSON: {error}.") from None


def _is_captured(document: object) -> bool:
    listed = document.get("results") if isinstance(document, dict) and "results" in document else document
    return all(map(_is_plan, listed)) if isinstance(listed, list) else _is_plan(listed)


def _is_plan(found: object) -> bool:
    return isinstance(found, dict) and "id" in found
