"""The import hook: scripts that import `tensorflow`, `keras` or `tf_keras` run unchanged on Addax."""

from addax.compat._install import install, uninstall
from addax.compat._missing import missing_name_message

__all__ = ["install", "missing_name_message", "uninstall"]
