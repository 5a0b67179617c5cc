#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lockdag kernel over many reports: what is one cycle, where to cut, what is new, what would be left."""
import glob
import json
import os
import random
import re

import reports
import reader  # noqa: F401
import harness  # noqa: F401
from harness import case, Skip, contains, equal, main, run

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "shared")
SCHEMA = os.path.join(HERE, "..", "..", "docs", "kernel.schema.json")
RNG = random.Random(47)


def circular():
    return reports.make(RNG, reports.circular)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def kernel(*arguments, status=0):
    got, out, err = run("kernel", *arguments)
    equal((got, err if got != 125 else ""), (status, ""))
    return out


def read(*arguments, status=0):
    return json.loads(kernel("--format", "json", *arguments, status=status))


def rotated(names):
    """The chain from its least name on."""
    least = min(range(len(names)), key=lambda i: names[i:] + names[:i])
    return names[least:] + names[:least]


@case
def the_report_of_2017_is_cut_where_its_patch_cut_it():
    seed = sorted(glob.glob(os.path.join(SHARED, "seed", "*.txt")))
    if not seed:
        raise Skip("needs ../shared/seed")
    found = read(seed[0])
    chain = found["reports"][0]["chain"]
    equal(len(chain), 7)
    equal(found["cycles"][0]["classes"], chain)
    equal(found["reports"][0]["id"], found["cycles"][0]["id"])
    cut = found["cuts"][0]
    equal((cut["from"], cut["to"], cut["kind"]),
          ("&dev_priv->mm_lock", "cpu_hotplug_lock.rw_sem", "hoist"))
    equal([(p["function"], p["module"], p["calls"]) for p in cut["places"]],
          [("i915_gem_userptr_init__mmu_notifier", "i915", "__alloc_workqueue_key")])
    # Both locks that the task held, for the patch moved the allocation out of both.
    contains(cut["advice"], "before &mm->mmap_sem and &dev_priv->mm_lock are taken")
    equal((cut["remain"], found["cut_changes"], found["cut_at_least"]), ([], 1, 1))


@case
def logs_of_a_real_kernel_are_united():
    logs = os.path.join(SHARED, "kernel-logs")
    if not os.path.isdir(logs):
        raise Skip("needs ../shared/kernel-logs")
    found = read(logs)
    kinds = {"circular", "recursive", "inversion", "safe-unsafe", "inconsistent"}
    for number, report in enumerate(found["reports"]):
        cycles = [c for c in found["cycles"] if number in c["reports"]]
        equal((report["file"], len(cycles)), (report["file"], 1 if report["kind"] in kinds else 0))
        if report["kind"] == "circular":
            equal(len(cycles[0]["classes"]), len(report["chain"]))
    # ABBA of the same two locks, in three logs.
    abba = [c for c in found["cycles"] if sorted(c["keys"]) == ["lk_a", "lk_b"]]
    equal(len(abba), 1)
    files = {os.path.basename(found["reports"][r]["file"]) for r in abba[0]["reports"]}
    equal({"6.12-abba_mutex.log", "6.12-abba_mutex_2tasks.log", "6.12-gate.log"} - files, set())
    # The plan clears all that was reported.
    cleared = {c for cut in read(logs, "--cut", "1000")["cuts"] if cut["planned"] for c in cut["clears"]}
    equal({c["id"] for c in found["cycles"] if not c["across_reports"]} - cleared, set())


@case
def each_report_is_in_its_cycle():
    made = [circular() for _ in range(30)]
    write("log", "\n".join(one.text() for one in made))
    found = read("log")
    equal(len(found["reports"]), 30)
    for number, report in enumerate(found["reports"]):
        cycle, = [c for c in found["cycles"] if number in c["reports"]]
        equal(cycle["id"], report["id"])
        equal(len(cycle["classes"]), len(report["chain"]))
    equal({c["id"] for c in read("log", "log")["cycles"]}, {c["id"] for c in found["cycles"]})


