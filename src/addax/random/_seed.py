"""Seeds, as the packages above see them; they live with the ops, some of which draw, too."""

from __future__ import annotations

from addax.ops._seed import (
    SeedGenerator,
    draw_seed,
    global_seed_generator,
    make_default_seed,
    set_global_seed,
)

SeedGenerator.__module__ = "addax.random"  # the name that files and messages give it

__all__ = ["SeedGenerator", "draw_seed", "global_seed_generator", "make_default_seed", "set_global_seed"]
