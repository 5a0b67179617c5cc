# SPDX-License-Identifier: MIT
"""Cases of a test script: functions marked with @case, run one by one, each with a directory of its
own. Everything started has a time-out and a process group of its own, which ends with it."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TIMEOUT = 30
lockdag, programs = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
cases = []
started = []


class Skip(Exception):
    pass


def case(function):
    cases.append(function)
    return function


def program(name):
    return os.path.join(programs, "cli-test-" + name)


def start(arguments, **options):
    """lockdag with arguments, with pipes for its output."""
    for pipe in ("stdout", "stderr"):
        options.setdefault(pipe, subprocess.PIPE)
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("start_new_session", True)
    process = subprocess.Popen([lockdag, *arguments], **options)
    started.append(process)
    return process


def end(process):
    """Ends what a failed case has left running."""
    if process.poll() is None:
        child = child_of(process.pid)
        for pid in (child, process.pid):
            if pid:
                os.kill(pid, signal.SIGKILL)
        process.wait()


def too_long(number, frame):
    raise AssertionError("time-out of the case")


def finish(process, input=None):
    """(status, stdout, stderr); status is negative for a signal."""
    try:
        out, err = process.communicate(input=input, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise AssertionError("time-out")
    return process.returncode, (out or b"").decode(), (err or b"").decode()


def run(*arguments, input=None, **options):
    if input is not None:
        options["stdin"] = subprocess.PIPE
    return finish(start(arguments, **options), input)


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("waited too long")


def child_of(pid):
    """The first child of a process, when there is one."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        children = file.read().split()
    return int(children[0]) if children else None


def state_of(pid):
    with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0]


def equal(got, wanted):
    assert got == wanted, "got %r, wanted %r" % (got, wanted)


def contains(text, part):
    assert part in text, "%r is not in %r" % (part, text)


def main():
    failed = 0
    signal.signal(signal.SIGALRM, too_long)
    for function in cases:
        home, directory = os.getcwd(), tempfile.mkdtemp(prefix="lockdag-test-")
        os.chmod(directory, 0o755)
        os.chdir(directory)
        signal.alarm(2 * TIMEOUT)
        try:
            function()
            print("[       OK ] %s" % function.__name__)
        except Skip as why:
            print("[  SKIPPED ] %s: %s" % (function.__name__, why))
        except Exception as error:
            failed += 1
            print("[  FAILED  ] %s: %s: %s" % (function.__name__, type(error).__name__, error))
        finally:
            signal.alarm(0)
            for process in started:
                end(process)
            started.clear()
            os.chdir(home)
            shutil.rmtree(directory, ignore_errors=True)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
