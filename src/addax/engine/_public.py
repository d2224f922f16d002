"""Public names of engine classes that differ from their own."""

from addax.engine._symbolic import SymbolicTensor as KerasTensor

__all__ = ["KerasTensor"]
