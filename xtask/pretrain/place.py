"""Where the state lies, and writing files whole or not at all."""

import os
from pathlib import Path


def folder(path):
    """The state's folder, made if it is missing; `~/.cache/fishdip/pretrain/state` unless told."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(path) if path else Path(cache) / "fishdip/pretrain/state"
    path.mkdir(parents=True, exist_ok=True)
    return path


def write_bytes(path, content):
    """Writes a file under another name first."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.replace(new, path)
