"""Who will pay back? A table of numbers, strings and integers through FeatureSpace: crosses, a custom feature,
training on encoded batches, serving from raw dictionaries, and saving the space by itself."""

import os

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.utils import FeatureSpace

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
ROWS = 2400
table = {
    "age": rng.integers(18, 80, ROWS),
    "income": rng.lognormal(10, 0.6, ROWS).astype("float32"),
    "debt": rng.exponential(1.0, ROWS).astype("float32"),
    "job": rng.choice(["clerk", "teacher", "farmer", "driver"], ROWS),
    "region": rng.choice(["north", "south", "east"], ROWS, p=[0.5, 0.3, 0.2]),
    "plan": rng.integers(1, 5, ROWS),
    "city": rng.choice([f"town{k}" for k in range(40)], ROWS),
}
logit = (
    1.5 * (np.log(table["income"]) - 10)
    - 1.5 * (table["debt"] - 1)
    + 1.5 * np.sin((table["age"] - 18) / 10)
    + 2.5 * np.where((table["job"] == "farmer") == (table["region"] == "south"), 1, -1)
    + np.array([0, 1.0, -1.0, 0.5, -0.5])[table["plan"]]
)
target = (rng.random(ROWS) < 1 / (1 + np.exp(-1.5 * logit))).astype("int64")
best = np.mean((logit > 0) == target)


def to_dataset(rows, shuffle=False):
    features = {name: values[rows] for name, values in table.items()}
    ds = tf.data.Dataset.from_tensor_slices((features, target[rows]))
    return (ds.shuffle(ROWS) if shuffle else ds).batch(32)


train_ds, val_ds = to_dataset(slice(0, 2000), shuffle=True), to_dataset(slice(2000, None))
feature_space = FeatureSpace(
    features={
        "age": FeatureSpace.float_discretized(num_bins=12),
        "income": FeatureSpace.float_normalized(),
        "debt": FeatureSpace.float_rescaled(scale=0.5),
        "job": FeatureSpace.string_categorical(num_oov_indices=0),
        "region": "string_categorical",
        "plan": FeatureSpace.integer_categorical(num_oov_indices=1),
        "city": FeatureSpace.string_hashed(num_bins=16),
    },
    crosses=[FeatureSpace.cross(feature_names=("job", "region"), crossing_dim=64)],
    output_mode="concat",
)
feature_space.adapt(train_ds.map(lambda features, _: features))
for features, _ in train_ds.take(1):
    encoded = feature_space(features)
    print("encoded:", encoded.shape, encoded.dtype)
    # bins, number, number, jobs, regions and one unknown, plans and one unknown, hashed, crossed
    assert encoded.shape == (32, 12 + 1 + 1 + 4 + 4 + 5 + 16 + 64)

encoded_train = train_ds.map(lambda x, y: (feature_space(x), y), num_parallel_calls=tf.data.AUTOTUNE)
encoded_train = encoded_train.cache().prefetch(tf.data.AUTOTUNE)
encoded_val = val_ds.map(lambda x, y: (feature_space(x), y))

dict_inputs = feature_space.get_inputs()
encoded_features = feature_space.get_encoded_features()
x = keras.layers.Dense(32, activation="relu")(encoded_features)
x = keras.layers.Dropout(0.3)(x)
predictions = keras.layers.Dense(1, activation="sigmoid")(x)
training_model = keras.Model(inputs=encoded_features, outputs=predictions)
inference_model = keras.Model(inputs=dict_inputs, outputs=predictions)
training_model.compile(
    optimizer=keras.optimizers.Adam(5e-3),
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(name="auc"), keras.metrics.Precision(), keras.metrics.Recall()],
)
training_model.fit(encoded_train, epochs=12, validation_data=encoded_val, verbose=2)
scores = training_model.evaluate(encoded_val, verbose=0, return_dict=True)
print(scores, "best possible accuracy:", best)
assert scores["accuracy"] > best - 0.07
assert scores["auc"] > 0.9

raw = {name: values[2000:] for name, values in table.items()}
served = inference_model.predict({name: tf.convert_to_tensor(value[:, None]) for name, value in raw.items()}, verbose=0)
np.testing.assert_allclose(np.mean((served[:, 0] > 0.5) == target[2000:]), scores["accuracy"], atol=0.003)

sample = {"age": 40, "income": 60000.0, "debt": 0.1, "job": "farmer", "region": "south", "plan": 1, "city": "town3"}
unlucky = {**sample, "income": 9000.0, "debt": 3.0, "region": "north"}
likely, unlikely = (
    float(inference_model.predict({k: tf.convert_to_tensor([[v]]) for k, v in one.items()}, verbose=0)[0, 0])
    for one in (sample, unlucky)
)
print(f"{100 * likely:.1f}% and {100 * unlikely:.1f}%")
assert likely > 0.8 and unlikely < 0.2

path = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "space.keras")
feature_space.save(path)
again = keras.models.load_model(path)
batch = {name: values[:16] for name, values in raw.items()}
np.testing.assert_array_equal(np.array(again(batch)), np.array(feature_space(batch)))

whole = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "whole.keras")
inference_model.save(whole)
restored = keras.models.load_model(whole)
rows = {name: value[:50, None] for name, value in raw.items()}
rows = {name: tf.constant(value) for name, value in rows.items()}
np.testing.assert_allclose(restored.predict(rows, verbose=0), served[:50], atol=1e-6)
