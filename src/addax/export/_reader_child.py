"""Reads a StableHLO program in a process of its own and says what it asks for.

`_examine` runs this file as a script, because bytes that are made for it can crash MLIR's reader or keep it busy for
ever. So it imports nothing of Addax, and of JAX only the compiled reader. The program comes by the standard input; the
answer is a line of JSON.
"""

from __future__ import annotations

import json
import math
import re
import sys
from typing import Any

STARTED = b"started\n"
# A custom call runs a function of the process by name, so a file may only ask for numerical kernels.
_ALLOWED_CUSTOM_CALLS = re.compile(
    r"shape_assertion|Sharding|SPMD\w+|annotate_device_placement|AllocateBuffer|stablehlo\.dynamic_\w+|mhlo\.\w+"
    r"|(lapack|cusolver|cusparse|cublas|hipsolver|hipblas|hipsparse)_\w+|(cu|hip)_(threefry2x32|lu_pivots)\w*"
    r"|Eigh|Qr|LuDecomposition|ProductOfElementaryHouseholderReflectors|ApproxTopK|Cholesky|\w*[tT]op[kK]"
)
_ALLOWED_DIALECTS = ("builtin", "func", "stablehlo", "chlo", "sdy")


def read(serialized: bytes) -> dict[str, Any]:
    """What a program asks for: `{"refused": [names]}`, or `{"error": why it is none}`.

    Args:
        serialized: A StableHLO portable artifact.
    """
    from jaxlib.mlir import ir
    from jaxlib.mlir.dialects import stablehlo

    try:
        module = stablehlo.deserialize_portable_artifact(ir.Context(), serialized)
        module.operation.verify()
        # JAX looks functions up by their names, which are any bytes in a file.
        names = [ir.StringAttr(part.attributes["sym_name"]).value for part in module.body.operations]
        if "main" not in names:
            return {"error": f"it has no function main, but {names[:20]}"}
        return {"refused": _refused(module)}
    except MemoryError:  # the limit says so, not the program
        raise
    except Exception as error:
        return {"error": str(error)[:2000] or type(error).__name__}


def _refused(module: Any) -> list[str]:
    """The operations and the calls into the process that are more than computation."""
    from jaxlib.mlir import ir

    found: set[str] = set()

    def visit(operation: Any) -> Any:
        if operation.name == "stablehlo.custom_call":
            target = ir.StringAttr(operation.attributes["call_target_name"]).value
            if not _ALLOWED_CUSTOM_CALLS.fullmatch(target):
                found.add(target)
        elif operation.name.split(".")[0] not in _ALLOWED_DIALECTS:
            found.add(operation.name)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return sorted(found)


def _limit(seconds: int, more_memory: int) -> None:
    """Let the kernel end this process when it takes more than that from now on."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource, resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)
    _lower(resource, resource.RLIMIT_CORE, 0)
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:  # no Linux: there the limit is not kept anyway
        return
    _lower(resource, resource.RLIMIT_AS, taken + more_memory)


def _lower(resource: Any, kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _main(seconds: str, memory: str, *path: str) -> None:
    sys.path[:] = path
    from jaxlib.mlir.dialects import stablehlo  # noqa: F401  (before the limits: it takes memory, too)

    serialized = sys.stdin.buffer.read()
    sys.stdout.buffer.write(STARTED)
    sys.stdout.buffer.flush()
    _limit(int(seconds), int(memory))
    sys.stdout.buffer.write(json.dumps(read(serialized)).encode())


if __name__ == "__main__":
    _main(*sys.argv[1:])
