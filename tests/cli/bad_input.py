#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bad input gets one clear line and the right exit status, and starts nothing."""
import os
import shutil
import struct
import subprocess

import harness
from harness import Skip, case, contains, equal, main, run

SOURCE = "int main(void) { return 0; }\n"


def refused(arguments, status, *parts, **options):
    got, out, err = run(*arguments, **options)
    equal(out, "")
    equal(err.count("\n"), 1)
    assert err.startswith("lockdag: "), err
    for part in parts:
        contains(err, part)
    equal(got, status)


def compiled(*flags):
    with open("p.c", "w", encoding="ascii") as file:
        file.write(SOURCE)
    done = subprocess.run(["cc", "p.c", "-o", "p", *flags], capture_output=True)
    if done.returncode:
        raise Skip("the compiler cannot: " + done.stderr.decode().strip().replace("\n", " ")[:100])
    return "./p"


def script(text, mode=0o755):
    with open("s", "w", encoding="ascii") as file:
        file.write(text)
    os.chmod("s", mode)
    return "./s"


def patched(offset, fmt, value):
    with open(shutil.which("true"), "rb") as file:
        data = bytearray(file.read())
    struct.pack_into(fmt, data, offset, value)
    with open("p", "wb") as file:
        file.write(data)
    os.chmod("p", 0o755)
    return "./p"


@case
def no_arguments():
    got, out, err = run()
    equal(got, 125)
    contains(err, "usage")


@case
def no_command():
    refused(["run"], 125, "usage")


@case
def no_session():
    refused(["report"], 125, "usage")


@case
def unknown_command():
    refused(["walk"], 125, "walk")


@case
def unknown_option():
    refused(["run", "--wat", "true"], 125, "--wat", "--help")


@case
def option_without_value():
    refused(["run", "-o"], 125, "-o")


@case
def flag_with_value():
    refused(["run", "--quiet=yes", "true"], 125, "quiet")


@case
def bad_values():
    for word in ("--format=xml", "--fail-on=sometimes", "--exit-code=256", "--exit-code=x",
                 "--show=all", "--color=blue", "--on-deadlock=cry", "--follow-exec=maybe",
                 "--output=", "--keep="):
        refused(["run", word, "true"], 125, word.split("=")[0])


@case
def not_found():
    refused(["run", "no-such-command-here"], 127, "not found")


@case
def not_found_path():
    refused(["run", "./no-such-command-here"], 127, "No such file")


@case
def empty_command():
    refused(["run", ""], 127, "not found")


@case
def component_is_file():
    refused(["run", "/etc/passwd/x"], 127, "Not a directory")


@case
def directory():
    refused(["run", "/tmp"], 126, "is a directory")


@case
def not_executable():
    refused(["run", script("#!/bin/sh\n", 0o644)], 126, "not executable")


@case
def not_executable_in_path():
    script("#!/bin/sh\n", 0o644)
    refused(["run", "s"], 126, "not executable", env={"PATH": os.getcwd()})


@case
def bad_interpreter():
    refused(["run", script("#!/no/such/thing\n")], 126, "/no/such/thing")


@case
def empty_interpreter():
    refused(["run", script("#!\n")], 126, "interpreter")


@case
def binary_rubbish():
    refused(["run", script("\0\1\2\3")], 126, "no program")


@case
def damaged_elf():
    refused(["run", script("\177ELF\2\1\1")], 126, "damaged")


@case
def static():
    refused(["run", compiled("-static")], 125, "statically linked", "without -static")


@case
def static_pie():
    refused(["run", compiled("-static-pie")], 125, "statically linked")


@case
def musl():
    refused(["run", compiled("-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1")], 125, "musl")


@case
def missing_loader():
    refused(["run", compiled("-Wl,--dynamic-linker=/lib/no-such-loader")], 126, "no-such-loader")


@case
def other_machine():
    refused(["run", patched(18, "<H", 183)], 126, "another machine")


@case
def thirty_two_bits():
    header = struct.pack("<4sBBBB8xHHIIIIIHHHHHH", b"\177ELF", 1, 1, 1, 0, 2, 3, 1, 0x1000, 52, 0, 0,
                         52, 32, 1, 40, 0, 0)
    header += struct.pack("<IIIIIIII", 1, 0, 0x1000, 0x1000, 84, 84, 5, 4096)
    with open("p", "wb") as file:
        file.write(header)
    os.chmod("p", 0o755)
    refused(["run", "./p"], 125, "32-bit")


@case
def script_of_static():
    compiled("-static")
    refused(["run", script("#!%s/p\n" % os.getcwd())], 125, "statically linked")


@case
def setuid():
    if os.getuid():
        raise Skip("needs root")
    shutil.copy(shutil.which("true"), "p")
    os.chown("p", 65534, 65534)
    os.chmod("p", 0o4755)
    refused(["run", "./p"], 125, "setuid")
    os.chmod("p", 0o2755)
    refused(["run", "./p"], 125, "setgid")


@case
def setuid_of_caller():
    shutil.copy(shutil.which("true"), "p")
    os.chmod("p", 0o4755)
    equal(run("run", "-q", "./p"), (0, "", ""))


@case
def capabilities():
    if os.getuid():
        raise Skip("needs root")
    shutil.copy(shutil.which("true"), "p")
    try:
        os.setxattr("p", "security.capability", struct.pack("<IIIII", 0x02000001, 1, 0, 0, 0))
    except OSError as error:
        raise Skip("no file capabilities here: %s" % error)
    if subprocess.run([harness.lockdag, "version"], user=65534, capture_output=True).returncode:
        raise Skip("another user cannot run lockdag here")
    refused(["run", os.getcwd() + "/p"], 125, "capabilities", user=65534)


@case
def unwritable_output():
    refused(["run", "-o", "no/such/dir/r", "touch", "started"], 125, "no/such/dir/r")
    assert not os.path.exists("started")


@case
def unwritable_keep():
    refused(["run", "--keep", "/proc/no", "touch", "started"], 125, "/proc/no")
    script("")
    refused(["run", "--keep", "s", "touch", "started"], 125, "Not a directory")
    assert not os.path.exists("started")


@case
def missing_guest():
    refused(["run", "true"], 125, "LOCKDAG_GUEST", env=dict(os.environ, LOCKDAG_GUEST="/no/guest"))


@case
def guest_with_space():
    os.mkdir("a b")
    shutil.copy(script(""), "a b/g.so")
    refused(["run", "true"], 125, "space", env=dict(os.environ, LOCKDAG_GUEST="a b/g.so"))


@case
def no_session_file():
    refused(["report", "no-such.lockdag"], 125, "no-such.lockdag")


@case
def foreign_session():
    refused(["report", shutil.which("true")], 125)
    refused(["report", script("")], 125)


@case
def truncated_session():
    equal(run("run", "-q", "--keep", "k", "true")[0], 0)
    path = "k/" + os.listdir("k")[0]
    equal(run("report", path)[0], 0)
    for size in (0, 8, 100, 4096, 100000):
        shutil.copy(path, "cut")
        os.truncate("cut", size)
        refused(["report", "cut"], 125, "cut")


@case
def directory_session():
    refused(["report", "/tmp"], 125, "/tmp")


@case
def bad_model():
    refused(["model", script("run r0 label=\"x\"\nrun\nwalk\n")], 125, "./s:2:")
    refused(["model", "no-such"], 125, "no-such")


@case
def full_disk():
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    got, out, err = run("run", "-o", "/dev/full", "true")
    equal(got, 125)
    contains(err, "cannot write the report")


main()
