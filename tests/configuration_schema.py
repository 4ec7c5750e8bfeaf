"""docs/configuration.schema.json: the JSON Schema of exported configuration.

python tests/configuration_schema.py    makes it anew from the code
"""

from __future__ import annotations

import json
from pathlib import Path

from events import written

GOLDEN = Path(__file__).parents[1] / "docs" / "configuration.schema.json"


def made() -> str:
    return json.dumps(written.schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(made(), encoding="utf-8")
