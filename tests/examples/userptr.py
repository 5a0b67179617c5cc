#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/userptr: clean under lockdag; reported with the order that the patch changed."""
import ctypes
import errno
import functools
import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from harness import Skip, case, contains, equal, main, programs, run  # noqa: E402

USERPTR = os.path.join(programs, "userptr-demo")
SAID = "object 1: discarded\nobject 1: gone\n"
NOBODY = 65534


def alone(*arguments, **options):
    done = subprocess.run([USERPTR, *arguments], capture_output=True, timeout=20, check=False,
                          text=True, **options)
    equal((done.returncode, done.stderr), (0, ""))
    return done.stdout


def unwatched(out):
    """Why the memory was not watched, or None."""
    line = out.split("\n", 1)[0]
    return line[len("not watching: "):] if line.startswith("not watching: ") else None


@case
def works_alone():
    for order in ("before", "after"):
        contains(alone("--order=" + order), SAID)


@case
def without_userfaultfd_it_is_told():
    equal(alone("--no-userfaultfd"),
          "not watching: the program asked for no userfaultfd\n" + SAID)


def refuse_userfaultfd(error):
    """In a child: from now on the system call fails with error (x86-64's number is 323)."""
    libc = ctypes.CDLL(None, use_errno=True)
    rules = b"".join(struct.pack("=HBBI", *rule) for rule in (
        (0x20, 0, 0, 0),                    # the number of the call
        (0x15, 0, 1, 323),                  # userfaultfd?
        (0x06, 0, 0, 0x00050000 | error),   # SECCOMP_RET_ERRNO
        (0x06, 0, 0, 0x7fff0000)))          # SECCOMP_RET_ALLOW
    buffer = ctypes.create_string_buffer(rules)
    program = ctypes.create_string_buffer(struct.pack("=H6xQ", 4, ctypes.addressof(buffer)))
    unset = ctypes.c_ulong(0)
    if libc.prctl(38, ctypes.c_ulong(1), unset, unset, unset) or \
            libc.prctl(22, ctypes.c_ulong(2), program, unset, unset):
        os._exit(77)


@case
def says_why_it_does_not_watch():
    for error, why in ((errno.ENOSYS, "the kernel has no userfaultfd"),
                       (errno.EPERM, "userfaultfd is not permitted"),
                       (errno.EMFILE, "userfaultfd failed")):
        done = subprocess.run([USERPTR], capture_output=True, timeout=20, check=False, text=True,
                              preexec_fn=functools.partial(refuse_userfaultfd, error))
        if done.returncode == 77:
            raise Skip("no system call filter")
        equal((done.returncode, done.stderr), (0, ""))
        equal(done.stdout, "not watching: %s\n%s" % (why, SAID))


@case
def watches_as_root():
    out = alone()
    if unwatched(out):
        raise Skip(unwatched(out))
    equal(out, SAID)


@case
def watches_without_privileges():
    if os.geteuid():
        raise Skip("is not root already")
    with open(USERPTR, "rb") as file:
        program = file.read()
    with open("userptr-demo", "wb") as file:
        file.write(program)
        os.fchmod(file.fileno(), 0o755)
    done = subprocess.run([os.path.abspath("userptr-demo")], capture_output=True, timeout=20,
                          check=False, text=True, user=NOBODY, group=NOBODY, extra_groups=[])
    equal((done.returncode, done.stderr), (0, ""))
    if unwatched(done.stdout):
        raise Skip(unwatched(done.stdout))
    equal(done.stdout, SAID)


@case
def clean():
    for arguments in ([], ["--no-userfaultfd"], ["--order=after"]):
        for _ in range(3):
            status, out, err = run("run", "--quiet", USERPTR, *arguments)
            equal((status, err), (0, ""))
            contains(out, SAID)


@case
def old_order_is_reported():
    for arguments in ([], ["--no-userfaultfd"]):
        status, out, err = run("run", "--format=json", USERPTR, "--order=before", *arguments)
        equal(status, 66)
        contains(out, SAID)
        findings = json.loads(err)["findings"]
        found = [[lock["name"] for lock in finding["locks"]] for finding in findings
                 if finding["grade"] == "possible"]
        equal([sorted(names) for names in found],
              [["userptr.device_lock", "userptr.mm_lock", "userptr.registry_lock",
                "userptr.work"]])


main()
