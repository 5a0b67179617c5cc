#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lockdag kernel as a command: files, folders, stdin, what cannot be read, a log that grows, /proc/lockdep."""
import json
import os
import random
import re
import signal
import time

import reports
import reader  # noqa: F401
import harness
from harness import case, Skip, contains, equal, main, run, start

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "shared", "kernel-logs")
RNG = random.Random(31)


def report():
    return reports.make(RNG, reports.circular)


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(*arguments, **options):
    status, out, err = run("kernel", "--format", "json", *arguments, **options)
    equal((status, err), (0, ""))
    return json.loads(out)


@case
def folders_are_searched_to_any_depth():
    made = [report() for _ in range(3)]
    for path, one in zip(("d/a.log", "d/sub/b.txt", "d/sub/deep/c"), made):
        write(path, one.text())
    os.symlink("..", "d/sub/loop")
    os.mkfifo("d/sub/pipe")
    found = read("d")["reports"]
    equal([r["file"] for r in found], ["d/a.log", "d/sub/b.txt", "d/sub/deep/c"])
    equal([r["chain"] for r in found], [one.facts["chain"] for one in made])


@case
def stdin_is_read_when_asked_and_when_nothing_is_named():
    one = report()
    for arguments in ((), ("-",)):
        found = read(*arguments, input=one.text().encode())["reports"]
        equal([(r["file"], r["chain"]) for r in found], [("-", one.facts["chain"])])


@case
def what_cannot_be_read_is_said_and_the_rest_is_read():
    one = report()
    write("a.log", one.text())
    status, out, err = run("kernel", "--format", "json", "missing.log", "a.log")
    equal(status, 125)
    equal(err.count("\n"), 1)
    contains(err, "missing.log: No such file")
    equal([r["chain"] for r in json.loads(out)["reports"]], [one.facts["chain"]])


@case
def nothing_found_is_no_error():
    write("a.log", "nothing here\n")
    equal(read("a.log")["reports"], [])


@case
def a_growing_log_is_followed():
    first, second = report(), report()
    write("console", first.text())
    process = start(["kernel", "-f", "--format", "json", "console"], stdout=open("out", "wb"))
    harness.wait_for(lambda: os.path.getsize("out") > 0, 20)
    with open("console", "a", encoding="utf-8") as file:
        for line in second.lines:
            file.write(line + "\n")
            file.flush()
    def both():
        with open("out", encoding="utf-8") as file:
            return file.read().count("\n") >= 2
    harness.wait_for(both, 20)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    with open("out", encoding="utf-8") as file:
        found = [json.loads(line) for line in file.read().splitlines()[:2]]
    equal([r["chain"] for r in found], [first.facts["chain"], second.facts["chain"]])


@case
def a_half_report_of_a_growing_log_waits_for_its_end():
    one = report()
    half = one.lines.index("Call Trace:") - 3
    write("console", "\n".join(one.lines[:half]) + "\n")
    process = start(["kernel", "-f", "--format", "json", "console"], stdout=open("out", "wb"))
    time.sleep(0.7)
    equal(os.path.getsize("out"), 0)
    with open("console", "a", encoding="utf-8") as file:
        file.write("\n".join(one.lines[half:]) + "\n")
    harness.wait_for(lambda: os.path.getsize("out") > 0, 20)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    with open("out", encoding="utf-8") as file:
        found = json.loads(file.read().splitlines()[0])
    assert found["complete"]


PROC = """all lock classes:
00000000aacd9c51 OPS:      47 FD:    3 BD:    1 ++++: cpu_lock
 -> [000000002eb1cc79] call_mutex
 -> [0000000007f2c67f] &p->lock#2/1

000000002eb1cc79 OPS:      17 FD:    2 BD:    2 +.+.: call_mutex
 -> [0000000007f2c67f] &p->lock#2/1

0000000007f2c67f FD:    1 BD:    3 ..-.: &p->lock#2/1

"""
CHAINS = """all lock chains:
irq_context: 0
[00000000aacd9c51] cpu_lock

irq_context: softirq
[00000000aacd9c51] cpu_lock
[000000002eb1cc79] call_mutex

"""
STATS = """ lock-classes:                            3 [max: 8192]
 direct dependencies:                     3 [max: 32768]
 debug_locks:                             1
"""


@case
def proc_files_are_graphs():
    write("p/lockdep", PROC)
    write("p/lockdep_chains", CHAINS)
    write("p/lockdep_stats", STATS)
    found = read("p")["graphs"]
    equal([len(g["classes"]) for g in found], [3, 2, 0])
    equal(found[0]["classes"][0], {
        "class": "cpu_lock", "base": "cpu_lock", "version": None, "subclass": 0, "usage": "++++",
        "ops": 47, "forward": 3, "backward": 1})
    equal((found[0]["classes"][2]["version"], found[0]["classes"][2]["subclass"]), (2, 1))
    equal(found[0]["edges"], [[0, 1], [0, 2], [1, 2]])
    equal(found[1]["chains"], [{"context": "0", "classes": [0]}, {"context": "softirq", "classes": [0, 1]}])
    equal(found[2]["stats"], {"lock-classes": {"value": 3, "max": 8192},
                              "direct dependencies": {"value": 3, "max": 32768},
                              "debug_locks": {"value": 1, "max": None}})


