#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debug information from a server: names come from it where one was named, nobody is asked where
none was, and what a server does wrong costs names, never a finding. The server is this script."""
import ctypes
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from harness import Skip, case, contains, equal, main, run, wait_for

SUBJECTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "subjects")
WITH = ["ledger", "savings.guard"]


def tool(name):
    if not shutil.which(name):
        raise Skip("%s is not installed" % name)
    return name


def need_library():
    try:
        ctypes.CDLL("libdebuginfod.so.1")
    except OSError:
        raise Skip("libdebuginfod.so.1 is not installed (Debian: libdebuginfod1)") from None


def command(*words):
    subprocess.run(words, check=True, timeout=60)


def build_id_of(path):
    notes = subprocess.run([tool("readelf"), "-n", path], check=True, capture_output=True, text=True,
                           timeout=60).stdout
    return notes.partition("Build ID: ")[2].split()[0]


def stripped():
    """A program without debug information, and the file that has it: (path, debug file, build-id)."""
    command(tool("gcc"), "-g", "-O1", "-pthread", "-Wl,--build-id", "-o", "order",
            os.path.join(SUBJECTS, "order.c"))
    command(tool("objcopy"), "--only-keep-debug", "order", "order.dbg")
    command(tool("strip"), "order")
    return os.path.abspath("order"), os.path.abspath("order.dbg"), build_id_of("order")


class Server:
    """Serves files by their build-ids. connections and asked count; mute: it never answers."""

    def __init__(self, files=None, mute=False):
        server = self
        self.files, self.mute = files or {}, mute
        self.connections, self.asked = 0, []
        self.open = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                path = server.files.get(self.path)
                self.send_response(200 if path else 404)
                data = b""
                if path:
                    with open(path, "rb") as file:
                        data = file.read()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        class Counting(http.server.ThreadingHTTPServer):
            def get_request(self):
                server.connections += 1
                return super().get_request()

            def handle_error(self, *_):
                pass

        if mute:
            self.socket = socket.socket()
            self.socket.bind(("127.0.0.1", 0))
            self.socket.listen(16)
            port = self.socket.getsockname()[1]
        else:
            self.http = Counting(("127.0.0.1", 0), Handler)
            threading.Thread(target=self.http.serve_forever, daemon=True).start()
            port = self.http.server_address[1]
        self.url = "http://127.0.0.1:%d" % port

    def close(self):
        if self.mute:
            self.socket.close()
        else:
            self.http.shutdown()
            self.http.server_close()


def of(build_id):
    return "/buildid/%s/debuginfo" % build_id


def environment(**more):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("DEBUGINFOD_") and k not in ("LOCKDAG_OPTIONS", "http_proxy", "HTTP_PROXY")}
    env.update(HOME=os.getcwd(), DEBUGINFOD_CACHE_PATH=os.path.abspath("cache"))
    env.update(DEBUGINFOD_TIMEOUT="1000", DEBUGINFOD_MAXTIME="1000") # a busy machine is no slow server
    env.update(more)
    return env


def names(path):
    with open(path, encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    equal(len(findings), 1)
    return sorted(lock["name"] for lock in findings[0]["locks"])


def judged(program, *options, **variables):
    """(names of the finding's locks, stderr) of a run; the finding is there whatever a server did."""
    status, _, err = run("run", "--format", "json", "-o", "r.json", *options, "--", program,
                         env=environment(**variables))
    equal(status, 66)
    return names("r.json"), err


@case
def names_come_from_the_server_of_the_environment():
    need_library()
    program, debug, build_id = stripped()
    server = Server({of(build_id): debug})
    equal(judged(program, DEBUGINFOD_URLS=server.url), (WITH, ""))
    equal(server.asked.count(of(build_id)), 1)
    # what was fetched is kept
    equal(judged(program, DEBUGINFOD_URLS=server.url), (WITH, ""))
    equal(server.asked.count(of(build_id)), 1)
    server.close()


@case
def lines_and_inlined_functions_come_with_them():
    need_library()
    program, debug, build_id = stripped()
    server = Server({of(build_id): debug})
    status, out, _ = run("run", "--debuginfod", server.url, "-o", "r.txt", "--", program,
                         env=environment())
    equal(status, 66)
    with open("r.txt", encoding="utf-8") as file:
        text = file.read()
    equal(len(re.findall(r"both +\S*order.c:\d+ \(inlined\)\n", text)), 4)
    contains(text, "order.c:")
    server.close()


@case
def an_option_or_a_file_names_a_server():
    need_library()
    program, debug, build_id = stripped()
    server = Server({of(build_id): debug})
    equal(judged(program, "--debuginfod", server.url), (WITH, ""))
    shutil.rmtree("cache")
    equal(judged(program, LOCKDAG_OPTIONS="--debuginfod " + server.url), (WITH, ""))
    shutil.rmtree("cache")
    with open(".lockdag", "w", encoding="utf-8") as file:
        file.write("debuginfod = %s\n" % server.url)
    equal(judged(program), (WITH, ""))
    server.close()


@case
def nobody_is_asked_who_was_not_named():
    program, debug, build_id = stripped()
    server = Server({of(build_id): debug})
    got, err = judged(program)
    equal((got == WITH, err), (False, ""))
    equal(judged(program, "--debuginfod", "off", DEBUGINFOD_URLS=server.url), (got, ""))
    equal(judged(program, DEBUGINFOD_URLS=""), (got, ""))
    equal(server.connections, 0)
    server.close()


@case
def nobody_is_asked_for_what_is_here():
    need_library()
    _, debug, build_id = stripped()
    command("gcc", "-g", "-O1", "-pthread", "-Wl,--build-id", "-o", "whole",
            os.path.join(SUBJECTS, "order.c"))
    server = Server({of(build_id): debug})
    equal(judged("./whole", DEBUGINFOD_URLS=server.url), (WITH, ""))
    assert of(build_id) not in server.asked, server.asked
    server.close()


@case
def on_without_a_server_is_said():
    program, _, _ = stripped()
    _, err = judged(program, "--debuginfod", "on")
    equal(err, "lockdag: --debuginfod on: DEBUGINFOD_URLS is not set, so no server is asked "
               "(--debuginfod URL names one)\n")


@case
def a_server_without_the_file_is_no_trouble():
    need_library()
    program, _, build_id = stripped()
    server = Server()
    got, err = judged(program, DEBUGINFOD_URLS=server.url)
    equal((got == WITH, err), (False, ""))
    equal(server.asked.count(of(build_id)), 1)
    server.close()


@case
def a_server_that_is_down_is_said_once():
    need_library()
    program, _, _ = stripped()
    server = Server()
    server.close()
    _, err = judged(program, DEBUGINFOD_URLS=server.url)
    equal(err.count("\n"), 1)
    contains(err, "lockdag: debuginfod: %s: " % server.url)
    contains(err, "names and lines of what has no debug information here are missing")


@case
def a_server_that_never_answers_is_left():
    need_library()
    program, _, _ = stripped()
    server = Server(mute=True)
    _, err = judged(program, DEBUGINFOD_URLS=server.url, DEBUGINFOD_TIMEOUT="1")
    equal(err.count("\n"), 1)
    contains(err, "lockdag: debuginfod: %s: " % server.url)
    server.close()


@case
def another_file_than_asked_for_is_not_used():
    need_library()
    program, debug, build_id = stripped()
    command("gcc", "-g", "-O0", "-pthread", "-Wl,--build-id", "-o", "other",
            os.path.join(SUBJECTS, "order.c"))
    with open("garbage", "wb") as file:
        file.write(b"\x7fELF" + bytes(range(256)) * 40)
    for wrong in ("other", "garbage", os.devnull):
        shutil.rmtree("cache", ignore_errors=True)
        server = Server({of(build_id): os.path.abspath(wrong)})
        got, _ = judged(program, DEBUGINFOD_URLS=server.url)
        equal(got == WITH, False)
        server.close()


@case
def kept_sessions_are_named_by_it_too():
    need_library()
    program, debug, build_id = stripped()
    server = Server({of(build_id): debug})
    os.mkdir("kept")
    got, _ = judged(program, "--keep", "kept")
    equal((got == WITH, server.connections), (False, 0))
    session = os.path.join("kept", os.listdir("kept")[0])
    status, out, err = run("report", "--format", "json", "--debuginfod", server.url, session,
                           env=environment())
    equal((status, err), (66, ""))
    contains(out, '"savings.guard"')
    status, out, err = run("graph", "--debuginfod", server.url, session, env=environment())
    equal((status, err), (0, ""))
    contains(out, "savings.guard")
    server.close()


@case
def a_hung_program_is_named_by_it_too():
    need_library()
    program, debug, build_id = stripped()
    server = Server({of(build_id): debug})
    process = subprocess.Popen([program, "hang"])
    try:
        tasks = "/proc/%d/task" % process.pid

        def all_sleep():
            tids = os.listdir(tasks)
            return len(tids) == 3 and all(waits_for_a_futex(tasks, tid) for tid in tids)

        wait_for(all_sleep, seconds=25)
        for served in (False, True):
            options = ["--debuginfod", server.url] if served else []
            status, out, err = run("hang", *options, str(process.pid), env=environment())
            if status == 125 and "not permitted" in err:
                raise Skip("processes may not be looked at here: " + err.strip())
            equal((status, "savings.guard" in out), (66, served))
            equal(server.asked.count(of(build_id)), int(served))
    finally:
        process.kill()
        process.wait()
    server.close()


def waits_for_a_futex(tasks, tid):
    with open("%s/%s/syscall" % (tasks, tid), encoding="ascii") as file:
        return file.read().split()[0] == "202"


@case
def what_dwz_shared_comes_from_it_too():
    need_library()
    files = {}
    for name, level in (("one", "-O1"), ("two", "-O2")):
        command(tool("gcc"), "-g", level, "-pthread", "-Wl,--build-id", "-o", name,
                os.path.join(SUBJECTS, "order.c"))
        command(tool("objcopy"), "--only-keep-debug", name, name + ".dbg")
        command(tool("strip"), name)
    command(tool("dwz"), "-m", "common.dbg", "one.dbg", "two.dbg")
    for name in ("one.dbg", "two.dbg", "common.dbg"):
        files[of(build_id_of(name))] = os.path.abspath(name)
    server = Server(files)
    equal(judged("./one", DEBUGINFOD_URLS=server.url), (WITH, ""))
    equal(server.asked.count(of(build_id_of("common.dbg"))), 1)
    server.close()


@case
def what_is_no_server_is_refused():
    status, _, err = run("run", "--debuginfod", "perhaps", "--", "true", env=environment())
    equal(status, 125)
    contains(err, "--debuginfod: 'perhaps' is not right")


main()
