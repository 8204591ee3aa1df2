import pickle

import pytest

from pipeline.outcome import Fault, ProviderError


@pytest.mark.parametrize("fault", Fault)
def test_only_the_recordings_fault_is_permanent(fault: Fault):
    assert ProviderError("Words.", fault=fault).permanent == (fault is Fault.RECORDING)


def test_an_error_is_passing_unless_said_otherwise():
    error = ProviderError("The provider is busy.")
    assert (error.fault, error.retry_after, str(error)) == (Fault.PASSING, None, "The provider is busy.")


def test_an_error_from_a_child_process_arrives_as_it_was():
    error = pickle.loads(pickle.dumps(ProviderError("No credit.", fault=Fault.ACCOUNT, retry_after=30)))  # noqa: S301  our own
    assert (str(error), error.fault, error.retry_after) == ("No credit.", Fault.ACCOUNT, 30)
