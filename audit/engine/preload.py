"""Imported once, before processes are started: what every one of them needs."""

from __future__ import annotations

import pandera.pandas as pandera

from audit.engine import local
from audit.standards import standard
from schemas import canonical

__all__ = ["canonical", "local", "pandera", "standard"]
