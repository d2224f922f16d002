"""What is asked of the C library and of XLA before JAX starts."""

import os
import subprocess
import sys

import pytest

FAULTS = """
import resource
import addax as keras, jax, jax.numpy as jnp
keras.ops.add(1.0, 1.0)
f = jax.jit(lambda x: jnp.cumsum(jnp.outer(x, x), 0).sum())
x = jnp.ones(4000)
f(x).block_until_ready()
f(x).block_until_ready()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    f(x).block_until_ready()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

FLAGS = """
import os
import addax as keras, jax, numpy as np
before = os.environ.get("XLA_FLAGS")
keras.ops.add(1.0, 1.0)
assert os.environ.get("XLA_FLAGS") == before
x, w = np.ones((4, 16, 16, 8), "float32"), np.ones((3, 3, 8, 8), "float32")
conv = jax.jit(lambda x, w: keras.ops.conv(x, w, data_format="channels_last"))
print("ynn" in conv.lower(x, w).compile().as_text(), jax.device_count())
"""


def run(program: str, **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XLA_", "JAX_DISABLE_MOST"))}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**kept, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is told")
def test_memory_of_a_program_is_used_again() -> None:
    kept, returned = (int(run(FAULTS, ADDAX_KEEP_MEMORY=setting)) for setting in "10")
    assert kept < 2_000 < returned  # 64 MB are 16,000 pages each time


def test_convolutions_are_left_to_eigen() -> None:
    assert run(FLAGS) == "False 1"
    assert run(FLAGS, XLA_FLAGS="--xla_force_host_platform_device_count=2") == "False 2"


def test_flags_of_the_user_stay_in_force() -> None:
    flag = "--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_INDIVIDUAL_CONVOLUTION"
    assert run(FLAGS, XLA_FLAGS=flag) == "True 1"
