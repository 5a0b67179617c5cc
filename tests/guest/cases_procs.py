# SPDX-License-Identifier: MIT
"""fork and its kin, exec in all spellings: the child is watched, and nothing of the host changes."""
import os

from bench import case


def finds(b, *arguments, options=(), **more):
    return b.run([b.compile("procs.c"), *arguments], options, **more).finds("lock_a lock_b")


def silent_without(b, *arguments):
    """With --follow-exec=no the exec'd program is not watched."""
    return b.run([b.compile("procs.c"), *arguments], ["--follow-exec=no"]).clean()


@case
def fork_child(b):
    finds(b, "fork")


@case
def fork_with_held_locks(b):
    finds(b, "held")


@case
def fork_atfork_handlers(b):
    finds(b, "atfork")


@case
def fork_among_threads(b):
    finds(b, "threads")


@case
def fork_underscore(b):
    finds(b, "_Fork")


@case
def fork_raw_clone(b):
    finds(b, "clone")


@case
def fork_vfork_exec(b):
    finds(b, "vfork")


@case
def fork_daemon(b):
    """Closed descriptors, no environment, chroot, nobody, forked twice."""
    b.skip_unless(os.geteuid() == 0, "needs root")
    root = os.path.join(b.folder, "empty")
    os.makedirs(root, exist_ok=True)
    finds(b, "daemon", root)


def exec_case(how):
    def run(b):
        finds(b, how)
        silent_without(b, how)

    run.__name__ = "exec_" + how.replace("-", "_").replace("exec", "")
    case(run)


for way in ("execve", "execve-null", "execle", "execvpe", "fexecve", "execveat", "execl", "execlp",
            "execv", "execvp", "spawn", "spawnp", "system", "popen", "chain-chain", "titled"):
    exec_case(way)


@case
def exec_failed(b):
    finds(b, "failed")


@case
def exec_no_follow_keeps_other_preloads(b):
    other = b.library("noop.c", out="other.so")
    env = {"LD_PRELOAD": other}
    program = b.compile("procs.c")
    b.run([program, "preload"], ["--follow-exec=no"], env=env).clean(other)
    b.run([program, "preload-env"], ["--follow-exec=no"], env=env).clean("")


@case
def exec_adds_only_ourselves(b):
    """A program that dropped another preload does not get it back."""
    other = b.library("noop.c", out="other.so")
    result = b.run([b.compile("procs.c"), "preload-env"], env={"LD_PRELOAD": other}).clean()
    result.need("other.so" not in result.out, "other.so came back")


@case
def another_preload(b):
    """Before us and after us."""
    other = b.library("noop.c", out="other.so")
    program = b.compile("procs.c")
    b.run([program, "inversion"], env={"LD_PRELOAD": other}).finds("lock_a lock_b")
    session = "LD_PRELOAD=%s:$LD_PRELOAD exec %s inversion" % (other, program)
    b.run(["/bin/sh", "-c", session]).finds("lock_a lock_b")
