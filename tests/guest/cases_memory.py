# SPDX-License-Identifier: MIT
"""Where locks lie, how many there are, what becomes of their memory."""
from bench import case, known


def run(b, *arguments, **more):
    return b.run([b.compile("memory.c"), *arguments], **more)


@case
def memory_gone_while_held(b):
    """The memory of a held lock is unmapped."""
    run(b, "gone", "1").finds("lock_a lock_b")


@case
def memory_gone_while_held_shared_key(b):
    """Locks that share a key are told apart by a number in the lock itself."""
    run(b, "gone", "40").finds("lock_a lock_b")


@case
def thread_frees_its_handle(b):
    """glibc has written the handle when the thread starts; the thread may free the place."""
    run(b, "handle").finds("lock_a lock_b")


@case
def locks_in_a_kept_file(b):
    """Identities that an earlier run has left in a file are nothing to a later one."""
    path = b.folder + "/kept"
    run(b, "file", path).clean()
    result = run(b, "file", path, "invert")
    result.need(result.serious() and result.status == 66, "a finding")
    result.need(result.stat("classes") >= 2, "classes of this run")
    result.need(not result.said("make no sense"), "no records of another session's keys")


@case
def copied_and_zeroed(b):
    result = run(b, "copied").finds("lock_a lock_b")
    result.need(len(result.serious()) == 1, "one finding only")


@case
def untouched_locks_stay_untouched(b):
    run(b, "untouched", b.folder + "/file").finds("lock_a lock_b")


@case
def array_of_static_locks(b):
    result = run(b, "array")
    result.need(result.status == 66 and result.serious(), "a finding")


@case
def million_locks(b):
    """At most 64 bytes a lock and 16 MiB."""
    result = run(b, "million", "1000000", timeout=120)
    result.clean()
    grown = int(result.out)
    result.need(grown <= 1000000 * 64 // 1024 + 16 * 1024, "%d KiB grown" % grown)


@case
def births_and_deaths(b):
    """The second hundred thousand costs nothing."""
    result = run(b, "come-and-go", "50000", timeout=120)
    result.clean()
    result.need(int(result.out) < 1024, "%s KiB grown" % result.out.strip())


@case
def deep_chains(b):
    run(b, "chain", "0").clean()
    result = run(b, "chain", "1")
    result.need(result.status == 66, "a finding")
    result.need(len(result.serious()) == 1, "one cycle, of the innermost two")
    edges = result.serious()[0]["edges"]
    result.need(
        {e["from"] for e in edges} == {e["to"] for e in edges} and len(edges) == 2, "two edges"
    )


@case
def ten_thousand_threads(b):
    result = run(b, "threads", "10000", "200", timeout=120).finds("lock_a lock_b")
    result.need(result.stat("threads") >= 10000, "all threads on record")


@case
def four_hundred_threads_at_once(b):
    result = run(b, "threads", "400", "400", "stay", timeout=120).finds("lock_a lock_b")
    result.need(result.stat("threads") >= 400, "all threads on record")
