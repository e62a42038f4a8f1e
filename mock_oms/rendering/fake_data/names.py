"""Words from lists of our own, drawn by Faker: the lists in it change with its releases, and our bytes must not."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from faker.generator import Generator
from faker.providers import BaseProvider

_LATIN = """
    lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua
    enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in
    reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt
    culpa qui officia deserunt mollit anim id est laborum
"""


@cache
def word_lists(locale: str) -> Mapping[str, Sequence[str]]:
    """The `female` and `male` first names and the `surnames` of a locale's file, the most common ones first.

    No surname is there that is known for one politically charged or notorious person; `never` has the pairs
    (`Ahmet+Kaya`) of ordinary names that together are somebody's. A paragraph of the file is a list, after its name.
    """
    text = Path(__file__).with_name(f"names_{locale}.txt").read_text("utf-8")
    return {name: words for name, *words in map(str.split, text.strip().split("\n\n"))}


class NameProvider(BaseProvider):
    """Draws the names of a locale, and words that mean nothing.

    Only `random()` is used, because Python promises its sequence for every release, and that of no other method.
    """

    def __init__(self, generator: Generator, locale: str) -> None:
        super().__init__(generator)
        self._lists = word_lists(locale)

    def first_name(self) -> str:
        """A woman's or a man's."""
        return self._common(self._lists["female" if self.generator.random.random() < 0.5 else "male"])  # noqa: PLR2004

    def last_name(self) -> str:
        """A surname."""
        return self._common(self._lists["surnames"])

    def full_name(self) -> tuple[str, str]:
        """First name and another surname, which together are nobody's of whom one has heard."""
        first, last = self.first_name(), self.last_name()
        while first == last or f"{first}+{last}" in self._lists["never"]:
            last = self.last_name()
        return first, last

    def sentence(self) -> str:
        """Four to eight Latin words that are no sentence."""
        latin = _LATIN.split()
        words = [latin[self._below(len(latin))] for _ in range(4 + self._below(5))]
        return f"{' '.join(words).capitalize()}."

    def _below(self, end: int) -> int:
        return int(end * self.generator.random.random())

    def _common(self, names: Sequence[str]) -> str:
        """One of the names: the first ones are the likeliest, and the last ones are rare."""
        return names[min(self._below(len(names)) for _ in range(3))]


def name_generator(locale: str) -> Generator:
    """Faker's bare generator with the names of a locale; its factory would load all providers, which takes longer."""
    generator = Generator()
    generator.add_provider(NameProvider(generator, locale))
    return generator
