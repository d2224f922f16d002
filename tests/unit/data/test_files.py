import pytest

from addax.data import Dataset


def names(dataset):
    return [x.numpy().decode().rsplit("/", 1)[-1] for x in dataset]


@pytest.fixture
def folder(tmp_path):
    for name in ("c.txt", "a.txt", "b.py", "é.txt"):
        (tmp_path / name).touch()
    return tmp_path


def test_files_come_by_name_or_shuffled(folder):
    assert names(Dataset.list_files(str(folder / "*.txt"), shuffle=False)) == ["a.txt", "c.txt", "é.txt"]
    shuffled = Dataset.list_files(str(folder / "*"), seed=1)
    assert sorted(names(shuffled)) == ["a.txt", "b.py", "c.txt", "é.txt"]
    assert len({tuple(names(shuffled)) for _ in range(9)}) > 1 and len(shuffled) == 4
    again = Dataset.list_files(str(folder / "*"), seed=1)
    assert names(again) == names(Dataset.list_files(str(folder / "*"), seed=1))


def test_several_patterns_and_paths(folder):
    patterns = [folder / "a*", str(folder / "b*").encode().decode(), str(folder / "*.py")]
    assert names(Dataset.list_files(patterns, shuffle=False)) == ["a.txt", "b.py"]
    assert names(Dataset.list_files(folder / "c*", shuffle=False)) == ["c.txt"]


def test_no_match_is_an_error_that_shows_the_pattern(folder):
    with pytest.raises(FileNotFoundError, match=r"No files matched pattern: .*\*\.jpg"):
        Dataset.list_files(str(folder / "*.jpg"))
