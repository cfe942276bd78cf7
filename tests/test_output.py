import pytest

from closedsky.errors import Fault, OutputError
from closedsky.output import output_folder


def test_a_folder_appears_whole(tmp_path):
    target = tmp_path / "a" / "b"
    with output_folder(target, force=False) as folder:
        (folder / "one").write_text("1")
        assert not target.exists()
    assert (target / "one").read_text() == "1"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_a_failure_leaves_nothing(tmp_path):
    def work() -> None:
        with output_folder(tmp_path / "out", force=False) as folder:
            (folder / "half").write_text("?")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_what_was_there(tmp_path):
    (tmp_path / "summary.json").write_text("old")

    def work() -> None:
        with output_folder(tmp_path, force=True) as folder:
            (folder / "summary.json").write_text("new")
            raise ValueError("out of paper")

    with pytest.raises(ValueError, match="out of paper"):
        work()
    assert (tmp_path / "summary.json").read_text() == "old"


def test_a_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="file of that name"), output_folder(tmp_path / "out", force=True):
        pass


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "out").mkdir()
    with output_folder(tmp_path / "out", force=False) as folder:
        (folder / "x").write_text("x")
    assert (tmp_path / "out" / "x").exists()


def test_a_file_that_cannot_be_written_is_named_in_the_folder_asked_for(tmp_path):
    with pytest.raises(OutputError) as refused, output_folder(tmp_path / "out", force=False) as folder:
        raise OutputError(Fault("it cannot be written", str(folder / "floor.tif"), "free some space"))
    assert refused.value.faults[0].where == f"--out {tmp_path / 'out' / 'floor.tif'}"
    assert list(tmp_path.iterdir()) == []
