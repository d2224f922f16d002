"""The classes under which Keras saves ops, and the functions of ours that they stand for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

HOME = "keras.src.ops."
ACTIVATIONS = "keras.src.activations.activations"

_MODULES = {
    "core": """
AssociativeScan Cast Cond ConvertToTensor Map SaturateCast Scan Scatter ScatterUpdate Slice SliceUpdate
StopGradient Switch Unstack""",
    "einops": "Rearrange",
    "image": """
AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages
PerspectiveTransform RGBToGrayscale RGBToHSV Resize SSIM ScaleAndTranslate SobelEdges""",
    "linalg": """
Cholesky CholeskyInverse Det Eig Eigh Inv Lstsq LuFactor MatrixRank Norm Pinv Qr SVD Solve SolveTriangular""",
    "math": """
CDist Erf Erfc Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT InTopK Logdet Logsumexp RFFT Rsqrt STFT
SegmentMax SegmentMin SegmentProd SegmentSum TopK ViewAsComplex ViewAsReal""",
    "nn": """
AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm BinaryCrossentropy CTCDecode CTCLoss
CategoricalCrossentropy Celu Conv ConvTranspose DepthToSpace DepthwiseConv DotProductAttention Elu Fold Gelu Glu
HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments MultiHot
Normalize OneHot PSNR Polar RMSNorm Relu Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax Softplus
Softsign SpaceToDepth SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink
Threshold Unfold""",
    "numpy": """
