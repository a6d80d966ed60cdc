"""Seeds and streams are part of the recording format: their numbers never change."""

from atari_cli.seeding import (
    CHOICES,
    NOOPS,
    STICKY,
    SeedSource,
    StickyActions,
    Stream,
    episode_seed,
    random_seed,
)


def test_the_random_numbers_are_those_of_version_1() -> None:
    """These are the numbers of numpy 2.4.6; every other version must give the same."""
    assert [Stream(0, STICKY).draw(), Stream(0, NOOPS).draw(), Stream(7, CHOICES).draw()] == [
        17394127715520444142,
        12492077108140196533,
        11659158256815307285,
    ]
    assert [episode_seed(0, 0), episode_seed(0, 1), episode_seed(1, 0)] == [
        4232842298785526,
        2383740928328724,
        4117112474581694,
    ]


def test_a_stream_can_start_in_the_middle() -> None:
    whole = Stream(3, STICKY)
    numbers = [whole.draw() for _ in range(700)]
    for drawn in (0, 1, 255, 256, 257, 600):
        later = Stream(3, STICKY, drawn)
        assert later.drawn == drawn
        assert [later.draw() for _ in range(50)] == numbers[drawn : drawn + 50]
        assert later.drawn == drawn + 50


def test_draws_below_a_limit_cover_all_numbers() -> None:
    stream = Stream(0, CHOICES)
    assert {stream.below(6) for _ in range(200)} == set(range(6))


def test_episode_seeds_differ_and_are_exact_in_any_json_reader() -> None:
    seeds = {episode_seed(seed, episode) for seed in range(30) for episode in range(30)}
    assert len(seeds) == 900
    assert max(seeds) < 2**53
    assert random_seed() != random_seed()


def test_a_source_restarts_at_each_given_seed() -> None:
    source = SeedSource(4)
    first = [source.next(None), source.next(None)]
    assert first == [episode_seed(4, 0), episode_seed(4, 1)]
    assert source.next(9) == 9
    assert source.next(None) == episode_seed(9, 1)
    assert SeedSource(9, 1).next(None) == episode_seed(9, 1)


def test_sticky_actions_can_start_in_the_middle_of_an_episode() -> None:
    whole, before = StickyActions(3, 0.5), bytearray()
    for code in [2, 3, 4, 5] * 100:
        before.append(whole.executed(code, before))
    later = StickyActions(3, 0.5, drawn=250)
    again = before[:250]
    for code in ([2, 3, 4, 5] * 100)[250:]:
        again.append(later.executed(code, again))
    assert again == before
    assert whole.drawn == later.drawn == 400
