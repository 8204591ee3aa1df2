"""Numbers as they stand in sentences: short, and never on the wrong side of the bound beside them. Pure."""

MOST_DIGITS = 15  # after the point; more than a float holds


def plain(number: float) -> str:
    """A number as a person typed it."""
    return repr(float(number)).removesuffix(".0")


def shown(number: float, *bounds: float, digits: int = 1) -> str:
    """A number with `digits` after the point, and as many more as it takes to stand where it does to each bound."""
    for places in range(digits, MOST_DIGITS + 1):
        short = f"{number:.{places}f}"
        if all(_side(float(short), bound) == _side(number, bound) for bound in bounds):
            return short.removesuffix(".0")
    return plain(number)


def _side(number: float, bound: float) -> int:
    return (number > bound) - (number < bound)
