"""What a switch of the sandbox's takes."""

from __future__ import annotations

from dataclasses import fields

from sandbox.switches import WORDS, Switches


def test_a_switch_is_a_number_a_yes_or_no_free_text_or_a_word_of_a_few() -> None:
    free = {"redirect_uri", "local_zone", "oldest_version", "supported_version", "activation_parameter"}
    free |= {
        "counter_party_since",
        "trustmary_schemes",
        "default_type",
        "update_action",
        "segment_list_key",
        "defined_fields",
    }
    texts = {each.name for each in fields(Switches) if isinstance(each.default, str)}
    assert texts == free | WORDS.keys()
    for name, words in WORDS.items():
        assert getattr(Switches(), name) in words
        for word in words:
            Switches().throw({name: word})
