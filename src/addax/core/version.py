"""The version, in the one place that every floor can read."""

VERSION = "0.1.0"
