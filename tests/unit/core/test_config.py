import addax as keras


def test_flash_attention_is_left_to_each_call_unless_it_is_disabled() -> None:
    config = keras.config
    assert config.is_flash_attention_enabled() is None
    try:
        config.disable_flash_attention()
        assert config.is_flash_attention_enabled() is False
    finally:
        config.enable_flash_attention()
    assert config.is_flash_attention_enabled() is None


def test_layers_are_no_modules_of_nnx() -> None:
    assert keras.config.is_nnx_enabled() is False
