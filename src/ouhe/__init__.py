"""ouhe: coupling coordination studies, from raw yearbook files to results."""

__version__ = "0.1.0"
__all__ = ["__version__"]
