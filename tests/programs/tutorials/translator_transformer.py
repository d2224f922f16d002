"""A Transformer for number words: positional encoding, attention with masks of padding, a warm-up schedule, translate."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(61)
rng = np.random.default_rng(6)
VOCAB = 10
START, END = 8, 9  # 0 is padding, 1 to 7 are the words
MAX_TOKENS = 8


def make_pairs(n):
    sources = np.zeros((n, MAX_TOKENS), "int64")
    targets = np.zeros((n, MAX_TOKENS + 1), "int64")
    for row in range(n):
        length = rng.integers(2, 6)
        words = rng.integers(1, 8, length)
        sources[row, : length + 2] = [START, *words, END]
        targets[row, : length + 2] = [START, *words[::-1], END]
    return sources, targets


def prepare_batch(source, target):
    return (source, target[:, :-1]), target[:, 1:]


pairs = make_pairs(1500)
train_batches = tf.data.Dataset.from_tensor_slices(pairs).shuffle(1500).batch(64).map(prepare_batch, tf.data.AUTOTUNE)
val_batches = tf.data.Dataset.from_tensor_slices(make_pairs(128)).batch(64).map(prepare_batch)


def positional_encoding(length, depth):
    depth = depth / 2
    positions = np.arange(length)[:, np.newaxis]
    depths = np.arange(depth)[np.newaxis, :] / depth
    angle_rads = positions / (10000**depths)
    return tf.cast(np.concatenate([np.sin(angle_rads), np.cos(angle_rads)], axis=-1), dtype=tf.float32)


class PositionalEmbedding(tf.keras.layers.Layer):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.d_model = d_model
        self.embedding = tf.keras.layers.Embedding(vocab_size, d_model, mask_zero=True)
        self.pos_encoding = positional_encoding(length=64, depth=d_model)

    def compute_mask(self, *args, **kwargs):
        return self.embedding.compute_mask(*args, **kwargs)

    def call(self, x):
        length = tf.shape(x)[1]
        x = self.embedding(x)
        x *= tf.math.sqrt(tf.cast(self.d_model, tf.float32))
        return x + self.pos_encoding[tf.newaxis, :length, :]


embedded = PositionalEmbedding(VOCAB, 16)(pairs[0][:3])
np.testing.assert_array_equal(embedded._keras_mask, pairs[0][:3] != 0)


class BaseAttention(tf.keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__()
        self.mha = tf.keras.layers.MultiHeadAttention(**kwargs)
        self.layernorm = tf.keras.layers.LayerNormalization()
        self.add = tf.keras.layers.Add()


class CrossAttention(BaseAttention):
    def call(self, x, context):
        attn_output, attn_scores = self.mha(query=x, key=context, value=context, return_attention_scores=True)
        self.last_attn_scores = attn_scores
        return self.layernorm(self.add([x, attn_output]))


class GlobalSelfAttention(BaseAttention):
    def call(self, x):
        return self.layernorm(self.add([x, self.mha(query=x, value=x, key=x)]))


class CausalSelfAttention(BaseAttention):
    def call(self, x):
        return self.layernorm(self.add([x, self.mha(query=x, value=x, key=x, use_causal_mask=True)]))


class FeedForward(tf.keras.layers.Layer):
    def __init__(self, d_model, dff, dropout_rate=0.05):
        super().__init__()
        self.seq = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(dff, activation="relu"),
                tf.keras.layers.Dense(d_model),
                tf.keras.layers.Dropout(dropout_rate),
            ]
        )
        self.add = tf.keras.layers.Add()
        self.layer_norm = tf.keras.layers.LayerNormalization()

    def call(self, x):
        return self.layer_norm(self.add([x, self.seq(x)]))


class EncoderLayer(tf.keras.layers.Layer):
    def __init__(self, *, d_model, num_heads, dff):
        super().__init__()
        self.self_attention = GlobalSelfAttention(num_heads=num_heads, key_dim=d_model)
        self.ffn = FeedForward(d_model, dff)

    def call(self, x):
        return self.ffn(self.self_attention(x))


class DecoderLayer(tf.keras.layers.Layer):
    def __init__(self, *, d_model, num_heads, dff):
        super().__init__()
        self.causal_self_attention = CausalSelfAttention(num_heads=num_heads, key_dim=d_model)
        self.cross_attention = CrossAttention(num_heads=num_heads, key_dim=d_model)
        self.ffn = FeedForward(d_model, dff)

    def call(self, x, context):
        x = self.causal_self_attention(x=x)
        x = self.cross_attention(x=x, context=context)
        self.last_attn_scores = self.cross_attention.last_attn_scores
        return self.ffn(x)


class Transformer(tf.keras.Model):
    def __init__(self, *, num_layers, d_model, num_heads, dff, vocab_size):
        super().__init__()
        sizes = {"d_model": d_model, "num_heads": num_heads, "dff": dff}
        self.source_embedding = PositionalEmbedding(vocab_size, d_model)
        self.target_embedding = PositionalEmbedding(vocab_size, d_model)
        self.enc_layers = [EncoderLayer(**sizes) for _ in range(num_layers)]
        self.dec_layers = [DecoderLayer(**sizes) for _ in range(num_layers)]
        self.final_layer = tf.keras.layers.Dense(vocab_size)

    def call(self, inputs):
        context, x = inputs
        context = self.source_embedding(context)
        for layer in self.enc_layers:
            context = layer(context)
        x = self.target_embedding(x)
        for layer in self.dec_layers:
            x = layer(x, context)
        logits = self.final_layer(x)
        try:
            del logits._keras_mask  # the loss is masked below, not by the mask
        except AttributeError:
            pass
        return logits


class CustomSchedule(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d_model, warmup_steps=4000):
        super().__init__()
        self.d_model = tf.cast(d_model, tf.float32)
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        arg1 = tf.math.rsqrt(step)
        arg2 = step * (self.warmup_steps**-1.5)
        return tf.math.rsqrt(self.d_model) * tf.math.minimum(arg1, arg2)


learning_rate = CustomSchedule(32, warmup_steps=150)
steps = learning_rate(tf.range(600, dtype=tf.float32)).numpy()
assert abs(int(np.argmax(steps)) - 150) <= 1
optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=0.9, beta_2=0.98, epsilon=1e-9)


def masked_loss(label, pred):
    mask = label != 0
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    loss = loss_object(label, pred)
    mask = tf.cast(mask, dtype=loss.dtype)
    loss *= mask
    return tf.reduce_sum(loss) / tf.reduce_sum(mask)


def masked_accuracy(label, pred):
    pred = tf.argmax(pred, axis=2)
    label = tf.cast(label, pred.dtype)
    match = label == pred
    mask = label != 0
    match = match & mask
    return tf.reduce_sum(tf.cast(match, tf.float32)) / tf.reduce_sum(tf.cast(mask, tf.float32))


transformer = Transformer(num_layers=1, d_model=32, num_heads=4, dff=64, vocab_size=VOCAB)
output = transformer((pairs[0][:4], pairs[1][:4, :-1]))
assert output.shape == (4, MAX_TOKENS, VOCAB)
attn_scores = transformer.dec_layers[-1].last_attn_scores
assert attn_scores.shape == (4, 4, MAX_TOKENS, MAX_TOKENS)
sums = tf.reduce_sum(attn_scores, -1).numpy()
np.testing.assert_allclose(sums[np.broadcast_to((pairs[1][:4, :-1] != 0)[:, None], sums.shape)], 1.0, rtol=1e-4)
transformer.compile(loss=masked_loss, optimizer=optimizer, metrics=[masked_accuracy])
history = transformer.fit(train_batches, epochs=20, validation_data=val_batches, verbose=0)
accuracy = history.history["val_masked_accuracy"]
print(accuracy[0], "->", accuracy[-1])
assert accuracy[-1] > 0.9


class Translator(tf.Module):
    def __init__(self, transformer):
        self.transformer = transformer

    @tf.function(input_signature=[tf.TensorSpec([1, MAX_TOKENS], tf.int64)])
    def __call__(self, tokens):
        output_array = tf.TensorArray(dtype=tf.int64, size=0, dynamic_size=True)
        output_array = output_array.write(0, tf.constant([START], tf.int64))
        for i in tf.range(MAX_TOKENS - 1):
            output = tf.transpose(output_array.stack())
            predictions = self.transformer([tokens, output], training=False)
            predictions = predictions[:, -1:, :]
            predicted_id = tf.argmax(predictions, axis=-1)
            output_array = output_array.write(i + 1, predicted_id[0])
            if predicted_id == END:
                break
        return tf.transpose(output_array.stack())


translator = Translator(transformer)
sources, targets = make_pairs(10)
right = 0
for source, target in zip(sources, targets):
    target = target[target > 0]
    translated = translator(tf.constant(source[tf.newaxis]))
    right += translated.numpy()[0].tolist() == target.tolist()
print("translated:", right, "of", len(sources))
assert right >= 5
