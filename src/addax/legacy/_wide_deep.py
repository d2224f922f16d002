"""`tf.keras.experimental`: linear models, and wide & deep ones (Cheng et al., 2016)."""

from __future__ import annotations

from typing import Any

from addax import activations, initializers, optimizers, regularizers
from addax.core import tree
from addax.core.errors import message
from addax.engine import GradientTape
from addax.layers import Dense
from addax.models import Model
from addax.utils import unpack_x_y_sample_weight


class LinearModel(Model):
    """A weighted sum of all inputs, each with weights of its own.

    Args:
        units: The number of outputs.
        activation: Applied to the sum.
        use_bias: Whether a bias is added.
        kernel_initializer: For the weights.
        bias_initializer: For the bias.
        kernel_regularizer: For the weights.
        bias_regularizer: For the bias.
        **kwargs: `name`, `dtype`.

    Inputs are a tensor of shape `(batch, features)`, or a list or dict of them; outputs have shape `(batch, units)`.

    Example:
        >>> import numpy as np, addax.tf as tf
        >>> model = tf.keras.experimental.LinearModel()
        >>> model({"age": np.ones((2, 1), "float32"), "words": np.ones((2, 5), "float32")}).shape
        TensorShape([2, 1])
    """

    def __init__(
        self,
        units: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "zeros",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.dense_layers: list[Dense] = []

    def build(self, input_shape: Any) -> None:
        """Make the weights of each input, and the bias."""
        shapes, self._names = _by_name(input_shape)
        self.dense_layers = [
            Dense(
                self.units,
                use_bias=False,
                kernel_initializer=self.kernel_initializer.clone(),
                kernel_regularizer=self.kernel_regularizer,
                name=name,
            )
            for name in self._names or [None] * len(shapes)
        ]
        for layer, shape in zip(self.dense_layers, shapes, strict=True):
            layer.build(shape)
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                name="bias",
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The weighted sum."""
        given, names = _by_name(inputs)
        if names != self._names or len(given) != len(self.dense_layers):
            raise ValueError(
                message(
                    f"'{self.name}' was built for other inputs.",
                    expected=self._names or f"{len(self.dense_layers)} inputs",
                    received=names or f"{len(given)} inputs",
                )
            )
        found = sum(layer(x) for layer, x in zip(self.dense_layers, given, strict=True))
        return self.activation(found + self.bias if self.use_bias else found)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
        }


class WideDeepModel(Model):
    """The sum of a linear model, which remembers, and a deep one, which generalizes.

    Args:
        linear_model: The wide part.
        dnn_model: The deep part.
        activation: Applied to the sum.
        **kwargs: `name`, `dtype`.

    Both parts get all inputs, or the first and the second of a pair. `compile` takes two optimizers, for the wide and
    for the deep part, or one for both.

    Example:
        >>> import numpy as np, addax.tf as tf
        >>> deep = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        >>> model = tf.keras.experimental.WideDeepModel(tf.keras.experimental.LinearModel(), deep)
        >>> model.compile(["sgd", "adam"], "mse")
        >>> x = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
        >>> sorted(model.fit(x, np.ones((4, 1)), verbose=0).history)
        ['loss']
    """

    def __init__(self, linear_model: Any, dnn_model: Any, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.linear_model = linear_model
        self.dnn_model = dnn_model
        self.activation = activations.get(activation)
        self.linear_optimizer: Any = None

    def compile(self, optimizer: Any = "rmsprop", *args: Any, **kwargs: Any) -> None:
        """Set up training.

        Args:
            optimizer: One optimizer, or a pair for the linear and for the deep part.
            *args: Those of `Model.compile`.
            **kwargs: Those of `Model.compile`.

        Raises:
            ValueError: For another number of optimizers.
        """
        self.linear_optimizer = None
        if isinstance(optimizer, (list, tuple)):
            if len(optimizer) != 2:
                raise ValueError(
                    message(
                        "A wide & deep model has two parts.",
                        expected="one optimizer, or two",
                        received=optimizer,
                    )
                )
            self.linear_optimizer, optimizer = optimizers.get(optimizer[0]), optimizer[1]
        super().compile(optimizer, *args, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Build both parts."""
        self.built = True  # the parts are built by their first calls

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The sum of both parts."""
        wide, deep = inputs if isinstance(inputs, (list, tuple)) and len(inputs) == 2 else (inputs, inputs)
        found = tree.map_structure(
            lambda a, b: a + b, self.linear_model(wide), self.dnn_model(deep, training=training)
        )
        return tree.map_structure(self.activation, found)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step, each part by its optimizer."""
        if self.linear_optimizer is None:
            return super().train_step(data)
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
        parts = (self.linear_model.trainable_variables, self.dnn_model.trainable_variables)
        for grads, variables, optimizer in zip(
            tape.gradient(loss, parts), parts, (self.linear_optimizer, self.optimizer), strict=True
        ):
            optimizer.apply_gradients(zip(grads, variables, strict=True))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        from addax.core import serial

        return {
            **super().get_config(),
            "linear_model": serial.serialize(self.linear_model),
            "dnn_model": serial.serialize(self.dnn_model),
            "activation": activations.serialize(self.activation),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> WideDeepModel:
        """A model of a config, without weights."""
        from addax.core import serial

        parts = {
            name: serial.deserialize(config[name], custom_objects) for name in ("linear_model", "dnn_model")
        }
        return cls(**{**config, **parts})


def _by_name(nest: Any) -> tuple[list, list[str]]:
    """The inputs (or their shapes) in the order of their names, and the names; a single one in a list of one."""
    if isinstance(nest, dict):
        names = sorted(nest)
        return [nest[name] for name in names], names
    several = isinstance(nest, (list, tuple)) and any(
        isinstance(x, (list, tuple)) or hasattr(x, "shape") for x in nest
    )
    return (list(nest) if several else [nest]), []
