"""`tf.linalg`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._diagonals": "diag diag_part set_diag",
        "addax.tf._linalg": """
            adjoint band_part cholesky cholesky_solve det eig eigh eigvals eigvalsh expm eye global_norm
            inv logdet lstsq lu matrix_rank matrix_transpose pinv qr slogdet solve sqrtm svd tensor_diag
            tensor_diag_part trace triangular_solve
        """,
        "addax.tf._products": "cross einsum l2_normalize matmul matvec tensordot",
        "addax.tf._reduce": "norm normalize",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
