"""Where the fixtures lie, and how what was seen is written down: JSON with sorted keys, packed where it is long."""

import json
import lzma
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: Bytes of JSON above which a file is packed.
_LONG = 20_000


def keep(name: str, seen: Any) -> None:
    """Write down what was seen; the same bytes for the same content."""
    text = json.dumps(seen, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    plain, packed = _files(name)
    for file in (plain, packed):
        file.unlink(missing_ok=True)
    content = text.encode(errors="surrogateescape")
    if len(content) > _LONG:
        packed.write_bytes(lzma.compress(content, preset=9))
    else:
        plain.write_bytes(content)


def kept(name: str) -> Any:
    """What was seen then."""
    plain, packed = _files(name)
    content = plain.read_bytes() if plain.exists() else lzma.decompress(packed.read_bytes())
    return json.loads(content.decode(errors="surrogateescape"))


def as_kept(seen: Any) -> Any:
    """What is seen now, as it would be read again: lists for tuples, text for keys."""
    return json.loads(json.dumps(seen))


def _files(name: str) -> tuple[Path, Path]:
    folder = HERE / "expected"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.json", folder / f"{name}.json.xz"
