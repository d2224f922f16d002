"""A script that trains from a pipeline and kills itself by SIGKILL at the steps it is told, again and again.

    python killed_stream.py FOLDER STEP STEP ...

It writes down which batch each step had, in every life, and once without being killed. Prints how the lives ended, and
the two lists. The lives are those of `killed.py`.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

import numpy as np

import addax as keras
import addax.tf as tf


def pipeline(folder):
    """Order, noise, files, a cache and a thread: all that an iteration can depend on."""
    texts = folder.parent / "texts"
    lines = keras.utils.text_dataset_from_directory(
        texts, label_mode=None, batch_size=None, seed=3, verbose=False
    )
    lengths = lines.map(lambda text: tf.strings.length(text)).repeat()
    numbers = tf.data.Dataset.range(40).filter(lambda x: x % 5 > 0).cache().shuffle(10).repeat(2)
    noisy = numbers.map(lambda x: tf.random.uniform((3,)) + tf.cast(x, "float32"))
    pairs = tf.data.Dataset.zip((noisy, lengths)).shuffle(4)
    return pairs.map(lambda x, n: (x, tf.cast(n, "float32"))).batch(6).prefetch(2)


class Recorder(keras.Model):
    def __init__(self, file, last):
        super().__init__()
        self.dense, self.file, self.last = keras.layers.Dense(1), file, last

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        step = int(self.optimizer.iterations)
        content = b"".join(np.asarray(part).tobytes() for part in data)
        self.file.write(f"{step} {hashlib.sha256(content).hexdigest()[:16]}\n")
        if step == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().train_step(data)


def train(folder, last):
    keras.utils.set_random_seed(5)
    with open(folder / "stream", "a", buffering=1) as file:
        model = Recorder(file, last)
        model.compile("sgd", "mse", run_eagerly=True)
        backup = keras.callbacks.BackupAndRestore(folder / "backup", save_freq=2)
        model.fit(pipeline(folder), epochs=3, verbose=0, callbacks=[backup])


def life(folder, last):
    folder.mkdir(exist_ok=True)
    child = os.fork()
    if not child:
        train(folder, last)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    return signal.Signals(status).name if status else "done"


def stream(folder):
    """What each step had, and all that a step ever had."""
    found = {}
    for line in (folder / "stream").read_text().splitlines():
        step, content = line.split()
        found.setdefault(int(step), set()).add(content)
    return sorted((step, *sorted(contents)) for step, contents in found.items())


if __name__ == "__main__":
    home = Path(sys.argv[1])
    for number in range(7):
        path = home / "texts" / "ab"[number % 2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x" * number)
    print(life(home / "whole", -1))
    print(*[life(home / "killed", int(step)) for step in sys.argv[2:]], life(home / "killed", -1))
    print(stream(home / "whole"))
    print(stream(home / "killed"))
