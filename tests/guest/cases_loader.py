# SPDX-License-Identifier: MIT
"""dlopen and dlclose."""
import json
import os
import subprocess

from bench import case


def plugin(b, name, *flags, folder=None):
    return b.library("plugin.c", "-DPLUGIN=" + name, *flags, out=(folder or "") + "lib%s.so" % name)


def program(b):
    return b.compile("plugin.c", "-ldl")


@case
def dlopen_plain(b):
    b.run([program(b), "plain", plugin(b, "one")]).ends(66, "done\n").finds("lock_a lock_b")
    b.run([program(b), "plain", plugin(b, "two", "-DINVERT")]).clean("done\n")


@case
def dlopen_failing(b):
    b.run([program(b), "failing", plugin(b, "one")]).ends(66, "done\n").finds("lock_a lock_b")


@case
def dlopen_runpath_of_the_caller(b):
    """A name without a path, found by $ORIGIN of the library that asks for it."""
    os.makedirs(b.folder + "/inner", exist_ok=True)
    plugin(b, "inner", folder="inner/")
    first = plugin(b, "first", "-Wl,-rpath,$ORIGIN/inner")
    b.alone([program(b), "runpath", first, "libinner.so"]).ends(0, "done\n")
    b.run([program(b), "runpath", first, "libinner.so"]).ends(66, "done\n").finds("lock_a lock_b")


@case
def dlopen_deepbind(b):
    """Dropped, said, and the library's locks are watched."""
    result = b.run([program(b), "deep", plugin(b, "one")]).ends(66, "done\n").finds("lock_a lock_b")
    result.need(result.said("RTLD_DEEPBIND"), "said so")


@case
def dlopen_name_space(b):
    """Not watched, and said."""
    result = b.run([program(b), "dlmopen", plugin(b, "one")]).ends(0, "done\n")
    result.need(result.said("dlmopen"), "said so")


@case
def dlclose_another_in_its_place(b):
    """Stacks name the library that was there at the time."""
    one, two = plugin(b, "one"), plugin(b, "two")
    result = b.run([program(b), "replaced", one, two]).finds("lock_a lock_b", "lock_c lock_d")
    result.need("elsewhere" not in result.out, "the second library lies where the first was")
    for finding in result.serious():
        for edge in finding["edges"]:
            for exemplar in edge["exemplars"]:
                for frame in exemplar["held_at"] + exemplar["wait_at"]:
                    name = str(frame.get("function"))
                    if name.startswith("nest_in_"):
                        result.need(
                            "lib%s.so" % name[8:] in frame["module"], "frame in its library: %s" % frame
                        )
    for lock, function in (("lock_a", "nest_in_one"), ("lock_c", "nest_in_two")):
        found = [json.dumps(f) for f in result.serious() if lock in json.dumps(f["locks"])]
        result.need(function in found[0], "%s in the stacks of %s" % (function, lock))


@case
def dlclose_many_times(b):
    """Three hundred loads of one library are not three hundred times the records."""
    result = b.run([program(b), "cycle", plugin(b, "one")]).finds("lock_a lock_b")
    result.need(result.stat("acquisitions") < 700, "%s acquisitions" % result.stat("acquisitions"))


@case
def dlopen_glib_local(b):
    """GLib arrives with a plug-in, out of the global scope: its locks are found all the same."""
    have = subprocess.run(["pkg-config", "--libs", "glib-2.0"], capture_output=True, text=True)
    b.skip_unless(have.returncode == 0, "no GLib to build against")
    library = plugin(b, "glib", "-DGLIB", *have.stdout.split())
    result = b.run([program(b), "plain", library]).ends(66, "done\n").finds("lock_a lock_b")
    result.need(result.stat("locks") >= 4, "GLib's locks on record")
