"""These tests need node, Chromium and packages of npm: `make browser` alone collects them."""

import os

collect_ignore_glob = [] if os.environ.get("ADDAX_BROWSER") else ["test_*.py"]
