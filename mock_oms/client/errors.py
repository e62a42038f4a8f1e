"""What goes wrong between a client and the control API; each message is a sentence for people."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.urls import without_query


class ClientError(Exception):
    """The control API did not do what it should."""


#: What mock-oms needs beside what mock-oms-client needs: modules by which a server is known to be missing.
SERVER_MODULES = frozenset(
    "apispec faker flask flask_smorest httptools prometheus_client psutil trustme uvicorn uvloop watchfiles webargs werkzeug".split()  # noqa: SIM905  a line
)


class ServerNotInstalledError(ModuleNotFoundError):
    """A server is wanted where only mock-oms-client is installed, which has none."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"{missing} is not installed here, and this needs it: mock-oms-client has no server. Install mock-oms in "
            "its place (pip uninstall mock-oms-client, then pip install mock-oms), or use a mock that runs elsewhere: "
            "--url or MOCK_OMS_URL; in pytest --oms-url, or --oms-command 'uvx mock-oms serve'.",
            name=missing,
        )


@contextmanager
def server_wanted() -> Iterator[None]:
    """Say what to do where a module of the server cannot be imported.

    :raises ServerNotInstalledError: one of `SERVER_MODULES` is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in SERVER_MODULES:
            raise
        raise ServerNotInstalledError(missing) from None


class WishError(ClientError, ValueError):
    """An argument that cannot be sent: it is refused before any request is made."""


class UnreachableError(ClientError):
    """No mock answers at this address, or not in time."""

    _sentence = (
        "No mock-oms answers at {url} ({reason}). Start one with: mock-oms serve. One elsewhere: --url or MOCK_OMS_URL"
    )

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(self._sentence.format(url=without_query(url), reason=reason))


class UntrustedError(UnreachableError):
    """Somebody answers at this address, and the certificate is of no authority that is trusted here, or not for it."""

    _sentence = (
        "The certificate of {url} is not trusted ({reason}). SSL_CERT_FILE names the authority that is: "
        "the file that mock-oms serve --tls-ca writes at each start. Another name of the mock: --tls-names."
    )


class NotInTimeError(UnreachableError):
    """A mock took the request and has not answered in time."""

    _sentence = "{url} did not answer within {reason}; it may still be at work."


def is_refusal(caught: Any) -> bool:  # noqa: ANN401  pytest's ExceptionInfo, which is not imported here
    """Whether pytest hides our frames of an error: what was asked is wrong, not how we asked it."""
    return caught is not None and isinstance(caught.value, (ClientError, VerificationError))


class ControlError(ClientError):
    """The control API refused: `status` as in HTTP, `detail` its sentence, `legal` the commands that a plan takes now.

    `errors` are the sentences on single fields, by their path; where there are any, they are the message. `problem` is
    all that was answered.
    """

    def __init__(self, status: int, detail: str, problem: Mapping[str, Any] | None = None) -> None:
        self.status, self.detail, self.problem = status, detail, dict(problem or {})
        self.legal: tuple[str, ...] = tuple(self.problem.get("legal") or ())
        self.errors = {path: tuple(found) for path, found in (self.problem.get("errors") or {}).items()}
        # A whole sentence is about the body as such, and `body` is also a key of faults.
        whole = ("A ", "the fault does", "it does")
        found = (
            ("" if path == "body" and sentences[0].startswith(whole) else f"{path}: ") + " ".join(sentences)
            for path, sentences in self.errors.items()
        )
        super().__init__(" ".join(found) or detail)


class ControlTokenRefusedError(ControlError):
    """The mock wants its control token; `given`: another one was sent; `ways`: how one is given here.

    `problem` is all that was answered. The token is not shown.
    """

    def __init__(self, url: str, ways: str, problem: Mapping[str, Any], *, given: bool) -> None:
        mock = f"the mock at {without_query(url)}"
        wrong = f"The control token that was given is not that of {mock}: say its own by {ways}."
        missing = f"T{mock[1:]} wants its control token, and none was given: say {ways}."
        super().__init__(HTTPStatus.UNAUTHORIZED, wrong if given else missing, problem)


class VerificationError(AssertionError):
    """Requests were not made as a test demands.

    `nearest` are those that nearly were, each with what is different about it.
    """

    def __init__(self, reason: str, nearest: Sequence[tuple[JournalEntry, Sequence[str]]] = ()) -> None:
        self.reason, self.nearest = reason, tuple(nearest)
        lines = (f"  nearest: number {one.number}: {', '.join(differs)}" for one, differs in self.nearest)
        super().__init__("\n".join([reason, *lines]))