@case
def what_is_known_is_not_new():
    write("old", circular().text())
    write("new", circular().text())
    known = kernel("--format", "json", "old")
    write("known.json", known)
    ids = [r["id"] for r in json.loads(known)["reports"]]
    write("known.txt", "# what we live with\n" + "".join(i + "  seen in CI\n" for i in ids))
    for baseline in ("known.json", "known.txt"):
        kernel("--baseline", baseline, "old", status=0)
        kernel("--baseline", baseline, "old", "new", status=66)
        both = read("--baseline", baseline, "old", "new", status=66)
        equal(len(both["reports"]), 2)
        only = read("--baseline", baseline, "--new", "old", "new", status=66)
        equal([r["file"] for r in only["reports"]], ["new"])
        equal(read("--baseline", baseline, "--new", "old")["reports"], [])
    kernel("--new", "old", status=66)
    kernel("--new", "--exit-code", "9", "old", status=9)
    kernel("old", "new", status=0)


@case
def a_baseline_that_is_none_is_refused():
    write("log", circular().text())
    write("bad.txt", "0123456789abcdef\nnonsense\n")
    write("bad.json", '{"cycles": [')
    for baseline, message in (("bad.txt", "bad.txt:2: a baseline has an id"),
                              ("bad.json", "bad.json:1:"), ("missing", "missing: No such file")):
        status, out, err = run("kernel", "--baseline", baseline, "log")
        equal((status, out), (125, ""))
        contains(err, message)


@case
def what_would_be_left():
    write("log", circular().text())
    chain = read("log")["reports"][0]["chain"]
    edge = chain[0] + " -> " + chain[1]
    for option, what in (("--without", edge), ("--reorder", edge), ("--split", chain[0])):
        contains(kernel(option, what, "log"), "1 of 1 cycles are gone")
        left = read(option, what, "log")["what_if"]
        equal((left["change"], left["what"], len(left["cleared"]), left["remain"]),
              (option[2:], what, 1, []))
    for option, what in (("--without", "no -> such"), ("--split", "no such")):
        status, _, err = run("kernel", option, what, "log")
        equal(status, 125)
        contains(err, "'" + what + "' is no ")


@case
def forms_for_findings_have_the_cycle():
    write("log", circular().text())
    found = read("log")
    for form in ("dot", "sarif", "junit", "html"):
        contains(kernel("--format", form, "log"), found["cycles"][0]["id"])
    contains(kernel("--format", "github", "log"), "cut: " + found["cuts"][0]["from"])
    # Kernel form: read again, it is the same cycle.
    write("again", kernel("--format", "kernel", "log"))
    equal(read("again")["cycles"][0]["id"], found["cycles"][0]["id"])


@case
def a_class_that_follows_itself_is_drawn_with_its_state():
    for maker, states in ((reports.recursive, " (again)"), (reports.inconsistent, "irq>")):
        one = reports.make(RNG, maker)
        write("log", one.text())
        cycle, = read("log")["cycles"]
        equal(len(cycle["classes"]), 1)
        for form in ("dot", "svg", "sarif", "junit", "html"):
            contains(kernel("--format", form, "log"), cycle["id"])
        nodes = re.findall(r'^ +f0n(\d) \[.*label="([^"]*?)\\n', kernel("--format", "dot", "log"), re.M)
        equal([number for number, _ in nodes], ["0", "1"])
        equal([states in label for _, label in nodes].count(True), 1)
        result, = json.loads(kernel("--format", "sarif", "log"))["runs"][0]["results"]
        equal(result["partialFingerprints"]["lockdagFinding/v1"], cycle["id"])


@case
def names_of_one_class_are_counted_as_one():
    one = next(r for r in (circular() for _ in range(1000)) if not set("#/") & set("".join(r.facts["chain"])))
    lock = one.facts["chain"][0]
    write("log", one.text() + "\n" + one.text().replace("(%s)" % lock, "(%s#77)" % lock))
    equal(len(read("log")["cycles"]), 1)
    n = len(set(one.facts["chain"]))
    first = kernel("log").partition("\n")[0]
    contains(first, "; %d names of lock classes are %d class%s" % (n + 1, n, "" if n == 1 else "es"))
    write("log", one.text() + "\n" + one.text())
    equal("names of lock classes" in kernel("log").partition("\n")[0], False)


