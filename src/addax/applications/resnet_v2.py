"""`addax.applications.resnet_v2`."""

from addax.applications._preprocess import preprocessor
from addax.applications._resnet import member
from addax.applications.imagenet_utils import decode_predictions

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]

ResNet50V2 = member("ResNet50V2", 3, 4, 6, 3)
ResNet101V2 = member("ResNet101V2", 3, 4, 23, 3)
ResNet152V2 = member("ResNet152V2", 3, 8, 36, 3)
preprocess_input = preprocessor(__name__, "tf")
