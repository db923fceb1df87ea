"""The demo district: source-system files of a fictitious Jianghai at the end of 2015, the same for the same seed."""

from connectors.demo.generate import generate
from connectors.demo.manifest import Dirt, File, Manifest

__all__ = ["Dirt", "File", "Manifest", "generate"]
