"""The settings of the server, each with its flag, its environment variable and its default; and the files we ship."""

import re
from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from mock_oms.dataclass import dataclass

PREFIX = "MOCK_OMS_"
OFF = "off"
#: What is shown in place of a secret.
HIDDEN = "set, not shown"


def _setting(default: Any, text: str, *, secret: bool = False) -> Any:  # noqa: ANN401  dataclasses.field is typed as its default
    return field(default=default, repr=not secret, metadata={"help": text, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of `mock-oms serve`, from flag, environment variable or file; the first of these wins."""

    host: str = _setting("127.0.0.1", "The address to listen on; `localhost` is both loopbacks.")
    port: int = _setting(8080, "The port to listen on; 0 takes a free one.")
    scenario: str = _setting("default", "The scenario of the default world: a name or a path.")
    scenarios: Path | None = _setting(None, "A folder of scenarios; its names win over those that are shipped.")
    seed: int | None = _setting(None, "The seed of the default world, instead of its scenario's.")
    token: str = _setting("mock-oms-token", "The token of the default world.", secret=True)
    password: str = _setting("mock-oms", "The password that every user logs in with.", secret=True)
    control_token: str | None = _setting(
        None,
        "What /_mock demands as `Bearer`, 16 characters or more where others can ask; unset, one is made there.",
        secret=True,
    )
    control_token_file: Path | None = _setting(None, "A file that holds the control token, as secrets are mounted.")
    allow_real_tokens: Literal["on", "off"] = _setting(
        "off", "Whether tokens that look like a real customer's may be used beyond loopback: `on` or `off`."
    )
    tls: Literal["on", "off"] = _setting("off", "Whether to serve https, with an authority made on the spot.")
    tls_ca: Path | None = _setting(None, "Where the certificate of that authority is written, for clients to trust.")
    tls_names: str = _setting("", "Host names that the certificate is for beside this machine's, with commas between.")
    cors: str = _setting(
        OFF,
        "Origins whose pages may read the vendor's answers in a browser, with commas between; `*` for all, or `off`.",
    )
    workers: int = _setting(1, "Processes that serve; a store in memory allows one.")
    store: str = _setting("memory", "Where worlds live: `memory`, and nothing else yet.")
    state: Path | None = _setting(
        None, "A folder that keeps all worlds across restarts; without it they end with the process."
    )
    world_header: Literal["on", "off"] = _setting("on", "Whether vendor answers carry `X-Mock-Oms`: `on` or `off`.")
    hints: Literal["on", "off"] = _setting(
        "off", "Whether vendor answers carry `X-Mock-Hint` and `X-Mock-Assumed`: `on` or `off`."
    )
    observed: Path | None = _setting(
        None,
        "What was observed of a real OMS, as `mock-oms contract` writes it: its switches count before the defaults.",
    )
    reload: Literal["auto", "on", "off"] = _setting(
        "auto", "Whether scenario files are watched and read again: `on`, `off`, or `auto`, on a terminal."
    )
    log: Literal["text", "json"] = _setting(
        "text", "The form of the log, banner and errors included: `text` or `json`."
    )


def is_path(scenario: str) -> bool:
    """Whether a scenario is given as the path of a file, and not by its name."""
    return scenario.endswith((".yaml", ".yml", ".json")) or "/" in scenario


#: Environment variables of commands that are no settings of the server.
_OF_COMMANDS = ("CONFIG", "URL", "WORLD")


def environment_variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def environment_variables() -> tuple[str, ...]:
    """Every environment variable that the mock or a command reads."""
    return (*map(environment_variable, helps()), *(f"{PREFIX}{name}" for name in _OF_COMMANDS))


def is_service_link(text: str) -> bool:
    """Whether this is what Kubernetes writes into `NAME_PORT` of every pod beside a Service: it is no setting of ours.

    Source: Kubernetes' documentation of Services, "Environment variables".
    """
    return re.fullmatch(r"(?:tcp|udp|sctp)://\S+:\d+", text) is not None


#: The whole numbers among the settings: the lowest and the highest value.
BOUNDS: Mapping[str, tuple[int, int]] = {"port": (0, 65_535), "seed": (0, 2**63 - 1), "workers": (1, 64)}


def fault_of_settings(settings: "Settings") -> str | None:
    """Why a value cannot be a setting, of those that no command line has checked; None where all can. No secret is shown."""
    for one in fields(Settings):
        value = getattr(settings, one.name)
        kinds = get_args(one.type) or (one.type,)  # the words of a Literal, or types
        if isinstance(kinds[0], str):
            good, accepted = value in kinds, ", ".join(kinds)
        elif one.name in BOUNDS:
            low, high = BOUNDS[one.name]
            good = (type(value) is int and low <= value <= high) or (value is None and type(None) in kinds)
            accepted = f"a whole number from {low} to {high}"
        elif one.name == "cors" and isinstance(value, str):
            if fault := fault_of_cors(value):
                return f"cors: {fault}"
            continue
        else:
            good = isinstance(value, kinds)
            accepted = "text" if str in kinds else "a path"
        if not good:
            found = "something else (not shown)" if one.name in SECRET else repr(value)
            return f"{one.name}: found {found}; accepted: {accepted}."
    return None


def fault_of_token(token: str) -> str | None:
    """Why no client of the vendor's API can send this token, or None where one can; the token is not shown."""
    if token.startswith("fail-"):
        return "The token is one of those that always fail; choose one that does not begin with fail-."
    return fault_of_control_token(token, what="The token")


def fault_of_control_token(token: str, where: str = "", what: str = "The control token") -> str | None:
    """Why no header carries this token, or None where one does; the sentence does not show the secret.

    `where` is the place that it came from, such as ` in FILE`.
    """
    if re.fullmatch("[!-~]+", token):
        return None
    wrong = "has blanks, control characters or letters beyond ASCII in it" if token else "is empty"
    return f"{what}{where} {wrong}; accepted: visible ASCII without blanks, at least one character."


def origins_of(cors: str) -> tuple[str, ...]:
    """The origins that the setting `cors` names, as browsers write them; none where it is off."""
    named = (one.strip().lower() for one in cors.split(","))
    usual = {"http": ":80", "https": ":443"}
    return () if cors == OFF else tuple(one.removesuffix(usual.get(one.partition("://")[0], "\0")) for one in named)


def fault_of_cors(cors: str) -> str | None:
    """Why this cannot be the setting `cors`, or None where it can."""
    origin = r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
    wrong = next((one for one in origins_of(cors) if one != "*" and not re.fullmatch(origin, one)), None)
    if wrong is None:
        return None
    accepted = "off, *, or origins without a path such as http://localhost:5173, with commas between"
    return f"found {wrong[:200]!r}, which is no origin; accepted: {accepted}."


def helps() -> Mapping[str, str]:
    """What each setting means, in the order of their declaration."""
    return {one.name: one.metadata["help"] for one in fields(Settings)}


#: The settings that are never shown.
SECRET = frozenset(one.name for one in fields(Settings) if one.metadata["secret"])


def shown(name: str, value: object) -> object:
    """The value of a setting for people to read: a secret is hidden, unless it is the default that everybody knows."""
    is_public = name not in SECRET or value == getattr(Settings(), name)
    return value if is_public else HIDDEN


def shipped(name: str) -> Path:
    """A file or folder that we ship: inside the installed package or, for an editable install, in the checkout."""
    package = Path(__file__).parent
    inside = package / "shipped" / name
    return inside if inside.exists() else package.parent / name
