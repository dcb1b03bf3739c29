#!/usr/bin/env python3
"""Robust stability without dissipation, reduced: 10 crossing times [Alcubierre et al., gr-qc/0305023]; and adm, whose growth
rises with resolution, beside the others."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import finish, matrix
from stability import check_noise, check_resolutions

check_noise((1, 2), 10.0, matrix(("bssn", "z4c"), 1))
check_resolutions(1.0, matrix(("bssn", "z4c", "ccz4"), 0, 2))
finish()
