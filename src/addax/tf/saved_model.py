"""`tf.saved_model`: models as SavedModels, and SavedModels as objects to call."""

from addax.export import load_saved_model as load
from addax.export import save_saved_model as save


class SaveOptions:
    """Options of saving, which are accepted for TensorFlow's sake."""

    def __init__(self, **options: object) -> None:
        self.options = options


class LoadOptions:
    """Options of loading, which are accepted for TensorFlow's sake."""

    def __init__(self, **options: object) -> None:
        self.options = options


SERVING = "serve"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"

__all__ = ["DEFAULT_SERVING_SIGNATURE_DEF_KEY", "LoadOptions", "SERVING", "SaveOptions", "load", "save"]
