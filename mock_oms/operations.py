"""The operations of the vendor's API, by the names that faults, the journal and people have for them."""

from enum import StrEnum


class Operation(StrEnum):
    """What a request asks for; one that leads nowhere has none."""

    LIST = "list"
    DETAIL = "detail"
    LOGIN = "login"

    # That of its text, which it equals; an enum's own is written in Python, and each request is counted by it.
    __hash__ = str.__hash__
