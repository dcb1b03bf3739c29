#!/usr/bin/env python3
"""Clean-up inside an evolution: constraints before and after, receipts, and data that have no clean-up."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, aeonic, below, finish, ok

wave = Evolution(gr_initial="gauge_wave", gr_perturb=1e-4, grid_n="32,8,8", cleanup_every=4, ts_max_steps=8)
s = wave.summary
ok(wave.status == 0 and s["cleanup.count"] == 2, "two clean-ups in eight steps", f"status {wave.status}, {s.get('cleanup.count')}")
below(s["cleanup.H_after"], s["cleanup.H_before"] / 100, "H falls by 100")
below(s["cleanup.M_after"], s["cleanup.M_before"] / 100, "M falls by 100")
# the run ends with a clean-up: the norms of its last state are the diagnostics' own
below(abs(s["constraint.H.l2"] - s["cleanup.H_after"]), 1e-6 * s["cleanup.H_before"], "the last state's H is what the clean-up reported")
records = [json.loads(line) for line in (wave.path / "receipts.jsonl").read_text().splitlines()]
cleanups = [r["payload"] for r in records if r["kind"] == "CLEANUP"]
ok(len(cleanups) == 2 and cleanups[1]["after"] == s["cleanup.H_after"], "each has its receipt", f"{len(cleanups)}")
done = aeonic("verify", wave.path / "receipts.jsonl")
ok(done.returncode == 0, "the receipts verify", done.stderr)

# with rails a clean-up goes as far as they need, a tenth of the limit, and no further
rails = Evolution(gr_initial="gauge_wave", gr_perturb=1e-4, grid_n="32,8,8", cleanup_every=4, ts_max_steps=4, ts_adapt_type="rails", rails_H_max=5.0).summary
below(rails["cleanup.H_after"], 0.1 * 5.0, "rails: H ends below a tenth of its limit")
below(rails["cleanup.gmres"], s["cleanup.gmres"] / 2 - 1, "rails: with less work than the default takes for one clean-up")

# negative Lambda: H = -2 Lambda + (2/3) K^2 > 0 for every K, and nothing else is there
none = Evolution(gr_initial="minkowski", grid_n="8,8,8", gr_lambda=-0.1, cleanup_every=1, ts_max_steps=2)
ok(none.status == 2 and "-cleanup_every" in none.error and "closed box" in none.error, "a closed box that cannot be cleaned is refused", none.error)
finish()
