#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debug information in all the places where people keep it: locks and lines are named the same. What
is missing costs names, never the finding."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import harness
from harness import Skip, case, equal, main, run

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "subjects", "order.c")
WITH = ["ledger", "savings.guard"]
# innermost first: the inlined function's line, then the caller's
STACKS = {("both", True), ("audit", False), ("deposit", False)}


def tool(name):
    if not shutil.which(name):
        raise Skip("%s is not installed" % name)
    return name


def command(*words):
    done = subprocess.run([tool(words[0]), *words[1:]], timeout=60, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise AssertionError("%s: %s" % (" ".join(words), done.stderr))
    return done.stdout


def build(name, *flags):
    command("gcc", "-O1", "-pthread", "-Wl,--build-id", *(flags or ("-g",)), "-o", name, SOURCE)
    return name


def split(name, link=None):
    """name loses its debug information to name.dbg."""
    command("objcopy", "--only-keep-debug", name, name + ".dbg")
    command("strip", name)
    if link:
        command("objcopy", "--add-gnu-debuglink=" + name + ".dbg", name)


def frames_of(finding):
    for edge in finding["edges"]:
        for exemplar in edge["exemplars"]:
            yield from exemplar["held_at"] + exemplar["wait_at"]


def judged(program, prefix=()):
    """(names, {(function, inlined)}, {line}) of the frames in the program itself."""
    words = [*prefix, harness.lockdag, "run", "--format", "json", "-o", os.path.abspath("r.json"), "--",
             os.path.abspath(program)]
    done = subprocess.run(words, timeout=60, capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (66, ""))
    with open("r.json", encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    equal(len(findings), 1)
    frames = [f for f in frames_of(findings[0]) if f.get("module") == os.path.basename(program)]
    return (sorted(lock["name"] for lock in findings[0]["locks"]),
            {(f.get("function"), f["inlined"]) for f in frames},
            {f["line"] for f in frames if f.get("line")})


def is_whole(program, prefix=()):
    names, functions, lines = judged(program, prefix)
    equal(names, WITH)
    assert STACKS <= functions, functions
    assert len(lines) >= 4, lines


def is_bare(program):
    """Nothing but what symbols say, or not even that; and no crash."""
    names, functions, _ = judged(program)
    equal(WITH == names, False)
    assert ("both", True) not in functions, functions


@case
def in_the_program():
    is_whole(build("whole"))
    is_whole(build("whole4", "-gdwarf-4"))
    is_whole(build("packed", "-g", "-gz"))


@case
def stripped_there_is_none():
    build("bare")
    split("bare")
    os.remove("bare.dbg")
    is_bare("bare")


@case
def behind_a_link_beside_or_below():
    build("linked")
    split("linked", link=True)
    is_whole("linked")
    os.mkdir(".debug")
    os.rename("linked.dbg", ".debug/linked.dbg")
    is_whole("linked")


@case
def a_link_without_a_build_id_goes_by_the_checksum():
    build("linked", "-g", "-Wl,--build-id=none")
    split("linked", link=True)
    is_whole("linked")
    build("other", "-g", "-O0", "-Wl,--build-id=none")
    split("other")
    os.rename("other.dbg", "linked.dbg")
    is_bare("linked")


@case
def a_link_to_another_build_is_not_followed():
    build("linked")
    split("linked", link=True)
    build("other", "-g", "-O0")
    split("other")
    os.rename("other.dbg", "linked.dbg")
    is_bare("linked")


@case
def under_its_build_id():
    build("named")
    split("named")
    build_id = re.search(r"Build ID: (\w+)", command("readelf", "-n", "named")).group(1)
    os.makedirs("root/.build-id/" + build_id[:2])
    os.rename("named.dbg", "root/.build-id/%s/%s.debug" % (build_id[:2], build_id[2:]))
    prefix = [tool("unshare"), "-rm", "sh", "-c", 'mount --bind root /usr/lib/debug && exec "$@"', "-"]
    if subprocess.run([*prefix, "true"], timeout=60, capture_output=True, check=False).returncode:
        raise Skip("no mount namespace, or no /usr/lib/debug, here")
    is_bare("named")
    is_whole("named", prefix)


@case
def shrunk_by_dwz():
    build("shrunk")
    command("dwz", "shrunk")
    is_whole("shrunk")


def shared_pair(*flags):
    build("one", *flags)
    build("two", *flags, "-O2")


@case
def shared_by_dwz_between_programs():
    for flags in (("-g",), ("-gdwarf-4",)):
        shared_pair(*flags)
        command("dwz", "-m", "common", "one", "two")
        assert "gnu_debugaltlink" in command("readelf", "-SW", "one")
        is_whole("one")
        is_whole("two")


@case
def shared_by_dwz_behind_links():
    shared_pair("-g")
    split("one", link=True)
    split("two", link=True)
    command("dwz", "-m", "common.dbg", "one.dbg", "two.dbg")
    for name in ("one", "two"): # their checksums have changed; their build-ids have not
        is_whole(name)


@case
def what_dwz_shared_is_gone():
    shared_pair("-g")
    command("dwz", "-m", "common", "one", "two")
    os.remove("common")
    is_bare("one")


@case
def split_dwarf():
    for flags in (("-g",), ("-gdwarf-4",)):
        is_whole(build("split", *flags, "-gsplit-dwarf"))


@case
def split_dwarf_that_is_gone():
    build("split", "-g", "-gsplit-dwarf")
    for name in os.listdir("."):
        if name.endswith(".dwo"):
            os.remove(name)
    is_bare("split")


def libdw_version():
    done = subprocess.run(["pkg-config", "--modversion", "libdw"], capture_output=True, text=True,
                          timeout=60, check=False)
    return tuple(int(n) for n in re.findall(r"\d+", done.stdout)[:2])


@case
def split_dwarf_in_a_package():
    # clang's: binutils' dwp and gcc's DWARF 5 do not go together
    command("clang", "-g", "-gsplit-dwarf", "-O1", "-pthread", "-Wl,--build-id", "-o", "split", SOURCE)
    command("llvm-dwp", "-e", "split", "-o", "split.dwp")
    for name in os.listdir("."):
        if name.endswith(".dwo"):
            os.remove(name)
    if libdw_version() >= (0, 191):
        is_whole("split")
    else:
        is_bare("split")


main()
