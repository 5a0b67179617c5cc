#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A report is the same report in whatever form it was printed and whatever was done to its text."""
import csv
import json
import os
import random

import decorate
import reports
from reader import check, harness, records, without_place
from harness import Skip, case, equal, main, run

SHARED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared")
LOGS = os.path.join(SHARED, "kernel-logs")
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "samples")
RNG = random.Random(20171009)


def text_of(lines):
    return "\n".join(lines) + "\n"


def named(name, function):
    function.__name__ = name
    case(function)


# ------------------------------------------------------------------ each kind, each age


def of_kind(kind):
    def check_kind():
        made = [reports.make(RNG, kind, style) for style in reports.STYLES for _ in range(5)]
        check([(report.text(), report, report.header, kind.__name__) for report in made])
    named("kind_" + kind.__name__, check_kind)


# ------------------------------------------------------------------ each decoration, and several


def under(name, decoration):
    def check_decoration():
        items = []
        for _ in range(60):
            report = reports.make(RNG)
            if name == "quoted_printable_bare" and report.kind in ("table-full", "non-static-key"):
                continue  # nothing about such a line says that it is coded
            lines, line = decoration(RNG, report.lines, report.header)
            items.append((text_of(lines), report, line, name))
        check(items)
    named("under_" + name, check_decoration)


def applied(report, names):
    lines, line = report.lines, report.header
    for name in names:
        lines, at = decorate.ALL[name](RNG, lines, line or 0)
        line = None if line is None else at
    return text_of(lines), report, line, " + ".join(names)


@case
def combinations():
    items = []
    while len(items) < 600:
        report = reports.make(RNG)
        names = [RNG.choice(list(group)) for group in (decorate.INNER, decorate.MIDDLE, decorate.OUTER)]
        if "quoted_printable_bare" in names and report.kind in ("table-full", "non-static-key"):
            continue
        if "interleaved" in names and "tagged" in names:
            continue  # two callers of one line
        items.append(applied(report, names))
    check(items)


@case
def wrapped_combinations():
    """Wrapped by a mailer after it was stamped, before or after it was quoted. Where the header itself is torn before
    the words by which it is known, or a word begins with a patch's sign, a reader may be lost; not elsewhere."""
    items = []
    while len(items) < 600:
        report = reports.make(RNG)
        if report.kind == "exit-held" or any("+ " in line for line in report.lines):
            continue
        inner = RNG.choice(["plain", "stamped", "tagged", "first_line_only", "level", "cont"])
        outer = RNG.choice(["plain", "quoted", "crlf", "indented", "quoted_printable", "base64", "entities",
                            "commented", "quoted_close"])
        wrap = RNG.choice(list(decorate.WRAPS))
        late = outer not in ("quoted_printable", "base64") and RNG.random() < 0.3
        items.append(applied(report, [inner, outer, wrap] if late else [inner, wrap, outer]))
    check(items)


@case
def several_in_one_file():
    for _ in range(20):
        made = [reports.make(RNG) for _ in range(RNG.randrange(2, 6))]
        found = records(["".join(report.text() for report in made)])[0]
        equal([r["kind"] for r in found], [report.kind for report in made])
        for report, record in zip(made, found):
            for key in ("acquiring", "holding", "chain", "held"):
                equal(record[key], report.facts[key])


@case
def two_cpus_report_at_once():
    """Two whole reports whose lines interleave, told apart by who printed them."""
    for _ in range(20):
        made = [reports.make(RNG, reports.circular) for _ in range(2)]
        queues = [["[%5d.%06d][ T%d] " % (i, i, 100 + t) + line for i, line in enumerate(report.lines)]
                  for t, report in enumerate(made)]
        lines = []
        while any(queues):
            queue = RNG.choice([q for q in queues if q])
            lines.append(queue.pop(0))
        found = records([text_of(lines)])[0]
        equal(sorted(r["chain"] for r in found), sorted(report.facts["chain"] for report in made))
        assert all(r["complete"] for r in found)


# ------------------------------------------------------------------ lockdep's layout


@case
def printed_again_it_is_the_same():
    made = [reports.make(RNG, kind, style) for kind in reports.KINDS for style in reports.STYLES]
    first = [found[0] for found in records([report.text() for report in made])]
    printed = []
    for i in range(len(made)):
        status, out, err = run("kernel", "--format", "kernel", "texts/%06d" % i)
        equal((status, err), (0, ""))
        printed.append(out)
    for report, before, after in zip(made, first, records(printed)):
        equal(len(after), 1)
        same(report.kind, [without_place(after[0])], [without_place(before)])


# ------------------------------------------------------------------ real ones


