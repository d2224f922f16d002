"""`addax.applications.vgg19`."""

from addax.applications._preprocess import preprocessor
from addax.applications._vgg import member
from addax.applications.imagenet_utils import decode_predictions

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

VGG19 = member("VGG19", 2, 2, 4, 4, 4)
preprocess_input = preprocessor(__name__, "caffe")
