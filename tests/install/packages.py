#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Debian packages: built, without a word from lintian, and installed into a root of their own."""
import functools
import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import harness  # noqa: E402
from harness import Skip, case, contains, equal, main, programs  # noqa: E402

harness.TIMEOUT = 900  # the whole source is compiled
ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
OUT = os.path.join(os.path.dirname(programs), "package")


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Skip("no %s here (apt-get install debhelper dpkg-dev fakeroot lintian)" % tool)


def need_group(group):
    """./dev would install what is missing; a test does not."""
    with open(os.path.join(ROOT, "tools", "packages.txt"), encoding="ascii") as file:
        names = [line.split()[1] for line in file if line.startswith(group + " ")]
    missing = [name for name in names if subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", name], capture_output=True, text=True,
        check=False).stdout != "installed"]
    if missing:
        raise Skip("not installed: " + " ".join(missing))


@functools.lru_cache(maxsize=None)
def packages():
    need("dpkg-buildpackage", "dh", "fakeroot")
    need_group("build")
    need_group("package")
    env = dict(os.environ, LOCKDAG_BUILD=os.path.dirname(programs))
    done = subprocess.run([os.path.join(ROOT, "dev"), "package"], capture_output=True, text=True,
                          check=False, env=env, timeout=880)
    equal((done.returncode, done.stderr if done.returncode else ""), (0, ""))
    found = {os.path.basename(p).split("_")[0]: p for p in glob.glob(OUT + "/*.deb")}
    equal(sorted(name for name in found if not name.endswith("-dbgsym")),
          ["liblockdag-dev", "liblockdag-tsan0", "lockdag"])
    return found


@case
def are_built():
    packages()


@case
def what_is_built_with_is_said():
    """Build-Depends has every library that ./dev installs to build."""
    with open(os.path.join(ROOT, "debian", "control"), encoding="utf-8") as file:
        wanted = re.search(r"Build-Depends:(.*?)\n\S", file.read(), re.S)[1]
    with open(os.path.join(ROOT, "tools", "packages.txt"), encoding="ascii") as file:
        names = [line.split()[1] for line in file if line.startswith("build ")]
    for name in names:
        if name.startswith("lib") and name not in ("libc6-dev", "libcmocka-dev"):
            contains(wanted, name)


@case
def lintian_has_nothing_to_say():
    need("lintian")
    changes = glob.glob(OUT + "/*.changes") if packages() else []
    done = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", *changes],
                          capture_output=True, text=True, check=False, timeout=300)
    equal((done.returncode, done.stdout), (0, ""))


@case
def are_installed_and_work():
    deb = packages()
    os.makedirs("root/var/lib/dpkg/updates")
    os.makedirs("root/var/lib/dpkg/info")
    open("root/var/lib/dpkg/status", "w", encoding="ascii").close()
    done = subprocess.run(
        ["fakeroot", "dpkg", "--root=" + os.path.abspath("root"), "--force-not-root",
         "--force-depends", "--force-script-chrootless", "-i", deb["lockdag"], deb["liblockdag-tsan0"],
         deb["liblockdag-dev"]], capture_output=True, text=True, check=False, timeout=120,
        env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
    equal((done.returncode, done.stderr if done.returncode else ""), (0, ""))
    program = os.path.abspath("root/usr/bin/lockdag")
    bank = os.path.join(programs, "example-bank")
    ran = subprocess.run([program, "run", "--", bank], capture_output=True, text=True, check=False,
                         timeout=60)
    equal(ran.returncode, 66)
    contains(ran.stderr, "ledger_lock")
    version = subprocess.run([program, "--version"], capture_output=True, text=True,
                             check=True, timeout=60).stdout
    equal(re.fullmatch(r"lockdag \d+\.\d+\.\d+ \(build id [0-9a-f]{40}\)\n", version) is not None,
          True)
    for path in ("usr/include/lockdag/lockdag.h", "usr/share/man/man1/lockdag-run.1.gz",
                 "usr/share/man/man3/lockdag.h.3.gz", "usr/share/man/man5/lockdag-session.5.gz",
                 "usr/share/bash-completion/completions/lockdag"):
        equal((path, os.path.exists("root/" + path)), (path, True))


main()