Abs Absolute Add All AllClose Amax Amin Angle Any Append Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2
Arctanh Argmax Argmin Argpartition Argsort Array ArraySplit Average Bincount BitwiseAnd BitwiseInvert
BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo Cbrt Ceil Clip Concatenate Conj
Conjugate Copy Corrcoef Correlate Cos Cosh CountNonzero Cross Cumprod Cumsum Deg2rad Diag Diagflat Diagonal
Diff Digitize Divide DivideNoNan Dot Dsplit Dstack Einsum EmptyLike Equal Exp Exp2 ExpandDims Expm1 Fabs Flip
Fliplr Flipud Floor FloorDivide Fmax Fmin Fmod Full FullLike Gcd Geomspace GetItem Greater GreaterEqual
Heaviside Histogram Hsplit Hstack Hypot I0 Imag Inner IsIn Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal
Kron Lcm Ldexp LeftShift Less LessEqual Linspace Log Log10 Log1p Log2 Logaddexp Logaddexp2 LogicalAnd LogicalNot
LogicalOr LogicalXor Logspace Matmul Max Maximum Mean Median Meshgrid Min Minimum Mod Moveaxis Multiply NanToNum
Nanargmax Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod Nanquantile
Nanstd Nansum Nanvar Negative Nextafter Nonzero NotEqual OnesLike Outer Pad Percentile Power Prod Ptp Quantile
Rad2deg Ravel Real Reciprocal Repeat Reshape RightShift Roll Rot90 Round SearchSorted Select Sign Signbit Sin
Sinc Sinh Size Slogdet Sort Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take TakeAlongAxis Tan
Tanh Tensordot Tile Trace Transpose Trapezoid Tril Triu TrueDivide Trunc Unique UnravelIndex Vander Var Vdot
View Vsplit Vstack Where ZerosLike""",
}

# Class -> function, where the name does not tell.
_RENAMED = {
    "BatchNorm": "batch_normalization",
    "LayerNorm": "layer_normalization",
    "RMSNorm": "rms_normalization",
}

# Which parameters Keras keeps in the config and which it passes in the call, where that differs from our split
# into static and dynamic ones.
_IN_CONFIG = {
    "AllClose": ("rtol", "atol"),
    "AssociativeScan": ("reverse", "axis"),
    "Bincount": ("weights",),
    "Clip": ("x_min", "x_max"),
    "GaussianBlur": ("sigma",),
    "ISTFT": ("window",),
    "Logspace": ("base",),
    "MatrixRank": ("tol",),
    "Max": ("initial",),
    "Min": ("initial",),
    "NanToNum": ("nan", "posinf", "neginf"),
    "PSNR": ("max_val",),
    "SSIM": ("max_val",),
    "STFT": ("window",),
    "Scan": ("length", "reverse", "unroll"),
    "SegmentMax": ("num_segments",),
    "SegmentMin": ("num_segments",),
    "SegmentProd": ("num_segments",),
    "SegmentSum": ("num_segments",),
    "Slice": ("shape",),
    "Threshold": ("threshold", "default_value"),
    "Trapezoid": ("x", "dx"),
}
_IN_CALL = {
    "DotProductAttention": ("scale",),
    "Rearrange": ("pattern",),
    "ScaleAndTranslate": ("output_shape",),
    "Scan": ("xs",),
    "Where": ("x1", "x2"),
}


def _key(name: str) -> str:
    return name.replace("_", "").lower()


@functools.cache
def _by_key() -> dict[str, tuple[str, str]]:
    found = {
        _key(name): (HOME + module, name) for module, names in _MODULES.items() for name in names.split()
    }
    for class_name, function in _RENAMED.items():
        found[_key(function)] = (HOME + "nn", class_name)
    found["generalrelu"] = (ACTIVATIONS, "ReLU")
    found["mish"] = (ACTIVATIONS, "Mish")
    return found


def keras_class(op_name: str) -> tuple[str, str] | None:
    """The module and the class that Keras saves an op of ours as; None if it has none."""
    return _by_key().get(_key(op_name))


@functools.cache
def _namespaces() -> dict[str, Any]:
    from addax import activations, ops, quantizers, random
    from addax.engine import _operators

    return {
        "addax.ops": ops,
        "addax.ops.image": ops.image,
        "addax.activations": activations,
        "addax.random": random,
        "addax.quantizers": quantizers,
        "addax.engine": _operators,
    }


def getitem() -> Callable:
    """The op behind `x[key]`."""
    return _namespaces()["addax.engine"].getitem


_INTERNAL = {
    "get_item": "getitem",
    "shape_tensor": "shape_tensor",
    "boolean_mask": "boolean_mask",
    "identity": "identity",
}


def our_function(module: str, name: str) -> Callable | None:
    """The function of ours that a file names by a module and a name of ours; None if there is none."""
    namespace = _namespaces().get(module)
    if module == "addax.engine":
        name = _INTERNAL.get(name, "")
    elif name not in getattr(namespace, "__all__", ()):
        return None
    found = getattr(namespace, name, None)
    return found if callable(found) and not inspect.isclass(found) else None


def our_home(operation: Any) -> str | None:
    """The module in which `our_function` finds an op again."""
    for module in _namespaces():
        found = our_function(module, operation.name)
        if found is not None and getattr(found, "op", operation) is operation:
            return module
    return None


@functools.cache
def _functions() -> dict[str, Callable]:
    found: dict[str, Callable] = {}
    for module in ("addax.ops", "addax.ops.image"):
        for name in _namespaces()[module].__all__:
            function = our_function(module, name)
            if function is not None:
                found.setdefault(_key(name), function)
    for class_name, name in _RENAMED.items():
        found[_key(class_name)] = found[_key(name)]
    found["getitem"] = getitem()
    return found


def function_of(module: str, class_name: str) -> Callable | None:
    """The function of ours for a class of Keras; None if there is none."""
    if module == ACTIVATIONS:
        name = {"ReLU": "relu", "Mish": "mish"}.get(class_name)
        return None if name is None else getattr(_namespaces()["addax.activations"], name)
    key = _key(class_name)
    if key not in _by_key() or _by_key()[key][0] != module and class_name not in _RENAMED:
        key = _key(_RENAMED.get(class_name, ""))
    return _functions().get(key) if key in _by_key() else None


def split_parameters(
    class_name: str, function: Any
) -> tuple[list[inspect.Parameter], list[inspect.Parameter]]:
    """The parameters of an op that Keras keeps in its config, and those that it passes in the call."""
    operation = getattr(function, "op", function)
    fn = getattr(operation, "fn", operation)
    dynamic = getattr(operation, "dynamic", {})
    in_config, in_call = [], []
    for p in inspect.signature(fn).parameters.values():
        static = not dynamic.get(p.name, p.default is inspect.Parameter.empty)
        static = (static or p.name in _IN_CONFIG.get(class_name, ())) and p.name not in _IN_CALL.get(
            class_name, ()
        )
        (in_config if static else in_call).append(p)
    return in_config, in_call
