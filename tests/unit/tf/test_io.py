"""Files, records, images as files, text, event files and strategies."""

import gzip

import numpy as np
import pytest

import addax.tf as tf
from addax.formats import read_events


def test_files_and_gfile(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    tf.io.write_file(str(path), "one\ntwo\r\n")
    assert tf.io.read_file(str(path)).numpy() == b"one\ntwo\r\n"
    gfile = tf.io.gfile
    assert gfile.exists(str(path)) and gfile.isdir(str(tmp_path)) and gfile.listdir(str(tmp_path)) == ["deep"]
    with gfile.GFile(str(path), "rb") as file:
        assert file.read(3) == b"one" and file.size() == 9 and file.tell() == 3
    gfile.copy(str(path), str(tmp_path / "b.txt"))
    with pytest.raises(FileExistsError, match="overwrite"):
        gfile.copy(str(path), str(tmp_path / "b.txt"))
    assert [p.rsplit("/", 1)[1] for p in gfile.glob(str(tmp_path / "*.txt"))] == ["b.txt"]
    assert tf.io.matching_files(str(tmp_path / "*.txt")).numpy().tolist() == [
        str(tmp_path / "b.txt").encode()
    ]
    gfile.rename(str(tmp_path / "b.txt"), str(tmp_path / "c.txt"))
    gfile.remove(str(tmp_path / "c.txt"))
    gfile.rmtree(str(tmp_path / "deep"))
    assert gfile.listdir(str(tmp_path)) == []
    assert list(tf.io.matching_files(str(tmp_path / "*")).shape) == [0]


def test_lines_and_records_as_datasets(tmp_path):
    text, zipped = tmp_path / "a.txt", tmp_path / "b.gz"
    text.write_bytes(b"one\ntwo\r\nthree")
    with gzip.open(zipped, "wb") as file:
        file.write(b"four\n")
    assert list(tf.data.TextLineDataset(str(text)).as_numpy_iterator()) == [b"one", b"two", b"three"]
    assert list(tf.data.TextLineDataset([str(zipped)], "GZIP").as_numpy_iterator()) == [b"four"]
    for kind in ("", "GZIP", "ZLIB"):
        path = str(tmp_path / f"r{kind}")
        with tf.io.TFRecordWriter(path, kind) as writer:
            writer.write(b"first\0")
            writer.write(tf.io.serialize_tensor([[1.0, 2.0]]).numpy())
        first, second = tf.data.TFRecordDataset(path, kind).as_numpy_iterator()
        assert first == b"first\0" and tf.io.parse_tensor(second, tf.float32).numpy().tolist() == [[1.0, 2.0]]
    path = tmp_path / "fixed"
    path.write_bytes(b"Habcdef")
    assert list(tf.data.FixedLengthRecordDataset(str(path), 2, 1).as_numpy_iterator()) == [
        b"ab",
        b"cd",
        b"ef",
    ]
    with pytest.raises(ValueError, match="dtype"):
        tf.io.parse_tensor(second, tf.int32)


def test_strings_keep_zero_bytes_at_their_end():
    assert tf.constant(b"a\0").numpy() == b"a\0"
    assert tf.constant([b"a\0", b"b"]).numpy().tolist() == [b"a\0", b"b"]


def test_images_as_files(tmp_path):
    pytest.importorskip("PIL")
    pixels = tf.constant(np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5)
    png = tf.io.encode_png(pixels)
    np.testing.assert_array_equal(tf.io.decode_png(png), pixels)
    assert tf.image.decode_png(png, channels=1).shape == (4, 4, 1)
    jpeg = tf.io.encode_jpeg(pixels, quality=100)
    assert (
        bool(tf.io.is_jpeg(jpeg))
        and np.abs(np.asarray(tf.io.decode_jpeg(jpeg), int) - pixels.numpy()).max() < 30
    )
    assert tf.io.decode_image(png, dtype=tf.float32).numpy().max() <= 1.0
    with pytest.raises(ValueError, match="no JPEG image"):
        tf.io.decode_jpeg(b"not an image")
    with pytest.raises(ValueError, match="uint8"):
        tf.io.encode_png(tf.zeros((2, 2, 3)))


def test_strings_are_split_into_rows():
    assert tf.strings.split(["a b", "c d"]).to_tensor().numpy().tolist() == [[b"a", b"b"], [b"c", b"d"]]
    assert tf.strings.split(["a b", "c"]).to_list() == [[b"a", b"b"], [b"c"]]
    with pytest.raises(TypeError, match="Strings are wanted"):
        tf.strings.lower(3)
    with pytest.raises(ValueError, match="could not convert"):
        tf.strings.to_number("x")


def test_random_image_changes_stay_in_shape_and_range():
    tf.random.set_seed(0)
    image = tf.random.uniform((6, 6, 3))
    batch = tf.random.uniform((16, 4, 4, 3))
    assert tf.image.random_crop(image, (3, 4, 3)).shape == (3, 4, 3)
    flipped = tf.image.random_flip_left_right(batch).numpy()
    same = [np.array_equal(a, b) for a, b in zip(flipped, batch.numpy(), strict=True)]
    assert any(same) and not all(same)
    turned = [np.array_equal(a, b[:, ::-1]) for a, b in zip(flipped, batch.numpy(), strict=True)]
    assert all(a or b for a, b in zip(same, turned, strict=True))
    one, two = (tf.image.stateless_random_brightness(image, 0.2, seed=(1, 2)).numpy() for _ in range(2))
    np.testing.assert_array_equal(one, two)
    for change in (
        lambda x: tf.image.random_contrast(x, 0.5, 1.5),
        lambda x: tf.image.random_saturation(x, 0.5, 1.5),
        lambda x: tf.image.random_hue(x, 0.2),
        tf.function(lambda x: tf.image.random_brightness(x, 0.2)),
    ):
        assert change(image).shape == (6, 6, 3)
    with pytest.raises(ValueError, match="larger than"):
        tf.image.random_crop(image, (7, 7, 3))
    with pytest.raises(ValueError, match="rank 3 or 4"):
        tf.image.flip_left_right(tf.zeros((2, 2)))
    with pytest.raises(ValueError, match="method"):
        tf.image.resize(image, (2, 2), "sharp")


def test_summaries_are_events(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path))
    assert not tf.summary.scalar("lost", 1.0, step=0)

    @tf.function
    def step(x, i):
        tf.summary.scalar("in_function", x * 2, step=i)

    with writer.as_default(step=3):
        assert tf.summary.scalar("loss", tf.constant(0.5))
        tf.summary.histogram("weights", tf.random.normal((10,)), step=4)
        tf.summary.image("picture", tf.zeros((1, 2, 2, 3)), step=4)
        tf.summary.audio("tone", tf.zeros((1, 8, 1)), 8000, step=4)
        tf.summary.write("table", [[1.0, 2.0]], step=5)
        tf.summary.text("note", "hello", step=4)
        step(tf.constant(1.5), tf.constant(7))
        with tf.summary.record_if(False):
            assert not tf.summary.scalar("skipped", 1.0, step=1)
    writer.close()
    (path,) = tmp_path.iterdir()
    tags = {value.tag: event.step for event in read_events(path) for value in event.values}
    assert tags == {"loss": 3, "weights": 4, "picture": 4, "tone": 4, "table": 5, "note": 4, "in_function": 7}
    with tf.summary.create_file_writer(str(tmp_path)).as_default(), pytest.raises(ValueError, match="step"):
        tf.summary.scalar("x", 1.0)
    with tf.summary.create_file_writer(str(tmp_path)).as_default(), pytest.raises(ValueError, match="step"):
        tf.summary.text("x", "y")
    with writer.as_default(step=1), pytest.raises(ValueError, match="wav"):
        tf.summary.audio("x", tf.zeros((1, 8, 1)), 8000, encoding="mp3")
    with writer.as_default(step=1), pytest.raises(TypeError, match="SummaryMetadata"):
        tf.summary.write("x", 1.0, metadata={})


