from pileus.core.data_urls import MAX_PICTURE, data_url


def test_a_picture_becomes_a_url_unless_it_is_too_large() -> None:
    assert data_url("image/png", b"abc") == "data:image/png;base64,YWJj"
    assert data_url("image/png", bytes(MAX_PICTURE)).startswith("data:image/png;base64,AAAA")
    assert data_url("image/png", bytes(MAX_PICTURE + 1)) == ""
