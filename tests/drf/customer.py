"""The plans of a customer as the real project serves them: made of the mock's, with people who could be real."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from mock_oms.scenarios.library import Library
from mock_oms.worlds.view import view_of

#: First name, last name, e-mail, telephone, title and line of the address, note, number of the order.
_PEOPLE = (
    ("Gülşah Mihrinaz", "İmamoğlu Şentürk", "gulsah.senturk@kisi.example", "+905321170042", "Evim (Moda)",
     "Caferağa Mah. Şifa Sok. No: 12 D: 5", "Zile basmayın, bebek uyuyor 👶", "4400917731"),
    ("Ömer Çağrı", "Işıldak", "omer.isildak@posta.example", "+905058841290", "İş yerim (Ataşehir)",
     "Küçükbakkalköy Mah. Işıklar Cad. 7/A", "Güvenliğe bırakılabilir", "4400917758"),
    ("Ayşe Nur", "Yağcıoğlu", "aysenur.y@posta.example", "+905422236617", "Annemin evi",
     "Çiğli Mah. 8780/1 Sok. Yağmur Apt. No: 3", "Hediye paketi: 'İyi ki doğdun' 🎂", "4400917802"),
    ("Şükrü Bekirhan", "Özgüneş", "sukru.ozgunes@kisi.example", "+905369904415", "Yazlık (Gümüşlük)",
     "Gümüşlük Köyü, Eğlence Sok. No: 41", "Kapıdaki köpek ısırmaz 🐕", "4400917846"),
)  # fmt: skip


def customers_plans(number: int = 45) -> list[dict[str, Any]]:
    """So many plans in all four states, the newest first, none of them with a person whom the mock made up."""
    reading = view_of(Library().load("default"), seed=71, after=timedelta())
    bodies = [json.loads(body) for body in reading.bodies()]
    highest = max(plan["id"] for plan in bodies)
    renewed = [_renumbered(bodies[place % len(bodies)], highest + number - place) for place in range(number)]
    return [_with(plan, _PEOPLE[plan["order"]["id"] % len(_PEOPLE)]) for plan in renewed]


def private_texts(plans: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Every text in these plans that says who ordered, and where it goes; none of them is one that Faker makes up."""
    texts: set[str] = set()
    for order in (plan["order"] for plan in plans):
        texts.update(order["customer"][name] for name in ("first_name", "last_name", "email", "phone_number"))
        texts |= {
            order["shipping_address"]["title"],
            order["shipping_address"]["line"],
            order["notes"],
            order["number"],
        }
    return frozenset(texts)


def _renumbered(plan: dict[str, Any], number: int) -> dict[str, Any]:
    fresh: dict[str, Any] = json.loads(json.dumps(plan))
    items = [one | {"order_execution_plan": number} for one in fresh["orderexecutionplanitem_set"]]
    return fresh | {"id": number, "orderexecutionplanitem_set": items}


def _with(plan: dict[str, Any], person: Sequence[str]) -> dict[str, Any]:
    first, last, email, telephone, title, line, note, number = person
    order = plan["order"]
    who = {"first_name": first, "last_name": last, "email": email, "phone_number": telephone}
    where = {"title": title, "line": line}
    told = {
        "number": f"{number}{order['id'] % 100:02}",
        "notes": note,
        "customer": order["customer"] | who,
        "shipping_address": order["shipping_address"] | where,
        "billing_address": order["billing_address"] | where,
    }
    return plan | {"order": order | told}
