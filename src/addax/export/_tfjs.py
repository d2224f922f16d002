"""A model as a layers model of TensorFlow.js."""

from __future__ import annotations

import os
from typing import Any

from addax.export._folder import complete_folder
from addax.export._models import check_built


def export_tfjs(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a model for TensorFlow.js: the folder that `tf.loadLayersModel(".../model.json")` loads.

    Args:
        model: A sequential or functional model that is built, of layers that TensorFlow.js has. Numbers of 16 and 64
            bits become float32 and int32, the dtypes of TensorFlow.js.
        path: The folder; it appears complete or not at all.

    Raises:
        ValueError: If the model is not built, or TensorFlow.js lacks something that it is made of.
        FileExistsError: There is a file at `path`.

    Example:
        >>> import os, tempfile
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_tfjs(model, f"{folder}/m")
        ...     sorted(os.listdir(f"{folder}/m")), keras.models.load_model(f"{folder}/m").count_params()
        (['group1-shard1of1.bin', 'model.json'], 3)

    Source: the format "layers-model" of TensorFlow.js 4.22.
    """
    from addax.saving._tfjs import INDEX, folder_of, tfjs_files

    check_built(model)
    files = tfjs_files(model)
    target = folder_of(path)
    old = [name for name in (os.listdir(target) if os.path.isdir(target) else ()) if _is_shard(name)]
    with complete_folder(target, (*files, *old, INDEX)) as work:
        for name, content in files.items():
            with open(os.path.join(work, name), "wb") as file:
                file.write(content)


def _is_shard(name: str) -> bool:
    return name.startswith("group1-shard") and name.endswith(".bin")
