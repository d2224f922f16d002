"""The versions, in the one place that every floor can read."""

VERSION = "0.1.0"
KERAS_VERSION = "3.15.1"  # of the API of Keras that the names follow, and of the files
