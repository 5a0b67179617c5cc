# SPDX-License-Identifier: MIT
"""What the cases stand on: compile a subject, run it, read the report, say what must hold."""
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 60.0


def _run_cases():
    loader = importlib.machinery.SourceFileLoader("run_cases", HERE + "/../run-cases")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_cases", loader))
    loader.exec_module(module)
    return module


matcher = _run_cases()
ALL = []


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def known(why):
    """A case that is known to fail: it is skipped for this reason until it passes."""

    def mark(function):
        def run(b):
            try:
                function(b)
            except Failed as failed:
                raise Skipped("known: " + why) from failed

        run.__name__ = function.__name__
        return case(run)

    return mark


def case(function):
    ALL.append(function)
    return function


class Result:
    """status: None for a time-out; report: None when there is none."""

    def __init__(self, status, out, err, report):
        self.status, self.out, self.err, self.report = status, out, err, report

    def __str__(self):
        text = "status %s\nout: %s\nerr: %s" % (self.status, self.out[-600:], self.err[-1200:])
        if self.report:
            text += "\nreport: %s" % json.dumps(
                {
                    "findings": [
                        (f["grade"], f["kind"], f["title"]) for f in self.report["findings"]
                    ],
                    **{k: self.report.get(k) for k in ("hidden", "notes", "not_watched", "stats")},
                }
            )
        return text

    def need(self, truth, what):
        if not truth:
            raise Failed("%s\n%s" % (what, self))
        return self

    def ends(self, status=0, out=None):
        self.need(self.status is not None, "did not end in time")
        self.need(self.status == status, "status %s expected" % status)
        if out is not None:
            self.need(self.out == out, "output %r expected" % out)
        return self

    def serious(self):
        self.need(self.report is not None, "no report")
        return matcher.serious(self.report)

    def clean(self, out=None, status=0):
        """Ends as it would alone, and nothing is found."""
        self.ends(status, out)
        return self.need(not self.serious(), "nothing to be found here")

    def finds(self, *locks, grade="possible", status=66):
        """A cycle through these locks (one argument: names with blanks between them)."""
        self.need(self.status is not None, "did not end in time")
        rank = matcher.GRADES.index
        for wanted in locks:
            found = any(
                rank(f["grade"]) >= rank(grade)
                and matcher.cycle_matches([lock["name"] for lock in f["locks"]], wanted.split())
                for f in self.serious()
            )
            self.need(found, "cycle %s expected" % wanted)
        return self.need(self.status == status, "status %s expected" % status)

    def stat(self, name):
        self.need(self.report is not None, "no report")
        return self.need(name in self.report["stats"], "no %s in stats" % name) and self.report[
            "stats"
        ][name]

    def said(self, part):
        """Whether part is in what the report says was not watched, or notes."""
        said = json.dumps([self.report.get("not_watched"), self.report.get("notes")])
        return part in said


class Bench:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.lockdag = build + "/bin/lockdag"
        self.guest = build + "/lib/liblockdag-guest.so"
        self.n = 0

    def skip_unless(self, truth, why):
        if not truth:
            raise Skipped(why)

    def compile(self, source, *flags, out=None, cc=None):
        """Path of what became of a file of this folder."""
        cxx = source.endswith(".cpp")
        cc = cc or ("g++" if cxx else "gcc")
        self.skip_unless(shutil.which(cc), "no %s here" % cc)
        target = os.path.join(self.folder, out or os.path.splitext(source)[0])
        command = [cc, "-std=gnu++17" if cxx else "-std=gnu11", "-g", "-O1", "-pthread", "-w"]
        command += ["-o", target, os.path.join(HERE, source), *flags]
        made = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if made.returncode:
            raise Failed("does not compile: %s\n%s" % (" ".join(command), made.stderr))
        return target

    def library(self, source, *flags, out=None, cc=None):
        return self.compile(
            source, "-shared", "-fPIC", *flags, cc=cc,
            out=out or "lib%s.so" % os.path.splitext(source)[0],
        )

    def start(self, command, env=None, **options):
        whole = dict(os.environ)
        whole.update(env or {})
        return subprocess.Popen(
            command, env=whole, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True, **options
        )

    def finish(self, process, timeout=TIMEOUT):
        """(status or None for a time-out, out, err); its session of processes ends with it."""
        try:
            out, err = process.communicate(timeout=timeout)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            status = None
        return status, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def alone(self, command, timeout=TIMEOUT, **options):
        return Result(*self.finish(self.start(command, **options), timeout), None)

    def command(self, command, options=()):
        self.n += 1
        self.report = os.path.join(self.folder, "report-%d.json" % self.n)
        return [self.lockdag, "run", "--format", "json", "-o", self.report, *options, "--", *command]

    def read_report(self):
        try:
            with open(self.report, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def run(self, command, options=(), timeout=TIMEOUT, **more):
        """A program under lockdag."""
        process = self.start(self.command(command, options), **more)
        status, out, err = self.finish(process, timeout)
        return Result(status, out, err, self.read_report())
