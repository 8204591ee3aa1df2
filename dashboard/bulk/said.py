"""How the bulk jobs' pages write numbers of recordings."""


def recordings(number: int) -> str:
    """'1 recording', '12 recordings'."""
    return f"{number:,} recording{'s' * (number != 1)}"
