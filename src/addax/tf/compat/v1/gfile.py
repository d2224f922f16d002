"""`tf.compat.v1.gfile`: `tf.io.gfile` under the names of TensorFlow 1."""

from addax.tf._files import GFile, gfile

FastGFile = Open = GFile
Copy = gfile.copy
DeleteRecursively = gfile.rmtree
Exists = gfile.exists
Glob = gfile.glob
IsDirectory = gfile.isdir
ListDirectory = gfile.listdir
MakeDirs = gfile.makedirs
MkDir = gfile.mkdir
Remove = gfile.remove
Rename = gfile.rename
Stat = gfile.stat
Walk = gfile.walk

__all__ = [
    "Copy",
    "DeleteRecursively",
    "Exists",
    "FastGFile",
    "GFile",
    "Glob",
    "IsDirectory",
    "ListDirectory",
    "MakeDirs",
    "MkDir",
    "Open",
    "Remove",
    "Rename",
    "Stat",
    "Walk",
]
