"""Translation with attention: strings to strings by a GRU encoder and decoder, a compiled translate."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(21)
rng = np.random.default_rng(4)
WORDS = {"uno": "one", "dos": "two", "tres": "three", "cuatro": "four", "cinco": "five", "seis": "six"}
spanish = [rng.choice(list(WORDS), size=rng.integers(2, 5)) for _ in range(800)]
context_raw = np.array([" ".join(words) + "." for words in spanish])
target_raw = np.array([" ".join(WORDS[w] for w in words[::-1]).capitalize() + "." for words in spanish])

BATCH_SIZE = 64
is_train = rng.uniform(size=(len(target_raw),)) < 0.9
train_raw = (
    tf.data.Dataset.from_tensor_slices((context_raw[is_train], target_raw[is_train]))
    .shuffle(len(context_raw))
    .batch(BATCH_SIZE)
)
val_raw = tf.data.Dataset.from_tensor_slices((context_raw[~is_train], target_raw[~is_train])).batch(BATCH_SIZE)
for example_context, example_target in train_raw.take(1):
    print(example_context[:3], example_target[:3])


def lower_and_split_punct(text):
    text = tf.strings.lower(text)
    text = tf.strings.regex_replace(text, "[^ a-z.?!,]", "")
    text = tf.strings.regex_replace(text, "[.?!,]", r" \0 ")
    text = tf.strings.strip(text)
    return tf.strings.join(["[START]", text, "[END]"], separator=" ")


cleaned = lower_and_split_punct(tf.constant("Two  one."))
assert cleaned.numpy() == b"[START] two  one . [END]"

context_processor = tf.keras.layers.TextVectorization(standardize=lower_and_split_punct, max_tokens=50, ragged=True)
context_processor.adapt(train_raw.map(lambda context, target: context))
target_processor = tf.keras.layers.TextVectorization(standardize=lower_and_split_punct, max_tokens=50, ragged=True)
target_processor.adapt(train_raw.map(lambda context, target: target))
assert set(target_processor.get_vocabulary()) == {"", "[UNK]", "[START]", "[END]", ".", *WORDS.values()}

example_tokens = context_processor(example_context)
context_vocab = np.array(context_processor.get_vocabulary())
tokens = context_vocab[example_tokens[0].numpy()]
print(" ".join(tokens))
assert tokens[0] == "[START]" and tokens[-1] == "[END]"


def process_text(context, target):
    context = context_processor(context).to_tensor()
    target = target_processor(target)
    targ_in = target[:, :-1].to_tensor()
    targ_out = target[:, 1:].to_tensor()
    return (context, targ_in), targ_out


train_ds = train_raw.map(process_text, tf.data.AUTOTUNE)
val_ds = val_raw.map(process_text, tf.data.AUTOTUNE)
for (ex_context_tok, ex_tar_in), ex_tar_out in train_ds.take(1):
    np.testing.assert_array_equal(ex_tar_in[:, 1:], ex_tar_out[:, :-1] * tf.cast(ex_tar_in[:, 1:] > 0, tf.int64))

UNITS = 48


class Encoder(tf.keras.layers.Layer):
    def __init__(self, text_processor, units):
        super().__init__()
        self.text_processor = text_processor
        self.vocab_size = text_processor.vocabulary_size()
        self.units = units
        self.embedding = tf.keras.layers.Embedding(self.vocab_size, units, mask_zero=True)
        self.rnn = tf.keras.layers.Bidirectional(
            merge_mode="sum",
            layer=tf.keras.layers.GRU(units, return_sequences=True, recurrent_initializer="glorot_uniform"),
        )

    def call(self, x):
        return self.rnn(self.embedding(x))

    def convert_input(self, texts):
        texts = tf.convert_to_tensor(texts)
        if len(texts.shape) == 0:
            texts = tf.convert_to_tensor(texts)[tf.newaxis]
        context = self.text_processor(texts).to_tensor()
        return self(context)


class CrossAttention(tf.keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__()
        self.mha = tf.keras.layers.MultiHeadAttention(key_dim=units, num_heads=1, **kwargs)
        self.layernorm = tf.keras.layers.LayerNormalization()
        self.add = tf.keras.layers.Add()

    def call(self, x, context):
        attn_output, attn_scores = self.mha(query=x, value=context, return_attention_scores=True)
        self.last_attention_weights = tf.reduce_mean(attn_scores, axis=1)
        return self.layernorm(self.add([x, attn_output]))


class Decoder(tf.keras.layers.Layer):
    def __init__(self, text_processor, units):
        super().__init__()
        self.text_processor = text_processor
        self.vocab_size = text_processor.vocabulary_size()
        self.word_to_id = tf.keras.layers.StringLookup(
            vocabulary=text_processor.get_vocabulary(), mask_token="", oov_token="[UNK]"
        )
        self.id_to_word = tf.keras.layers.StringLookup(
            vocabulary=text_processor.get_vocabulary(), mask_token="", oov_token="[UNK]", invert=True
        )
        self.start_token = self.word_to_id(tf.constant("[START]"))
        self.end_token = self.word_to_id(tf.constant("[END]"))
        self.units = units
        self.embedding = tf.keras.layers.Embedding(self.vocab_size, units, mask_zero=True)
        self.rnn = tf.keras.layers.GRU(
            units, return_sequences=True, return_state=True, recurrent_initializer="glorot_uniform"
        )
        self.attention = CrossAttention(units)
        self.output_layer = tf.keras.layers.Dense(self.vocab_size)

    def call(self, context, x, state=None, return_state=False):
        x = self.embedding(x)
        x, state = self.rnn(x, initial_state=state)
        x = self.attention(x, context)
        logits = self.output_layer(x)
        if return_state:
            return logits, state
        return logits

    def get_initial_state(self, context):
        batch_size = tf.shape(context)[0]
        start_tokens = tf.fill([batch_size, 1], self.start_token)
        done = tf.zeros([batch_size, 1], dtype=tf.bool)
        return start_tokens, done, tf.zeros([batch_size, self.units])

    def tokens_to_text(self, tokens):
        words = self.id_to_word(tokens)
        result = tf.strings.reduce_join(words, axis=-1, separator=" ")
        result = tf.strings.regex_replace(result, r"^ *\[START\] *", "")
        return tf.strings.regex_replace(result, r" *\[END\] *$", "")

    def get_next_token(self, context, next_token, done, state, temperature=0.0):
        logits, state = self(context, next_token, state=state, return_state=True)
        if temperature == 0.0:
            next_token = tf.argmax(logits, axis=-1)
        else:
            logits = logits[:, -1, :] / temperature
            next_token = tf.random.categorical(logits, num_samples=1)
        done = done | (next_token == self.end_token)
        next_token = tf.where(done, tf.constant(0, dtype=tf.int64), next_token)
        return next_token, done, state


class Translator(tf.keras.Model):
    def __init__(self, units, context_text_processor, target_text_processor):
        super().__init__()
        self.encoder = Encoder(context_text_processor, units)
        self.decoder = Decoder(target_text_processor, units)

    def call(self, inputs):
        context, x = inputs
        context = self.encoder(context)
        return self.decoder(context, x)

    def translate(self, texts, *, max_length=12, temperature=0.0):
        context = self.encoder.convert_input(texts)
        batch_size = tf.shape(context)[0]
        next_token, done, state = self.decoder.get_initial_state(context)
        tokens = tf.TensorArray(tf.int64, size=1, dynamic_size=True)
        for t in tf.range(max_length):
            next_token, done, state = self.decoder.get_next_token(context, next_token, done, state, temperature)
            tokens = tokens.write(t, next_token)
            if tf.reduce_all(done):
                break
        tokens = tf.transpose(tokens.stack(), [1, 2, 0])  # t, batch, 1 -> batch, 1, t
        tokens = tf.reshape(tokens, [batch_size, -1])
        return self.decoder.tokens_to_text(tokens)


def masked_loss(y_true, y_pred):
    loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    loss = loss_fn(y_true, y_pred)
    mask = tf.cast(y_true != 0, loss.dtype)
    loss *= mask
    return tf.reduce_sum(loss) / tf.reduce_sum(mask)


def masked_acc(y_true, y_pred):
    y_pred = tf.argmax(y_pred, axis=-1)
    y_pred = tf.cast(y_pred, y_true.dtype)
    match = tf.cast(y_true == y_pred, tf.float32)
    mask = tf.cast(y_true != 0, tf.float32)
    return tf.reduce_sum(match) / tf.reduce_sum(mask)


model = Translator(UNITS, context_processor, target_processor)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=masked_loss, metrics=[masked_acc, masked_loss])
untrained = model.evaluate(val_ds, steps=1, return_dict=True, verbose=0)
assert abs(untrained["masked_loss"] - np.log(target_processor.vocabulary_size())) < 2.0
history = model.fit(
    train_ds.repeat(),
    epochs=8,
    steps_per_epoch=11,
    validation_data=val_ds,
    callbacks=[tf.keras.callbacks.EarlyStopping(patience=3)],
    verbose=0,
)
print(history.history["masked_acc"], history.history["val_masked_acc"])
assert history.history["val_masked_acc"][-1] > 0.9

sources = ["uno dos tres.", "seis cinco."]
result = model.translate(sources)
print(result.numpy())
assert result.shape == (2,)
texts = [text.decode().strip() for text in result.numpy()]
hits = sum(text == wanted for text, wanted in zip(texts, ["three two one .", "five six ."]))
assert hits >= 1, texts
assert model.decoder.attention.last_attention_weights.shape[0] == 2


class Export(tf.Module):
    def __init__(self, model):
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec(dtype=tf.string, shape=[None])])
    def translate(self, inputs):
        return self.model.translate(inputs)


export = Export(model)
compiled = export.translate(tf.constant(sources))
assert [text.decode().strip() for text in compiled.numpy()] == texts