@case
def the_story_has_a_line_for_each_thread():
    one = circular()
    write("log", one.text())
    out = kernel("log")
    chain = one.facts["chain"]
    for held, asked in zip(chain, chain[1:]):
        line, = [s for s in out.split("\n")
                 if s.startswith("  another task") and "holds " + held + "," in s]
        contains(line, "waits for " + asked)
    contains(out, "  cut: ")
    contains(kernel(os.devnull), "no kernel lock report")


@case
def what_was_told_is_not_told_again():
    """The same report: one line. The same cycle by another task: its own story, and the cut is where it was told."""
    one = circular()
    text = one.text()
    task = "%s/%d" % (one.facts["task"]["comm"], one.facts["task"]["pid"])
    write("a.log", text + "\n" + text)
    write("b.log", text.replace(task, "other/77").replace("comm: " + one.facts["task"]["comm"], "comm: other"))
    out = kernel("a.log", "b.log")
    lines = out.split("\n")
    equal(sum(line.startswith("  cut: ") and "Clears 3 of 3" in line for line in lines), 1)
    first = "a.log:%d" % (one.header + 1)
    equal(lines.count("  the same as " + first), 1)
    equal(lines.count("  cut: as for " + first), 1)
    contains(out, "  other/77  holds ")
    contains(out, "3 reports are one cycle:\n")
    contains(out, "    %s, a.log:%d, b.log:%d\n" % (first, one.header + 2 + len(one.lines), one.header + 1))


@case
def each_place_of_a_cut_has_its_line():
    def made(function):
        return "\n".join((
            "WARNING: possible circular locking dependency detected", "6.1.0 #1 Not tainted", "t/1 is trying to acquire lock:",
            "ffff888104f8d0a8 (&a->lock){+.+.}-{3:3}, at: asks+0x1/0x2", "but task is already holding lock:",
            "ffff888104f8d0a9 (&b->lock){+.+.}-{3:3}, at: holds+0x1/0x2", "-> #1 (&b->lock){+.+.}-{3:3}:",
            "       shared+0x1/0x2 [m]", "-> #0 (&a->lock){+.+.}-{3:3}:", "       %s+0x1/0x2 [n]" % function)) + "\n"
    write("log", "\n".join(made("f%d" % i) for i in range(6)))
    out = kernel("--cut", "2", "log")
    contains(out, "6 places. Clears 6 of 6 reports, 1 of 1 cycle.\n")
    equal(len(set(re.findall(r"\n    in f\d\(\) \[n\] or a caller, take &a->lock before &b->lock is taken", out))), 4)
    contains(out, "    the same at 2 more\n")


@case
def a_cycle_that_an_interrupt_closes_says_so_everywhere():
    def made(context):
        return "\n".join((
            "WARNING: inconsistent lock state", "6.1.0 #1 Not tainted", "inconsistent {IN-%s-W} -> {%s-ON-W} usage." % (context, context),
            "t/1 [HC0[0]:SC0[0]:HE1:SE1] takes:", "ffff888104f8d0a8 (&a->lock){?.?.}-{2:2}, at: f+0x1/0x2")) + "\n"
    write("log", made("HARDIRQ") + "\n" + made("HARDIRQ") + "\n" + made("SOFTIRQ") + "\n" + made("SOFTIRQ"))
    out = kernel("log")
    for irq in ("hardirq", "softirq"):
        contains(out, "&a->lock is taken with %ss on, and the %s waits for &a->lock\n" % (irq, irq))
        contains(out, "2 of them go over &a->lock -> <%s> -> &a->lock\n" % irq)
        equal(len(re.findall("  [0-9a-f]{16}  &a->lock -> <%s> -> &a->lock\n" % irq, out)), 1)


@case
def reports_without_a_lock_or_a_stack_are_not_one():
    """Else a baseline with one hung task would hide every other."""
    write("log", "".join("INFO: task %s blocked for more than 120 seconds.\n      Not tainted 6.1.0 #1\n\n" % task
                         for task in ("kworker/u8:1:77", "kworker/u8:2:78", "jbd2:5", "dd:6")))
    one, again, other, third = [report["id"] for report in read("log")["reports"]]
    equal(one, again)  # numbers differ from boot to boot
    equal(len({one, other, third}), 3)
    write("rcu", "".join("WARNING: suspicious RCU usage\n6.1.0 #1 Not tainted\n%s usage!\nno locks held by t/1.\n\n" % place
                         for place in ("net/a.c:12 suspicious rcu_dereference_check()", "net/b.c:12 suspicious rcu_dereference_check()",
                                       "net/a.c:13 suspicious rcu_dereference_check()")))
    one, other, moved = [report["id"] for report in read("rcu")["reports"]]
    equal((one == moved, one == other), (True, False))


