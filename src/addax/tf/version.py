"""`tf.version`: the version of the TensorFlow API that these names follow."""

__all__ = [
    "COMPILER_VERSION",
    "GIT_VERSION",
    "GRAPH_DEF_VERSION",
    "GRAPH_DEF_VERSION_MIN_CONSUMER",
    "GRAPH_DEF_VERSION_MIN_PRODUCER",
    "VERSION",
]

VERSION = "2.21.0"
GIT_VERSION = "addax"
COMPILER_VERSION = ""
GRAPH_DEF_VERSION = 2000
GRAPH_DEF_VERSION_MIN_CONSUMER = GRAPH_DEF_VERSION_MIN_PRODUCER = 0

__version__ = VERSION
__git_version__ = GIT_VERSION
