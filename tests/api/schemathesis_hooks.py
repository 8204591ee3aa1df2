"""What schemathesis cannot know by itself: what a recording is, and how bytes of one are sent."""

import schemathesis
from hypothesis import strategies as st
from schemathesis import openapi

from tests.pipeline.arriving import wav

RECORDINGS = [wav(number, seconds=0.2) for number in range(12)]

openapi.format("binary", st.one_of(st.sampled_from(RECORDINGS), st.binary(max_size=64)))


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(_context: object, value: object) -> dict[str, object]:
    return {"data": value}