@case
def work_that_flushes_its_own_queue():
    _, text = story(
        "own.log", "WARNING: possible recursive locking detected", "6.1.0 #1 Not tainted", "kworker/0:2/24 is trying to acquire lock:",
        "ffff888104f8d0a8 ((wq_completion)own){+.+.}-{0:0}, at: touch_wq_lockdep_map+0x1/0x2", "but task is already holding lock:",
        "ffff888104f8d0a8 ((wq_completion)own){+.+.}-{0:0}, at: process_one_work+0x1/0x2")
    contains(text, "do not flush or cancel (wq_completion)own from its own work.")


def story(name, *lines):
    write(name, "\n".join(lines) + "\n")
    return read(name), kernel(name)


@case
def an_inversion_has_the_lock_of_the_interrupt_first():
    """Its text says of one lock only whether it is the safe one; the scenario's table names both and adds nothing."""
    found, _ = story(
        "inversion.log", "WARNING: possible irq lock inversion dependency detected",
        "CPU 0/KVM/10284 just changed the state of lock:",
        "  000000000d538a88 (&st->lock){+...}, at: update+0x10b/0x170",
        "but this lock was taken by another, HARDIRQ-safe lock in the past:", " (&sig->lock){-.-.}", "",
        "and interrupts could create inverse lock ordering between them.", "",
        " Possible interrupt unsafe locking scenario:", "", "       CPU0                    CPU1",
        "       ----                    ----", "  lock(&st->lock);", "                               local_irq_disable();",
        "                               lock(&sig->lock);", "                               lock(&st->lock);",
        "  <Interrupt>", "    lock(&sig->lock);", "", " *** DEADLOCK ***")
    report = found["reports"][0]
    equal((report["safe"]["class"], report["unsafe"]), ("&sig->lock", None))
    equal([c["classes"] for c in found["cycles"]], [["&sig->lock", "&st->lock"]])


@case
def a_wait_for_ones_own_event_is_a_cycle():
    found, text = story(
        "aa.log", "DEPT: Circular dependency has been detected.", "5.17.0-rc1+ #3 Tainted: G        W",
        "---------------------------------------------------", "summary",
        "---------------------------------------------------", "*** AA DEADLOCK ***", "", "context A",
        "    [S] (unknown)(&done:0)", "    [W] wait_for_completion_killable(&done:0)", "    [E] complete(&done:0)", "",
        "[S]: start of the event context", "[W]: the wait blocked", "[E]: the event not reachable")
    equal([c["classes"] for c in found["cycles"]], [["&done"]])
    equal(found["cuts"][0]["kind"], "signal-first")
    contains(text, "waits for &done")


@case
def one_lock_alone_is_told_with_its_place():
    _, text = story(
        "alone.log", "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", "...",
        "sleep/3324 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:",
        "ffffffffb2c23398 (timer_lock){+.+.}-{2:2}, at: beep_event+0x3f/0xe0 [beep]", "", "...")
    contains(text, "timer_lock at beep_event() [beep]")


@case
def json_is_as_its_schema_says():
    try:
        import jsonschema
    except ImportError:
        raise Skip("needs Debian's python3-jsonschema") from None
    if not hasattr(jsonschema, "Draft202012Validator"):
        raise Skip("this python3-jsonschema does not know draft 2020-12")
    with open(SCHEMA, encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    write("log", "\n".join(circular().text() for _ in range(5)))
    chain = read("log")["reports"][0]["chain"]
    found = read("--split", chain[0], "log", "log")
    equal([e.message for e in validator.iter_errors(found)], [])
    for part in ("cycles", "families", "cuts"):
        for key in found[part][0]:
            less = json.loads(json.dumps(found))
            del less[part][0][key]
            equal((part, key, validator.is_valid(less)), (part, key, False))


if __name__ == "__main__":
    main()
