"""Write down anew what the tests of this folder compare with: `python -m tests.api.record [coverage|names|docs]`."""

from __future__ import annotations

import json
import sys

from tests.api._surface import HERE, LISTS, coverage, listed, public_names


def record_coverage() -> None:
    """How many names there are now, by namespace."""
    found = {name: coverage(listed(name)) for name in LISTS}
    text = json.dumps(found, indent=1)
    for columns in {tuple(column) for counts in found.values() for column in counts.values()}:
        have, total = columns
        text = text.replace(f"[\n   {have},\n   {total}\n  ]", f"[{have}, {total}]")
    (HERE / "coverage.json").write_text(text + "\n", encoding="utf-8")


def record_names() -> None:
    """The public names as they are now."""
    (HERE / "public_names.txt").write_text("\n".join(public_names()) + "\n", encoding="utf-8")


def record_docs() -> None:
    """`docs/differences.md`, from `differences.json`."""
    from tests.api._differences import PAGE, page

    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


WRITERS = {"coverage": record_coverage, "names": record_names, "docs": record_docs}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or WRITERS:
        WRITERS[wanted]()
