"""`addax.applications.resnet50`: the older name of a part of `resnet`."""

from addax.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
