"""Words of sound: WAV files in folders, spectrograms by tf.signal in a dataset, a convolutional network, an export."""

import os
import pathlib
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models

OUTPUT = pathlib.Path(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp())
tf.keras.utils.set_random_seed(67)
rng = np.random.default_rng(7)
RATE, COMMANDS = 4000, {"down": -1.0, "flat": 0.0, "up": 1.0}
data_dir = OUTPUT / "commands"
t = np.arange(RATE) / RATE
for command, slope in COMMANDS.items():
    (data_dir / command).mkdir(parents=True)
    for i in range(24):
        frequency = rng.uniform(700, 900)
        phase = 2 * np.pi * (frequency * t + slope * 250 * t**2)
        wave = 0.4 * np.sin(phase) + rng.normal(scale=0.02, size=RATE)
        length = RATE if i % 4 else int(0.9 * RATE)
        audio = tf.constant(wave[:length, np.newaxis], tf.float32)
        tf.io.write_file(str(data_dir / command / f"{i}.wav"), tf.audio.encode_wav(audio, RATE))

commands = np.array(tf.io.gfile.listdir(str(data_dir)))
assert sorted(commands) == sorted(COMMANDS)
train_ds, val_ds = tf.keras.utils.audio_dataset_from_directory(
    directory=data_dir, batch_size=12, validation_split=0.25, seed=0, output_sequence_length=RATE, subset="both"
)
label_names = np.array(train_ds.class_names)
print("label names:", label_names, train_ds.element_spec)


def squeeze(audio, labels):
    audio = tf.squeeze(audio, axis=-1)
    return audio, labels


train_ds, val_ds = (ds.map(squeeze, tf.data.AUTOTUNE) for ds in (train_ds, val_ds))
test_ds = val_ds.shard(num_shards=2, index=0)
val_ds = val_ds.shard(num_shards=2, index=1)
for example_audio, example_labels in train_ds.take(1):
    assert example_audio.shape == (12, RATE) and example_labels.shape == (12,)


def get_spectrogram(waveform):
    spectrogram = tf.signal.stft(waveform, frame_length=128, frame_step=64)
    spectrogram = tf.abs(spectrogram)
    return spectrogram[..., tf.newaxis]


spectrogram = get_spectrogram(example_audio[0])
assert spectrogram.shape == (61, 65, 1)
loudest = np.argmax(spectrogram[..., 0], axis=1)
slope = COMMANDS[label_names[example_labels[0]]]
moved = float(np.mean(loudest[30:45]) - np.mean(loudest[:15]))
assert abs(moved) < 2 if slope == 0 else np.sign(moved) == slope


def make_spec_ds(ds):
    return ds.map(map_func=lambda audio, label: (get_spectrogram(audio), label), num_parallel_calls=tf.data.AUTOTUNE)


train_spectrogram_ds, val_spectrogram_ds, test_spectrogram_ds = map(make_spec_ds, (train_ds, val_ds, test_ds))
for example_spectrograms, example_spect_labels in train_spectrogram_ds.take(1):
    break
train_spectrogram_ds = train_spectrogram_ds.cache().shuffle(100).prefetch(tf.data.AUTOTUNE)
val_spectrogram_ds = val_spectrogram_ds.cache().prefetch(tf.data.AUTOTUNE)
input_shape = example_spectrograms.shape[1:]
norm_layer = layers.Normalization()
norm_layer.adapt(data=train_spectrogram_ds.map(map_func=lambda spec, label: spec))
model = models.Sequential(
    [
        layers.Input(shape=input_shape),
        layers.Resizing(32, 32),
        norm_layer,
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(len(label_names)),
    ]
)
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.003),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(
    train_spectrogram_ds,
    validation_data=val_spectrogram_ds,
    epochs=8,
    callbacks=tf.keras.callbacks.EarlyStopping(verbose=1, patience=3),
    verbose=0,
)
print(model.evaluate(test_spectrogram_ds, return_dict=True, verbose=0))
y_pred = tf.argmax(model.predict(test_spectrogram_ds, verbose=0), axis=1)
y_true = tf.concat(list(test_spectrogram_ds.map(lambda s, lab: lab)), axis=0)
confusion_mtx = tf.math.confusion_matrix(y_true, y_pred, num_classes=3)
print(confusion_mtx.numpy())
assert np.trace(confusion_mtx) >= 0.8 * np.sum(confusion_mtx)


class ExportModel(tf.Module):
    def __init__(self, model):
        self.model = model
        self.__call__.get_concrete_function(x=tf.TensorSpec(shape=[None, RATE], dtype=tf.float32))

    @tf.function
    def __call__(self, x):
        x = get_spectrogram(x)
        result = self.model(x, training=False)
        class_ids = tf.argmax(result, axis=-1)
        return {"predictions": result, "class_ids": class_ids}


export = ExportModel(model)
x = tf.io.read_file(str(data_dir / "up" / "1.wav"))
x, sample_rate = tf.audio.decode_wav(x, desired_channels=1, desired_samples=RATE)
assert int(sample_rate) == RATE
x = tf.squeeze(x, axis=-1)[tf.newaxis, :]
wanted = export(x)
assert label_names[int(wanted["class_ids"][0])] == "up"
tf.saved_model.save(export, str(OUTPUT / "saved"))
imported = tf.saved_model.load(str(OUTPUT / "saved"))
again = imported(x)
np.testing.assert_allclose(again["predictions"], wanted["predictions"], atol=1e-3)
