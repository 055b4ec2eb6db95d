"""b12audit: an audit of vitamin B12 injections against the BNF/NICE pattern."""

from typing import Final

__version__: Final = "0.1.0"
