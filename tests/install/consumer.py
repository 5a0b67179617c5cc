#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An installed tree, and programs that are built against it."""
import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from harness import Skip, case, contains, equal, main, programs  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "consumer")
BUILD = os.path.dirname(programs)


def command(*arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=240,
                          **options)
    if done.returncode:
        raise AssertionError("%s: status %d\n%s%s" % (" ".join(arguments), done.returncode,
                                                      done.stdout, done.stderr))
    return done.stdout


@functools.lru_cache(maxsize=None)
def prefix():
    """Installed, then moved: nothing may name the place it was installed to."""
    folder = tempfile.mkdtemp(prefix="lockdag-install-")
    atexit.register(shutil.rmtree, folder, True)
    command("cmake", "--install", BUILD, "--prefix", folder + "/first")
    os.rename(folder + "/first", folder + "/moved")
    return folder + "/moved"


def installed(name):
    for folder, _, names in os.walk(prefix()):
        if name in names:
            return os.path.join(folder, name)
    raise AssertionError("%s is not installed" % name)


def compiler(name):
    if not shutil.which(name):
        raise Skip("no " + name)
    return name


def pkg_config(*arguments):
    if not shutil.which("pkg-config"):
        raise Skip("no pkg-config")
    path = os.path.dirname(installed("lockdag.pc"))
    return command("pkg-config", *arguments, env=dict(os.environ, PKG_CONFIG_PATH=path)).split()


def judged(program, locks):
    """Reported with both names, clean when it is, and the same alone."""
    where = os.path.dirname(installed("liblockdag-tsan.so.0"))
    env = dict(os.environ, LD_LIBRARY_PATH=where)
    for words, status in ((["clean"], 0), ([], 66)):
        alone = subprocess.run([program, *words], capture_output=True, text=True, check=False,
                               timeout=20, env=env)
        equal((alone.returncode, alone.stdout, alone.stderr), (0, "done\n", ""))
        done = subprocess.run([os.path.join(prefix(), "bin", "lockdag"), "run", "--format=json", "--", program, *words],
                              capture_output=True, text=True, check=False, timeout=60, env=env)
        equal((done.returncode, done.stdout), (status, "done\n"))
        found = [sorted(lock["name"] for lock in f["locks"])
                 for f in json.loads(done.stderr)["findings"] if f["grade"] != "unlikely"]
        equal(found, [sorted(locks)] if status else [])


def compiled(command_line, source, package):
    flags = pkg_config("--cflags", package)
    libraries = pkg_config("--libs", package)
    command(*command_line, "-g", "-Wall", "-Wextra", "-Werror", "-pthread", *flags,
            os.path.join(SOURCES, source), "-o", "consumer", *libraries)
    return os.path.abspath("consumer")


@case
def c_by_pkg_config():
    judged(compiled([compiler("gcc"), "-std=c99"], "consumer.c", "lockdag"), ["a", "b"])


@case
def c_by_pkg_config_and_clang():
    judged(compiled([compiler("clang"), "-std=c11"], "consumer.c", "lockdag"), ["a", "b"])


@case
def cxx_by_pkg_config():
    judged(compiled([compiler("g++"), "-std=c++11"], "consumer.cpp", "lockdag"),
           ["inner", "table.mutex_"])


@case
def annotated_by_pkg_config():
    judged(compiled([compiler("gcc"), "-std=c99"], "annotated.c", "lockdag-tsan"), ["a", "b"])


@case
def all_by_cmake():
    compiler("g++")
    command("cmake", "-S", SOURCES, "-B", "built", "-DCMAKE_PREFIX_PATH=" + prefix())
    command("cmake", "--build", "built")
    judged(os.path.abspath("built/consumer-c"), ["a", "b"])
    judged(os.path.abspath("built/consumer-cxx"), ["inner", "table.mutex_"])
    judged(os.path.abspath("built/consumer-annotated"), ["a", "b"])


@case
def another_version_is_refused_by_cmake():
    with open("CMakeLists.txt", "w", encoding="ascii") as file:
        file.write("cmake_minimum_required(VERSION 3.16)\nproject(x LANGUAGES NONE)\n"
                   "find_package(lockdag 7.0 REQUIRED)\n")
    done = subprocess.run(["cmake", "-S", ".", "-B", "built", "-DCMAKE_PREFIX_PATH=" + prefix()],
                          capture_output=True, text=True, check=False, timeout=60)
    equal(done.returncode != 0, True)
    contains(done.stderr, "lockdag")


@case
def man_pages_are_installed():
    for name in ("lockdag.1", "lockdag-run.1", "lockdag-report.1", "lockdag.h.3"):
        installed(name)


main()
