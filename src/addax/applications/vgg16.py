"""`addax.applications.vgg16`."""

from addax.applications._preprocess import preprocessor
from addax.applications._vgg import member
from addax.applications.imagenet_utils import decode_predictions

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

VGG16 = member("VGG16", 2, 2, 3, 3, 3)
preprocess_input = preprocessor(__name__, "caffe")
