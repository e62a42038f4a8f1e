"""The operations of the vendor's API, by the names that faults, the journal and people have for them."""

from enum import StrEnum


class Operation(StrEnum):
    """What a request asks for; one that leads nowhere has none."""

    LIST = "list"
    DETAIL = "detail"
    LOGIN = "login"
