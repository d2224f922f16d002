"""`addax.applications.resnet`."""

from addax.applications._preprocess import preprocessor
from addax.applications._resnet import member
from addax.applications.imagenet_utils import decode_predictions

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]

ResNet50 = member("ResNet50", 3, 4, 6, 3)
ResNet101 = member("ResNet101", 3, 4, 23, 3)
ResNet152 = member("ResNet152", 3, 8, 36, 3)
preprocess_input = preprocessor(__name__, "caffe")
