import pytest

import addax as keras
from addax.legacy.saving import deserialize_keras_object, serialize_keras_object


class Own:
    def __init__(self, size: int) -> None:
        self.size = size

    def get_config(self) -> dict:
        return {"size": self.size, "inner": keras.regularizers.L2(0.5)}

    @classmethod
    def from_config(cls, config: dict) -> "Own":
        assert isinstance(config["inner"], keras.regularizers.L2)
        return cls(config["size"])


def test_objects_there_and_back() -> None:
    data = serialize_keras_object(Own(3))
    assert data == {
        "class_name": "Own",
        "config": {
            "size": 3,
            "inner": {"class_name": "L2", "config": {"l2": 0.5}, "__passive_serialization__": True},
        },
    }
    assert deserialize_keras_object(data, custom_objects={"Own": Own}).size == 3
    assert deserialize_keras_object(data, module_objects={"Own": Own}).size == 3
    assert keras.utils.legacy.serialize_keras_object is serialize_keras_object


def test_names() -> None:
    assert serialize_keras_object(None) is deserialize_keras_object(None) is None
    assert serialize_keras_object(keras.activations.relu) == "relu"
    assert deserialize_keras_object("relu") is keras.activations.relu
    assert deserialize_keras_object("size", module_objects={"size": len}) is len
    assert deserialize_keras_object(test_names) is test_names
    assert type(deserialize_keras_object("L2")) is keras.regularizers.L2


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown thing"):
        deserialize_keras_object("os.system", printable_module_name="thing")
    with pytest.raises(ValueError, match="class_name"):
        deserialize_keras_object({"config": {}})
    with pytest.raises(ValueError, match="get_config"):
        serialize_keras_object(3)
