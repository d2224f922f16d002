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
        "addax.tf._linear_operators._base": "LinearOperator",
        "addax.tf._linear_operators._block_diag": "LinearOperatorBlockDiag",
        "addax.tf._linear_operators._block_lower": "LinearOperatorBlockLowerTriangular",
        "addax.tf._linear_operators._circulant": """
            LinearOperatorCirculant LinearOperatorCirculant2D LinearOperatorCirculant3D
        """,
        "addax.tf._linear_operators._composition": "LinearOperatorComposition",
        "addax.tf._linear_operators._dense": "LinearOperatorFullMatrix LinearOperatorLowerTriangular",
        "addax.tf._linear_operators._diag": "LinearOperatorDiag",
        "addax.tf._linear_operators._householder": "LinearOperatorHouseholder",
        "addax.tf._linear_operators._identity": "LinearOperatorIdentity LinearOperatorScaledIdentity",
        "addax.tf._linear_operators._kronecker": "LinearOperatorKronecker",
        "addax.tf._linear_operators._low_rank": "LinearOperatorLowRankUpdate",
        "addax.tf._linear_operators._permutation": "LinearOperatorPermutation",
        "addax.tf._linear_operators._toeplitz": "LinearOperatorToeplitz",
        "addax.tf._linear_operators._tridiag": "LinearOperatorTridiag",
        "addax.tf._linear_operators._wrapped": "LinearOperatorAdjoint LinearOperatorInversion",
        "addax.tf._linear_operators._zeros": "LinearOperatorZeros",
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
