"""What Streamlit has to say goes into our log: it would write lines of its own form past it."""

import logging

from streamlit import logger as loggers

from config import settings

SERVERS = ("uvicorn.error", "websockets")  # to which Streamlit gives a level of its own


def join() -> None:
    """Of every logger that Streamlit has made or will make."""
    loggers.setup_formatter = _join  # called for each, whenever it is made or set anew
    loggers.update_formatter()
    for name in SERVERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if settings().access_log else logging.WARNING)


def _join(logger: logging.Logger) -> None:
    own = getattr(logger, "streamlit_console_handler", None)
    if own:
        logger.removeHandler(own)
    logger.propagate = True
