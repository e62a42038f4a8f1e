"""The condition of somebody's scenario files: which can be used, which never could, and what is new about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mock_oms.scenario.versions import Version

#: Sentences by the name of a file.
Sentences = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a look at the files has found.

    `failed` are the files that were broken at the first look, and have been ever since: the server is not ready.
    `warned` are those that broke later; they, or the rest of the server, were in order before. `digests` are those of
    the scenarios that can be used, by file. `news` is what was not so at the look before, a few lines for each file.
    """

    failed: Sentences = field(default_factory=dict)
    warned: Sentences = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    news: tuple[str, ...] = ()

    @property
    def broken(self) -> Sentences:
        """Every file that cannot be used now."""
        return {**self.failed, **self.warned}


def condition_of(versions: Mapping[str, Version], before: Condition | None) -> Condition:
    """What these files are like now, after the look `before` (None: nobody has looked yet)."""
    broken = {name: tuple(map(str, one.problems)) for name, one in versions.items() if one.problems}
    ever = {name for name in broken if versions[name].good is None and (before is None or name in before.failed)}
    now = Condition(
        failed={name: told for name, told in broken.items() if name in ever},
        warned={name: told for name, told in broken.items() if name not in ever},
        digests={name: one.good.digest for name, one in versions.items() if one.good and not one.problems},
    )
    return Condition(failed=now.failed, warned=now.warned, digests=now.digests, news=tuple(_news(before, now)))


def _news(before: Condition | None, now: Condition) -> Iterator[str]:
    then = before or Condition(digests=now.digests)
    for name, told in now.broken.items():
        if then.broken.get(name) != told:
            yield "\n".join(told)
    for name, digest in now.digests.items():
        if name in then.broken:
            yield f"{name}: can be used again; new worlds and resets begin with it."
        elif name not in then.digests:
            yield f"{name}: is there; worlds can begin with it."
        elif then.digests[name] != digest:
            yield f"{name}: has changed; new worlds and resets begin with the new version."
    for name in sorted({*then.broken, *then.digests} - {*now.broken, *now.digests}):
        yield f"{name}: is gone; its worlds live on."
