"""Which sources the packed models were made from: one hash, the same in Python and in compress.mjs."""

import hashlib
from pathlib import Path

HERE = Path(__file__).parent


def sources_hash(folder: Path = HERE) -> str:
    """SHA-256 over name, NUL, content, NUL of each generator module, the packer and its lock, by name."""
    names = sorted([p.name for p in folder.glob("*.py")] + ["compress.mjs", "package-lock.json"])
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return digest.hexdigest()
