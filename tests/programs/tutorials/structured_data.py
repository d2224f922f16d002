"""Columns of a table, numbers and strings, through preprocessing layers, in a dataset of dicts, saved with the model."""

import os
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.keras.utils.set_random_seed(41)
rng = np.random.default_rng(9)
n = 600
dataframe = pd.DataFrame(
    {
        "Type": rng.choice(["Cat", "Dog"], n),
        "Age": rng.integers(0, 60, n),
        "Color": rng.choice(["Black", "White", "Brown", "Gray"], n),
        "Fee": rng.choice([0, 50, 100], n),
        "PhotoAmt": rng.integers(0, 10, n),
    }
)
score = (dataframe["Age"] < 20) * 2 + (dataframe["Type"] == "Dog") + (dataframe["PhotoAmt"] > 4)
dataframe["target"] = np.where(score >= 2, 1, 0)
shuffled = dataframe.sample(frac=1, random_state=0)
train, val, test = shuffled.iloc[:480], shuffled.iloc[480:540], shuffled.iloc[540:]
print(len(train), len(val), len(test))


def df_to_dataset(dataframe, shuffle=True, batch_size=32):
    df = dataframe.copy()
    labels = df.pop("target")
    df = {key: value.to_numpy()[:, tf.newaxis] for key, value in dataframe.items() if key != "target"}
    ds = tf.data.Dataset.from_tensor_slices((dict(df), labels))
    if shuffle:
        ds = ds.shuffle(buffer_size=len(dataframe))
    ds = ds.batch(batch_size)
    return ds.prefetch(batch_size)


train_ds = df_to_dataset(train)
val_ds = df_to_dataset(val, shuffle=False)
test_ds = df_to_dataset(test, shuffle=False)
[(train_features, label_batch)] = df_to_dataset(train, batch_size=5).take(1)
print("Every feature:", list(train_features.keys()), "ages:", train_features["Age"], "targets:", label_batch)
assert train_features["Type"].dtype == tf.string and train_features["Age"].shape == (5, 1)


def get_normalization_layer(name, dataset):
    normalizer = layers.Normalization(axis=None)
    feature_ds = dataset.map(lambda x, y: x[name])
    normalizer.adapt(feature_ds)
    return normalizer


def get_category_encoding_layer(name, dataset, dtype, max_tokens=None):
    if dtype == "string":
        index = layers.StringLookup(max_tokens=max_tokens)
    else:
        index = layers.IntegerLookup(max_tokens=max_tokens)
    feature_ds = dataset.map(lambda x, y: x[name])
    index.adapt(feature_ds)
    encoder = layers.CategoryEncoding(num_tokens=index.vocabulary_size())
    return lambda feature: encoder(index(feature))


normalized = get_normalization_layer("PhotoAmt", train_ds)(train["PhotoAmt"].to_numpy("float32"))
np.testing.assert_allclose([np.mean(normalized), np.std(normalized)], [0.0, 1.0], atol=1e-3)
encoded = get_category_encoding_layer("Type", train_ds, "string")(train_features["Type"])
np.testing.assert_array_equal(np.sum(encoded, axis=-1), np.ones(5))

all_inputs, encoded_features = {}, []
for header in ["PhotoAmt", "Fee"]:
    numeric_col = tf.keras.Input(shape=(1,), name=header)
    encoded_features.append(get_normalization_layer(header, train_ds)(numeric_col))
    all_inputs[header] = numeric_col
age_col = tf.keras.Input(shape=(1,), name="Age", dtype="int64")
encoded_features.append(get_category_encoding_layer("Age", train_ds, dtype="int64", max_tokens=None)(age_col))
all_inputs["Age"] = age_col
for header in ["Type", "Color"]:
    categorical_col = tf.keras.Input(shape=(1,), name=header, dtype="string")
    encoded_features.append(get_category_encoding_layer(header, train_ds, dtype="string", max_tokens=5)(categorical_col))
    all_inputs[header] = categorical_col

all_features = tf.keras.layers.concatenate(encoded_features)
x = tf.keras.layers.Dense(32, activation="relu")(all_features)
x = tf.keras.layers.Dropout(0.2)(x)
output = tf.keras.layers.Dense(1)(x)
model = tf.keras.Model(all_inputs, output)
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.01),
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train_ds, epochs=12, validation_data=val_ds, verbose=0)
loss, accuracy = model.evaluate(test_ds, return_dict=False, verbose=0)
print("Accuracy", accuracy)
assert accuracy > 0.8

path = os.path.join(OUTPUT, "my_pet_classifier.keras")
model.save(path)
reloaded_model = tf.keras.models.load_model(path)
sample = {"Type": "Dog", "Age": 3, "Color": "Black", "Fee": 100, "PhotoAmt": 8}
input_dict = {name: tf.convert_to_tensor([value]) for name, value in sample.items()}
predictions = reloaded_model.predict(input_dict, verbose=0)
prob = tf.nn.sigmoid(predictions[0])
print("This particular pet had a %.1f percent probability of getting adopted." % (100 * prob[0]))
assert float(prob[0]) > 0.5
