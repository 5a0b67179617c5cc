#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What damage does to a report: nothing is invented, nothing crashes, and what is whole stays the same."""
import json
import os
import random
import resource

import decorate
import reports
import reader  # noqa: F401
import harness
from reader import records, without_place
from harness import case, equal, main, run

RNG = random.Random(4711)


def lines_of(report):
    return [line + "\n" for line in report.lines]


@case
def cut_off_anywhere():
    """What is there is kept: the chain is the end of the whole one, and no record says that it is complete."""
    made, texts = [], []
    for _ in range(12):
        report = reports.make(RNG, reports.circular)
        lines = lines_of(report)
        for n in range(report.header + 1, len(lines), 3):
            made.append((report, n))
            texts.append("".join(lines[:n]))
    for (report, n), found in zip(made, records(texts)):
        assert len(found) <= 1
        trace = report.lines.index("Call Trace:")
        for record in found:
            wanted = report.facts["chain"]
            links = [(link["index"], link["class"]) for link in record["links"]]
            equal(links, [link for link in enumerate(wanted) if link in links])
            assert record["acquiring"] in (None, report.facts["acquiring"])
            assert record["holding"] in (None, report.facts["holding"])
            equal(record["complete"], record["complete"] and n > trace)
        if n > report.header + 6:
            equal(len(found), 1)


@case
def cut_off_at_any_byte():
    texts = []
    for _ in range(300):
        text = reports.make(RNG).text()
        texts.append(text[:RNG.randrange(len(text))])
    for found in records(texts):
        assert len(found) <= 1


@case
def a_chain_without_its_beginning():
    """However much was cut off, no chain that the report does not have is called whole: that would be a cycle."""
    made, texts = [], []
    for _ in range(12):
        report = reports.make(RNG, reports.circular)
        lines = lines_of(report)
        for n in range(report.header, len(lines)):
            made.append(report)
            texts.append("".join(lines[n:]))
    whole = 0
    for report, found in zip(made, records(texts)):
        assert len(found) <= 1
        for record in found:
            whole += record["chain_whole"]
            if record["chain_whole"]:
                equal(record["chain"], report.facts["chain"])
    assert whole > 24, whole


SIGNS = (" is trying to ", "the existing dependency chain", "unsafe locking scenario", " just changed the state of ",
         "inconsistent {", " is freeing memory ", " is leaving the kernel ", "-> #")


@case
def the_beginning_is_missing():
    """Without header and all that says what it is, it is no report; what stands behind is found all the same."""
    texts, made = [], []
    for _ in range(60):
        first, second = reports.make(RNG), reports.make(RNG)
        while first.kind == "rcu":  # what it complains of says it, and is not printed alike
            first = reports.make(RNG)
        made.append(second)
        signs = [i for i, line in enumerate(first.lines) if any(sign in line for sign in SIGNS)]
        texts.append("".join(lines_of(first)[(signs or [first.header])[-1] + 1:]) + second.text())
    for report, found in zip(made, records(texts)):
        equal([record["kind"] for record in found], [report.kind])
        equal(found[0]["chain"], report.facts["chain"])


@case
def what_is_left_says_which_kind():
    """The lines behind the header, from any on: the report's kind, or none. The table of an inversion alone is that of
    a wrong order, too; with the dependencies behind it, it is not."""
    made, texts = [], []
    for kind in reports.KINDS:
        for style in reports.STYLES:
            report = reports.make(RNG, kind, style)
            lines = lines_of(report)
            for n in range(report.header + 1, len(lines)):
                made.append(report)
                texts.append("".join(lines[n:]))
    for report, text, found in zip(made, texts, records(texts)):
        assert len(found) <= 1, text
        for record in found:
            equal((record["kind"], text), (report.kind, text))


@case
def spliced():
    texts = []
    for _ in range(200):
        parts = [lines_of(reports.make(RNG)) for _ in range(3)]
        texts.append("".join("".join(p[RNG.randrange(len(p)):][:RNG.randrange(40)]) for p in parts))
    records(texts)


