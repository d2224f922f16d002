"""A whole process, timed from outside: `python -m benchmarks.startup import|fit --peer PEER`."""

from __future__ import annotations

import argparse
import importlib

from benchmarks.peers import PEERS

_ROWS = 1_280


def load(peer):
    """Import what a script of the peer imports, up to the names that every script uses."""
    api = PEERS[peer].api
    if api == "keras":
        from benchmarks.keras_driver import load as load_keras

        keras, _ = load_keras(peer)
        return keras.Sequential, keras.layers.Dense
    names = ("torch",) if api == "torch" else ("jax", "jax.numpy", "optax")
    return [importlib.import_module(name) for name in names]


def main():
    """Do what the command line says, and end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("import", "fit"))
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--workload", default="mlp")
    parser.add_argument("--gpu", action="store_true")
    options = parser.parse_args()
    if options.what == "import":
        load(options.peer)
        return
    from benchmarks.worker import driver

    options.batch, options.bf16 = 32, False
    driver(options, rows=_ROWS).fit(1)


if __name__ == "__main__":
    main()
