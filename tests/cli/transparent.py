#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a program and its caller see under lockdag run is what they see without it."""
import os
import pty
import select
import signal
import subprocess
import time

import harness
from harness import case, child_of, contains, equal, finish, main, program, run, start, state_of, wait_for

SIGNALS = program("signals")


@case
def exit_codes():
    for code in (0, 1, 65, 125, 255):
        equal(run("run", "-q", "sh", "-c", "exit %d" % code)[0], code)


@case
def killed_by_signal():
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGUSR1):
        equal(run("run", "-q", "sh", "-c", "kill -%d $$" % number)[0], -number)


@case
def no_core_of_lockdag():
    run("run", "-q", "sh", "-c", "ulimit -c 0; kill -ABRT $$")
    equal([name for name in os.listdir(".") if "core" in name], [])


@case
def streams():
    status, out, err = run("run", "sh", "-c", "cat; echo err >&2; exit 4", input=b"a\nb\n")
    equal(status, 4)
    equal(out, "a\nb\n")
    lines = err.splitlines()
    equal(lines[0], "err")
    assert lines[1].startswith("lockdag: "), lines
    equal(len(lines), 2)


@case
def quiet():
    equal(run("run", "-q", "sh", "-c", "echo x; echo y >&2"), (0, "x\n", "y\n"))


@case
def arguments():
    status, out, _ = run("run", "--", "printf", "%s|", "-o", "--help", "", "a b", "--")
    equal((status, out), (0, "-o|--help||a b|--|"))


@case
def own_name():
    equal(run("run", "-q", "sh", "-c", "echo $0")[1], "sh\n")


@case
def script_without_interpreter():
    with open("s", "w", encoding="ascii") as file:
        file.write("echo from $1\n")
    os.chmod("s", 0o755)
    equal(run("run", "-q", "./s", "here"), (0, "from here\n", ""))


@case
def shell_script():
    with open("s", "w", encoding="ascii") as file:
        file.write("#!/bin/sh -e\necho from $1\nfalse\n")
    os.chmod("s", 0o755)
    equal(run("run", "-q", "./s", "here"), (1, "from here\n", ""))


@case
def environment():
    added = {"LD_PRELOAD", "LOCKDAG_SESSION"}
    plain = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
    watched = run("run", "-q", "env")[1]
    drop = lambda text: sorted(line for line in text.splitlines()
                               if line.split("=")[0] not in added | {"_"})
    equal(drop(watched), drop(plain))


@case
def preload_is_kept():
    out = run("run", "-q", "env", env=dict(os.environ, LD_PRELOAD="/no/other.so"))[1]
    line = [line for line in out.splitlines() if line.startswith("LD_PRELOAD=")][0]
    assert line.endswith("liblockdag-guest.so:/no/other.so"), line


@case
def process_state():
    plain = subprocess.run([SIGNALS, "start"], capture_output=True, stdin=subprocess.DEVNULL)
    equal(run("run", "-q", SIGNALS, "start")[1], plain.stdout.decode())


@case
def inherited_state():
    def prepare():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])

    plain = subprocess.run([SIGNALS, "start"], capture_output=True, stdin=subprocess.DEVNULL,
                           preexec_fn=prepare)
    contains(plain.stdout.decode(), "ignored 17")
    equal(run("run", "-q", SIGNALS, "start", preexec_fn=prepare), (0, plain.stdout.decode(), ""))


@case
def closed_descriptors():
    status, out, _ = run("run", "-q", "-o", "r", "sh", "-c", "ls -l /proc/self/fd | grep -c memfd:lockdag; "
                         "[ ! -e /proc/$$/fd/0 ]", stdin=None, preexec_fn=lambda: os.close(0))
    equal((status, out), (0, "1\n"))


def counting():
    process = start(["run", "-q", SIGNALS, "count", "20"])
    equal(process.stdout.readline(), b"ready\n")
    return process


@case
def forwarding():
    process = counting()
    for number, word in ((signal.SIGHUP, b"HUP"), (signal.SIGUSR1, b"USR1"), (signal.SIGUSR2, b"USR2"),
                         (signal.SIGINT, b"INT"), (signal.SIGQUIT, b"QUIT"), (signal.SIGRTMIN, b"RT"),
                         (signal.SIGTERM, b"TERM")):
        process.send_signal(number)
        equal(process.stdout.readline().strip(), word)
    equal(finish(process)[0], 9)


@case
def terminal_interrupt():
    """A ^C reaches the program once, though the terminal sends it to lockdag, too."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(harness.lockdag, ["lockdag", "run", "-q", SIGNALS, "count", "20"])
    seen = b""

    def read_until(word):
        nonlocal seen
        end = time.monotonic() + 10
        while word not in seen:
            assert time.monotonic() < end, seen
            if select.select([master], [], [], 0.1)[0]:
                seen += os.read(master, 1000)

    try:
        read_until(b"ready")
        os.write(master, b"\x03")
        read_until(b"INT")
        time.sleep(0.3)
        os.kill(pid, signal.SIGTERM)
        read_until(b"TERM")
        equal(seen.count(b"INT"), 1)
    finally:
        _, status = os.waitpid(pid, 0)
        os.close(master)
    equal(os.waitstatus_to_exitcode(status), 9)


@case
def killed_by_interrupt():
    process = start(["run", "-q", "sleep", "20"])
    wait_for(lambda: child_of(process.pid))
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    equal(finish(process)[0], -signal.SIGINT)


@case
def stop_and_continue():
    # a group of its own in this session: one without a parent outside cannot be stopped by ^Z
    process = start(["run", "-q", SIGNALS, "count", "20"], start_new_session=False,
                    preexec_fn=lambda: os.setpgid(0, 0))
    equal(process.stdout.readline(), b"ready\n")
    child = child_of(process.pid)
    for number in (signal.SIGTSTP, signal.SIGSTOP):
        os.killpg(process.pid, number) if number == signal.SIGTSTP else os.kill(child, number)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == number, status
        equal(state_of(child), "T")
        process.send_signal(signal.SIGCONT)
        equal(process.stdout.readline(), b"CONT\n")
        wait_for(lambda: state_of(child) != "T" and state_of(process.pid) != "T")
    process.send_signal(signal.SIGTERM)
    equal(finish(process)[0], 9)


@case
def continued_alone():
    """Whoever continues the program alone gets lockdag, too."""
    process = counting()
    child = child_of(process.pid)
    os.kill(child, signal.SIGSTOP)
    wait_for(lambda: state_of(process.pid) == "T")
    os.kill(child, signal.SIGCONT)
    wait_for(lambda: state_of(process.pid) != "T")
    os.kill(child, signal.SIGTERM)
    equal(finish(process)[0], 9)


@case
def killed_while_stopped():
    process = counting()
    child = child_of(process.pid)
    os.kill(child, signal.SIGSTOP)
    wait_for(lambda: state_of(process.pid) == "T")
    os.kill(child, signal.SIGKILL)
    equal(finish(process)[0], -signal.SIGKILL)


@case
def end_is_noticed_at_once():
    best = min(timed() for _ in range(5))
    assert best < 0.06, best


def timed():
    begin = time.monotonic()
    equal(run("run", "-q", "true")[0], 0)
    return time.monotonic() - begin


@case
def closed_pipe():
    """A reader that went away ends neither the program nor its report."""
    process = start(["run", "sh", "-c", "sleep 0.2; exit 6"])
    process.stderr.close()
    process.stderr = None
    equal(finish(process)[0], 6)


main()
