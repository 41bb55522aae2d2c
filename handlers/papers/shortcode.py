"""The short code printed on a form: it names one submission, and no other after any two slips of eye or pen."""

from functools import reduce
from operator import xor

from handlers.receipts import LETTERS

BITS = 5  # of a letter
FIRST_LETTERS = 4
CHECKS = 2
STEP = 0x6B43B5  # odd: multiplying by it permutes the numbers below any power of two; not that of the receipts
FIELD = 0b100101  # x⁵ + x² + 1, by which the letters are multiplied


def code(submission_id: int) -> str:
    """Six letters for the first million submissions, then one more."""
    letters, start = FIRST_LETTERS, 0
    while submission_id - start >= 1 << letters * BITS:
        start += 1 << letters * BITS
        letters += 1
    bits = letters * BITS
    mixed = ((submission_id - start) * STEP + 0x2D9C3) % (1 << bits)
    values = [mixed >> shift & 31 for shift in range(bits - BITS, -1, -BITS)]
    return "".join(LETTERS[value] for value in [*values, *_checks(values)])


def submission_of(said: str) -> int | None:
    """The submission whose code this is, forgiving case, blanks and dashes; None where it is no code."""
    bare = "".join(letter for letter in said.upper() if letter not in " -—–－·\u3000")
    if len(bare) < FIRST_LETTERS + CHECKS or set(bare) - set(LETTERS):
        return None
    values = [LETTERS.index(letter) for letter in bare]
    data = values[:-CHECKS]
    if _checks(data) != values[-CHECKS:]:
        return None
    bits = len(data) * BITS
    mixed = reduce(lambda number, value: number << BITS | value, data, 0)
    start = sum(1 << letters * BITS for letters in range(FIRST_LETTERS, len(data)))
    return start + (mixed - 0x2D9C3) * pow(STEP, -1, 1 << bits) % (1 << bits)


def looks_like(said: str) -> bool:
    """Whether somebody meant a code: six letters and digits, right or not."""
    bare = said.upper().replace("-", "").strip()
    shaped = len(bare) == FIRST_LETTERS + CHECKS and bare.isascii() and bare.isalnum()
    return shaped or submission_of(said) is not None


def _checks(values: list[int]) -> list[int]:
    """Two letters that change with every letter and with its place (a Reed–Solomon code of distance 3)."""
    weighted, power = 0, 1
    for value in values:
        power = _times(power, 2)
        weighted ^= _times(power, value)
    return [reduce(xor, values, 0), weighted]


def _times(one: int, other: int) -> int:
    """The product in the field of 32 letters."""
    made = 0
    while other:
        made ^= one if other & 1 else 0
        one = one << 1 ^ (FIELD if one & 16 else 0)
        other >>= 1
    return made
