#!/usr/bin/env python3
"""Maximal slicing of a puncture, and the minimal distortion shift: K stays zero, the lapse collapses, stored solutions halve the work; and where it is refused."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, below, finish, refused

hole = {"gr_initial": "schwarzschild", "gr_gauge_lapse": "maximal", "grid_n": "24,24,24", "grid_half_width": 6, "ts_max_steps": 16}
warm, cold, log = Evolution(**hole), Evolution(**hole, gr_gauge_warm="false"), Evolution(**{**hole, "gr_gauge_lapse": "1+log"})
s = warm.summary
# every solve leaves d_t K at -lapse_ksp_rtol = 1e-4 of K_ij K^ij at most, which is below 1: K <= 1e-4 t
below(s["gr.K_max"], 1e-4 * s["time.t"], "maximal slicing keeps K = 0 to the solver's tolerance")
below(1e-2, log.summary["gr.K_max"], "... which 1+log does not")
below(s["gr.lapse_min"], 0.9, "the lapse collapses at the puncture")
below(2 * s["gauge.lapse.cycles_warm"], cold.summary["gauge.lapse.cycles_cold"], "stored solutions halve the cycles at least")
below(abs(s["gr.lapse_min"] - cold.summary["gr.lapse_min"]), 1e-3, "and change the lapse by no more than the tolerance")

both = {**hole, "gr_gauge_shift": "minimal_distortion"}
warm, cold = Evolution(**both), Evolution(**both, gr_gauge_warm="false")
below(warm.summary["gr.K_max"], 1e-4 * warm.summary["time.t"], "with the minimal distortion shift K stays zero as well")
below(2 * warm.summary["gauge.shift.cycles_warm"], cold.summary["gauge.shift.cycles_cold"], "stored solutions halve the shift's cycles, too")

for options, word in (
    ("-gr_initial gauge_wave -gr_gauge_lapse maximal", "closed box"),
    ("-gr_initial gauge_wave -gr_gauge_shift minimal_distortion", "closed box"),
    ("-gr_initial schwarzschild -gr_gauge_lapse maximum", "-gr_gauge_lapse"),
    ("-gr_initial schwarzschild -gr_gauge_lapse maximal -gr_maximal_driver -1", "-gr_maximal_driver"),
):
    refused(word, "gr", *options.split())
finish()
