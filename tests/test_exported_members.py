import closedsky


def test_the_public_names_are_these_and_all_of_them_exist():
    assert closedsky.__all__ == [
        "ClosedskyError",
        "Result",
        "assess",
        "check",
        "cover",
        "examples",
        "floor",
        "load",
        "load_catalogue",
        "prepare",
        "read_raster",
        "replay",
        "run",
        "units",
    ]
    for name in closedsky.__all__:
        assert getattr(closedsky, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(closedsky, "fire_at_will")
