# SPDX-License-Identifier: MIT
"""Signal handlers, foreign stacks, frames that are hard to walk."""
from bench import case


def both(b, program, *arguments, locks="lock_a lock_b"):
    """The silent run beside the reporting one; the latter's result."""
    b.run([program, *arguments]).clean("done\n")
    return b.run([program, *arguments, "abba"]).ends(66, "done\n").finds(locks)


@case
def signal_storm(b):
    both(b, b.compile("signals.c"), "storm")


@case
def signal_jumps_out(b):
    """A handler that jumped out of a hook leaves the thread able to record. What was held at a jump
    stays held, in frames that are gone: that alone is reported."""
    program = b.compile("signals.c")
    result = b.run([program, "jump"]).ends(66, "done\n")
    rules = {finding.get("rule") for finding in result.serious()}
    result.need(rules and rules <= {"exit-held", "free-held"}, "only what stayed held, not %s" % rules)
    b.run([program, "jump", "abba"]).ends(66, "done\n").finds("lock_a lock_b")


@case
def signal_alternate_stack(b):
    both(b, b.compile("signals.c"), "altstack")


@case
def signal_alternate_stack_local(b):
    result = both(b, b.compile("signals.c"), "local")
    result.need(not result.said("make no sense"), "no torn records")


def frames_of(result):
    edge = result.serious()[0]["edges"]
    return [
        [frame.get("function") for frame in exemplar[key]]
        for e in edge
        for exemplar in e["exemplars"]
        for key in ("held_at", "wait_at")
    ]


def walked(b, which, *flags, sees=("ordered", "main")):
    result = both(b, b.compile("stacks.c", *flags), which)
    stacks = frames_of(result)
    result.need(
        any(all(any(name in str(f) for f in stack) for name in sees) for stack in stacks),
        "no stack with %s in %s" % (" and ".join(sees), stacks),
    )


@case
def coroutines_malloc(b):
    walked(b, "coroutine-malloc", sees=())


@case
def coroutines_mmap(b):
    walked(b, "coroutine-mmap", sees=())


@case
def coroutines_local(b):
    walked(b, "coroutine-local", sees=())


@case
def deep_recursion(b):
    walked(b, "deep", sees=("ordered", "deep"))


@case
def realigned_frames(b):
    for level in "0123":
        walked(b, "aligned", "-O" + level, sees=("ordered", "aligned", "main"))


@case
def realigned_frames_no_pointer(b):
    walked(b, "aligned", "-O2", "-fomit-frame-pointer", sees=("ordered", "aligned", "main"))


@case
def realigned_frames_clang(b):
    b.skip_unless(__import__("shutil").which("clang"), "no clang here")
    result = both(b, b.compile("stacks.c", "-O2", cc="clang"), "aligned")
    result.need(any("main" in s for s in frames_of(result)), "main in a stack")


@case
def optimised_code(b):
    for level in ("-O0", "-O3"):
        walked(b, "deep", level, sees=("deep",))
        walked(b, "thread-large", level, "-fomit-frame-pointer", sees=("thread",))


@case
def generated_code(b):
    """No table for the code in the middle: a shorter stack, the same finding."""
    program = b.compile("stacks.c")
    both(b, program, "generated")
    both(b, program, "generated-lock")


@case
def small_thread_stacks(b):
    walked(b, "thread-min", sees=("ordered", "thread"))
    walked(b, "thread-own", sees=("ordered", "thread"))
    walked(b, "thread-large", sees=("ordered", "thread"))
