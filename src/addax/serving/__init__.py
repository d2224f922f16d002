"""Floor 5: models behind HTTP. The extra `serve` brings what it needs: `pip install "addax[serve]"`."""

from addax.serving._app import create_app
from addax.serving._load import load_signatures
from addax.serving._options import ServeOptions
from addax.serving._server import serve

__all__ = ["ServeOptions", "create_app", "load_signatures", "serve"]
