"""Recurrent layers: one recurrence over time, and the cells that run in it."""

from addax.layers.rnn._abstract_cell import AbstractRNNCell
from addax.layers.rnn._bidirectional import Bidirectional
from addax.layers.rnn._conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from addax.layers.rnn._gru import GRU, GRUCell
from addax.layers.rnn._lstm import LSTM, LSTMCell
from addax.layers.rnn._rnn import RNN
from addax.layers.rnn._simple_rnn import SimpleRNN, SimpleRNNCell
from addax.layers.rnn._stacked import StackedRNNCells
from addax.layers.rnn._time_distributed import TimeDistributed

CuDNNGRU, CuDNNLSTM = GRU, LSTM  # other names of the same classes

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AbstractRNNCell",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "CuDNNGRU",
    "CuDNNLSTM",
    "GRUCell",
    "LSTMCell",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
    "TimeDistributed",
]
