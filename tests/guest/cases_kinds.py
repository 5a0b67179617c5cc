# SPDX-License-Identifier: MIT
"""Kinds of mutexes, shared ones, programs that are killed, sanitizers."""
import json
import os
import signal
import time

from bench import Failed, case


def run(b, *arguments, **more):
    return b.run([b.compile("kinds.c"), *arguments], **more)


@case
def robust_owner_dead(b):
    result = run(b, "dead").ends(66, "done\n")
    result.need(len(result.serious()) == 1, "the cycle through the lock that came with EOWNERDEAD")


@case
def shared_by_two_processes(b):
    run(b, "shared").clean("done\n")
    result = run(b, "shared-invert").ends(66, "done\n")
    result.need(len(result.serious()) == 1, "a cycle over two processes")


@case
def relocked_mutexes(b):
    run(b, "relocks").ends(66, "done\n").finds("lock_a lock_b")
    run(b, "relock-checked").ends(66, "done\n").finds("lock_a lock_b")


@case
def inheriting_mutexes(b):
    run(b, "inherit").ends(66, "done\n").finds("lock_a lock_b")


def killed(b, options):
    """Starts it, waits for its word, kills it from outside."""
    process = b.start(b.command([b.compile("kinds.c"), "killed"], options))
    if process.stdout.read(4) != b"now\n":
        b.finish(process, 1)
        raise Failed("it did not start")
    time.sleep(0.3)
    with open("/proc/%d/task/%d/children" % (process.pid, process.pid), encoding="ascii") as file:
        children = file.read().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    return b.finish(process, 20)


@case
def killed_in_the_middle(b):
    """All that was recorded is in the report: the live one, and the one of the kept session."""
    kept = b.folder + "/kept"
    os.makedirs(kept, exist_ok=True)
    status, _, err = killed(b, ["--keep", kept])
    names = [
        [lock["name"] for lock in f["locks"]] for f in (b.read_report() or {"findings": []})["findings"]
    ]
    if ["lock_a", "lock_b"] not in [sorted(n) for n in names]:
        raise Failed("status %s, report %s, %s" % (status, names, err))
    sessions = [os.path.join(kept, name) for name in os.listdir(kept)]
    again = b.alone([b.lockdag, "report", "--format", "json", "-o", b.report, *sessions])
    if again.status != 66 or "lock_a" not in json.dumps(b.read_report()["findings"]):
        raise Failed("the kept session: %s" % again)


def sanitized(b, name, cc, *flags, source="kinds.c"):
    program = b.compile(source, *flags, cc=cc, out="%s-%s" % (cc, name))
    alone = b.alone([program, "plain"])
    b.skip_unless(alone.status == 0, "%s %s does not run here: %s" % (cc, name, alone.err[-200:]))
    return b.run([program, "plain"]).finds("lock_a lock_b")


@case
def sanitized_address_gcc(b):
    """libasan wants to be first: lockdag sees to it, or says what to do."""
    sanitized(b, "address", "gcc", "-fsanitize=address")


@case
def sanitized_address_gcc_static(b):
    sanitized(b, "address-static", "gcc", "-fsanitize=address", "-static-libasan")


@case
def sanitized_address_clang(b):
    sanitized(b, "address", "clang", "-fsanitize=address")


@case
def sanitized_thread_gcc(b):
    env = {"TSAN_OPTIONS": "detect_deadlocks=0"}
    program = b.compile("kinds.c", "-fsanitize=thread", out="tsan-gcc")
    alone = b.alone([program, "plain"], env=env)
    b.skip_unless(alone.status == 0, "TSan does not run here: %s" % alone.err[-200:])
    b.run([program, "plain"], env=env).finds("lock_a lock_b")


@case
def sanitized_thread_clang(b):
    env = {"TSAN_OPTIONS": "detect_deadlocks=0"}
    program = b.compile("kinds.c", "-fsanitize=thread", cc="clang", out="tsan-clang")
    alone = b.alone([program, "plain"], env=env)
    b.skip_unless(alone.status == 0, "TSan does not run here: %s" % alone.err[-200:])
    b.run([program, "plain"], env=env).finds("lock_a lock_b")


@case
def sanitized_undefined(b):
    sanitized(b, "undefined", "gcc", "-fsanitize=undefined")


@case
def wake_up_that_may_be_lost(b):
    """A signaller that never takes the waiter's mutex is a note, and no finding; one that does is none."""
    program = b.compile("lost.c")
    result = b.run([program, "bare"]).clean("done\n")
    result.need(result.said("ready is signalled by") and result.said("never takes guard"), "a note")
    result = b.run([program, "locked"]).clean("done\n")
    result.need(not result.said("wake-up"), "no note")
