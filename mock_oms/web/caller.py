"""Who asks: what an `Authorization` header presents, and the one reading that the call is answered from."""

from dataclasses import dataclass

from mock_oms.line import Line
from mock_oms.web.exchange import Call
from mock_oms.web.magic import TOKENS
from mock_oms.web.rest_framework import presented_token
from mock_oms.web.worlds import ReadableWorld, Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A call's header, split at blanks, and its token; `reading` is of its world if it is `known`, else the default."""

    words: tuple[bytes, ...]
    token: str | None
    known: bool
    reading: ReadableWorld

    @property
    def line(self) -> Line | None:
        """The line of the world that the call names, whatever becomes of the call; None where it names none.

        Who need not say who he is, and who asks for a failure, names the default world.
        """
        named = self.known or self.reading.answers.auth == "off" or self.token in TOKENS
        return self.reading.line if named else None


def caller_of(call: Call, worlds: Worlds) -> Caller:
    """Read the header of a call, and its world: once, so that everything about the call is of one instant."""
    words = tuple(call.authorization.encode("latin-1").split())
    token = presented_token(words)
    named = worlds.reading(token) if token else None
    return Caller(words=words, token=token, known=named is not None, reading=named or worlds.default())
