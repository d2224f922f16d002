"""Seed 001, "Loading and Preprocessing Files": tf.keras.preprocessing for images."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.keras.preprocessing import image

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
path = os.path.join(OUTPUT, "gradient.png")
pixels = np.zeros((20, 30, 3), dtype="uint8")
pixels[..., 0] = np.arange(30) * 8
pixels[..., 1] = (np.arange(20) * 12)[:, None]
Image.fromarray(pixels).save(path)

picture = image.load_img(path)
array = image.img_to_array(picture)
print(picture.size, array.shape, array.dtype)
assert picture.size == (30, 20)
assert array.shape == (20, 30, 3) and array.dtype == np.float32
np.testing.assert_array_equal(array, pixels)

small = image.img_to_array(image.load_img(path, target_size=(10, 15)))
assert small.shape == (10, 15, 3)
grey = image.img_to_array(image.load_img(path, color_mode="grayscale"))
assert grey.shape == (20, 30, 1)

back = image.array_to_img(array, scale=False)
np.testing.assert_array_equal(np.asarray(back), pixels)
saved = os.path.join(OUTPUT, "saved.png")
image.save_img(saved, array, scale=False)
np.testing.assert_array_equal(np.asarray(Image.open(saved)), pixels)

square = image.smart_resize(array, (10, 10))
assert square.shape == (10, 10, 3)

# the same functions under their other names
assert tf.keras.utils.load_img(path).size == (30, 20)
np.testing.assert_array_equal(tf.keras.utils.img_to_array(picture), array)

# A batch of one, rescaled, through a convolution
batch = np.expand_dims(array, 0) / 255.0
features = tf.keras.layers.Conv2D(4, 3)(batch)
assert features.shape == (1, 18, 28, 4)
