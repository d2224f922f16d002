"""`tf.linalg`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._diagonals": "diag diag_part set_diag",
        "addax.tf._linalg": """
            adjoint band_part cholesky cholesky_solve det eig eigh eigvals eigvalsh expm eye global_norm inv
            logdet logm lstsq lu lu_matrix_inverse lu_reconstruct lu_solve matrix_rank matrix_transpose pinv qr
            slogdet solve sqrtm svd tensor_diag tensor_diag_part trace triangular_solve
        """,
        "addax.tf._products": "cross einsum l2_normalize matmul matvec tensordot",
        "addax.tf._reduce": "norm normalize",
        "addax.tf._tridiagonal": """
            banded_triangular_solve eigh_tridiagonal tridiagonal_matmul tridiagonal_solve
        """,
    }
)

_SUBMODULES = ("experimental",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})
