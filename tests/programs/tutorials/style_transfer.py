"""Losses of style transfer: Gram matrices by einsum, content, total variation; an image is trained."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_sample_images

tf.keras.utils.set_random_seed(23)
china, flower = load_sample_images().images


def load_img(array, max_dim=64):
    img = tf.image.convert_image_dtype(array, tf.float32)
    shape = tf.cast(tf.shape(img)[:-1], tf.float32)
    long_dim = max(shape)
    scale = max_dim / long_dim
    new_shape = tf.cast(shape * scale, tf.int32)
    img = tf.image.resize(img, new_shape)
    return img[tf.newaxis, :]


content_image, style_image = load_img(china), load_img(flower)
assert content_image.shape == (1, 42, 64, 3)


def tensor_to_image(tensor):
    tensor = tensor * 255
    tensor = np.array(tensor, dtype=np.uint8)
    if np.ndim(tensor) > 3:
        assert tensor.shape[0] == 1
        tensor = tensor[0]
    return tensor


x = tf.keras.applications.vgg19.preprocess_input(content_image * 255)
np.testing.assert_allclose(x[0, 0, 0, 2] + 123.68, 255 * content_image[0, 0, 0, 0], rtol=1e-4)
vgg = tf.keras.applications.VGG16(include_top=False, weights=None, input_shape=(None, None, 3))
content_layers = ["block2_conv2"]
style_layers = ["block1_conv1", "block2_conv1", "block3_conv1"]


def vgg_layers(layer_names):
    vgg.trainable = False
    outputs = [vgg.get_layer(name).output for name in layer_names]
    return tf.keras.Model([vgg.input], outputs)


def gram_matrix(input_tensor):
    result = tf.linalg.einsum("bijc,bijd->bcd", input_tensor, input_tensor)
    input_shape = tf.shape(input_tensor)
    num_locations = tf.cast(input_shape[1] * input_shape[2], tf.float32)
    return result / num_locations


features = tf.random.normal([2, 4, 5, 3])
flat = features.numpy().reshape(2, 20, 3)
np.testing.assert_allclose(gram_matrix(features), np.swapaxes(flat, 1, 2) @ flat / 20, rtol=1e-4, atol=1e-5)


class StyleContentModel(tf.keras.models.Model):
    def __init__(self, style_layers, content_layers):
        super().__init__()
        self.vgg = vgg_layers(style_layers + content_layers)
        self.style_layers = style_layers
        self.content_layers = content_layers
        self.num_style_layers = len(style_layers)
        self.vgg.trainable = False

    def call(self, inputs):
        inputs = inputs * 255.0
        preprocessed_input = tf.keras.applications.vgg19.preprocess_input(inputs)
        outputs = self.vgg(preprocessed_input)
        style_outputs = outputs[: self.num_style_layers]
        content_outputs = outputs[self.num_style_layers :]
        style_outputs = [gram_matrix(style_output) for style_output in style_outputs]
        content_dict = dict(zip(self.content_layers, content_outputs))
        style_dict = dict(zip(self.style_layers, style_outputs))
        return {"content": content_dict, "style": style_dict}


extractor = StyleContentModel(style_layers, content_layers)
assert not extractor.trainable_variables
style_targets = extractor(style_image)["style"]
content_targets = extractor(content_image)["content"]
for name, output in sorted(style_targets.items()):
    print(name, output.shape, "mean", output.numpy().mean())
image = tf.Variable(content_image)


def clip_0_1(image):
    return tf.clip_by_value(image, clip_value_min=0.0, clip_value_max=1.0)


opt = tf.keras.optimizers.Adam(learning_rate=0.02, beta_1=0.9, epsilon=1e-3)
style_weight, content_weight, total_variation_weight = 1e2, 1.0, 1e-4
scales = {name: 1.0 / tf.reduce_mean(style_targets[name] ** 2) for name in style_layers}
content_scale = 1.0 / tf.reduce_mean(content_targets["block2_conv2"] ** 2)


def style_content_loss(outputs):
    style_outputs, content_outputs = outputs["style"], outputs["content"]
    style_loss = tf.add_n(
        [scales[name] * tf.reduce_mean((style_outputs[name] - style_targets[name]) ** 2) for name in style_outputs]
    )
    content_loss = tf.add_n(
        [tf.reduce_mean((content_outputs[name] - content_targets[name]) ** 2) for name in content_outputs]
    )
    return style_weight * style_loss / len(style_layers) + content_weight * content_scale * content_loss


@tf.function()
def train_step(image):
    with tf.GradientTape() as tape:
        outputs = extractor(image)
        loss = style_content_loss(outputs)
        loss += total_variation_weight * tf.image.total_variation(image)[0]
    grad = tape.gradient(loss, image)
    opt.apply_gradients([(grad, image)])
    image.assign(clip_0_1(image))
    return loss


losses = [float(train_step(image)) for _ in range(12)]
print(losses[0], "->", losses[-1])
assert losses[-1] < 0.9 * losses[0]
assert 0 <= float(tf.reduce_min(image)) and float(tf.reduce_max(image)) <= 1
assert tensor_to_image(image).shape == (42, 64, 3)


# Variation, and edges
def high_pass_x_y(image):
    x_var = image[:, :, 1:, :] - image[:, :, :-1, :]
    y_var = image[:, 1:, :, :] - image[:, :-1, :, :]
    return x_var, y_var


def total_variation_loss(image):
    x_deltas, y_deltas = high_pass_x_y(image)
    return tf.reduce_sum(tf.abs(x_deltas)) + tf.reduce_sum(tf.abs(y_deltas))


np.testing.assert_allclose(
    total_variation_loss(image).numpy(), tf.image.total_variation(image).numpy()[0], rtol=1e-4
)
sobel = tf.image.sobel_edges(content_image)
assert sobel.shape == (1, 42, 64, 3, 2)
