"""Plain JAX: data on the device, one jitted and donated step a batch, an index permutation each epoch."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import jax_nets


class Driver:
    """One workload, ready to run; the arguments are those of `benchmarks.torch_driver.Driver`."""

    def __init__(self, name, x, y, batch, gpu=False, bf16=False):
        params, state, self.apply = jax_nets.NETS[name]()
        self.loss, self.hits = jax_nets.loss_of(name)
        self.optimizer = jax_nets.optimizer_of(name)
        self.bf16, self.batch, self.count = bf16, batch, len(y)
        params = jax.tree.map(jnp.asarray, params)
        zeros = (jnp.zeros(()), jnp.zeros((), jnp.int32))
        self.carry = (params, jax.tree.map(jnp.asarray, state), self.optimizer.init(params), zeros)
        self.x, self.y = jax.tree.map(jnp.asarray, x), jnp.asarray(y)
        self.key, self.rng = jax.random.key(0), np.random.default_rng(0)
        self.step = jax.jit(self._step, donate_argnums=0)
        self.infer = jax.jit(self._infer)
        self.measure = jax.jit(self._measure)

    def _outputs(self, params, state, x, key, train):
        if self.bf16:
            halve = lambda a: a.astype(jnp.bfloat16) if a.dtype == jnp.float32 else a  # noqa: E731
            params, x = jax.tree.map(halve, params), jax.tree.map(halve, x)
        outputs, state = self.apply(params, state, x, key, train)
        return outputs.astype(jnp.float32), state

    def _step(self, carry, x, y, index, key, number):
        params, state, memory, (total, correct) = carry
        x, y = jax.tree.map(lambda a: a[index], x), y[index]
        key = jax.random.fold_in(key, number)

        def objective(params):
            outputs, after = self._outputs(params, state, x, key, True)
            return self.loss(outputs, y), (outputs, after)

        (loss, (outputs, state)), gradients = jax.value_and_grad(objective, has_aux=True)(params)
        updates, memory = self.optimizer.update(gradients, memory, params)
        params = optax.apply_updates(params, updates)
        if self.hits:
            correct += self.hits(outputs, y)
        return params, state, memory, (total + loss * len(y), correct)

    def fit(self, epochs, verbose=0):
        """Train; the mean loss of the last epoch."""
        total = 0.0
        for epoch in range(epochs):
            order = self.rng.permutation(self.count).astype("int32")
            key = jax.random.fold_in(self.key, epoch)
            self.carry = (*self.carry[:3], (jnp.zeros(()), jnp.zeros((), jnp.int32)))
            for number, start in enumerate(range(0, self.count, self.batch)):
                index = order[start : start + self.batch]
                self.carry = self.step(self.carry, self.x, self.y, index, key, np.int32(number))
            total, _ = (float(value) for value in self.carry[3])
        return total / self.count

    def _infer(self, params, state, x):
        return self._outputs(params, state, x, None, False)[0]

    def _measure(self, params, state, sums, x, y):
        outputs = self._infer(params, state, x)
        hits = self.hits(outputs, y) if self.hits else 0
        return sums[0] + self.loss(outputs, y) * len(y), sums[1] + hits

    def predict(self, x, batch):
        """The outputs of all rows, as a NumPy array."""
        infer = functools.partial(self.infer, *self.carry[:2])
        return np.concatenate([np.asarray(infer(x[i : i + batch])) for i in range(0, len(x), batch)])

    def evaluate(self):
        """The mean loss of all rows."""
        sums = (jnp.zeros(()), jnp.zeros((), jnp.int32))
        for start in range(0, self.count, self.batch):
            rows = slice(start, start + self.batch)
            x = jax.tree.map(lambda a, rows=rows: a[rows], self.x)
            sums = self.measure(*self.carry[:2], sums, x, self.y[rows])
        return float(sums[0]) / self.count

    def caller(self, x):
        """A function that runs the net once on the rows."""
        return lambda: self.infer(*self.carry[:2], x)
