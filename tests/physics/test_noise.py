#!/usr/bin/env python3
"""Robust stability without dissipation, reduced: 50 crossing times [Alcubierre et al., gr-qc/0305023]."""
from evolve import finish
from stability import check_noise

check_noise((1, 2), 50.0, ("bssn", "z4c"))
finish()
