"""`tf.version`: the version of the TensorFlow API that these names follow."""

__all__ = [
    "COMPILER_VERSION",
    "GIT_VERSION",
    "GRAPH_DEF_VERSION",
    "VERSION",
]

VERSION = "2.21.0"
GIT_VERSION = "addax"
COMPILER_VERSION = ""
GRAPH_DEF_VERSION = 2000

__version__ = VERSION
__git_version__ = GIT_VERSION
