#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/own_locks: locks that no hook sees are told, and their cycles found; clean when they are."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from harness import Skip, case, equal, main, programs, run  # noqa: E402


def example(name):
    path = os.path.join(programs, "own-locks-" + name)
    if not os.path.exists(path):
        raise Skip("not built: its package is missing (libabsl-dev, gcc's OpenMP)")
    return path


def judged(name, hazard_says, clean_says, locks):
    program = example(name)
    for words, says, status in (([], hazard_says, 66), (["clean"], clean_says, 0)):
        alone = subprocess.run([program, *words], capture_output=True, text=True, check=False,
                               timeout=20)
        equal((alone.returncode, alone.stdout), (0, says))
        got, out, err = run("run", "--format=json", "--", program, *words)
        equal((got, out), (status, says))
        found = [[lock["name"] for lock in finding["locks"]]
                 for finding in json.loads(err)["findings"] if finding["grade"] != "unlikely"]
        equal(len(found), 1 if status else 0)
        if status:
            equal(len(found[0]), 2)
            for lock in locks:
                equal([n for n in found[0] if n == lock or n.startswith(lock + ".")] != [], True)


@case
def a_futex_lock():
    judged("futex", "stored 1\n", "stored 1\n", ["cache", "disk"])


@case
def openmp_locks_and_critical_sections():
    judged("omp", "2 lines\n", "2 lines\n", ["index_lock", ".gomp_critical_user_log_section"])


@case
def abseil_mutexes():
    judged("absl", "shown 2\n", "shown 2\n", ["store.mutex_", "statistics.mutex"])


main()
