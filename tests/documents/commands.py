"""What stands in a console: commands as they are typed, each with the output that is shown of it."""

import http.client
import re
import shlex
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

#: Where the documents say that the server is; ours is elsewhere.
SHOWN = "127.0.0.1:8080"
_SERVE = re.compile(r"^(?P<before>([A-Z_]+=\S+ )*)(make serve|mock-oms serve)\b(?P<rest>.*)$")
#: What `fetched` understands, or may leave out; a machine that shows more needs a curl.
_OPTIONS = {"-s", "-i", "-H", "-d", "-X", "--cacert", "--retry", "--retry-delay", "--retry-connrefused"}
_SIMPLE = re.compile(
    r"(?P<before>([A-Z_]+=\S+ )*)(?P<words>(mock-oms|pytest|python3?)\b.*?)( > (?P<file>[\w.]+)|( 2>&1)?(?P<code>; echo \$\?))?",
    re.DOTALL,
)
_HERE_DOCUMENT = re.compile(r"<<'?(\w+)'?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    arguments: tuple[str, ...]
    variables: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """A command that needs no shell; `file` is where its output goes, and `says_code` whether `echo $?` follows it."""

    words: tuple[str, ...]
    variables: dict[str, str]
    file: str | None
    says_code: bool


def console(text: str) -> list[tuple[str, str]]:
    """The commands of a console, which follow a `$`, with what is shown of each."""
    return [split_at_the_end(part.splitlines(keepends=True)) for part in re.split(r"(?m)^\$ ", text)[1:]]


def script(text: str) -> Iterator[str]:
    rest = text
    while rest.strip():
        command, rest = split_at_the_end(rest.lstrip("\n").splitlines(keepends=True))
        yield command


def split_at_the_end(lines: Sequence[str]) -> tuple[str, str]:
    """The first command of these lines, and what follows it.

    It ends with its line, with the line that closes its quotation, or with that which ends the document it reads.

    :raises AssertionError: it has no end.
    """
    for number in range(1, len(lines) + 1):
        if _is_whole(lines[:number]):
            return "".join(lines[:number]).strip(), "".join(lines[number:])
    raise AssertionError(f"this command has no end: {''.join(lines)}")


def _is_whole(lines: Sequence[str]) -> bool:
    document = _HERE_DOCUMENT.search(lines[0])
    if document is not None:
        return len(lines) > 1 and lines[-1].strip() == document[1]
    text = "".join(lines)
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return not text.endswith("\\\n")


def as_serve(command: str) -> Serve | None:
    found = _SERVE.match(command.removesuffix("&").strip())
    if found is None:
        return None
    words = shlex.split(found["rest"])
    if "make serve" in command:
        words = shlex.split(next((word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")), ""))
    variables = dict(pair.split("=", 1) for pair in shlex.split(found["before"]))
    without_port = tuple(word for before, word in pairwise(["", *words]) if "--port" not in {before, word})
    return Serve(arguments=without_port, variables=variables)


def as_simple(command: str) -> Simple | None:
    found = _SIMPLE.fullmatch(command)
    if found is None or re.search(r"[$`\\]", found["words"]):
        return None
    name, *words = shlex.split(found["words"])
    if {"|", ">", ">>", "<", "&&", ";", "2>&1", "&"} & set(words):
        return None
    variables = dict(pair.split("=", 1) for pair in shlex.split(found["before"]))
    command_name = "python" if name == "python3" else name
    return Simple(words=(command_name, *words), variables=variables, file=found["file"], says_code=bool(found["code"]))


def is_plain_curl(command: str) -> bool:
    """Whether it is a request that `fetched` can send, and nothing is done with what it prints."""
    if not command.startswith("curl "):
        return False
    words = shlex.split(command)
    options = {word for word in words[1:] if word.startswith("-")}
    return options <= _OPTIONS and not {"|", ">", "&&", ";"} & set(words)


def fetched(command: str, address: str, folder: Path) -> str:
    """What curl would print in `folder`; the request is sent from here, so that a machine without curl can run it."""
    words = shlex.split(command)[1:]
    options = dict(pairwise(words))
    headers = dict(one.split(": ", 1) for before, one in pairwise(words) if before == "-H")
    url = next(word for word in words if word.startswith("http"))
    data = options.get("-d")
    place = urlsplit(address).netloc
    connection = http.client.HTTPConnection(place, timeout=10)
    if "--cacert" in options:
        trusted = ssl.create_default_context(cafile=folder / options["--cacert"])
        connection = http.client.HTTPSConnection(place, timeout=10, context=trusted)
    target = urlsplit(url)._replace(scheme="", netloc="").geturl()
    connection.request(options.get("-X", "POST" if data else "GET"), target, data, headers)
    answer = connection.getresponse()
    head = f"HTTP/1.1 {answer.status} {answer.reason}\n" + "".join(f"{k}: {v}\n" for k, v in answer.getheaders()) + "\n"
    body = answer.read().decode()
    connection.close()
    return (head if "-i" in words else "") + body.removesuffix("\n") + "\n"
