#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/prime_mmap: lockdag prints the chain of the kernel's report of 2017, and nothing for the
cure. The seven names are those in the report's text where that is at hand (../shared/seed)."""
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from harness import case, contains, equal, main, programs, run  # noqa: E402

PRIME_MMAP = os.path.join(programs, "prime_mmap")
SEED = os.path.join(HERE, "..", "..", "..", "shared", "seed", "*.txt")
LINK = re.compile(r"^-> #(\d+) \((.*)\)\{[-+.?]{4}\}:$", re.MULTILINE)
CHAIN = [
    (6, "&dev_priv->mm_lock"),
    (5, "&mm->mmap_sem"),
    (4, "&sb->s_type->i_mutex_key#5"),
    (3, "(complete)&req.done"),
    (2, "cpuhp_state"),
    (1, "cpuhp_state_mutex"),
    (0, "cpu_hotplug_lock.rw_sem"),
]


def links(text):
    return [(int(number), name) for number, name in LINK.findall(text)]


def before(*options):
    """(status, stdout, stderr) of lockdag over the machine as it was."""
    return run("run", *options, PRIME_MMAP, "--order=before")


def alone(*arguments):
    return subprocess.run([PRIME_MMAP, *arguments], capture_output=True, timeout=20, check=False)


@case
def works_alone():
    for order in ("before", "after"):
        done = alone("--order=" + order)
        equal((done.returncode, done.stderr), (0, b""))
        equal(done.stdout, b"prime_mmap: 2 devices, 2 faults, watching\n")


@case
def bad_options():
    for arguments in (["--order=sideways"], ["--order"], ["--fast"], ["before"]):
        equal(alone(*arguments).returncode, 2)
    equal(alone("--help").returncode, 0)


@case
def facts_are_the_seeds():
    for path in glob.glob(SEED):
        with open(path, encoding="utf-8") as file:
            equal(links(file.read()), CHAIN)


@case
def before_is_the_seeds_chain():
    status, out, err = before("--format=kernel")
    equal(links(err), CHAIN)
    equal(status, 66)
    equal(err.count("possible circular locking dependency detected"), 1)
    contains(err, "\nprime_mmap/")
    contains(err, " is trying to acquire lock:\n (cpu_hotplug_lock.rw_sem){++++}, at: ")
    contains(err, "but task is already holding lock:\n (&dev_priv->mm_lock){+.+.}, at: ")
    contains(err, "Chain exists of:\n"
                  "  cpu_hotplug_lock.rw_sem --> &mm->mmap_sem --> &dev_priv->mm_lock\n")
    contains(err, "2 locks held by prime_mmap/")
    contains(out, "2 devices")


@case
def stacks_are_the_machines():
    err = before("--format=kernel")[2]
    parts = dict(zip((name for _, name in links(err)), LINK.split(err)[3::3]))
    for name, functions in {
        "cpu_hotplug_lock.rw_sem": ["apply_workqueue_attrs", "alloc_workqueue", "userptr_ioctl"],
        "&mm->mmap_sem": ["copy_to_user", "filldir", "getdents"],
        "&sb->s_type->i_mutex_key#5": ["handle_create", "devtmpfsd"],
        "(complete)&req.done": ["wait_for_completion", "devtmpfs_create_node",
                                "msr_device_create", "cpuhp_thread_fun"],
        "cpuhp_state": ["cpuhp_issue_call", "cpuhp_setup_state"],
        # Not page_alloc_init(), which took it first: nothing was called back there.
        "cpuhp_state_mutex": ["cpuhp_setup_state", "boot"],
    }.items():
        for function in functions:
            contains(parts[name], function + "+0x")


@case
def every_party_is_in_the_report():
    err = before("--format=json")[2]
    findings = json.loads(err)["findings"]
    equal([finding["grade"] for finding in findings], ["possible"])
    equal(sorted(lock["name"] for lock in findings[0]["locks"]),
          sorted(name for _, name in CHAIN))
    text = before()[2]
    for thread in ("cpuhp/0", "kdevtmpfs", "ls", "prime_mmap", "swapper/0", "cpu_up"):
        contains(text, "thread %s (" % thread)
    contains(text, "waits to write cpu_hotplug_lock.rw_sem")


@case
def always_the_same():
    ids = {json.loads(before("--format=json")[2])
           ["findings"][0]["id"] for _ in range(5)}
    equal(len(ids), 1)


@case
def after_is_clean():
    for _ in range(3):
        status, _, err = run("run", "--show=unlikely", "--format=kernel", PRIME_MMAP,
                             "--order=after")
        equal((status, links(err)), (0, []))
        status, out, err = run("run", "--quiet", PRIME_MMAP, "--order=after")
        equal((status, err), (0, ""))


main()
