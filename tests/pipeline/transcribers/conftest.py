"""Orders as the pipeline makes them: a recording, what its decode found, a scratch folder with its channels."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from types import MappingProxyType

import numpy as np
import pytest

from pipeline import children
from pipeline.sound.contract import RATE, Layout, Sound
from pipeline.sound.speech import Ear
from pipeline.transcribers.contract import Order, Wishes


class Forgetful:
    """No local transcriber needs a memory; asking it to remember fails."""

    facts: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(scope="session", autouse=True)
def _children_end() -> Iterator[None]:
    yield
    children.close()


@pytest.fixture(scope="session")
def order(tmp_path_factory):
    """Make an order of samples (channels, n): `order(samples, keyterms=...)`."""

    def make(samples, layout=None, **wishes):
        scratch = tmp_path_factory.mktemp("scratch")
        ears = []
        for number, channel in enumerate(samples):
            (scratch / f"channel_{number}.s16").write_bytes(channel.astype("<i2").tobytes())
            ear = Ear()
            ear.hear(np.ascontiguousarray(channel))
            ears.append(ear)
        sound = Sound(
            duration_ms=samples.shape[1] * 1000 // RATE,
            layout=layout or (Layout.DUAL if len(samples) == 2 else Layout.MONO),
            speech=tuple(ear.speech() for ear in ears),
        )
        return Order(
            lambda: nullcontext(scratch / "no recording is needed"), sound, Wishes(**wishes), Forgetful(), scratch
        )

    return make
