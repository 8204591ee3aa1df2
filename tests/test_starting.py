"""The garbage collector rests while modules are imported, and only then."""

import gc
import sys
import types

import pytest

from config.starting import uncollected


@pytest.fixture(autouse=True)
def _thawed():
    yield
    gc.unfreeze()
    gc.enable()


def test_what_is_imported_is_collected_never_and_the_rest_again():
    gc.unfreeze()
    with uncollected():
        assert not gc.isenabled()
        sys.modules["a_module_of_this_test"] = types.ModuleType("a_module_of_this_test")
    del sys.modules["a_module_of_this_test"]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_where_nothing_is_imported_nothing_is_kept():
    gc.unfreeze()
    with uncollected():
        pass
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_stays_so_and_an_import_that_fails_turns_it_on_again():
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()
    gc.enable()
    with pytest.raises(ImportError), uncollected():
        raise ImportError("no such thing")
    assert gc.isenabled()
