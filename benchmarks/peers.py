"""Who is measured, and where each one lives."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Peer:
    """One row of the tables.

    Args:
        title: The name on the page.
        home: The folder of its environment.
        api: Which text it runs: "keras", "torch" or "jax".
        packages: What its user installs; the installed size is that of these and all they need.
        variables: Settings of its processes.
        tensorflow: Whether it has the `tf` namespace.
    """

    title: str
    home: str
    api: str
    packages: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    tensorflow: bool = False

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return ROOT / self.home / "bin" / "python"


_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3"}

PEERS = {
    "addax": Peer("Addax", ".venv", "keras", ("addax",), tensorflow=True),
    "tf.keras": Peer(
        "tf.keras",
        ".venv-oracle",
        "keras",
        ("tensorflow",),
        {"KERAS_BACKEND": "tensorflow", **_TENSORFLOW},
        tensorflow=True,
    ),
    "tf_keras": Peer(
        "tf_keras",
        ".venv-oracle",
        "keras",
        ("tf_keras",),
        {"TF_USE_LEGACY_KERAS": "1", **_TENSORFLOW},
        tensorflow=True,
    ),
    "keras-jax": Peer("Keras on JAX", ".venv", "keras", ("keras", "jax"), {"KERAS_BACKEND": "jax"}),
    "keras-torch": Peer(
        "Keras on PyTorch", ".venv-bench", "keras", ("keras", "torch"), {"KERAS_BACKEND": "torch"}
    ),
    "torch": Peer("PyTorch", ".venv-bench", "torch", ("torch",)),
    "torch-compile": Peer("torch.compile", ".venv-bench", "torch", ("torch",)),
    "jax": Peer("JAX + optax", ".venv-bench", "jax", ("jax", "optax")),
}
US = "addax"

# What a shell may have set and a measurement must not see.
_FOREIGN = ("KERAS_", "JAX_", "XLA_", "TF_", "TORCH", "OMP_", "MKL_", "PYTHON", "ADDAX_", "BENCH_")


def environment(name: str, scratch: Path, gpu: bool = False, tiny: bool = False) -> dict[str, str]:
    """The variables of a process of the peer.

    Args:
        name: A key of `PEERS`.
        scratch: A folder for settings and caches; nothing outside of it is written.
        gpu: Whether the process may see a GPU.
        tiny: Whether the large workloads shrink, to try their code without a GPU.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    kept |= {
        "KERAS_HOME": str(scratch / "keras"),
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "TORCHINDUCTOR_CACHE_DIR": str(scratch / "inductor"),
        "ADDAX_COMPILATION_CACHE": "0",
    }
    kept |= {"JAX_PLATFORMS": "cuda"} if gpu else {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    if tiny:
        kept["BENCH_TINY"] = "1"
    return kept | PEERS[name].variables