def logs():
    if not os.path.isdir(LOGS):
        raise Skip("no folder ../shared/kernel-logs beside this checkout")
    names = sorted(name for name in os.listdir(LOGS) if name.endswith(".log"))
    with open(os.path.join(LOGS, "FACTS.tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return names, rows


# The table's words for kinds, and for what comes with a report.
KIND = {"irq-inversion": "inversion", "irq-safe-unsafe": "safe-unsafe", "return-user": "user-return"}
NOTE = {"atomic-sleep": "atomic-sleep", "sched-atomic": "schedule-atomic"}


def row_of(report):
    task, usage, held = report["task"], report["usage"], report["held"]
    chain = list(enumerate(report["chain"]))
    return {
        "line": str(report["line"]), "kind": report["kind"],
        "task": "%s/%d" % (task["comm"], task["pid"]) if task else "",
        "acquiring": report["acquiring"] or "", "holding": report["holding"] or "",
        "chain": " <- ".join("#%d %s" % link for link in reversed(chain)),
        "locks_held": "" if held is None else str(len(held)) if held else "no",
        "usage": "%s->%s" % (usage["was"], usage["now"]) if usage else "",
    }


@case
def logs_of_a_real_kernel():
    names, rows = logs()
    status, out, err = run("kernel", "--format", "json", *[os.path.join(LOGS, name) for name in names])
    equal((status, err), (0, ""))
    document = json.loads(out)
    for name in names:
        facts = [row for row in rows if row["file"] == name and row["kind"] != "none"]
        wanted = [{k: (v or "") for k, v in row.items() if k != "file"} for row in facts if row["kind"] not in NOTE]
        for row in wanted:
            row["kind"] = KIND.get(row["kind"], row["kind"])
        mine = [r for r in document["reports"] if os.path.basename(r["file"]) == name]
        equal((name, [row_of(r) for r in mine]), (name, wanted))
        assert all(r["complete"] for r in mine), name
        notes = {(n["kind"], n["line"]) for n in document["notes"] if os.path.basename(n["file"]) == name}
        for row in facts:
            if row["kind"] in NOTE:
                assert (NOTE[row["kind"]], int(row["line"])) in notes, row


@case
def logs_are_the_same_under_decoration():
    names, _ = logs()
    texts = []
    for name in names:
        with open(os.path.join(LOGS, name), encoding="utf-8", errors="replace") as file:
            texts.append(file.read().split("\n")[:-1])
    plain = records([text_of(lines) for lines in texts])
    for decoration in ("stamped", "tagged", "quoted_deep", "syslog", "crlf", "entities", "ansi", "base64",
                       "quoted_printable", "json_string", "indented"):
        found = records([text_of(decorate.ALL[decoration](RNG, lines, 0)[0]) for lines in texts])
        for name, before, after in zip(names, plain, found):
            same(decoration + " " + name, [without_place(r) for r in after], [without_place(r) for r in before])


@case
def logs_wrapped_keep_their_facts():
    names, _ = logs()
    texts = []
    for name in names:
        with open(os.path.join(LOGS, name), encoding="utf-8", errors="replace") as file:
            texts.append(file.read().split("\n")[:-1])
    plain = records([text_of(lines) for lines in texts])
    for width in ("wrapped72", "wrapped76"):
        found = records([text_of(decorate.ALL[width](RNG, lines, 0)[0]) for lines in texts])
        for name, before, after in zip(names, plain, found):
            for key in ("kind", "task", "acquiring", "holding", "chain", "held", "usage", "complete"):
                equal((name, width, key, [r[key] for r in after]), (name, width, key, [r[key] for r in before]))


@case
def logs_printed_again_are_the_same():
    names, _ = logs()
    paths = [os.path.join(LOGS, name) for name in names]
    status, out, _ = run("kernel", "--format", "json", *paths)
    before = [without_place(r) for r in json.loads(out)["reports"]]
    status, out, err = run("kernel", "--format", "kernel", *paths)
    equal((status, err), (0, ""))
    same("printed", [without_place(r) for r in records([out])[0]], before)


def same(name, got, wanted):
    """Records are long: says only where they differ."""
    equal((name, len(got)), (name, len(wanted)))
    for one, other in zip(got, wanted):
        for key in other:
            assert one[key] == other[key], "%s: %s: %.300r, wanted %.300r" % (name, key, one[key], other[key])


def squeezed(lines):
    return [" ".join(line.split()) for line in lines if line.strip()]


@case
def the_seed_printed_again_is_its_report():
    folder = os.path.join(SHARED, "seed")
    if not os.path.isdir(folder):
        raise Skip("no folder ../shared/seed beside this checkout")
    path = os.path.join(folder, sorted(os.listdir(folder))[0])
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    status, out, _ = run("kernel", "--format", "json", path)
    report = json.loads(out)["reports"][0]
    equal(len(report["chain"]), 7)
    assert report["complete"]
    _, printed, _ = run("kernel", "--format", "kernel", path)
    equal(squeezed(printed.split("\n")), squeezed(lines[report["line"] - 2:report["last_line"]]))


# ------------------------------------------------------------------ hand-written ones


@case
def samples():
    """Each file of samples/ begins with lines `expect: [REPORT] KEY VALUE`, VALUE being JSON (of report 0), and `reports: N`."""
    names = sorted(os.listdir(SAMPLES))
    assert len(names) >= 10
    for name in names:
        with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
            text = file.read()
        head, _, body = text.partition("\n\n")
        found = records([body])[0]
        wanted = [line.split(" ", 2) for line in head.split("\n")]
        assert wanted[0][0] == "reports:", name
        equal((name, len(found)), (name, int(wanted[0][1])))
        for _, key, value in wanted[1:]:
            which = 0
            if key.isdigit():
                which = int(key)
                key, _, value = value.partition(" ")
            equal((name, key, found[which][key]), (name, key, json.loads(value)))


for kind_maker in reports.KINDS:
    of_kind(kind_maker)
for decoration_name, decorator in decorate.ALL.items():
    under(decoration_name, decorator)
harness.TIMEOUT = 120
main()
