"""The load benchmark: what it makes of figures, and that a small one runs without an error."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import load, load_people
from benchmarks.load_people import Browser, Failed
from benchmarks.load_tally import Tally, share


def test_a_share_is_the_time_within_which_so_many_were_done():
    hundred = [float(number) for number in range(100, 0, -1)]
    assert (share(hundred, 0.5), share(hundred, 0.95), share(hundred, 1)) == (50, 95, 100)
    assert (share([7.0], 0.95), share([], 0.95)) == (7, 0)


def test_the_table_counts_what_failed_with_what_went_well():
    tally = Tally()
    assert not tally.all_well, "nothing was done"
    tally.done("Call", 0.2)
    assert tally.all_well
    tally.failed("Call", "broke")
    assert not tally.all_well
    assert tally.table().splitlines()[-1] == "| Call | 2 | 1 | 200 | 200 | 200 |"


@pytest.mark.parametrize("part", ["exception", "compile"])
def test_a_page_that_breaks_is_an_error(part: str):
    message = ForwardMsg()
    if part == "exception":
        message.delta.new_element.exception.message = "broke"
    else:
        message.script_finished = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
    with pytest.raises(Failed):
        Browser(None)._heard(message)


def test_a_run_that_is_begun_anew_is_not_over():
    message = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)
    assert not Browser(None)._heard(message)
    assert Browser(None)._heard(ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY))


@pytest.mark.long  # half a minute; what it is made of is tried above
def test_a_small_load_goes_well_and_is_written_between_its_marks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(load_people, "THINK_S", (0.1, 0.3))
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{load.BEGIN}\nan earlier table\n{load.END}\n\nAfter\n")
    small = ["--calls", "80", "--minutes", "0.1", "--people", "3", "--clients", "2", "--pause", "0.2"]
    assert load.main([*small, "--write", str(page)]) == 0, capsys.readouterr()
    written = page.read_text()
    assert "an earlier table" not in written
    assert written.endswith(f"{load.END}\n\nAfter\n")
    assert "| Upload by the API | " in written
    assert "| Calls" in written or "| Home |" in written or "| Review |" in written or "| Bulk jobs |" in written
    assert written.split(load.BEGIN)[1].split(load.END)[0].strip() == capsys.readouterr().out.strip()
