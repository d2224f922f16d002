"""Training checkpoints: save, go on, restore, look inside, restore late; lists and dicts."""

import os
import tempfile

import numpy as np
import tensorflow as tf

os.chdir(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp())


class Net(tf.keras.Model):
    """A simple linear model."""

    def __init__(self):
        super().__init__()
        self.l1 = tf.keras.layers.Dense(5)

    def call(self, x):
        return self.l1(x)


def toy_dataset():
    inputs = tf.range(10.0)[:, None]
    labels = inputs * 5.0 + tf.range(5.0)[None, :]
    return tf.data.Dataset.from_tensor_slices(dict(x=inputs, y=labels)).repeat().batch(2)


def train_step(net, example, optimizer):
    """Trains `net` on `example` using `optimizer`."""
    with tf.GradientTape() as tape:
        output = net(example["x"])
        loss = tf.reduce_mean(tf.abs(output - example["y"]))
    variables = net.trainable_variables
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables))
    return loss


net = Net()
opt = tf.keras.optimizers.Adam(0.1)
dataset = toy_dataset()
iterator = iter(dataset)
ckpt = tf.train.Checkpoint(step=tf.Variable(1), optimizer=opt, net=net, iterator=iterator)
manager = tf.train.CheckpointManager(ckpt, "./tf_ckpts", max_to_keep=3)
assert manager.latest_checkpoint is None


def train_and_checkpoint(net, manager):
    ckpt.restore(manager.latest_checkpoint)
    if manager.latest_checkpoint:
        print(f"Restored from {manager.latest_checkpoint}")
    else:
        print("Initializing from scratch.")
    for _ in range(50):
        example = next(iterator)
        loss = train_step(net, example, opt)
        ckpt.step.assign_add(1)
        if int(ckpt.step) % 10 == 0:
            save_path = manager.save()
            print(f"Saved checkpoint for step {int(ckpt.step)}: {save_path}")
            print(f"loss {loss.numpy():1.2f}")
    return float(loss)


first = train_and_checkpoint(net, manager)
assert int(ckpt.step) == 51
assert [os.path.basename(path) for path in manager.checkpoints] == ["ckpt-3", "ckpt-4", "ckpt-5"]
at_50 = tf.train.load_variable("./tf_ckpts", "step/.ATTRIBUTES/VARIABLE_VALUE")
assert at_50 == 50

# New objects go on where the old ones were.
opt = tf.keras.optimizers.Adam(0.1)
net = Net()
dataset = toy_dataset()
iterator = iter(dataset)
ckpt = tf.train.Checkpoint(step=tf.Variable(1), optimizer=opt, net=net, iterator=iterator)
manager = tf.train.CheckpointManager(ckpt, "./tf_ckpts", max_to_keep=3)
second = train_and_checkpoint(net, manager)
assert second < first
assert int(ckpt.step) == 100
assert int(opt.iterations) == 99
assert [os.path.basename(path) for path in manager.checkpoints] == ["ckpt-8", "ckpt-9", "ckpt-10"]
assert sorted(name for name in os.listdir("./tf_ckpts") if name.endswith(".index")) == [
    "ckpt-10.index",
    "ckpt-8.index",
    "ckpt-9.index",
]
assert tf.train.latest_checkpoint("./tf_ckpts") == manager.latest_checkpoint
assert tf.train.get_checkpoint_state("./tf_ckpts").model_checkpoint_path.endswith("ckpt-10")

# Weights come at once if they are there, and when they are made if not.
bias, kernel = net.l1.bias.numpy(), net.l1.kernel.numpy()
late = Net()
status = tf.train.Checkpoint(net=late).restore(manager.latest_checkpoint)
late(tf.ones((1, 1)))
np.testing.assert_array_equal(late.l1.bias.numpy(), bias)
status.expect_partial()
there = Net()
there(tf.ones((1, 1)))
status = tf.train.Checkpoint(net=there).restore(manager.latest_checkpoint)
np.testing.assert_array_equal(there.l1.kernel.numpy(), kernel)
status.assert_existing_objects_matched()

# Part of an object graph, by names alone
to_restore = tf.Variable(tf.zeros([5]))
fake_layer = tf.train.Checkpoint(bias=to_restore)
fake_net = tf.train.Checkpoint(l1=fake_layer)
new_root = tf.train.Checkpoint(net=fake_net)
status = new_root.restore(tf.train.latest_checkpoint("./tf_ckpts/"))
np.testing.assert_array_equal(to_restore.numpy(), bias)
try:
    status.assert_consumed()
except AssertionError:
    print("as promised: not everything was taken")
else:
    raise AssertionError("the optimizer was not restored")
status.assert_existing_objects_matched()


# Modules, whose variables are made later
class Line(tf.Module):
    def __init__(self):
        super().__init__()
        self.slope = None

    def __call__(self, x):
        if self.slope is None:
            self.slope = tf.Variable(tf.ones([3]), name="slope")
        return x * self.slope


line = Line()
line(1.0)
line.slope.assign([1.0, 2.0, 3.0])
path = tf.train.Checkpoint(line=line).write("./line")
again = Line()
status = tf.train.Checkpoint(line=again).read(path)
assert again(2.0).numpy().tolist() == [2.0, 4.0, 6.0]
status.assert_consumed()
wrong = tf.train.Checkpoint(line=tf.train.Checkpoint(slope=tf.Variable([0.0])))
try:
    wrong.read(path)
except ValueError as error:
    print("as promised:", str(error).splitlines()[0])
else:
    raise AssertionError("a value of another shape must be refused")

# Looking inside
reader = tf.train.load_checkpoint("./tf_ckpts/")
shapes = reader.get_variable_to_shape_map()
dtypes = reader.get_variable_to_dtype_map()
assert shapes["net/l1/bias/.ATTRIBUTES/VARIABLE_VALUE"] == [5]
assert dtypes["net/l1/bias/.ATTRIBUTES/VARIABLE_VALUE"] == tf.float32
np.testing.assert_array_equal(reader.get_tensor("net/l1/bias/.ATTRIBUTES/VARIABLE_VALUE"), bias)
assert ("step/.ATTRIBUTES/VARIABLE_VALUE", []) in tf.train.list_variables(manager.latest_checkpoint)

# Lists and dictionaries
save = tf.train.Checkpoint()
save.listed = [tf.Variable(1.0)]
save.listed.append(tf.Variable(2.0))
save.mapped = {"one": save.listed[0]}
save.mapped["two"] = save.listed[1]
save_path = save.save("./tf_list_example")

restore = tf.train.Checkpoint()
v2 = tf.Variable(0.0)
assert v2.numpy() == 0.0  # not restored yet
restore.mapped = {"two": v2}
restore.restore(save_path)
assert v2.numpy() == 2.0
restore.listed = []
v1 = tf.Variable(0.0)
restore.listed.append(v1)  # restored by the call above
assert v1.numpy() == 1.0

# Nothing to restore, and what is not there
fresh = tf.train.CheckpointManager(
    tf.train.Checkpoint(v=v1), "./empty", max_to_keep=1, init_fn=lambda: v1.assign(7.0)
)
assert fresh.restore_or_initialize() is None
assert v1.numpy() == 7.0
fresh.save(checkpoint_number=3)
v1.assign(0.0)
assert fresh.restore_or_initialize().endswith("ckpt-3")
assert v1.numpy() == 7.0
try:
    tf.train.Checkpoint(v=v1).restore("./nowhere/ckpt-1")
except tf.errors.NotFoundError:
    print("as promised: no such checkpoint")
else:
    raise AssertionError("a checkpoint that is not there must be refused")
