"""Run benchmarks: `python -m benchmarks [NAME …] [--quick] [--json FILE] [--write]`.

The exit code is 1 if a benchmark failed or, except with `--quick`, if one missed its target.
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import benchmarks.play.speed as play
import benchmarks.record.speed as record
import benchmarks.rollout.speed as rollout
import benchmarks.serve.speed as serve
from benchmarks import start_up
from benchmarks.play import waiting
from benchmarks.record import crash, memory, npz_size
from benchmarks.report import Row, document, markdown, write_figures
from benchmarks.rollout import boot, ray_cluster, vector
from benchmarks.serve import model_text, sessions, sizes, strangers, web
from benchmarks.timing import Effort

BENCHMARKS: dict[str, Callable[[Effort], list[Row]]] = {
    "random": rollout.over_act,
    "rgb": rollout.over_gymnasium,
    "workers": rollout.two_workers,
    "boot": boot.over_load,
    "vector": vector.over_peers,
    "ray": ray_cluster.over_local,
    "record": record.over_record_video,
    "real-time": record.over_real_time,
    "memory": memory.while_recording,
    "npz-size": npz_size.per_step,
    "help": start_up.over_empty_app,
    "crash": crash.lost_by_kill,
    "play-start": play.first_frame,
    "play-pace": play.pace,
    "play-fast": play.fast_forward,
    "play-rewind": play.rewind,
    "play-chess": waiting.chess,
    "play-policy": waiting.slow_policy,
    "serve-http": serve.http_steps,
    "serve-official": serve.official_steps,
    "serve-v1": serve.our_steps,
    "serve-start": serve.first_health,
    "serve-bytes": sessions.wire_bytes,
    "serve-sessions": sessions.many_sessions,
    "serve-stall": sessions.longest_stall,
    "serve-strangers": strangers.beside_others,
    "serve-size": sizes.install_size,
    "mcp-text": model_text.text_of_decisions,
    "web": web.in_chromium,
}


def main(argv: Sequence[str] | None = None) -> int:
    options = _parse(argv)
    # The measured commands use their defaults.
    for variable in [name for name in os.environ if name.startswith("ATARI_")]:
        del os.environ[variable]
    rows, is_whole = _measure(options.names or list(BENCHMARKS), Effort(options.quick))
    text = markdown(rows)
    print(text, end="")
    if options.json:
        options.json.write_text(json.dumps(document(rows), indent=2) + "\n", "utf-8")
    if options.write and is_whole:
        write_figures(text)
    missed = [row.what for row in rows if not row.reached]
    for what in missed:
        print(f"missed: {what}", file=sys.stderr)
    return 0 if is_whole and (options.quick or not missed) else 1


def _measure(names: Sequence[str], effort: Effort) -> tuple[list[Row], bool]:
    """Return the rows, and whether no benchmark failed; after a failure, the others still run."""
    rows = []
    is_whole = True
    for name in names:
        started = perf_counter()
        try:
            rows += BENCHMARKS[name](effort)
        except Exception:
            traceback.print_exc()
            is_whole = False
        print(f"{name}: {perf_counter() - started:.0f} s", file=sys.stderr)
    return rows, is_whole


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description="Measure in comparison with peers."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="only show that everything runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to a file")
    parser.add_argument("--write", action="store_true", help="write the table to the docs")
    options = parser.parse_args(argv)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; expected one of {', '.join(BENCHMARKS)}")
    if options.write and (options.names or options.quick):
        parser.error("--write takes the figures of a full run: give neither names nor --quick")
    return options


if __name__ == "__main__":
    sys.exit(main())
