"""Our `dataclass` beside the standard library's: the same behaviour for the same body of a class."""

import copy
import dataclasses
import inspect
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, field
from functools import partial
from itertools import product
from pathlib import Path
from threading import Barrier
from typing import Any

import mock_oms
from mock_oms.dataclass import dataclass

Decorator = Callable[..., Any]


def _values(decorate: Decorator) -> type:
    class Point:
        """Its kinds of fields."""

        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list, hash=False)
        d: int = field(default=4, compare=False)
        e: int = field(default=5, repr=False, metadata={"why": "e"})
        f: int = field(init=False, default=6)
        g: list[int] = field(init=False, default_factory=lambda: [7], hash=False)

    return named(decorate, Point)


def _mixed(decorate: Decorator) -> type:
    class Mixed:
        a: int
        b: int = 2
        _: KW_ONLY
        c: int
        d: int = 4

    return named(decorate, Mixed)


def _empty(decorate: Decorator) -> type:
    class Empty:
        pass

    return named(decorate, Empty)


def _own(decorate: Decorator) -> type:
    class Own:
        a: int
        seen = 0

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    return named(decorate, Own)


def _equal_alone(decorate: Decorator) -> type:
    class Alone:  # noqa: PLW1641  that is the case
        a: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

    return named(decorate, Alone)


def _checked(decorate: Decorator) -> type:
    class Checked:
        a: int
        b: int = 2

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError(self.a)

    return named(decorate, Checked)


def _inherited(decorate: Decorator) -> type:
    class Base:
        a: int
        b: int = 2

        def both(self) -> int:
            return self.a + self.b

    base = named(decorate, Base)

    class Derived(base):  # type: ignore[valid-type, misc]
        b: int = 3
        c: int = 4

    return named(decorate, Derived)


def _late(decorate: Decorator) -> type:
    class Late:
        a: int = 1
        b: int = field(init=False)

    return named(decorate, Late)


def named(decorate: Decorator, body: type) -> type:
    """The class of a body, to be found by its name as copying wants."""
    body.__qualname__ = body.__name__
    kind: type = decorate(body)
    globals()[body.__name__] = kind
    return kind


BODIES = (_values, _mixed, _empty, _own, _equal_alone, _checked, _inherited, _late)
OPTIONS = [
    {"frozen": frozen, "slots": slots, "kw_only": kw_only, "eq": eq, "repr": repr_}
    for frozen, slots, kw_only, eq, repr_ in product(*[(False, True)] * 5)
]
CALLS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((), {}), ((1,), {}), ((), {"a": 1}), ((1,), {"c": 3}), ((), {"a": 1, "c": [3]}), ((1, 2), {"c": 3}), ((), {"a": -1}),
    ((1,), {"a": 1}), ((), {"a": 1, "f": 1}), ((), {"z": 1}), ((1, 2, 3, 4, 5, 6), {}), ((), {"a": [], "b": []}),
)  # fmt: skip


def said(act: Callable[[], Any]) -> Any:
    """What comes of it: a value as text, or the error."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001  errors are compared as well
        return f"{type(error).__name__}: {error}"


def behaviour(kind: Any) -> list[Any]:
    """Everything that can be seen of a class and of what it makes."""
    signature = inspect.signature(kind)
    seen: list[Any] = [
        [(one.name, one.kind, one.annotation, one.default is one.empty) for one in signature.parameters.values()],
        [(one.name, one.type, one.init, one.kw_only, one.metadata) for one in dataclasses.fields(kind)],
        (kind.__name__, kind.__doc__ if kind.__doc__ and "(" not in kind.__doc__ else "", kind.__match_args__),
        vars(kind).get("__slots__"),
        kind.__hash__ is None,
        kind.__init__.__qualname__,
    ]
    for given, named_ in CALLS:
        one, same = (said(partial(kind, *given, **named_)) for _ in range(2))
        if isinstance(one, str):
            seen.append(one)
            continue
        shown = said(partial(repr, one)) if "object at" not in said(partial(repr, one)) else ""
        seen += [shown, said(lambda: one == same), said(lambda: one != same), said(lambda: one == 1)]  # noqa: B023  at once
        seen.append(said(lambda: hash(one) == hash(same)))  # noqa: B023  called at once
        for copied in (copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it)), dataclasses.replace):  # noqa: S301
            again = said(partial(copied, one))
            seen.append(
                again if isinstance(again, str) else (type(again) is kind, said(partial(dataclasses.asdict, again)))
            )
        for name in {"a", "b"} & {it.name for it in dataclasses.fields(kind)}:
            seen += [
                said(partial(setattr, one, name, 8)),
                said(partial(delattr, one, name)),
                getattr(one, name, "gone"),
            ]
        seen += [said(partial(dataclasses.asdict, one)), hasattr(one, "__dict__")]
    return seen


def test_it_makes_what_the_standard_library_makes() -> None:
    differing = [
        (body.__name__, options, ours, theirs)
        for body, options in product(BODIES, OPTIONS)
        for ours, theirs in zip(
            behaviour(body(dataclass(**options))), behaviour(body(dataclasses.dataclass(**options))), strict=True
        )
        if ours != theirs
    ]
    assert differing[:9] == []


def test_a_method_is_compiled_at_its_first_call_only() -> None:
    kind: Any = _values(dataclass(frozen=True, slots=True, kw_only=True))
    before = {name for name in ("__init__", "__repr__", "__eq__", "__hash__") if inspect.isfunction(vars(kind)[name])}
    one = kind(a=1)
    made = vars(kind)["__init__"]
    kind(a=2)
    assert before == set()
    assert inspect.isfunction(made)
    assert vars(kind)["__init__"] is made
    assert not inspect.isfunction(vars(kind)["__eq__"])
    assert one == kind(a=1)
    assert inspect.isfunction(vars(kind)["__eq__"])


def test_threads_that_make_the_first_one_at_once_all_get_theirs() -> None:
    wrong = []
    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            kind, together = _values(dataclass(frozen=True, slots=True, kw_only=True)), Barrier(8)

            def first(number: int, kind: Any = kind, together: Barrier = together) -> Any:
                together.wait(30)
                return kind(a=number)

            made = list(pool.map(first, range(8)))
            wrong += [it for number, it in enumerate(made) if (it.a, it.b, it.g) != (number, "b", [7])]
    assert wrong == []


def test_the_package_takes_no_other() -> None:
    theirs = re.compile(r"from dataclasses import (\([^)]*|[^\n]*)\bdataclass\b|dataclasses\.dataclass\(")
    package = Path(mock_oms.__file__).parent
    users = [file.name for file in package.rglob("*.py") if theirs.search(file.read_text("utf-8"))]
    assert users == ["dataclass.py"]
