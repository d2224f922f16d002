from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from addax.cli._doctor import Facts, _nvidia_driver, diagnose

GOOD = Facts(jax="0.10.2", driver="580.65.06", plugins={"jax-cuda13-plugin": "0.10.2"}, failure="out of luck")


@pytest.mark.parametrize(
    ("change", "cause", "fix"),
    [
        ({"platforms": "cpu"}, "JAX_PLATFORMS=cpu", "Unset JAX_PLATFORMS."),
        ({"platforms": "tpu, cpu"}, "JAX_PLATFORMS=tpu, cpu", "Unset JAX_PLATFORMS."),
        ({"system": "Darwin"}, "Darwin", "on the CPU"),
        ({"system": "Windows"}, "Windows", "WSL 2"),
        ({"driver": None}, "no NVIDIA driver", "--gpus all"),
        ({"plugins": {}}, "plugin is not installed", 'pip install "jax[cuda13]==0.10.2"'),
        ({"plugins": {}, "driver": "535.1"}, "plugin is not installed", 'pip install "jax[cuda12]==0.10.2"'),
        ({"plugins": {}, "driver": None, "amd": True}, "plugin is not installed", "jax[rocm7-local]"),
        ({"plugins": {"jax-cuda13-plugin": "0.9.0"}}, "0.9.0 does not fit jax 0.10.2", "jax[cuda13]==0.10.2"),
        ({"visible": ""}, "CUDA_VISIBLE_DEVICES=''", "Unset CUDA_VISIBLE_DEVICES"),
        ({"visible": "-1"}, "CUDA_VISIBLE_DEVICES='-1'", "Unset CUDA_VISIBLE_DEVICES"),
        ({"driver": "550.54.15"}, "550.54.15 is too old for CUDA 13", "jax[cuda12]==0.10.2"),
        ({"visible": "0", "platforms": "cuda,cpu"}, "out of luck", "nvidia-smi"),
    ],
)
def test_each_cause_has_its_fix(change, cause, fix):
    said = diagnose(replace(GOOD, **change))
    assert cause in said[0]
    assert fix in said[1]


@pytest.mark.parametrize(
    "text",
    [
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12\nGCC version: 12.2.0",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.183.01  Release Build\n",
    ],
)
def test_the_driver_is_read_from_the_kernel(tmp_path, text):
    record = tmp_path / "version"
    record.write_text(text)
    assert _nvidia_driver(record) == "535.183.01"


def test_without_the_kernels_record_nvidia_smi_is_asked(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 591.44\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _nvidia_driver(tmp_path / "nothing") == "591.44"


@pytest.mark.parametrize("text", ["exit 9", "echo no devices were found"])
def test_a_machine_without_a_driver_has_none(tmp_path, monkeypatch, text):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _nvidia_driver(tmp_path / "nothing") is None
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    assert _nvidia_driver(tmp_path / "nothing") is None


def doctor(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "addax", "doctor"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=300,
    )


def test_the_report_shows_versions_devices_and_why_there_is_no_gpu():
    ran = doctor(JAX_PLATFORMS="cpu")
    assert ran.returncode == 0, ran.stderr
    report = dict(line.split(None, 1) for line in ran.stdout.splitlines())
    assert {"addax", "python", "platform", "jax", "jaxlib", "numpy", "h5py"} <= report.keys()
    assert report["device"] == "cpu:0 cpu"
    assert report["gpu"] == "none is used: JAX_PLATFORMS=cpu keeps JAX to that."
    assert report["fix"] == "Unset JAX_PLATFORMS."


def test_a_jax_that_cannot_start_is_reported_and_counts_as_a_failure():
    ran = doctor(JAX_PLATFORMS="no_such_platform")
    assert ran.returncode == 1, ran.stdout
    assert "JAX cannot start" in ran.stdout
    assert "JAX_PLATFORMS=no_such_platform keeps JAX to that." in ran.stdout
    assert "Traceback" not in ran.stderr
