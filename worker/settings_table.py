"""docs/settings.md, made from the settings: `python -m worker.settings_table > docs/settings.md`."""

from __future__ import annotations

import sys

from pydantic.fields import FieldInfo

from worker.settings import Settings, is_secret, meaning, variable


def table() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "A setting is a variable `PTM_…`, or the name in small letters without `PTM_` in a TOML file: the one that",
        "`PTM_CONFIG` names, else `ptm.toml` where the command is run. Variables win over the file. A secret can also",
        "be read from a file: `PTM_MASTER_KEY_FILE=/run/secrets/master`. Made by `python -m worker.settings_table`.",
        "",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        secret = " · secret" if is_secret(field) else ""
        lines.append(f"| `{variable(name)}` | {_default(name, field)}{secret} | {meaning(name)} |")
    return "\n".join(lines) + "\n"


def _default(name: str, field: FieldInfo) -> str:
    if name == "data_dir":
        return "`~/.local/share/ptm`"
    return "" if field.default is None else f"`{field.default}`"


if __name__ == "__main__":
    sys.stdout.write(table())
