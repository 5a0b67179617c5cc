# SPDX-License-Identifier: MIT
"""Cancellation, exceptions, ends of threads; old condition variables."""
from bench import case


def cxx(b, *arguments):
    return b.run([b.compile("cancel.cpp"), *arguments])


@case
def cancelled_cond_wait_c(b):
    cxx(b, "cond-c").clean("done\n")
    cxx(b, "cond-c", "really").finds("lock_a waited")


@case
def cancelled_cond_wait_cxx(b):
    cxx(b, "cond-cxx").clean("done\n")
    cxx(b, "cond-cxx", "really").finds("lock_a waited")


@case
def cancelled_sem_wait(b):
    cxx(b, "sem").clean("done\n")


@case
def cancelled_join(b):
    cxx(b, "join").clean("done\n")


@case
def thread_exit_with_cleanup(b):
    cxx(b, "exit").clean("done\n")


@case
def exceptions_through_guards(b):
    cxx(b, "throw").clean("done\n")


@case
def threads_after_main(b):
    """main ends by pthread_exit; detached threads go on and are recorded."""
    cxx(b, "after-main").finds("lock_a lock_b")


@case
def key_destructors_lock(b):
    cxx(b, "key").finds("lock_a lock_b")
    cxx(b, "thread-local").finds("lock_a lock_b")


@case
def async_and_futures(b):
    cxx(b, "async").finds("inner outer")


@case
def old_condition_variables(b):
    b.run([b.compile("oldcond.c")]).ends(66, "done\n").finds("lock_a lock_b")
