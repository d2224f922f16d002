"""Writes or reads checkpoints: `checkpoints.py {tensorflow,addax} {write,read} DIR`.

What one writes, the other reads in another process. With a checkpoint come predictions, before and after some more
steps of training, which depend on every weight and on everything that the optimizer keeps.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from checkpoint_cases import CASES, module, optimizers, train


def write(tf, folder):
    """Every case after three steps, and the predictions."""
    for name, (make, inputs, kind) in CASES.items():
        model, optimizer = make(tf), optimizers(tf)[kind]()
        train(tf, model, optimizer, inputs, 3)
        tf.train.Checkpoint(model=model, optimizer=optimizer).save(f"{folder}/{name}")
        tf.train.Checkpoint(model).write(f"{folder}/{name}-root")
        note(tf, folder, name, model, optimizer, inputs)
    tf.train.Checkpoint(module=module(tf, 3)).write(f"{folder}/module")


def write_old(tf, folder):
    """The same by an optimizer of TensorFlow 2.10, which keeps its slots in another way."""
    make, inputs, _ = CASES["sequential"]
    model, optimizer = make(tf), tf.keras.optimizers.legacy.Adam(0.05)
    train(tf, model, optimizer, inputs, 3)
    tf.train.Checkpoint(model=model, optimizer=optimizer).save(f"{folder}/old")
    model.save_weights(f"{folder}/weights")
    note(tf, folder, "old", model, optimizer, inputs)


def note(tf, folder, name, model, optimizer, inputs):
    """What the model predicts now, and after two more steps."""
    before = model(inputs, training=False).numpy()
    train(tf, model, optimizer, inputs, 2)
    after = model(inputs, training=False).numpy()
    np.savez(f"{folder}/{name}.npz", before=before, after=after)


def read(tf, folder):
    """Put every checkpoint into new objects, and compare what these compute."""
    for name, (make, inputs, kind) in CASES.items():
        model, optimizer = make(tf), optimizers(tf)[kind]()
        checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer)
        if "tensorflow" in sys.modules:  # Keras has no slots before, and restores none later
            model(inputs)
            optimizer.build(model.trainable_variables)
        status = checkpoint.restore(f"{folder}/{name}-1")
        check(tf, folder, name, model, optimizer, inputs)
        if "tensorflow" in sys.modules:  # which keeps no states of layers' random generators
            status.assert_existing_objects_matched()
        else:
            status.assert_consumed()
        other = make(tf)
        other(inputs)
        tf.train.Checkpoint(other).read(f"{folder}/{name}-root").assert_existing_objects_matched()
        expected = np.load(f"{folder}/{name}.npz")["before"]
        np.testing.assert_allclose(other(inputs).numpy(), expected, atol=1e-5)
    found, wanted = module(tf, 1), module(tf, 3)
    tf.train.Checkpoint(module=found).read(f"{folder}/module").assert_consumed()
    values, others = [v.numpy() for v in found.variables], [v.numpy() for v in wanted.variables]
    assert len(values) == 8
    for value, other in zip(values, others, strict=True):
        np.testing.assert_array_equal(value, other)


def read_old(tf, folder):
    """The checkpoint of the old optimizer, and the weights that Keras 2 saved without `.h5`."""
    make, inputs, kind = CASES["sequential"]
    model, optimizer = make(tf), optimizers(tf)[kind]()
    tf.train.Checkpoint(model=model, optimizer=optimizer).restore(f"{folder}/old-1")
    check(tf, folder, "old", model, optimizer, inputs)
    model = make(tf)
    model.load_weights(f"{folder}/weights").assert_existing_objects_matched()
    expected = np.load(f"{folder}/old.npz")["before"]
    np.testing.assert_allclose(model(inputs).numpy(), expected, atol=1e-5)


def check(tf, folder, name, model, optimizer, inputs):
    """Predictions now and after two more steps have to be those that were noted."""
    expected = np.load(f"{folder}/{name}.npz")
    np.testing.assert_allclose(
        model(inputs, training=False).numpy(), expected["before"], atol=1e-5, err_msg=name
    )
    train(tf, model, optimizer, inputs, 2)
    assert int(optimizer.iterations) == 5
    np.testing.assert_allclose(
        model(inputs, training=False).numpy(), expected["after"], atol=1e-4, err_msg=name
    )
    assert np.abs(expected["after"] - expected["before"]).max() > 1e-2


def main(who, what, folder):
    """Run one half."""
    os.makedirs(folder, exist_ok=True)
    if who == "tensorflow":
        import tensorflow as tf
    else:
        import addax.tf as tf
    {"write": write, "read": read, "write_old": write_old, "read_old": read_old}[what](tf, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
