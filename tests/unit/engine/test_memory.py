"""What is asked of the C library and of XLA before JAX starts."""

import os
import subprocess
import sys

import numpy as np
import pytest

import addax as keras
from addax import tf
from addax.engine import _memory

FAULTS = """
import resource
import addax as keras, jax, jax.numpy as jnp
keras.ops.add(1.0, 1.0)
f = jax.jit(lambda x: jnp.cumsum(jnp.outer(x, x), 0).sum())
x = jnp.ones(4000)
faults = [resource.getrusage(resource.RUSAGE_SELF).ru_minflt]
for _ in range(20):
    f(x).block_until_ready()
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(min(b - a for a, b in zip(faults, faults[1:])))
"""

FLAGS = """
import os
import addax as keras, jax, numpy as np
before = os.environ.get("XLA_FLAGS")
keras.ops.add(1.0, 1.0)
assert os.environ.get("XLA_FLAGS") == before
x, w = np.ones((32, 16, 16, 32), "float32"), np.ones((3, 3, 32, 32), "float32")
conv = jax.jit(lambda x, w: keras.ops.conv(x, w, data_format="channels_last"))
print("ynn" in conv.lower(x, w).compile().as_text(), jax.device_count())
"""


def run(program: str, **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XLA_", "JAX_DISABLE_MOST"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is told")
def test_memory_of_a_program_is_used_again() -> None:
    kept, returned = (int(run(FAULTS, ADDAX_KEEP_MEMORY=setting)) for setting in "10")
    assert kept < 1_000 < 10_000 < returned  # 64 MB are 16,000 pages


def test_programs_that_need_much_memory_switch_it_off(monkeypatch) -> None:
    keras.ops.add(1.0, 1.0)  # JAX is there
    set_to = []
    monkeypatch.setattr(_memory, "_keeps", True)
    monkeypatch.setattr(_memory, "LIMIT", 3 << 20)
    monkeypatch.setattr(_memory, "_set", lambda *settings: set_to.extend(settings))
    small = keras.Function(x := keras.Input((8,)), keras.ops.cumsum(x))
    small(np.ones((2, 8), "float32"))
    step = tf.function(lambda x: tf.reduce_sum(tf.cumsum(tf.sort(tf.tensordot(x, x, 0)))))
    step(tf.ones(100))
    assert set_to == []
    step(tf.ones(2000))
    assert set_to == [(_memory._MMAP_MAX, _memory._MANY)]
    step(tf.ones(3000))
    assert len(set_to) == 1


def test_results_inside_of_other_operations_count() -> None:
    import jax

    inner = jax.checkpoint(lambda x: jax.numpy.outer(x, x).sum())
    closed = jax.make_jaxpr(lambda x: inner(x) + 1)(np.ones(100, "float32"))
    assert _memory._results(closed.jaxpr) >= 4 * 100 * 100


def test_convolutions_are_left_to_eigen() -> None:
    assert run(FLAGS, ADDAX_ONEDNN="0") == "False 1"
    assert run(FLAGS, XLA_FLAGS="--xla_force_host_platform_device_count=2") == "False 2"


def test_flags_of_the_user_stay_in_force() -> None:
    flag = "--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_INDIVIDUAL_CONVOLUTION"
    assert run(FLAGS, XLA_FLAGS=flag, ADDAX_ONEDNN="0") == "True 1"


HOLES = """
import numpy as np
import addax as keras
from addax.engine import _memory
keras.ops.add(1.0, 1.0)
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20
blocks = [np.ones(1 << 24, np.float32) for _ in range(20)]
last = np.ones(1 << 24, np.float32)
full = resident()
assert not _memory.give_back_holes()
del blocks
model = keras.Sequential([keras.layers.Dense(1)])
model.predict(np.ones((2, 2)), verbose=0)
print(full - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is told")
def test_holes_go_back_before_a_new_program() -> None:
    assert int(run(HOLES)) > 1000  # of 20 times 64 MB
