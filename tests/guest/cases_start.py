# SPDX-License-Identifier: MIT
"""Before our constructor, after our destructor; errno and allocation."""
from bench import case


def dependent(b, *flags):
    b.library("start.c", "-DLIBRARY", *flags)
    return b.compile("start.c", "-L" + b.folder, "-lstart", "-Wl,-rpath," + b.folder)


@case
def locks_before_our_constructor(b):
    """A dependency's constructor runs before the preload's: its order is half of a cycle."""
    b.run([dependent(b)]).ends(66, "atexit\nended\n").finds("order_a order_b", "late_a late_b")


@case
def locks_before_our_constructor_initfirst(b):
    b.run([dependent(b, "-Wl,-z,initfirst")]).ends(66, "atexit\nended\n").finds(
        "order_a order_b", "late_a late_b"
    )


@case
def errno_and_allocation(b):
    """No hook changes errno or allocates, first time or later."""
    b.run([b.compile("errnos.c", "-fno-builtin")]).clean("kept\n")
