"""A wide teacher and a small student on few labels: by a Distiller of one's own (compute_loss), by one with its
own train_step, and by the one in the library; each student beats a twin that has only the labels."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits

keras.utils.set_random_seed(1)
data = load_digits()
x, y = (data.data / 16).astype("float32"), data.target
x_train, y_train, x_test, y_test = x[:1200], y[:1200], x[1200:], y[1200:]
few = np.random.default_rng(1).choice(1200, 50, replace=False)

teacher = keras.Sequential(
    [
        layers.Input((64,)),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(128, activation="relu"),
        layers.Dense(10),
    ],
    name="teacher",
)
teacher.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
teacher.fit(x_train, y_train, epochs=12, batch_size=64, verbose=0)
teacher_accuracy = teacher.evaluate(x_test, y_test, verbose=0)[1]
print("teacher:", teacher_accuracy)
assert teacher_accuracy > 0.9
teacher_weights = teacher.get_weights()


def make_student(name):
    return keras.Sequential([layers.Input((64,)), layers.Dense(12, activation="relu"), layers.Dense(10)], name=name)


def score(model):
    return float(np.mean(np.argmax(model.predict(x_test, verbose=0), axis=1) == y_test))


alone = make_student("alone")
alone.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
alone.fit(x_train[few], y_train[few], epochs=60, verbose=0)
alone_accuracy = score(alone)
print("student with", len(few), "labels:", alone_accuracy)


class Distiller(keras.Model):
    """Fits the student to the softened answers of the teacher; labels count where there are any (not -1)."""

    def __init__(self, student, teacher):
        super().__init__()
        self.teacher = teacher
        self.student = student

    def compile(self, optimizer, metrics, student_loss_fn, distillation_loss_fn, alpha=0.1, temperature=3):
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn = student_loss_fn
        self.distillation_loss_fn = distillation_loss_fn
        self.alpha = alpha
        self.temperature = temperature

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, allow_empty=False):
        teacher_pred = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred, sample_weight=sample_weight)
        distillation_loss = self.distillation_loss_fn(
            ops.softmax(teacher_pred / self.temperature, axis=1),
            ops.softmax(y_pred / self.temperature, axis=1),
        ) * (self.temperature**2)
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss

    def call(self, x):
        return self.student(x)


known = np.isin(np.arange(1200), few).astype("float32")
teacher.trainable = False
distiller = Distiller(student=make_student("student"), teacher=teacher)
distiller.compile(
    optimizer=keras.optimizers.Adam(5e-3),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
    student_loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    distillation_loss_fn=keras.losses.KLDivergence(),
    alpha=0.1,
    temperature=4,
)
distiller.fit(x_train, y_train, sample_weight=known, epochs=15, batch_size=32, verbose=0)
assert distiller.evaluate(x_test, y_test, verbose=0, return_dict=True)["sparse_categorical_accuracy"] > 0.88
distilled_accuracy = score(distiller.student)
print("student by compute_loss:", distilled_accuracy)
assert distilled_accuracy > 0.88 and distilled_accuracy > alone_accuracy


class StepDistiller(keras.Model):
    def __init__(self, student, teacher, temperature=4.0):
        super().__init__()
        self.student, self.teacher, self.temperature = student, teacher, temperature
        self.distance = keras.metrics.Mean(name="distance")

    @property
    def metrics(self):
        return [self.distance]

    def train_step(self, data):
        if isinstance(data, tuple):
            data = data[0]
        soft = tf.nn.softmax(self.teacher(data, training=False) / self.temperature)
        with tf.GradientTape() as tape:
            logits = self.student(data, training=True) / self.temperature
            loss = tf.nn.softmax_cross_entropy_with_logits(labels=soft, logits=logits)
            loss = tf.reduce_mean(loss) * self.temperature**2
        variables = self.student.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        self.distance.update_state(loss)
        return {m.name: m.result() for m in self.metrics}


stepper = StepDistiller(make_student("stepped"), teacher)
stepper.compile(optimizer=keras.optimizers.Adam(5e-3))
history = stepper.fit(x_train, epochs=15, verbose=0)  # no labels at all
assert history.history["distance"][-1] < history.history["distance"][0]
stepped_accuracy = score(stepper.student)
print("student by train_step:", stepped_accuracy)
assert stepped_accuracy > 0.88

library = keras.distillation.Distiller(
    teacher=teacher,
    student=make_student("library"),
    distillation_losses=keras.distillation.LogitsDistillation(
        temperature=4.0, loss=keras.losses.KLDivergence()
    ),
    student_loss_weight=0.1,
)
library.compile(
    optimizer=keras.optimizers.Adam(5e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
library.fit(x_train, y_train, epochs=15, verbose=0)
library_accuracy = score(library.student)
print("student of the library:", library_accuracy)
assert library_accuracy > 0.8
for before, after in zip(teacher_weights, teacher.get_weights()):
    np.testing.assert_array_equal(before, after)