def hung_task():
    lines = ["INFO: task flush:1/12 blocked for more than 120 seconds.", "      Not tainted 6.1.0 #1",
             '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
             "task:flush:1/12 state:D stack:0 pid:12 ppid:2 flags:0x00004000", "Call Trace:", " <TASK>"]
    return lines + [" %s+0x1/0x2" % name for name in ("__schedule", "schedule", "io_schedule", "kthread")] + [" </TASK>"]


@case
def another_cpus_trouble_between_the_lines():
    """A hung task is told of meanwhile, and no line says who printed it: the chain and its stacks stay what they are."""
    made, texts = [], []
    for _ in range(60):
        report = reports.make(RNG, reports.circular)
        lines, other, between = lines_of(report), [line + "\n" for line in hung_task()], {}
        last = max(i for i, line in enumerate(lines) if line.startswith("-> #0"))
        for where in sorted(RNG.randrange(report.header + 1, last) for _ in range(4)):
            n = RNG.randrange(1, len(other) + 1) if other else 0
            between[where] = between.get(where, []) + other[:n]
            other = other[n:]
        between[last] = between.get(last, []) + other
        made.append(report)
        texts.append("".join("".join(between.get(i, [])) + line for i, line in enumerate(lines)))
    plain = records([report.text() for report in made])
    for report, before, found in zip(made, plain, records(texts)):
        equal(sorted(record["kind"] for record in found), ["circular", "hung-task"])
        circular = [record for record in found if record["kind"] == "circular"][0]
        equal(circular["chain"], report.facts["chain"])
        equal([link["stack"] for link in circular["links"][1:]], [link["stack"] for link in before[0]["links"][1:]])


@case
def bytes_flipped():
    texts = []
    for _ in range(300):
        report = reports.make(RNG)
        lines, _ = RNG.choice(list(decorate.ALL.values()))(RNG, report.lines, report.header)
        text = bytearray(("\n".join(lines)).encode())
        for _ in range(RNG.randrange(1, 40)):
            text[RNG.randrange(len(text))] = RNG.randrange(256)
        texts.append(bytes(text))
    for found in records(texts):
        for record in found:
            json.dumps(record).encode("ascii")


@case
def lines_dropped_and_doubled():
    texts = []
    for _ in range(200):
        lines = [line for line in lines_of(reports.make(RNG)) for _ in range(RNG.choice([0, 1, 1, 1, 1, 2]))]
        texts.append("".join(lines))
    records(texts)


@case
def noise_around_does_not_matter():
    made = [reports.make(RNG) for _ in range(60)]
    texts = []
    for report in made:
        noise = bytes(RNG.randrange(256) for _ in range(5000)).replace(b"\n", b" ")
        texts.append(noise + b"\n" + report.text().encode() + b"\n" + noise)
    plain = records([report.text() for report in made])
    for before, after in zip(plain, records(texts)):
        assert [without_place(r) for r in after] == [without_place(r) for r in before]


@case
def a_line_of_any_length():
    report = reports.make(RNG, reports.circular)
    for size in (1 << 12, 1 << 16, (1 << 16) + 1, 1 << 20, 9 << 20):
        text = "x" * size + "\n" + report.text() + "y" * size + "\n" + report.text() + "z" * size
        found = records([text])[0]
        equal([(r["chain"], r["line"]) for r in found],
              [(report.facts["chain"], report.header + 2),
               (report.facts["chain"], report.header + len(report.lines) + 3)])


def limit_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (48 << 20, 48 << 20))


@case
def memory_does_not_grow_with_what_is_no_report():
    block = ("[    1.000000] usb 1-1: new high-speed USB device number 5 using xhci_hcd\n" * 1000).encode()
    with open("log", "wb") as file:
        for _ in range(1500):
            file.write(block)
        file.write(b"\0" * (64 << 20))
    got, out, err = run("kernel", "--format", "json", "log", preexec_fn=limit_memory)
    equal((got, err), (0, ""))
    equal(json.loads(out)["reports"], [])
    os.unlink("log")


harness.TIMEOUT = 120
main()
