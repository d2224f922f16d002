"""The demo runs as `make demo` runs it, and keeps what it promises."""

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_demo_learns_the_digits_and_leaves_a_model_and_a_picture(tmp_path):
    command = [sys.executable, "-m", "addax", "run", "demo/digits.py", str(tmp_path)]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    accuracy = re.search(r"^Test accuracy: (\d\.\d+)$", ran.stdout, re.MULTILINE)
    assert accuracy and float(accuracy[1]) > 0.95
    assert "Epoch 30/30" in ran.stdout
    assert (tmp_path / "digits.keras").read_bytes().startswith(b"PK")
    assert (tmp_path / "learning-curves.png").read_bytes().startswith(b"\x89PNG")
