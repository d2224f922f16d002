"""An actor and a critic learn to walk to the end of a corridor; episodes in a tf.TensorArray."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(5)


class Corridor:
    """Seven places; the agent starts in the middle, and gets 1 at the right end and 0 at the left one."""

    def reset(self):
        self.place = 3
        return self.state()

    def state(self):
        return np.eye(7, dtype="float32")[self.place]

    def step(self, action):
        self.place += 1 if action == 1 else -1
        done = self.place in (0, 6)
        return self.state(), np.array(float(self.place == 6), np.float32), np.array(done, np.int32)


env = Corridor()


class ActorCritic(tf.keras.Model):
    def __init__(self, num_actions, hidden):
        super().__init__()
        self.common = tf.keras.layers.Dense(hidden, activation="relu")
        self.actor = tf.keras.layers.Dense(num_actions)
        self.critic = tf.keras.layers.Dense(1)

    def call(self, inputs):
        x = self.common(inputs)
        return self.actor(x), self.critic(x)


model = ActorCritic(2, 16)


@tf.numpy_function(Tout=[tf.float32, tf.float32, tf.int32])
def env_step(action):
    return env.step(action)


def run_episode(initial_state, max_steps):
    action_probs = tf.TensorArray(dtype=tf.float32, size=0, dynamic_size=True)
    values = tf.TensorArray(dtype=tf.float32, size=0, dynamic_size=True)
    rewards = tf.TensorArray(dtype=tf.float32, size=0, dynamic_size=True)
    state = initial_state
    for t in tf.range(max_steps):
        logits, value = model(tf.expand_dims(state, 0))
        action = tf.random.categorical(logits, 1)[0, 0]
        probs = tf.nn.softmax(logits)
        values = values.write(t, tf.squeeze(value))
        action_probs = action_probs.write(t, probs[0, action])
        state, reward, done = env_step(action)
        state.set_shape(initial_state.shape)
        rewards = rewards.write(t, reward)
        if tf.cast(done, tf.bool):
            break
    return action_probs.stack(), values.stack(), rewards.stack()


def expected_return(rewards, gamma):
    n = tf.shape(rewards)[0]
    returns = tf.TensorArray(dtype=tf.float32, size=n)
    rewards = tf.cast(rewards[::-1], dtype=tf.float32)
    total = tf.constant(0.0)
    for i in tf.range(n):
        total = rewards[i] + gamma * total
        total.set_shape([])
        returns = returns.write(i, total)
    return returns.stack()[::-1]


huber = tf.keras.losses.Huber(reduction="sum")
optimizer = tf.keras.optimizers.Adam(learning_rate=0.02)


def train_step(initial_state):
    with tf.GradientTape() as tape:
        action_probs, values, rewards = run_episode(initial_state, 40)
        returns = expected_return(rewards, 0.95)
        action_probs, values, returns = [tf.expand_dims(x, 1) for x in (action_probs, values, returns)]
        advantage = returns - values
        actor_loss = -tf.math.reduce_sum(tf.math.log(action_probs) * tf.stop_gradient(advantage))
        loss = actor_loss + huber(values, returns)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return tf.math.reduce_sum(rewards)


earned = [float(train_step(tf.constant(env.reset(), dtype=tf.float32))) for _ in range(120)]
print("first 20:", np.mean(earned[:20]), "last 20:", np.mean(earned[-20:]))
assert np.mean(earned[-20:]) >= 0.9
print("OK")
