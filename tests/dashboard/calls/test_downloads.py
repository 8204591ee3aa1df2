"""Names under which something is saved."""

import pytest

from dashboard.calls.downloads import LONGEST_STEM, safe_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("call.wav", "call"),
        ("call", "call"),
        ("2026.11.18 call.wav", "2026.11.18 call"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "call"),
        (".wav", "call"),
        ('a"b\\c<d>|e?.mp3', "a_b_c_d_e_"),
        ("Gespräch 🙂.wav", "Gespräch 🙂"),
        ("a\u202egpj.exe\n.wav", "a_gpj.exe_"),
        ("No. 5, second part", "No. 5, second part"),
        ("x" * 500 + ".wav", "x" * LONGEST_STEM),
    ],
)
def test_a_name_to_save_under_holds_nothing_that_a_file_system_trips_over(name, stem):
    assert safe_stem(name) == stem
