# SPDX-License-Identifier: MIT
"""Limits, closed descriptors, filters of system calls."""
import re
import resource
import shutil
import subprocess

from bench import Failed, case, known


def limited(b, way, limits, *arguments):
    def lower():
        for which, value in limits:
            resource.setrlimit(which, (value, value))

    return b.run([b.compile("limits.c"), way, *arguments], preexec_fn=lower)


@case
def limit_address_space(b):
    """2 GiB for lockdag and the program: watched less, or found; never a crash or a hang."""
    result = limited(b, "plain", [(resource.RLIMIT_AS, 2 << 30)])
    result.need(result.status in (0, 66, 125), "an orderly end")
    if result.status != 125:
        result.need(result.out == "done\n", "the program's own output")


@case
def limit_address_space_inside(b):
    """The limit set by the program's starter only, as `ulimit -v` in a script."""
    program = b.compile("limits.c")
    result = b.run(["/bin/sh", "-c", "ulimit -v 2097152; exec %s plain" % program])
    result.need(result.status in (0, 66) and result.out == "done\n", "the program's own output")
    result.need(
        result.status == 66 or result.report["not_watched"], "found, or said that it was not watched"
    )


@case
def limit_address_space_left_to_the_program(b):
    """Most of what the limit allows is still the program's."""
    program = b.compile("limits.c")
    for limit, use in ((1 << 20, 700), (2 << 20, 1500), (4 << 20, 3000), (16 << 20, 12000)):
        command = ["/bin/sh", "-c", "ulimit -v %d; exec %s use %d" % (limit, program, use)]
        b.alone(command).ends(0, "done\n")
        result = b.run(command)
        result.need(result.status in (0, 66) and result.out == "done\n", "its own output")
        result.need(
            result.status == 66 or result.report["not_watched"], "found, or said that it was not"
        )


@case
def limit_address_space_small(b):
    """Too small for a session: the program runs, and the report says that it was not watched."""
    program = b.compile("limits.c")
    result = b.run(["/bin/sh", "-c", "ulimit -v 200000; exec %s plain" % program])
    result.ends(0, "done\n").need(result.report["not_watched"], "said that it was not watched")


@case
def limit_file_size(b):
    program = b.compile("limits.c")
    b.run(["/bin/sh", "-c", "ulimit -f 1; exec %s plain" % program]).finds("lock_a lock_b")
    result = limited(b, "plain", [(resource.RLIMIT_FSIZE, 1 << 20)])
    result.need(result.status in (66, 125), "found, or said that it cannot be")


@case
def limit_descriptors(b):
    limited(b, "plain", [(resource.RLIMIT_NOFILE, 24)]).finds("lock_a lock_b")
    limited(b, "descriptors", []).finds("lock_a lock_b")


@case
def limit_core(b):
    limited(b, "plain", [(resource.RLIMIT_CORE, 0)]).finds("lock_a lock_b")


@case
def limit_data(b):
    limited(b, "memory", []).finds("lock_a lock_b")


def as_alone(b, way):
    program = b.compile("limits.c")
    b.alone([program, way]).ends(0, "done\n")
    b.run([program, way]).finds("lock_a lock_b")


@known("mlockall(MCL_CURRENT) counts the session's whole mapping against RLIMIT_MEMLOCK")
def limit_locked_memory(b):
    as_alone(b, "lock-all")


@known("a program that limits its own address space does not know of the session's mapping")
def limit_address_space_later(b):
    as_alone(b, "limit-later")


@case
def limit_data_later(b):
    as_alone(b, "data-later")


@case
def limit_processes_stack(b):
    limited(b, "plain", [(resource.RLIMIT_STACK, 1 << 30)]).finds("lock_a lock_b")
    limited(b, "plain", [(resource.RLIMIT_STACK, 256 << 10)]).finds("lock_a lock_b")


@case
def closed_standard_descriptors(b):
    program = b.compile("limits.c")
    b.run([program, "no-stdio"]).finds("lock_a lock_b")
    command = "exec %s </dev/null >&- 2>&-" % " ".join(b.command([program, "no-stdio"]))
    status, out, err = b.finish(b.start(["/bin/sh", "-c", command.replace("</dev/null", "<&-")]))
    report = b.read_report()
    if status != 66 or not report or not report["findings"]:
        raise Failed("status %s, report %s" % (status, report))


@case
def filtered_system_calls(b):
    """After start: new locks of all kinds and new orders make no system call of their own."""
    b.run([b.compile("limits.c"), "sandbox"]).ends(66, "done\n").finds("lock_a lock_b")


@case
def filtered_system_calls_threads(b):
    b.alone([b.compile("limits.c"), "sandbox-threads"]).ends(0, "done\n")
    b.run([b.compile("limits.c"), "sandbox-threads"]).ends(66, "done\n").finds("lock_a lock_b")


@case
def filtered_system_calls_fork(b):
    b.alone([b.compile("limits.c"), "sandbox-fork"]).ends(0, "done\n")
    b.run([b.compile("limits.c"), "sandbox-fork"]).ends(66, "done\n").finds("lock_a lock_b")


def calls_made(b, *arguments):
    """How often each system call is made by the program under lockdag."""
    trace = b.folder + "/trace"
    program = [b.compile("limits.c"), *arguments]
    result = b.run([shutil.which("strace"), "-f", "-qq", "-o", trace, *program])
    result.need(result.status == 0, "status 0")
    counts = {}
    with open(trace, encoding="utf-8") as file:
        for line in file:
            call = re.match(r"\d+ +(\w+)\(", line)
            if call:
                counts[call.group(1)] = counts.get(call.group(1), 0) + 1
    return counts


def needs_strace(b):
    b.skip_unless(shutil.which("strace"), "no strace here")
    works = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, timeout=30)
    b.skip_unless(works.returncode == 0, "strace may not trace here")


@case
def no_system_calls_steady(b):
    needs_strace(b)
    few, many = calls_made(b, "steady", "3"), calls_made(b, "steady", "50000")
    if few != many:
        raise Failed("3 rounds: %s\n50000 rounds: %s" % (few, many))


@case
def no_system_calls_for_new_records(b):
    """Births and new orders, too."""
    needs_strace(b)
    few, many = calls_made(b, "births", "2"), calls_made(b, "births", "90")
    if few != many:
        raise Failed("2 births: %s\n90 births: %s" % (few, many))
