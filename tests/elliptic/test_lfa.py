#!/usr/bin/env python3
"""The local Fourier analysis that multigrid is compared with, itself against tabulated values."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import lfa

sys.exit(1 if lfa.check() else 0)
