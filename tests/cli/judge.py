#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports, exit statuses and live deadlocks, on programs whose verdict is known."""
import json
import os
import signal
import time

from harness import case, child_of, contains, equal, finish, main, program, run, start, wait_for

THREADS = program("threads")


@case
def finding_wins_over_exit_code():
    status, out, err = run("run", THREADS, "order")
    equal(status, 66)
    equal(out, "")
    for word in ("cellar", "attic", "upwards", "downwards", "threads.c:", "possible"):
        contains(err, word)


@case
def finding_wins_over_signals():
    """But not over the one that a shell's script is to end by."""
    for number, wanted in ((signal.SIGKILL, 66), (signal.SIGSEGV, 66), (signal.SIGINT, -signal.SIGINT)):
        process = start(["run", THREADS, "order", "10000"])
        process.stderr.readline()
        os.kill(child_of(process.pid), number)
        equal(finish(process)[0], wanted)


@case
def exit_code_option():
    equal(run("run", "--exit-code=7", THREADS, "order")[0], 7)
    equal(run("run", "--exit-code", "0", THREADS, "order")[0], 0)


@case
def fail_on():
    equal(run("run", "--fail-on=never", THREADS, "order")[0], 3)
    equal(run("run", "--fail-on=happened", THREADS, "order")[0], 3)
    equal(run("run", "--fail-on", "unlikely", THREADS, "order")[0], 66)


@case
def clean_program():
    status, out, err = run("run", THREADS, "clean")
    equal((status, out), (0, ""))
    assert err.startswith("lockdag: "), err
    assert "cellar" not in err, err
    equal(run("run", "--quiet", THREADS, "clean"), (0, "", ""))


@case
def quiet_still_reports():
    contains(run("run", "-q", THREADS, "order")[2], "cellar")


@case
def no_threads_one_line():
    equal(run("run", "true")[2].count("\n"), 1)


@case
def output_file():
    for name in ("order", "clean"):
        status, out, err = run("run", "-o", "r", THREADS, name)
        equal((out, err), ("", ""))
        with open("r", encoding="utf-8") as file:
            contains(file.read(), "lockdag: ")


@case
def json_file():
    equal(run("run", "-o", "r", "--format=json", THREADS, "order"), (66, "", ""))
    with open("r", encoding="utf-8") as file:
        report = json.load(file)
    equal(len(report["findings"]), 1)
    equal(report["findings"][0]["grade"], "possible")
    equal(sorted(lock["name"] for lock in report["findings"][0]["locks"]), ["attic", "cellar"])


@case
def held_where_it_was_taken_this_time():
    """A wrapper's caller is the one that held the lock when more was asked for, not its first caller."""
    report = json.loads(run("run", "--format=json", program("two-ways"))[2])
    edges = {edge["from"]: edge for edge in report["findings"][0]["edges"]}
    stack = [frame["function"] for frame in edges["cache"]["exemplars"][0]["held_at"]]
    equal(stack[:3], ["take", "commit", "client"])


@case
def json_stderr_is_one_document():
    report = json.loads(run("run", "--format=json", THREADS, "order", "500")[2])
    equal(len(report["findings"]), 1)


@case
def kernel_format():
    contains(run("run", "--format=kernel", THREADS, "order")[2], "possible circular locking dependency")


@case
def while_it_runs():
    process = start(["run", THREADS, "order", "3000"])
    begin = time.monotonic()
    line = process.stderr.readline()
    assert time.monotonic() - begin < 1.0, "the live report is late"
    assert process.poll() is None
    contains(line.decode(), "POSSIBLE")
    os.kill(child_of(process.pid), signal.SIGTERM)
    equal(finish(process)[0], 66)


@case
def while_it_runs_in_file():
    process = start(["run", "-o", "r", "--format=json", THREADS, "order", "3000"])

    def whole():
        if not os.path.exists("r"):
            return None
        with open("r", encoding="utf-8") as file:
            text = file.read()
        return json.loads(text) if text.endswith("}\n") else None

    wait_for(whole)
    assert process.poll() is None
    os.kill(child_of(process.pid), signal.SIGTERM)
    finish(process)
    equal(len(whole()["findings"]), 1)


@case
def no_live():
    process = start(["run", "--no-live", THREADS, "order", "1000"])
    time.sleep(0.5)
    os.set_blocking(process.stderr.fileno(), False)
    equal(process.stderr.read(), None)
    os.set_blocking(process.stderr.fileno(), True)
    status, _, err = finish(process)
    equal(status, 66)
    equal(err.count("POSSIBLE"), 1)


def deadlock(action, mode, wanted, *options):
    begin = time.monotonic()
    status, _, err = run("run", "--on-deadlock", action, *options, *mode)
    assert time.monotonic() - begin < 10, "the deadlock was seen late"
    contains(err, "HAPPENED")
    equal(status, wanted)
    return err


