"""How a doctor's report shows itself."""

from __future__ import annotations

from larknb.results.doctor import DoctorReport, Finding

REPORT = DoctorReport(
    [
        Finding("ok", "disk", "room enough"),
        Finding(
            "fault", "hosts", "no \x1b[31manswer <b>", "a cable", "plug it in", "https://example.com/?a=1&b=2", "s1"
        ),
        Finding("note", "fonts", "none"),
    ],
    ["closed a file"],
)


def test_faults_come_first() -> None:
    """Then notes, then what is as it should be; only a fault counts."""
    assert [each.level for each in REPORT] == ["fault", "note", "ok"]
    assert not REPORT.ok
    assert DoctorReport(REPORT[1:]).ok
    assert repr(REPORT).splitlines()[:2] == ["Doctor · 1 fault, 1 note, 1 fine", "Mended: closed a file"]


def test_texts_of_others_are_harmless() -> None:
    """In a terminal and on a page."""
    assert "\x1b" not in repr(REPORT)
    page = REPORT._repr_html_()
    assert "<b>:" not in page
    assert "&lt;b&gt;" in page
    assert 'href="https://example.com/?a=1&amp;b=2"' in page


def test_programs_get_everything() -> None:
    """As a frame and as plain dicts."""
    assert [*REPORT.to_frame().columns] == ["level", "check", "source", "what", "why", "next", "link"]
    assert REPORT.to_dict()["ok"] is False
    assert REPORT.to_dict()["mended"] == ["closed a file"]
