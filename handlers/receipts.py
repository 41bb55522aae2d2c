"""Receipt numbers: short, unique, and not to be confused with their neighbours when read aloud."""

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST_BITS = 20  # four letters
STEP = 0x9E375  # odd: multiplying by it permutes the numbers below any power of two


def receipt(number: int) -> str:
    """The receipt of inbound message `number`: a bijection, so no two messages share one. Grows a letter at 2^20."""
    bits = FIRST_BITS
    start = 0
    while number - start >= 1 << bits:
        start += 1 << bits
        bits += 5
    mixed = ((number - start) * STEP + 0x5A5A5) % (1 << bits)
    return "".join(LETTERS[mixed >> shift & 31] for shift in range(bits - 5, -1, -5))
