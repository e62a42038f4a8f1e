"""Personal data in captured plans: which of their fields say who somebody is, and in how many plans."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_oms.text import counted

#: Fields that tell of people wherever they stand.
_TELLING = re.compile(
    r"(?:.*_)?(?:e?mail|phone|phone_number|telephone|mobile|gsm|first_name|last_name|full_name|middle_name|surname|"
    r"recipient|tckn|identity_number|tax_number|tax_no|birth_?da(?:te|y)|iban|card_number|ip_address|notes?)",
    re.IGNORECASE,
)
#: Objects whose texts tell of people, and of what those objects hold, what tells of none.
_PEOPLE = re.compile(r"(?:customer|user|person|recipient|(?:.*_)?address)", re.IGNORECASE)
_SILENT = frozenset(("id", "pk", "omnitron_id", "is_active", "created_date", "modified_date"))
#: Where a person lives is in an address itself; these of its members say it of a whole town.
_PLACES = frozenset(("city", "country", "township"))
#: An address of a shop's own.
_SHOPS = "stock_location"
_MAIL = re.compile(r"[^\s@]{1,100}@[^\s@]{1,100}\.[^\s@]{1,50}")
_PHONE = re.compile(r"(?:\+|00)[1-9](?:[\s()/-]{0,2}\d){8,14}", re.ASCII)
_NAMED = 6


def personal_fields(plans: Iterable[Mapping[str, Any]]) -> tuple[int, Counter[str]]:
    """How many plans hold personal data, and how many each field with such data in it, without numbers of lists."""
    holding, fields = 0, Counter[str]()
    for plan in plans:
        found = {path for path, _ in _telling(plan, "", of_person=False)}
        holding += bool(found)
        fields.update(sorted(found))
    return holding, fields


def _telling(value: Any, path: str, *, of_person: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            tells = bool(_PEOPLE.fullmatch(key)) and not path.endswith(_SHOPS) if isinstance(one, Mapping) else False
            inner = (of_person or tells) and key not in _PLACES
            yield from _telling(one, f"{path}.{key}" if path else key, of_person=inner)
    elif isinstance(value, list):
        for one in value:
            yield from _telling(one, f"{path}[]", of_person=of_person)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip():
        key = path.rpartition(".")[2].removesuffix("[]")
        if key in _SILENT:
            return
        says = isinstance(value, str) and (_MAIL.fullmatch(value.strip()) or _PHONE.fullmatch(value.strip()))
        if of_person or says or _TELLING.fullmatch(key):
            yield path, value


def personal_summary(plans: Iterable[Mapping[str, Any]]) -> str:
    """A sentence about the personal data in plans; nothing where there is none."""
    holding, fields = personal_fields(plans)
    if not holding:
        return ""
    by_weight = sorted(fields, key=lambda path: (-fields[path], "customer" not in path, path))
    named = ", ".join(f"{path} ({fields[path]:,})" for path in by_weight[:_NAMED])
    more = f" and {counted(len(fields) - _NAMED, 'more field')}" if len(fields) > _NAMED else ""
    return f"{counted(holding, 'plan')} hold{'s' if holding == 1 else ''} personal data: {named}{more}."
