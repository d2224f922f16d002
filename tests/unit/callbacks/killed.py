"""A script that trains, is killed by SIGKILL in one place after the other, and is started again each time.

    python killed.py FOLDER PLACE PLACE ...

Each life is a process of its own, forked before JAX has started (which saves the time of the imports). The
last one is not killed. Prints a line for each life: how it ended, and a digest of what training gave.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

import jax
import numpy as np

import addax as keras
from addax import callbacks as cb
from addax import layers
from addax.formats import _atomic
from addax.saving import _state_file


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(owner, name, count, then=die):
    """Die in the n-th call of a function."""
    left, old = [count], getattr(owner, name)

    def called(*args, **kwargs):
        left[0] -= 1
        return then() if not left[0] else old(*args, **kwargs)

    setattr(owner, name, called)


class DieAt(cb.Callback):
    def __init__(self, epoch, batch):
        super().__init__()
        self.place = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.place == (self.epoch, batch):
            die()


PLACES = {
    "in a batch": lambda: [DieAt(1, 1)],
    "while writing": lambda: at_call(_state_file, "write_array", 40),
    "before renaming": lambda: at_call(_atomic.os, "replace", 2),
    "at the end": lambda: at_call(cb.BackupAndRestore, "_remove_parts", 2),
    "nowhere": lambda: None,
}


def train(folder, place):
    keras.utils.set_random_seed(7)
    x = np.random.rand(30, 4).astype("float32")
    y = x[:, :1] * 2
    killer = PLACES[place]() or []
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.3), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse", metrics=["mae"])
    callbacks = [
        cb.BackupAndRestore(folder / "backup", save_freq=3),
        cb.EarlyStopping(patience=3, restore_best_weights=True),
        cb.ReduceLROnPlateau(patience=1, min_delta=0.05),
        cb.ModelCheckpoint(folder / "best.weights.h5", save_best_only=True, save_weights_only=True),
        cb.CSVLogger(folder / "log.csv"),
        *killer,
    ]
    options = {"batch_size": 5, "epochs": 5, "validation_split": 0.2, "verbose": 0}
    history = model.fit(x, y, callbacks=callbacks, **options).history
    digest = hashlib.sha256(repr([(k, [v.hex() for v in vs]) for k, vs in history.items()]).encode())
    for variable in (*model.variables, *model.optimizer.variables):
        digest.update(variable.numpy().tobytes())
    digest.update((folder / "log.csv").read_bytes())
    model.load_weights(folder / "best.weights.h5")
    digest.update(b"".join(w.tobytes() for w in model.get_weights()))
    return digest.hexdigest()


def life(folder, place):
    """Train in a process of its own; how it ended and what it gave."""
    folder.mkdir(exist_ok=True)
    child = os.fork()
    if not child:
        (folder / "result").write_text(train(folder, place))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return (signal.Signals(status).name, "") if status else ("done", (folder / "result").read_text())


if __name__ == "__main__":
    home = Path(sys.argv[1])
    jax.config.update("jax_compilation_cache_dir", str(home / "cache"))  # a life need not compile anew
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    print(*life(home / "whole", "nowhere"))
    for where in [*sys.argv[2:], "nowhere"]:
        print(*life(home / "killed", where), flush=True)
    print(sorted(path.name for path in (home / "killed").iterdir()))
