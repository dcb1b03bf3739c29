#!/usr/bin/env python3
"""Robust stability without dissipation, reduced: 10 crossing times [Alcubierre et al., gr-qc/0305023]; and adm, whose growth
rises with resolution, beside the others."""
from evolve import finish
from stability import check_noise, check_resolutions

check_noise((1, 2), 10.0, ("bssn", "z4c"))
check_resolutions(1.0)
finish()
