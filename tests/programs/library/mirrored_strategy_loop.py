"""Custom training with MirroredStrategy, as TensorFlow's tutorial has it: strategy.run in tf.function, reduce, metrics."""

import os

import numpy as np
import tensorflow as tf

cpus = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 4)
strategy = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(4)])

rng = np.random.default_rng(0)
train_labels = rng.integers(0, 5, 256)
train_images = rng.normal(size=(256, 10)).astype("float32")
train_images[np.arange(256), train_labels] += 4

GLOBAL_BATCH_SIZE = 16 * strategy.num_replicas_in_sync
EPOCHS = 4
train_dataset = (
    tf.data.Dataset.from_tensor_slices((train_images, train_labels)).shuffle(256, seed=1).batch(GLOBAL_BATCH_SIZE)
)
test_dataset = tf.data.Dataset.from_tensor_slices((train_images, train_labels)).batch(GLOBAL_BATCH_SIZE)
train_dist_dataset = strategy.experimental_distribute_dataset(train_dataset)
test_dist_dataset = strategy.experimental_distribute_dataset(test_dataset)


def create_model():
    regularizer = tf.keras.regularizers.L2(1e-5)
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input((10,)),
            tf.keras.layers.Dense(16, activation="relu", kernel_regularizer=regularizer),
            tf.keras.layers.BatchNormalization(momentum=0.8),
            tf.keras.layers.Dropout(0.1),
            tf.keras.layers.Dense(5, kernel_regularizer=regularizer),
        ]
    )


with strategy.scope():
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")

    def compute_loss(labels, predictions, model_losses):
        per_example_loss = loss_object(labels, predictions)
        loss = tf.nn.compute_average_loss(per_example_loss, global_batch_size=GLOBAL_BATCH_SIZE)
        if model_losses:
            loss += tf.nn.scale_regularization_loss(tf.add_n(model_losses))
        return loss

    test_loss = tf.keras.metrics.Mean(name="test_loss")
    train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")
    test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="test_accuracy")
    model = create_model()
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.02)
    optimizer.build(model.trainable_variables)
    checkpoint = tf.train.Checkpoint(optimizer=optimizer, model=model)
    seen = tf.Variable(0, dtype=tf.int32, aggregation=tf.VariableAggregation.SUM, trainable=False)


def train_step(inputs):
    images, labels = inputs
    assert images.shape[0] in (16, None)  # each replica sees its part; of an iterator, TensorFlow does not say how many
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = compute_loss(labels, predictions, model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_accuracy.update_state(labels, predictions)
    seen.assign_add(tf.shape(images)[0])
    return loss


def test_step(inputs):
    images, labels = inputs
    predictions = model(images, training=False)
    t_loss = loss_object(labels, predictions)
    test_loss.update_state(t_loss)
    test_accuracy.update_state(labels, predictions)


@tf.function
def distributed_train_step(dataset_inputs):
    per_replica_losses = strategy.run(train_step, args=(dataset_inputs,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, per_replica_losses, axis=None)


@tf.function
def distributed_test_step(dataset_inputs):
    return strategy.run(test_step, args=(dataset_inputs,))


prefix = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "ckpt")
losses = []
for epoch in range(EPOCHS):
    total_loss, num_batches = 0.0, 0
    for x in train_dist_dataset:
        total_loss += distributed_train_step(x)
        num_batches += 1
    losses.append(float(total_loss / num_batches))
    for x in test_dist_dataset:
        distributed_test_step(x)
    checkpoint.save(prefix)
    print(
        f"Epoch {epoch + 1}, Loss: {losses[-1]}, Accuracy: {train_accuracy.result() * 100}, "
        f"Test Loss: {test_loss.result()}, Test Accuracy: {test_accuracy.result() * 100}"
    )
    last = float(test_accuracy.result())
    if epoch < EPOCHS - 1:
        test_loss.reset_state()
        train_accuracy.reset_state()
        test_accuracy.reset_state()
assert losses[-1] < losses[0]
assert last > 0.9
assert int(seen.numpy()) == 256 * EPOCHS

# A restored model, without a strategy, does as well.
eval_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="eval_accuracy")
new_model = create_model()
new_optimizer = tf.keras.optimizers.Adam()


@tf.function
def eval_step(images, labels):
    eval_accuracy(labels, new_model(images, training=False))


tf.train.Checkpoint(optimizer=new_optimizer, model=new_model).restore(tf.train.latest_checkpoint(os.path.dirname(prefix)))
for images, labels in test_dataset:
    eval_step(images, labels)
assert float(eval_accuracy.result()) > last - 0.05

# An iterator, and a loop inside of tf.function.
train_iter = iter(train_dist_dataset)


@tf.function
def two_steps(iterator):
    total = 0.0
    for _ in range(2):
        per_replica = strategy.run(train_step, args=(next(iterator),))
        total += strategy.reduce("SUM", per_replica, axis=None)
    return total


assert float(two_steps(train_iter)) > 0


@tf.function
def distributed_train_epoch(dataset):
    total_loss, num_batches = 0.0, 0
    for x in dataset:
        per_replica_losses = strategy.run(train_step, args=(x,))
        total_loss += strategy.reduce(tf.distribute.ReduceOp.SUM, per_replica_losses, axis=None)
        num_batches += 1
    return total_loss / tf.cast(num_batches, dtype=tf.float32)


assert float(distributed_train_epoch(train_dist_dataset)) < losses[0]


# What replicas know and tell each other.
def replica_fn(value):
    context = tf.distribute.get_replica_context()
    number = context.replica_id_in_sync_group
    total = context.all_reduce(tf.distribute.ReduceOp.SUM, value)
    return tf.cast(number, tf.float32) * value, total, tf.random.normal([3])


values = strategy.experimental_distribute_values_from_function(lambda ctx: tf.constant(float(ctx.replica_id_in_sync_group)))
products, totals, noise = strategy.run(replica_fn, args=(values,))
assert [float(v) for v in strategy.experimental_local_results(products)] == [0.0, 1.0, 4.0, 9.0]
assert [float(v) for v in strategy.experimental_local_results(totals)] == [6.0] * 4
assert float(strategy.reduce("MEAN", products, axis=None)) == 3.5
noise = [v.numpy() for v in strategy.experimental_local_results(noise)]
assert not np.array_equal(noise[0], noise[1])


def make(context):
    assert context.num_replicas_in_sync == 4
    size = context.get_per_replica_batch_size(GLOBAL_BATCH_SIZE)
    return tf.data.Dataset.from_tensor_slices((train_images, train_labels)).batch(size)


shapes = []
for images, labels in strategy.distribute_datasets_from_function(make):
    shapes.append([tuple(v.shape) for v in strategy.experimental_local_results(images)])
assert shapes == [[(16, 10)] * 4] * 4
assert tf.distribute.has_strategy() is False
with strategy.scope():
    assert tf.distribute.get_strategy() is strategy and tf.distribute.in_cross_replica_context()
    assert tf.distribute.get_replica_context() is None
print("done")
