"""`TFSMLayer`: an exported model as a layer."""

from __future__ import annotations

from typing import Any

from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import Tensor
from addax.export._models import _array, run_structured
from addax.export._saved_model_reader import read_saved_model
from addax.layers import Layer


class TFSMLayer(Layer):
    """A SavedModel that Addax wrote, as a layer for inference; public as `addax.layers.TFSMLayer`.

    Its variables are constants of the program: they are not trained, and are no weights of the layer.

    Args:
        filepath: The folder.
        call_endpoint: What to call: a method of the exported object, which gives the structure that the
            function returned, or else a signature, which gives a dict.
        call_training_endpoint: The signature to call in training; `call_endpoint` if None.
        trainable: Accepted for Keras's sake.
        name: The name.
        dtype: The layer's dtype.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If the files are damaged, TensorFlow wrote them, or there is no such signature.
    """

    def __init__(
        self,
        filepath: Any,
        call_endpoint: str = "serve",
        call_training_endpoint: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype)
        self.filepath = filepath
        self.call_endpoint = call_endpoint
        self.call_training_endpoint = call_training_endpoint
        loaded = read_saved_model(filepath)
        self._methods, self._signatures = loaded.methods, loaded.signatures
        for endpoint in filter(None, (call_endpoint, call_training_endpoint)):
            if endpoint not in self._methods and endpoint not in self._signatures:
                known = [name for name in self._methods if not name.startswith("__")]
                raise ValueError(
                    message(
                        "The SavedModel has no such signature.",
                        expected=", ".join(dict.fromkeys([*known, *self._signatures])),
                        received=endpoint,
                        hint="Name the endpoint with call_endpoint=...",
                    )
                )

    def call(self, inputs: Any, training: Any = False, **kwargs: Any) -> Any:
        """Run the signature."""
        name = self.call_training_endpoint if training and self.call_training_endpoint else self.call_endpoint
        if name in self._methods:
            return run_structured(self._methods[name], inputs, **kwargs)
        given = {key: _array(value) for key, value in kwargs.items()}
        inputs = tree.map_structure(_array, inputs)
        if isinstance(inputs, dict):
            result = self._signatures[name](**inputs, **given)
        else:
            inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
            result = self._signatures[name](*inputs, **given)
        return tree.map_structure(Tensor, result)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None, safe_mode: bool | None = None) -> Any:
        """A layer like the one that gave `config`; other files are opened only where safe mode is off.

        Args:
            config: What `get_config` gave.
            custom_objects: Not used.
            safe_mode: False lets the layer read the folder that the config names; None for what the settings say.

        Raises:
            ValueError: If safe mode is on.
        """
        if safe_mode is not False and serial.in_safe_mode():
            raise ValueError(
                message("A TFSMLayer reads other files.", hint="Load with safe_mode=False if you trust them.")
            )
        return cls(**config)


TFSMLayer.__module__ = "addax.layers"
