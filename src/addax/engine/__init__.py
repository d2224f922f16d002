"""Floor 1: tensors, variables, the door for ops, shape inference, purification, tapes. Knows nothing of layers."""

from addax.engine import _operators as _operators  # attaches the operators
from addax.engine._bind import Bindings, pure, raw_of, unwrap, value_and_grad
from addax.engine._compile import Compiled
from addax.engine._concrete import ConcreteFunction
from addax.engine._function import Function, PerformanceWarning, function
from addax.engine._infer import infer
from addax.engine._module import Module
from addax.engine._op import Op, op
from addax.engine._pack import Composite
from addax.engine._padded import PaddedRows
from addax.engine._scopes import StatelessScope, SymbolicScope
from addax.engine._shape import TensorShape
from addax.engine._spec import TensorSpec
from addax.engine._symbolic import Node, OpCall, SymbolicTensor
from addax.engine._tape import GradientTape, UnconnectedGradients, custom_gradient
from addax.engine._tensor import Tensor, TensorLike
from addax.engine._tensor_array import TensorArray
from addax.engine._variable import Variable

__all__ = [
    "Bindings",
    "Compiled",
    "Composite",
    "ConcreteFunction",
    "Function",
    "GradientTape",
    "Module",
    "Node",
    "Op",
    "OpCall",
    "PaddedRows",
    "PerformanceWarning",
    "StatelessScope",
    "SymbolicScope",
    "SymbolicTensor",
    "Tensor",
    "TensorArray",
    "TensorLike",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "custom_gradient",
    "function",
    "infer",
    "op",
    "pure",
    "raw_of",
    "unwrap",
    "value_and_grad",
]
