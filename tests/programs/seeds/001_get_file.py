"""Seed 001, "Loading and Preprocessing Files": tf.keras.utils.get_file for loading files from URLs."""

import functools
import hashlib
import http.server
import os
import pathlib
import shutil
import tempfile
import threading

import numpy as np
import tensorflow as tf
from PIL import Image

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
site = os.path.join(OUTPUT, "site")
cache = os.path.join(OUTPUT, "cache")
os.makedirs(cache)

# What we put on the web: a table, and an archive of images for training.
os.makedirs(os.path.join(site, "flowers", "roses"))
os.makedirs(os.path.join(site, "flowers", "tulips"))
for index in range(6):
    kind = ("roses", "tulips")[index % 2]
    pixels = np.full((12, 10, 3), 40 * index, dtype="uint8")
    Image.fromarray(pixels).save(os.path.join(site, "flowers", kind, f"{index}.png"))
shutil.make_archive(os.path.join(site, "flowers"), "gztar", root_dir=site, base_dir="flowers")
table = os.path.join(site, "table.csv")
with open(table, "w") as file:
    file.write("a,b\n1,2\n")
with open(table, "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()

# From a file:// URL
path = tf.keras.utils.get_file("table.csv", pathlib.Path(table).as_uri(), cache_dir=cache, file_hash=digest)
print(path)
assert os.path.isfile(path) and str(path).startswith(cache)
with open(path) as file:
    assert file.read() == "a,b\n1,2\n"

# From a web server; the second time from the cache.
requests = []


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        requests.append(self.path)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=site))
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = f"http://127.0.0.1:{server.server_address[1]}"

for _ in range(2):
    path = tf.keras.utils.get_file(
        origin=f"{origin}/table.csv", fname="web.csv", cache_dir=cache, cache_subdir="tables"
    )
assert requests == ["/table.csv"]
assert os.path.basename(path) == "web.csv" and os.path.basename(os.path.dirname(path)) == "tables"

# An archive, unpacked, read as a labelled data set of images.
tf.keras.utils.get_file("flowers.tar.gz", f"{origin}/flowers.tar.gz", cache_dir=cache, extract=True)
roses = list(pathlib.Path(cache).rglob("roses/*.png"))
assert len(roses) == 3
images = tf.keras.utils.image_dataset_from_directory(
    str(roses[0].parent.parent), image_size=(12, 10), batch_size=6, shuffle=False
)
assert images.class_names == ["roses", "tulips"]
batch, labels = next(iter(images))
assert batch.shape == (6, 12, 10, 3)
assert labels.numpy().tolist() == [0, 0, 0, 1, 1, 1]

# A file that is not what was promised is refused, and so is a missing one.
try:
    tf.keras.utils.get_file("other.csv", f"{origin}/table.csv", cache_dir=cache, file_hash="0" * 64)
except ValueError as error:
    print("as promised:", error)
else:
    raise AssertionError("a wrong hash must be refused")
try:
    tf.keras.utils.get_file("absent.csv", f"{origin}/absent.csv", cache_dir=cache)
except Exception as error:
    print("as promised:", error)
    assert "404" in str(error)
else:
    raise AssertionError("a missing file must be an error")
server.shutdown()
