"""The programs that are measured: one file each, with the same Keras text for every peer that has the Keras API.

A file gives `TITLE`, `EXAMPLES` (rows of an epoch), `FLOPS` (floating-point operations of one example's forward
pass), `data(rng, count)` and `model(keras)`, which returns a compiled model.
"""
