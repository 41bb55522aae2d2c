"""Six letters by which a printed form is traced to its one submission, with two letters that catch a slip."""

# Without 0 O 1 I L U: they are misread on paper.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
WIDTH = 4
SPREAD = 424_247  # has no factor of 30 in it, so that neighbours look unlike each other and no two are alike
MOST = len(LETTERS) ** WIDTH


def code(submission_id: int) -> str:
    """The letters of a submission: four that name it (unlike up to 810,000), two that check them."""
    number = submission_id * SPREAD % MOST
    named = [number // len(LETTERS) ** place % len(LETTERS) for place in range(WIDTH)]
    plain = sum(named) % len(LETTERS)
    weighted = sum(weight * one for weight, one in zip((1, 7, 11, 13), named, strict=True)) % len(LETTERS)
    return "".join(LETTERS[one] for one in [*named, plain, weighted])
