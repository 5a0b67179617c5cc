#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Findings that are known: suppressions, baselines, and an order that is taken back."""
import json
import os

import harness
from harness import case, contains, equal, main, run

MODEL = (
    'stack s\nframe function="move" file="bank.c" line=4 module="bank"\n'
    "thread A\nthread B\nlock from\nlock to\nlock x\nlock y\n"
    "acquire A holds from@s asks to stack=s\nacquire B holds to@s asks from stack=s\n"
    "acquire A holds x asks y\nacquire B holds y asks x\n"
)


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def judged(*options):
    status, out, err = run("model", *options, write("m.model", MODEL))
    equal(err, "")
    return status, out


def findings(*options):
    return json.loads(judged("--format", "json", *options)[1])


@case
def suppressed_findings_are_counted():
    write("s", "[known]\nlock = from\n\n[old]\nlock = none\n")
    status, out = judged("--suppressions", "s")
    equal(status, 66)
    contains(out, "lockdag: 1 possible deadlock; 1 suppressed\n")
    contains(out, "note: 1 of 2 suppressions used; not used: old (s:4)\n")
    report = findings("--suppressions", "s")
    equal((report["suppressed"], len(report["findings"])), (1, 1))
    equal(
        report["suppressions"],
        [
            {"name": "known", "file": "s", "line": 1, "findings": 1},
            {"name": "old", "file": "s", "line": 4, "findings": 0},
        ],
    )
    assert "suppressed" not in findings()


@case
def all_suppressed_is_no_failure():
    write("tsan", "deadlock:move\n")
    write("own", "[xy]\nlock = x\n")
    status, out = judged("--suppressions", "tsan", "--suppressions=own")
    equal(status, 0)
    contains(out, "lockdag: nothing else found in 4 locks, 4 edges; 2 suppressed\n")
    contains(out, "note: 2 of 2 suppressions used\n")


@case
def sarif_has_what_is_suppressed_and_says_so():
    write("s", "[they never meet]\nlock = from\n")
    run_ = json.loads(judged("--format", "sarif", "--suppressions", "s")[1])["runs"][0]
    equal([r["suppressions"] for r in run_["results"]],
          [[], [{"kind": "external", "status": "accepted", "justification": "they never meet"}]])
    equal(len({r["partialFingerprints"]["lockdagFinding/v1"] for r in run_["results"]}), 2)
    equal(run_["results"][1]["properties"]["title"], "from -> to -> from")
    # where nothing could be suppressed, nothing says whether it is
    run_ = json.loads(judged("--format", "sarif")[1])["runs"][0]
    equal(["suppressions" in r for r in run_["results"]], [False, False])


@case
def generated_suppressions_suppress():
    judged("--gen-suppressions", "gen")
    status, out = judged("--suppressions", "gen")
    equal(status, 0)
    contains(out, "; 2 suppressed")


@case
def a_run_is_quiet_about_what_is_known():
    program = os.path.join(harness.programs, "example-bank")
    status, out, err = run("run", "--gen-suppressions", "gen", "--", program)
    equal(status, 66)
    status, out, err = run("run", "--suppressions", "gen", "--", program)
    equal(status, 0)
    assert "POSSIBLE" not in err, err
    contains(err, "; 2 suppressed")


@case
def wrong_files():
    for text, part in (("[a]\nwhat = 1\n", "bad:2:1: unknown key 'what'"), ("x", "bad:1:1: not understood")):
        write("bad", text)
        status, out, err = run("model", "--suppressions", "bad", write("m.model", MODEL))
        equal((status, out, err.count("\n")), (125, "", 1))
        contains(err, part)
    status, out, err = run("run", "--suppressions", "none", "--", "true")
    equal((status, out), (125, ""))
    contains(err, "none: No such file")
    status, out, err = run("baseline", "m.model")
    equal((status, out), (125, ""))
    contains(err, "m.model:1:1: not a line of a baseline")


@case
def baselines_and_what_changed():
    judged("--format", "json", "-o", "old.json", "--suppressions", write("s", "[n]\nlock = x\n"))
    judged("--format", "json", "-o", "new.json")
    status, out, err = run("baseline", "-o", "known", "old.json")
    equal((status, out, err), (0, "", ""))
    status, out, err = run("diff", "known", "new.json")
    equal((status, err), (66, ""))
    contains(out, "  possible cycle  x -> y -> x\n")
    assert out.startswith("new "), out
    contains(out, "lockdag: 1 new, 0 stronger, 0 weaker, 0 gone\n")
    status, out, err = run("diff", "new.json", "known")
    equal((status, err), (0, ""))
    contains(out, "lockdag: 0 new, 0 stronger, 0 weaker, 1 gone\n")
    equal(run("diff", "--exit-code", "3", "known", "new.json")[0], 3)
    status, out = judged("--suppressions", "known")
    equal(status, 66)
    contains(out, "; 1 suppressed")
    run("baseline", "-o", "all", "known", "new.json")
    equal(judged("--suppressions", "all")[0], 0)
    equal(run("diff", "known")[0], 125)


@case
def baselines_of_sessions():
    program = os.path.join(harness.programs, "example-bank")
    run("run", "--keep", ".", "--report", "json=r.json", "--", program)
    session = [name for name in os.listdir(".") if name.endswith(".lockdag")][0]
    status, out, err = run("baseline", session)
    equal((status, err), (0, ""))
    equal(out, run("baseline", "r.json")[1])
    equal(run("diff", session, "r.json")[:2], (0, "lockdag: 0 new, 0 stronger, 0 weaker, 0 gone\n"))


@case
def a_learned_order_is_taken_back():
    right = "thread A\nlock a[].x\nlock b->y\nacquire A holds a[].x asks b->y\n"
    status, out, err = run("graph", "--format", "order", "-o", "order", write("right", right))
    equal((status, out, err), (0, "", ""))
    equal(run("model", "--order", "order", "right")[0], 0)
    wrong = "thread A\nlock a[].x\nlock b->y\nacquire A holds b->y asks a[].x\n"
    status, out, err = run("model", "--order", "order", write("wrong", wrong))
    equal(status, 66)
    contains(out, "a[].x")


main()
