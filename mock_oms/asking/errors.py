"""Why an OMS cannot be asked, or not any further; each message is a sentence for people, and none shows a token."""

from datetime import datetime

from mock_oms.domain.errors import written


class AskingError(Exception):
    """An OMS cannot be asked."""


class TargetError(AskingError, ValueError):
    """What was given is nothing that can be asked: it is refused before any connection is made."""


class StoppedError(AskingError):
    """Nothing more is asked, though more was wanted; what has been answered until then holds."""


class LostError(StoppedError):
    """Nobody answers, not in time, not completely, or not as HTTP."""


class UntrustedError(LostError):
    """Somebody answers, and the certificate is of no authority that is trusted, or not for this name."""


class SpentError(StoppedError):
    """As many requests were made as are allowed."""

    def __init__(self, most: int) -> None:
        super().__init__(f"The budget of {most} requests is spent; --max-requests allows more.")


class ThrottledError(StoppedError):
    """The OMS answered 429. `until` is when it may be asked again, None where it does not say."""

    def __init__(self, number: int, said: str | None, until: datetime | None) -> None:
        when = (
            "It does not say for how long"
            if until is None
            else f"Nobody should ask before {written(until.replace(microsecond=0))}"
        )
        super().__init__(
            f"The OMS answered 429 to request {number} (Retry-After: {said or 'none'}), and nothing more was asked. "
            f"{when}; a lower --rate asks more slowly."
        )
        self.until = until


class FailingError(StoppedError):
    """The OMS failed twice in a row, and is left alone."""

    def __init__(self, number: int, status: int) -> None:
        super().__init__(
            f"The OMS failed twice in a row (request {number} was answered {status}), and nothing more was asked. "
            "Look into its log before the next run."
        )
