"""Paths on the server as people see them, and what verdicts are called."""

import pytest

from dashboard.sftp.paths import seen, size
from dashboard.sftp.verdicts import CODES, Act, acts
from pipeline.sftp.acts import RETRIED
from records.statuses import SftpFileStatus


@pytest.mark.parametrize(
    ("path", "folder", "shown"),
    [
        ("sales/2026/a.wav", "sales", "2026/a.wav"),
        ("sales-old/a.wav", "sales", "sales-old/a.wav"),
        ("sales/a.wav", "", "sales/a.wav"),
        ("a\nb\tc.wav", "", "a\\nb\\tc.wav"),
        ("\u202egpj.wav", "", "\\u202egpj.wav"),
        ("👩\u200d👩 naïve.wav", "", "👩\u200d👩 naïve.wav"),
    ],
)
def test_a_path_is_shown_below_its_folder_and_what_cannot_be_seen_as_an_escape(path: str, folder: str, shown: str):
    assert seen(path, folder) == shown


def test_the_size_of_a_file_that_changed_meanwhile_is_not_made_up():
    assert (size(-1), size(0), size(2_000_000)) == ("–", "0 bytes", "2.0 MB")


def test_what_may_be_tried_again_by_the_pipelines_rule_is_offered_here():
    for code in RETRIED:
        assert acts(SftpFileStatus.SKIPPED, code, has_call=False) == (Act.RETRY,)
    assert acts(SftpFileStatus.SKIPPED, "foreign", has_call=False) == ()


def test_a_duplicate_without_a_call_leads_to_none():
    assert acts(SftpFileStatus.DUPLICATE, "deleted", has_call=False) == ()


def test_every_verdict_of_the_pipeline_can_be_filtered_by_its_name():
    assert {"settling", "unclaimed", "same_path", "same_bytes", "deleted", "bad_csv", "broke", *RETRIED} <= CODES.keys()
