"""A few seconds of nonsense on the socket, the same ones each time; `make fuzz` takes two minutes and other ones."""

from tests.system.fuzzing import attacked, fire_examples


def test_nonsense_breaks_nothing_and_nothing_grows_by_it() -> None:
    with attacked() as attack:
        fire_examples(attack, 60)
        attack.judge()
    assert {200, 400, 404} <= set(attack.statuses)
