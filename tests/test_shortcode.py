"""The code on a printed form: the same submission for ever, and no slip of one or two letters makes it another."""

from itertools import combinations

import pytest

from handlers.papers.shortcode import code, looks_like, submission_of
from handlers.receipts import LETTERS


@pytest.mark.parametrize("id", [1, 2, 3, 31, 32, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (1 << 25) + (1 << 20)])
def test_there_and_back(id: int) -> None:
    assert submission_of(code(id)) == id
    assert set(code(id)) <= set(LETTERS)
    assert len(code(id)) >= 6


def test_a_code_never_changes() -> None:
    assert [code(id) for id in (1, 2, 3)] == ["W9DSAC", "LSBFG4", "BB947D"]


def test_codes_of_a_season_are_all_different() -> None:
    assert len({code(id) for id in range(20_000)}) == 20_000


@pytest.mark.parametrize("said", ["w9dsac", " W9D-SAC ", "W9D SAC", "W9D－SAC"])
def test_how_it_is_typed_does_not_matter(said: str) -> None:
    assert submission_of(said) == 1


@pytest.mark.parametrize("id", [1, 77])
def test_two_wrong_letters_are_always_noticed(id: int) -> None:
    right = code(id)
    for first, second in combinations(range(6), 2):
        for one in LETTERS:
            for other in LETTERS:
                said = list(right)
                said[first], said[second] = one, other
                assert "".join(said) == right or submission_of("".join(said)) is None


@pytest.mark.parametrize("said", ["W0DSAC", "W9DSA", "W9DSACX", "茶叶学会", "", "W9DSA1"])
def test_what_is_no_code(said: str) -> None:
    assert submission_of(said) is None


def test_a_slip_is_taken_for_a_code_that_was_meant_and_a_name_is_not() -> None:
    assert looks_like("W0DSAC")
    assert looks_like("w9d-sac")
    assert not looks_like("浙江省茶叶学会")
    assert not looks_like("医学会")
