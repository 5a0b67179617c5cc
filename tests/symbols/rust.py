#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program in Rust: its locks, functions and threads by the names that people write, whatever the
compiler makes of them; and what of it is not seen is said."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import harness
from harness import Skip, case, contains, equal, main, run

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "subjects", "order.rs")
UNSEEN = "locks of Rust's standard library in order (std::sync::Mutex and its kin, which are no locks of the C library)"
STD = """
use std::sync::Mutex;
static A: Mutex<i32> = Mutex::new(0);
static B: Mutex<i32> = Mutex::new(0);
fn main() {
    { let _a = A.lock(); let _b = B.lock(); }
    { let _b = B.lock(); let _a = A.lock(); }
}
"""


def build(*flags, source=SOURCE):
    if not shutil.which("rustc"):
        raise Skip("rustc is not installed")
    done = subprocess.run(["rustc", "--edition=2021", *flags, "-o", "order", source], timeout=200,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Skip("rustc: " + (done.stderr.splitlines() or ["?"])[0])


def judged():
    status, _, err = run("run", "--format", "json", "-o", "r.json", "--", "./order")
    equal((status, err), (66, ""))
    with open("r.json", encoding="utf-8") as file:
        report = json.load(file)
    equal(len(report["findings"]), 1)
    equal(report["not_watched"], [UNSEEN])
    return report["findings"][0]


def frames(finding):
    return [frame for edge in finding["edges"] for exemplar in edge["exemplars"]
            for frame in exemplar["held_at"] + exemplar["wait_at"]]


def is_whole():
    finding = judged()
    equal(sorted(lock["name"] for lock in finding["locks"]), ["order::LEDGER.raw", "order::SAVINGS.raw"])
    functions = [frame.get("function") or "" for frame in frames(finding)]
    for name in functions:
        assert not name.startswith("_R") and "17h" not in name, name
    assert "order::audit" in functions and "order::deposit" in functions, functions
    assert any(name.endswith("::acquire") for name in functions), functions
    assert any(frame.get("file", "").endswith("order.rs") and frame["line"] for frame in frames(finding))
    for edge in finding["edges"]:
        for exemplar in edge["exemplars"]:
            contains(exemplar["thread"], "order::main (closure) (")


@case
def names_as_the_compiler_makes_them():
    build("-g")
    is_whole()


@case
def names_of_version_0():
    build("-g", "-C", "symbol-mangling-version=v0")
    is_whole()


@case
def names_of_version_0_optimised():
    build("-g", "-O", "-C", "symbol-mangling-version=v0")
    finding = judged()
    equal(sorted(lock["name"] for lock in finding["locks"]), ["order::LEDGER.raw", "order::SAVINGS.raw"])
    functions = [frame.get("function") or "" for frame in frames(finding)]
    assert "order::audit" in functions, functions


@case
def names_from_symbols_alone():
    for version in ((), ("-C", "symbol-mangling-version=v0")):
        build("-C", "debuginfo=0", *version)
        finding = judged()
        equal(sorted(lock["name"] for lock in finding["locks"]), ["order::LEDGER", "order::SAVINGS"])
        functions = [frame.get("function") or "" for frame in frames(finding)]
        assert "order::audit" in functions, functions


@case
def what_is_not_seen_is_said():
    with open("std.rs", "w", encoding="utf-8") as file:
        file.write(STD)
    build("-g", source="std.rs")
    status, _, err = run("run", "--", "./order")
    equal(status, 0)
    contains(err.replace("\n             ", " "), "not watched: " + UNSEEN)
    subprocess.run(["strip", "order"], check=True, timeout=60)
    contains(run("run", "--", "./order")[2].replace("\n             ", " "), "not watched: " + UNSEEN)
    equal(run("run", "-q", "--", "./order"), (0, "", ""))


@case
def of_a_program_in_c_nothing_is_said():
    equal("Rust" in run("run", "--", "true")[2], False)


main()
