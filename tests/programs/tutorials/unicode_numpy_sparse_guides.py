"""Unicode strings, NumPy on TensorFlow, and sparse tensors, as their guides have them."""

import numpy as np
import tensorflow as tf
import tensorflow.experimental.numpy as tnp

# Unicode
thanks = "Thanks 😊"
assert tf.constant(thanks).numpy() == thanks.encode()
assert tf.constant(["You're", "welcome!"]).shape == (2,)
text_utf8 = tf.constant("语言处理")
text_utf16be = tf.constant("语言处理".encode("UTF-16-BE"))
text_chars = tf.constant([ord(char) for char in "语言处理"])
assert tf.strings.unicode_decode(text_utf8, input_encoding="UTF-8").numpy().tolist() == text_chars.numpy().tolist()
assert tf.strings.unicode_encode(text_chars, output_encoding="UTF-8").numpy() == text_utf8.numpy()
assert tf.strings.unicode_transcode(text_utf8, "UTF8", "UTF-16-BE").numpy() == text_utf16be.numpy()
batch_utf8 = [s.encode("UTF-8") for s in ["hÃllo", "What is the weather tomorrow", "Göödnight", "😊"]]
batch_chars_ragged = tf.strings.unicode_decode(batch_utf8, input_encoding="UTF-8")
assert [len(row) for row in batch_chars_ragged.to_list()] == [5, 28, 9, 1]
padded = batch_chars_ragged.to_tensor(default_value=-1)
assert padded.shape == (4, 28) and padded.numpy()[3, 1] == -1
assert tf.strings.unicode_encode([[99, 97, 116], [100, 111, 103], [99, 111, 119]], "UTF-8").numpy().tolist() == [b"cat", b"dog", b"cow"]
assert tf.strings.unicode_encode(batch_chars_ragged, "UTF-8").numpy().tolist() == batch_utf8
assert tf.strings.length(thanks.encode(), unit="BYTE").numpy() == 11
assert tf.strings.length(thanks.encode(), unit="UTF8_CHAR").numpy() == 8
assert tf.strings.substr(thanks, pos=7, len=1, unit="UTF8_CHAR").numpy() == "😊".encode()
assert tf.strings.unicode_split(thanks, "UTF-8").numpy()[-1] == "😊".encode()
codepoints, offsets = tf.strings.unicode_decode_with_offsets("🎈🎉🎊", "UTF-8")
assert offsets.numpy().tolist() == [0, 4, 8] and codepoints.numpy()[0] == ord("🎈")

# Words are where letters begin and end
sentence_texts = ["Hello, world.", "世界こんにちは"]
char_codepoint = tf.strings.unicode_decode(sentence_texts, "UTF-8")
char_script = char_codepoint.with_flat_values(tf.cast(tf.gather([0, 1], tf.cast(char_codepoint.flat_values > 64, tf.int32)), tf.int32))
starts = tf.concat([tf.fill([char_script.nrows(), 1], True), tf.not_equal(char_script[:, 1:], char_script[:, :-1])], axis=1)
word_starts = tf.squeeze(tf.where(starts.values), axis=1)
word_codepoint = tf.RaggedTensor.from_row_starts(values=char_codepoint.values, row_starts=word_starts)
num_words = tf.reduce_sum(tf.cast(starts, tf.int64), axis=1)
sentence_words = tf.RaggedTensor.from_row_lengths(values=word_codepoint, row_lengths=num_words)
encoded = tf.strings.unicode_encode(sentence_words, "UTF-8").to_list()
print(encoded)
assert [w.decode() for w in encoded[0]] == ["Hello", ", ", "world", "."]
assert [w.decode() for w in encoded[1]] == ["世界こんにちは"]

# NumPy's functions over tensors
ones = tnp.ones([5, 3], dtype=tnp.float32)
assert ones.shape == (5, 3) and isinstance(ones, tf.Tensor)
x = tnp.ones([2, 3]) + tnp.ones([3])
assert x.shape == (2, 3)
values = tnp.arange(24).reshape((2, 3, 4)) if hasattr(tnp.ndarray, "reshape") else tnp.reshape(tnp.arange(24), (2, 3, 4))
assert tnp.sum(values, axis=0).shape == (3, 4) and int(tnp.max(values)) == 23
np.testing.assert_allclose(tnp.linspace(0.0, 1.0, 5), np.linspace(0, 1, 5), atol=1e-6)
assert tnp.where(tnp.array([1, 2, 3]) > 1, 10, 0).numpy().tolist() == [0, 10, 10]
with tf.GradientTape() as tape:
    v = tf.Variable(2.0)
    y = tnp.multiply(v, 3.0) + tnp.sin(v)
np.testing.assert_allclose(tape.gradient(y, v), 3.0 + np.cos(2.0), rtol=1e-5)
np.testing.assert_allclose(np.sum(tf.ones([4, 5])), 20.0)
assert np.concatenate([tf.ones([2]), np.zeros([2])]).tolist() == [1, 1, 0, 0]

# Sparse tensors
st1 = tf.sparse.SparseTensor(indices=[[0, 3], [2, 4]], values=[10, 20], dense_shape=[3, 10])
st2 = tf.sparse.from_dense([[1, 0, 0, 8], [0, 0, 0, 0], [0, 0, 3, 0]])
assert st2.indices.numpy().tolist() == [[0, 0], [0, 3], [2, 2]] and st2.values.numpy().tolist() == [1, 8, 3]
st_a = tf.sparse.SparseTensor(indices=[[0, 2], [3, 4]], values=[31, 2], dense_shape=[4, 10])
st_b = tf.sparse.SparseTensor(indices=[[0, 2], [3, 0]], values=[56, 38], dense_shape=[4, 10])
st_sum = tf.sparse.add(st_a, st_b)
assert tf.sparse.to_dense(st_sum).numpy()[0, 2] == 87 and st_sum.values.shape == (3,)
mb = tf.constant([[4], [6]])
st_c = tf.sparse.SparseTensor(indices=[[0, 1], [1, 0], [1, 1]], values=[13, 15, 17], dense_shape=[2, 2])
assert tf.sparse.sparse_dense_matmul(st_c, mb).numpy().tolist() == [[78], [162]]
sparse_pattern_a = tf.sparse.SparseTensor(indices=[[2, 4], [3, 3], [3, 4], [4, 3]], values=[1, 1, 1, 1], dense_shape=[8, 5])
sparse_pattern_b = tf.sparse.SparseTensor(indices=[[0, 2], [1, 1], [2, 0]], values=[1, 1, 1], dense_shape=[8, 6])
joined = tf.sparse.concat(axis=1, sp_inputs=[sparse_pattern_a, sparse_pattern_b])
assert joined.shape.as_list() == [8, 11] and int(tf.sparse.reduce_sum(joined)) == 7
sliced = tf.sparse.slice(sparse_pattern_a, start=[0, 3], size=[4, 2])
assert tf.sparse.to_dense(sliced).numpy().sum() == 3
assert tf.sparse.reorder(tf.sparse.transpose(st2)).shape.as_list() == [4, 3]
squares = tf.sparse.map_values(tf.square, st2)
assert squares.values.numpy().tolist() == [1, 64, 9]


@tf.function
def multiply(sparse, dense):
    return tf.sparse.sparse_dense_matmul(sparse, dense)


assert multiply(st_c, mb).numpy().tolist() == [[78], [162]]
