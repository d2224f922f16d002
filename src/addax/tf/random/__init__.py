"""`tf.random`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._random": """
            categorical fold_in gamma log_uniform_candidate_sampler normal poisson set_seed shuffle split
            stateless_categorical stateless_normal stateless_truncated_normal stateless_uniform
            truncated_normal uniform uniform_candidate_sampler
        """,
        "addax.tf._generator": "Algorithm Generator create_rng_state get_global_generator set_global_generator",
        "addax.tf._random_stateless": """
            stateless_binomial stateless_gamma stateless_parameterized_truncated_normal stateless_poisson
        """,
        "addax.tf._samplers": """
            all_candidate_sampler fixed_unigram_candidate_sampler learned_unigram_candidate_sampler
        """,
    }
)

_SUBMODULES = ("experimental",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})