def test_tensors_of_events_and_of_strings_are_read(tmp_path):
    strings = tf.io.serialize_tensor([["a", "b"], ["", "ç"]])
    assert tf.io.parse_tensor(strings, tf.string).numpy().tolist() == [[b"a", b"b"], [b"", "ç".encode()]]
    numbers = tf.io.serialize_tensor([[1.0, 2.0]]).numpy()
    assert tf.make_ndarray(numbers).tolist() == [[1.0, 2.0]]

    class Message:
        def SerializeToString(self):  # noqa: N802
            return numbers

    assert tf.make_ndarray(Message()).tolist() == [[1.0, 2.0]]


def test_compressed_strings():
    data = [gzip.compress(b"one"), gzip.compress(b"two")]
    assert tf.io.decode_compressed(data, "GZIP").numpy().tolist() == [b"one", b"two"]
    assert tf.io.decode_compressed("as it is").numpy() == b"as it is"
    with pytest.raises(ValueError, match="no ZLIB data"):
        tf.io.decode_compressed(data, "ZLIB")
    with pytest.raises(ValueError, match="Unknown compression"):
        tf.io.decode_compressed(data, "BZ2")


def test_sounds_are_wav_files():
    file = tf.audio.encode_wav([[0.5, -1.0], [2.0, 0.25]], 8000)
    sound, rate = tf.audio.decode_wav(file)
    assert sound.numpy().tolist() == [[0.5, -1.0], [32767 / 32768, 0.25]] and int(rate) == 8000
    assert tf.audio.decode_wav(file, desired_channels=1, desired_samples=3).audio.shape == (3, 1)
    with pytest.raises(ValueError, match="no WAV"):
        tf.audio.decode_wav("nothing of the kind")
    with pytest.raises(ValueError, match="samples, channels"):
        tf.audio.encode_wav([0.5], 8000)


def test_strategies_of_one_replica():
    strategy = tf.distribute.MirroredStrategy()
    assert strategy.num_replicas_in_sync == 1 and not tf.distribute.has_strategy()
    with strategy.scope() as inside:
        assert tf.distribute.get_strategy() is inside is strategy
    per_replica = strategy.run(lambda x: x * 2, args=(tf.constant([1.0, 3.0]),))
    assert float(strategy.reduce("SUM", per_replica, axis=None)[0]) == 2
    assert float(strategy.reduce(tf.distribute.ReduceOp.MEAN, per_replica, axis=0)) == 4
    assert tf.distribute.InputContext(2, 1, 4).get_per_replica_batch_size(64) == 16
