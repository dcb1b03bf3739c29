#!/usr/bin/env python3
"""Robust stability without dissipation: 1000 crossing times at three resolutions [Alcubierre et al., gr-qc/0305023]."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import finish
from stability import check_noise

check_noise((1, 2, 4), 1000.0, ("bssn", "z4c", "ccz4"))
finish()
