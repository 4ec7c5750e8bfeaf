"""docs/connecting.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from events.errors import Misconfigured
from worker.operations import roster

PAGE = (Path(__file__).parents[2] / "docs" / "connecting.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_reads(tmp_path: Path) -> None:
    file = tmp_path / "companies.yaml"
    file.write_text(EXAMPLE, encoding="utf-8")
    file.chmod(0o600)
    first, second, third = roster.read(file)
    assert first.procountor.file == tmp_path / "14001.key"
    assert (first.company, first.labels) == (14001, ("pilot",))
    assert second.procountor.variable == "KEY_OF_KULMALA"
    assert third.settings is not None
    assert third.settings.cool_down_days == 30
    assert {each.trigger.name for each in (first, second, third) if each.trigger} == {"Invoice sent"}
    assert "the key itself" not in repr(third)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("procountor_key: the key itself", "procountor_key: 7654321"),
        ("procountor_key: the key itself", "procountor_key: [7654321]"),
        ("procountor_key: the key itself", "procountor_key: {key: '7654321'}"),
        ("procountor_key: the key itself", "procountor_key: {file: 7654321}"),
    ],
)
def test_a_key_in_the_wrong_form_is_not_repeated(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "companies.yaml"
    file.write_text(EXAMPLE.replace(before, after), encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(Misconfigured) as refused:
        roster.read(file)
    assert "procountor_key" in str(refused.value)
    assert "7654321" not in str(refused.value)


def test_every_column_is_told() -> None:
    for name in ("procountor_key", "trustmary_key", "company", "organization", "labels"):
        assert f"`{name}`" in PAGE
