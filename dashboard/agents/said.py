"""How the agents' pages write numbers of things."""


def number(how_many: int, one: str, more: str = "") -> str:
    """'1 call', '12 calls'."""
    return f"{how_many:,} {one if how_many == 1 else more or one + 's'}"
