"""Plain PyTorch: tensors in memory, an index permutation each epoch, eager or compiled steps."""

from __future__ import annotations

import numpy as np
import torch

from benchmarks import torch_nets


class Driver:
    """One workload, ready to run.

    Args:
        name: The workload.
        x, y: Its data, as NumPy arrays (x may be a dict).
        batch: Rows of a step.
        compiled: Whether `torch.compile` is used.
        gpu: Whether it runs on the GPU.
        bf16: Whether products run in bfloat16.
    """

    def __init__(self, name, x, y, batch, compiled=False, gpu=False, bf16=False):
        torch.manual_seed(0)
        self.device = torch.device("cuda" if gpu else "cpu")
        self.bf16 = bf16
        if gpu:
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
        self.pictures = name in torch_nets.PICTURES
        self.net = torch_nets.NETS[name]().to(self.device)
        if self.pictures:
            self.net = self.net.to(memory_format=torch.channels_last)
        self.loss, self.hits = torch_nets.loss_of(name)
        self.optimizer = torch_nets.optimizer_of(name, self.net.parameters())
        self.x, self.batch = self.tensors(x), batch
        self.y = torch.from_numpy(np.ascontiguousarray(y)).to(self.device)
        if name == "gpt2":
            self.y = self.y.long()
        self.count = len(y)
        self.forward = torch.compile(self._forward) if compiled else self._forward
        self.infer = torch.compile(self.net) if compiled else self.net

    def tensors(self, x):
        """The arrays on the device; pictures with their channels first in shape and last in memory."""
        if isinstance(x, dict):
            return {key: self.tensors(value) for key, value in x.items()}
        tensor = torch.from_numpy(np.ascontiguousarray(x)).to(self.device)
        return tensor.permute(0, 3, 1, 2) if self.pictures else tensor

    def _rows(self, index):
        if isinstance(self.x, dict):
            return {key: value[index] for key, value in self.x.items()}
        return self.x[index]

    def _forward(self, x, y):
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            outputs = self.net(x)
        outputs = outputs.float()
        hits = self.hits(outputs.detach(), y) if self.hits else None
        return self.loss(outputs, y), hits

    def fit(self, epochs, verbose=0):
        """Train; the mean loss of the last epoch."""
        self.net.train()
        for _ in range(epochs):
            order = torch.randperm(self.count, device=self.device)
            total = torch.zeros((), device=self.device)
            correct = torch.zeros((), dtype=torch.int64, device=self.device)
            for start in range(0, self.count, self.batch):
                index = order[start : start + self.batch]
                loss, hits = self.forward(self._rows(index), self.y[index])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                total += loss.detach() * len(index)
                if hits is not None:
                    correct += hits
        correct.item()
        return total.item() / self.count

    @torch.inference_mode()
    def predict(self, x, batch):
        """The outputs of all rows, as a NumPy array."""
        self.net.eval()
        x = self.tensors(x)
        return np.concatenate([self.infer(part).cpu().numpy() for part in x.split(batch)])

    @torch.inference_mode()
    def evaluate(self):
        """The mean loss of all rows."""
        self.net.eval()
        total = torch.zeros((), device=self.device)
        correct = torch.zeros((), dtype=torch.int64, device=self.device)
        for start in range(0, self.count, self.batch):
            rows = slice(start, start + self.batch)
            outputs = self.infer(self._rows(rows))
            total += self.loss(outputs, self.y[rows]) * len(self.y[rows])
            if self.hits:
                correct += self.hits(outputs, self.y[rows])
        correct.item()
        return total.item() / self.count

    def caller(self, x):
        """A function that runs the net once on the rows."""
        self.net.eval()

        def call():
            with torch.inference_mode():
                return self.infer(self.tensors(x))

        return call
