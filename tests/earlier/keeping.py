"""Where the fixtures are, and how they are read: JSON, packed where it is long."""

import json
import lzma
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def expected(name: str) -> Any:
    """What version 0.1.0 showed."""
    plain = HERE / "expected" / f"{name}.json"
    content = plain.read_bytes() if plain.exists() else lzma.decompress(plain.with_suffix(".json.xz").read_bytes())
    return json.loads(content.decode(errors="surrogateescape"))


def as_json(seen: Any) -> Any:
    """What is seen now, as it would be read again: lists for tuples, text for keys."""
    return json.loads(json.dumps(seen))
