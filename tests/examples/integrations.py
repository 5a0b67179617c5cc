#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/integrations: each test runner with lockdag in it finds the cycle, and passes without."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))
import harness
from harness import Skip, case, contains, equal, main

EXAMPLES = os.path.join(ROOT, "examples", "integrations")
CYCLE = "POSSIBLE  "


def project(name):
    """A copy of an example, entered."""
    shutil.copytree(os.path.join(EXAMPLES, name), name)
    os.chdir(name)


def needs(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip("needs %s" % program)


def done(*command, **environment):
    """(status, both outputs)"""
    process = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, timeout=120, check=False,
    )
    return process.returncode, process.stdout.decode("utf-8", "replace")


def passes(*command, **environment):
    status, out = done(*command, **environment)
    assert status == 0, out
    return out


@case
def ctest():
    needs("cmake", "ctest")
    project("ctest")
    passes("cmake", "-S", ".", "-B", "plain")
    passes("cmake", "--build", "plain")
    contains(passes("ctest", "--test-dir", "plain"), "100% tests passed")
    passes("cmake", "-S", ".", "-B", "watched", "-DLOCKDAG=" + harness.lockdag)
    passes("cmake", "--build", "watched")
    status, out = done("ctest", "--test-dir", "watched", "--output-on-failure")
    assert status != 0, out
    contains(out, "lock_order")
    contains(out, "accounts -> journal -> accounts" if "accounts -> journal" in out else "journal -> accounts -> journal")
    contains(out, "75% tests passed, 1 tests failed out of 4")
    with open("watched/lockdag.sarif", encoding="utf-8") as file:
        equal(len(json.load(file)["runs"][0]["results"]), 1)


@case
def meson():
    needs("meson", "ninja")
    project("meson")
    passes("meson", "setup", "build")
    passes("meson", "test", "-C", "build")
    status, out = done("meson", "test", "-C", "build", "--print-errorlogs", "--wrapper", harness.lockdag + " run --quiet --")
    assert status != 0, out
    contains(out, CYCLE)
    contains(out, "accounts")


@case
def pytest():
    needs("cc")
    python = "/usr/bin/python3"
    if done(python, "-c", "import pytest")[0]:
        raise Skip("needs Debian's python3-pytest")
    project("pytest")
    passes("cc", "-g", "-shared", "-fPIC", "-o", "liblocks.so", "locks.c", "-lpthread")
    command = [python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    contains(passes(*command), "1 passed")
    status, out = done(harness.lockdag, "run", "--", *command)
    equal(status, 66)
    contains(out, "1 passed")
    contains(out, CYCLE)
    contains(out, "accounts")


@case
def cargo():
    needs("cargo")
    project("cargo")
    passes("cargo", "test", "--offline", "-q")
    status, out = done(
        "cargo", "test", "--offline", "-q", "--test", "locks",
        CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER=harness.lockdag + " run --quiet --",
    )
    assert status != 0, out
    contains(out, CYCLE)
    contains(out, "ACCOUNTS")


@case
def github():
    """The workflow's command is one that lockdag takes, and finds something with."""
    with open(os.path.join(EXAMPLES, "github", "lockdag.yml"), encoding="utf-8") as file:
        text = file.read()
    try:
        import yaml
        steps = yaml.safe_load(text)["jobs"]["lockdag"]["steps"]
        command = next(step["run"] for step in steps if "lockdag run" in step.get("run", ""))
    except ImportError:
        command = " ".join(re.search(r">-\n(.*?)\n      - name", text, re.S)[1].split())
    words = shlex.split(command.partition(" -- ")[0])
    equal(words[:2], ["lockdag", "run"])
    open("lockdag.supp", "w", encoding="utf-8").close()
    status, out = done(harness.lockdag, *words[1:], "--", os.path.join(harness.programs, "example-bank"), GITHUB_WORKSPACE=ROOT)
    equal(status, 66)
    contains(out, "::warning file=examples/bank.c,line=")
    with open("lockdag.sarif", encoding="utf-8") as file:
        result = json.load(file)["runs"][0]["results"][0]
    equal(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "examples/bank.c")
    assert os.path.getsize("lockdag.html") > 10000


main()