@case
def deadlock_killed():
    err = deadlock("kill", [THREADS, "hang"], 66)
    for word in ("cellar", "attic", "upwards", "downwards"):
        contains(err, word)


@case
def deadlock_aborted():
    deadlock("abort", [THREADS, "hang"], 66)


@case
def deadlock_never_fails():
    deadlock("kill", [THREADS, "hang"], -signal.SIGKILL, "--fail-on=never")


@case
def deadlock_without_live_reports():
    deadlock("kill", [THREADS, "hang"], 66, "--no-live")


@case
def deadlock_of_one():
    contains(deadlock("kill", [THREADS, "self"], 66), "cellar")


@case
def deadlock_of_spinlocks():
    contains(deadlock("kill", [program("spin")], 66), "second")


@case
def deadlock_is_waited_for():
    process = start(["run", THREADS, "hang"])
    contains(process.stderr.readline().decode(), "HAPPENED")
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    status, _, err = finish(process)
    equal(status, 66)
    contains(err, "HAPPENED")


@case
def deadlock_says_so_beside_a_file():
    status, _, err = run("run", "-o", "r", "--format=json", "--on-deadlock=kill", THREADS, "hang")
    equal(status, 66)
    contains(err, "deadlocked")
    with open("r", encoding="utf-8") as file:
        equal(json.load(file)["findings"][0]["grade"], "happened")




@case
def keep_and_report():
    equal(run("run", "-q", "--keep", "k", THREADS, "order")[0], 66)
    name = os.listdir("k")[0]
    assert name.startswith("cli-test-threads-") and name.endswith(".lockdag"), name
    status, out, err = run("report", "k/" + name)
    equal((status, err), (66, ""))
    contains(out, "cellar")
    equal(run("report", "k/" + name, "--fail-on", "never")[0], 0)
    assert os.stat("k/" + name).st_blocks * 512 < 4 << 20


@case
def report_many_as_one():
    ids = set()
    for mode in ("order", "clean", "order"):
        run("run", "-q", "--keep", "k", THREADS, mode)
    paths = ["k/" + name for name in os.listdir("k")]
    equal(len(paths), 3)
    status, out, _ = run("report", "--format=json", *paths)
    equal(status, 66)
    ids.update(finding["id"] for finding in json.loads(out)["findings"])
    equal(len(ids), 1)


@case
def report_of_deadlock():
    run("run", "-q", "--keep", "k", "--on-deadlock=kill", THREADS, "hang")
    contains(run("report", "k/" + os.listdir("k")[0])[1], "HAPPENED")


@case
def model_round_trip():
    run("run", "-q", "--keep", "k", THREADS, "order")
    status, text, _ = run("report", "--print-model", "k/" + os.listdir("k")[0])
    equal(status, 66)
    status, out, err = run("model", "--lines", "-", input=text.encode())
    equal((status, err), (66, ""))
    contains(out, "cellar")


@case
def iteration_is_whole():
    """All that was asked for before a signal is on record, however the places of the calls lie."""
    n = 100
    with open("p.c", "w", encoding="ascii") as file:
        file.write("#include <pthread.h>\n")
        for i in range(n):
            file.write("pthread_mutex_t m%d = PTHREAD_MUTEX_INITIALIZER;\n" % i)
        file.write("pthread_cond_t c = PTHREAD_COND_INITIALIZER;\nint main(void) {\n")
        for i in range(n):
            file.write("pthread_mutex_lock(&m%d); pthread_mutex_unlock(&m%d);\n" % (i, i))
        file.write("pthread_cond_signal(&c); return 0; }\n")
    import subprocess
    subprocess.run(["gcc", "-g", "-pthread", "p.c", "-o", "p"], check=True)
    equal(run("run", "-q", "--keep", "k", "./p")[0], 0)
    text = run("report", "--print-model", "k/" + os.listdir("k")[0])[1]
    signals = [line for line in text.splitlines() if line.startswith("discharge ")]
    equal(len(signals), 1)
    equal(len(signals[0].split(" asked ")[1].split(" signals ")[0].split()), n)


@case
def watched_nothing():
    """A program that never came to the session is not called clean."""
    status, _, err = run("run", "sh", "-c", "exit 0", env={"PATH": os.environ["PATH"], "LOCKDAG_GUEST": "/etc/hostname"})
    equal(status, 0)
    contains(err, "not loaded")


@case
def asan():
    with open("p.c", "w", encoding="ascii") as file:
        file.write("#include <stdio.h>\nint main(void) { puts(\"ran\"); return 5; }\n")
    import subprocess
    if subprocess.run(["gcc", "-fsanitize=address", "p.c", "-o", "p"], capture_output=True).returncode:
        return
    status, out, err = run("run", "./p")
    equal((status, out), (5, "ran\n"))
    contains(err, "verify_asan_link_order")


main()
