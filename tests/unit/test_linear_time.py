"""Nothing that somebody sends takes more than time in proportion to its length, whatever it is made of."""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from io import BytesIO
from itertools import product
from pathlib import Path
from time import process_time
from types import ModuleType
from typing import Any

import mock_oms
from mock_oms.api.django import media_type_of
from mock_oms.api.exchange import Call, Refused, ServerError
from mock_oms.api.rest_framework import accepted_json, link, parsed
from mock_oms.conformance.recorder.allowed import keep_if
from mock_oms.conformance.shapes import note
from mock_oms.server.asgi.request import target_of
from mock_oms.traffic.hints import HintFacts, hint
from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.urls import Operation

#: What a text is made of that takes long: what may begin at each place, and never end.
SHAPES = (
    *("a", "A", "1", " ", "\t", "-", "_", ".", "/", "&", ";", "=", "%", "@", '"', "\\", "+", ":", ",", "[", "(", "?"),
    *("\n", "\xe9", "a ", "a@", "@ ", "a.", "a-", "1.", "1-", "a1", "aA", "a=&", "%41", "%25", "//", "//a", "\\\\"),
    *(
        "1d",
        "a,",
        ", ",
        "/1",
        "a\n",
        "name=",
        "token ",
        "version ",
        "token=a&",
        "mock-",
        "%6dock-",
        f"mock-A{'a' * 26}",
    ),
)
#: Where what strangers send is read: servers, the answers of an OMS, files, settings; commands hand on what they are told.
PACKAGE = Path(mock_oms.__file__).parent
FOLDERS = ("api", "conformance", "contract", "scenarios", "server", "traffic", "worlds")
SHORT, LONG = 500, 2_000
#: Seconds that no clock tells from nothing, on a machine that has other work.
NOTHING = 0.002


def slow(runs: Callable[[str], object]) -> list[str]:
    """The shapes of which four times the length takes far more than four times as long, at every try."""

    def seconds(shape: str, length: int) -> float:
        text = shape * (length // len(shape))
        began = process_time()
        runs(text)
        return process_time() - began

    def is_slow(shape: str) -> bool:
        return (long := seconds(shape, LONG)) > NOTHING and long > 8 * seconds(shape, SHORT) + NOTHING

    return [shape for shape in SHAPES if all(is_slow(shape) for _ in range(3))]


METHODS: dict[str, Callable[[re.Pattern[Any], Any], object]] = {
    **{name: getattr(re.Pattern, name) for name in ("match", "fullmatch", "search", "split", "findall")},
    "finditer": lambda pattern, text: list(pattern.finditer(text)),
    "sub": lambda pattern, text: pattern.sub(text[:0], text),
}


def patterns(module: ModuleType, source: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Each pattern that a module applies, with the method by which it does; those that are put together are left out."""
    kept = [one.args[0] for one in vars(module).values() if isinstance(one, partial) and one.func is keep_if]
    yield from (("fullmatch", re.compile(form, re.ASCII)) for form in kept)
    for call in ast.walk(ast.parse(source)):
        match call:
            case ast.Call(func=ast.Attribute(ast.Name("re"), method), args=[ast.Constant(found), *_]):
                pass
            case ast.Call(func=ast.Attribute(ast.Name("re"), method), args=[ast.Name(name), *_]):
                found = getattr(module, name, "")
            case ast.Call(func=ast.Attribute(ast.Name(name), method)) if isinstance(
                found := getattr(module, name, None), re.Pattern
            ):
                pass
            case _:
                continue
        if method in METHODS:
            yield method, re.compile(found)


def runner(method: str, pattern: re.Pattern[Any]) -> Callable[[str], object]:
    apply, is_bytes = METHODS[method], isinstance(pattern.pattern, bytes)
    return lambda text: apply(pattern, text.encode("latin-1") if is_bytes else text)


def test_no_pattern_looks_at_a_text_again_for_each_of_its_letters() -> None:
    files = [*PACKAGE.glob("*.py"), *(file for folder in FOLDERS for file in PACKAGE.glob(f"{folder}/**/*.py"))]
    found, count = [], 0
    for file in files:
        source = file.read_text()
        if "import re\n" not in source or file.stem == "pytest_plugin":
            continue
        module = import_module(".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts))
        for method, pattern in patterns(module, source):
            count += 1
            found += [(module.__name__, pattern.pattern, shape) for shape in slow(runner(method, pattern))]
    assert (found, count > 90) == ([], True)


REDACTOR = Redactor(b"a key", ["chosen-token"])
LIST = "/api/v1/oms/orderexecutionplans/"


def hinted(text: str) -> None:
    """Every hint about a request that is made of this text only."""
    sent, said = text.encode("latin-1"), dict.fromkeys(("accept", "authorization", "content-type", "host"), text)
    for status, operation in product((200, 301, 400, 401, 404, 405, 406, 415), (None, *Operation)):
        facts = HintFacts(method="GET", path=f"/{text}", query=text, status=status, headers=said, body=sent)
        hint(replace(facts, operation=operation))


def body_of(kind: str) -> Callable[[str], object]:
    """How a login reads a body of this kind that is made of a text only."""

    def read(text: str) -> None:
        sent = text.encode("latin-1")
        names = ("method", "path", "root", "query", "scheme", "host", "authorization")
        said: dict[str, Any] = {**dict.fromkeys(names, ""), "accept": None}
        call = Call(**said, content_type=kind, content_length=len(sent), stream=BytesIO(sent))
        with suppress(Refused, ServerError):
            parsed(call)

    return read


READERS: dict[str, Callable[[str], object]] = {
    "the log: a query": REDACTOR.logged_query,
    "the log: a path": REDACTOR.logged_path,
    "a sentence in the log": REDACTOR.without_mailboxes,
    "the journal: a query": REDACTOR.redacted_text,
    "the journal: a path": REDACTOR.without_known,
    "the journal: a header": lambda text: REDACTOR.redacted([(b"referer", text.encode("latin-1"))]),
    "the journal: credentials": lambda text: REDACTOR.redacted([(b"authorization", text.encode("latin-1"))]),
    "an id beside credentials": lambda text: REDACTOR.redacted_id("mine", [(b"authorization", text.encode("latin-1"))]),
    "the page": lambda text: target_of({"path": LIST, "query_string": text.encode("latin-1")}),
    "Accept": accepted_json,
    "Content-Type": media_type_of,
    "the link to the next page": lambda text: link(f"http://shop/?{text}", 2),
    "a body of JSON": body_of("application/json"),
    "a form": body_of("application/x-www-form-urlencoded"),
    "a form in parts": body_of("multipart/form-data; boundary=a"),
    "hints": hinted,
    "the note of a crawl": note,
}


def test_no_reader_of_what_a_client_sends_takes_longer_for_each_letter_the_more_there_are() -> None:
    assert {name: found for name, runs in READERS.items() if (found := slow(runs))} == {}