@case
def proc_files_of_a_real_kernel():
    if not os.path.isdir(SHARED):
        raise Skip("no folder ../shared/kernel-logs beside this checkout")
    names = ["proc-lockdep.txt", "proc-lockdep_chains.txt", "proc-lockdep_stats.txt"]
    found = read(*[os.path.join(SHARED, name) for name in names])["graphs"]
    with open(os.path.join(SHARED, names[0]), encoding="utf-8") as file:
        text = file.read()
    stats = found[2]["stats"]
    equal(len([c for c in found[0]["classes"] if c["usage"]]), text.count(" FD: "))
    equal(stats["lock-classes"], {"value": 325, "max": 8192})
    equal(len(found[0]["edges"]), text.count("\n -> ["))
    with open(os.path.join(SHARED, names[1]), encoding="utf-8") as file:
        equal(len(found[1]["chains"]), file.read().count("irq_context: "))


@case
def json_is_as_its_schema_says():
    try:
        import jsonschema
    except ImportError:
        raise Skip("python3-jsonschema is not installed")
    with open(os.path.join(HERE, "..", "..", "docs", "kernel.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    made = [reports.make(RNG, kind, style) for kind in reports.KINDS for style in reports.STYLES]
    write("a.log", "BUG: sleeping function called from invalid context at a.c:1\n" +
          "".join(one.text() for one in made))
    write("p/lockdep", PROC + CHAINS + STATS)
    document = read("a.log", "p", os.path.join(HERE, "samples"))
    assert len(document["reports"]) > len(made) and document["notes"] and document["graphs"]
    jsonschema.Draft202012Validator(schema).validate(document)
    del document["reports"][0]["kind"]
    try:
        jsonschema.Draft202012Validator(schema).validate(document)
    except jsonschema.ValidationError:
        return
    raise AssertionError("the schema takes a report without its kind")


harness.TIMEOUT = 60
@case
def suppressed_reports_are_left_out_and_counted():
    made = [report() for _ in range(3)]
    write("log", "\n".join(one.text() for one in made))
    whole = read("log")["reports"]
    lock = whole[1]["acquiring"]
    alone = [r for r in whole if lock in json.dumps(r)]
    write("s", "[known: issue 7]\nlock = %s\n\n[of no use]\nfunction = no_such_function\n" % lock)
    document = read("--suppressions", "s", "log")
    assert whole[1]["id"] not in [r["id"] for r in document["reports"]], document["reports"]
    equal(document["suppressed"] + len(document["reports"]), 3)
    equal(document["suppressed"] <= len(alone), True)
    equal([(x["name"], x["file"], x["line"], x["reports"]) for x in document["suppressions"]],
          [("known: issue 7", "s", 1, document["suppressed"]), ("of no use", "s", 4, 0)])
    equal("suppressed" in read("log"), False)
    text = run("kernel", "--suppressions", "s", "log")[1]
    contains(text, "%d report%s suppressed\n" % (document["suppressed"], "s" if document["suppressed"] != 1 else ""))
    contains(text, "note: this suppression is of no use: of no use (s:4)\n")


@case
def a_report_is_suppressed_by_its_id_or_a_function():
    one, other = report(), report()
    write("log", one.text() + "\n" + other.text())
    whole = read("log")["reports"]
    write("s", "[id]\nid = %s\n" % whole[0]["id"])
    equal([r["id"] for r in read("--suppressions", "s", "log")["reports"]], [whole[1]["id"]])
    frames = re.findall(r'"function": "(\w+)"', json.dumps(whole[0]["links"]))
    elsewhere = json.dumps(whole[1])
    mine = [f for f in frames if f not in elsewhere]
    write("s", "deadlock:^%s$\n" % mine[-1])
    equal([r["id"] for r in read("--suppressions", "s", "log")["reports"]], [whole[1]["id"]])
    write("s", "[happened only]\nkind = hang\n")
    equal(len(read("--suppressions", "s", "log")["reports"]), 2)


@case
def a_growing_log_is_held_against_suppressions_too():
    one, other = report(), report()
    write("log", one.text() + "\n" + other.text() + "\n")
    ids = [r["id"] for r in read("log")["reports"]]
    write("s", "[id]\nid = %s\n" % ids[0])
    with open("log", encoding="utf-8") as file:
        status, out, err = run("kernel", "-f", "--format", "json", "--suppressions", "s", "-", input=file.read().encode())
    equal((status, err), (0, ""))
    equal([json.loads(line)["id"] for line in out.splitlines()], [ids[1]])


@case
def hang_takes_no_suppressions_and_says_so():
    status, out, err = run("hang", "--suppressions", "s", "1")
    equal((status, out, err.count("\n")), (125, "", 1))
    contains(err, "this is an option of other commands: --suppressions")


main()
