#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options from LOCKDAG_OPTIONS and from a file, in their order; completions; man pages hold all options."""
import glob
import os
import re
import shutil
import subprocess
import sys

from harness import Skip, case, contains, equal, lockdag, main, run

HERE = os.path.dirname(os.path.abspath(__file__))
MAN = os.path.join(HERE, "..", "..", "docs", "man")
MODEL = ("thread T1\nthread T2\nlock A\nlock B\nacquire T1 holds A asks B\n"
         "acquire T2 holds B asks A\n")


def write(path, text):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def judge(*options, environment=None, cwd=None):
    """(status, stdout, stderr) of a model with one finding."""
    write("model", MODEL)
    env = dict(os.environ)
    env.pop("LOCKDAG_OPTIONS", None)
    if environment is not None:
        env["LOCKDAG_OPTIONS"] = environment
    return run("model", *options, os.path.abspath("model"), env=env, cwd=cwd)


@case
def nothing_is_set():
    equal(judge()[0], 66)


@case
def the_environment():
    equal(judge(environment="--exit-code=3")[0], 3)
    equal(judge(environment=" --exit-code 4\t--lines ")[0], 4)
    equal(judge(environment="--output 'a b' --format \"json\"")[1], "")
    contains(open("a b", encoding="utf-8").read(), '"version"')


@case
def the_command_line_wins():
    equal(judge("--exit-code=5", environment="--exit-code=3")[0], 5)
    write(".lockdag", "exit-code = 7\n")
    equal(judge("--exit-code=5")[0], 5)


@case
def the_environment_wins_over_the_file():
    write(".lockdag", "exit-code = 7\nfail-on = possible\n")
    equal(judge()[0], 7)
    equal(judge(environment="--exit-code=3")[0], 3)


@case
def the_file_is_looked_for_upwards():
    write(".lockdag", "# mine\n\n  exit-code=8  \n")
    os.makedirs("a/b")
    equal(judge(cwd="a/b")[0], 8)
    write("a/.lockdag", "exit-code = 9\n")
    equal(judge(cwd="a/b")[0], 9)


@case
def another_file_or_none():
    write(".lockdag", "exit-code = 7\n")
    write("other", "exit-code = 11")
    equal(judge("--config=other")[0], 11)
    equal(judge("--config", "none")[0], 66)
    equal(judge(environment="--config=none")[0], 66)
    status, _, err = judge("--config=missing")
    equal(status, 125)
    contains(err, "missing: No such file")


@case
def sections_are_for_one_command():
    write(".lockdag", "[run]\nexit-code = 7\n[model]\nexit-code = 12\nlines\n[report]\nfail-on=never")
    status, out, _ = judge()
    equal(status, 12)
    contains(out, "total 1 findings")


@case
def options_of_other_commands_are_left_alone():
    write(".lockdag", "keep = sessions\nfollow = yes\nformat = dot\n")
    status, out, err = judge(environment="--quiet --on-deadlock=kill --format svg")
    equal((status, err), (66, ""))
    contains(out, "POSSIBLE")


@case
def switches_can_be_turned_off():
    write(".lockdag", "lines = yes\n")
    contains(judge()[1], "total 1 findings")
    contains(judge(environment="--lines=no")[1], "POSSIBLE")


@case
def lists_add_up():
    write(".lockdag", "report = json=one.json\n")
    equal(judge("--report=text=three", environment="--report junit=two.xml")[0], 66)
    for name in ("one.json", "two.xml", "three"):
        equal(os.path.getsize(name) > 0, True)


@case
def paths_are_told_from_the_file():
    write("top/.lockdag", "report = json=out.json\norder = \"lock order\"\n")
    write("top/lock order", "B -> A\n")
    os.makedirs("top/deep/down")
    status, out, _ = judge(cwd="top/deep/down")
    equal(status, 66)
    contains(out, "declared-order B, A")
    equal(os.path.exists("top/out.json"), True)


@case
def what_is_wrong_is_said():
    for text, says in (
            ("exit-cod = 3", ":1: unknown option exit-cod"),
            ("\nexit-code = 300", ":2: exit-code: '300' is not right"),
            ("exit-code", ":1: exit-code: a value is missing"),
            ("lines = perhaps", ":1: lines: 'perhaps' is not right"),
            ("[nothing]", ":1: no command with options is called 'nothing'"),
            ("[run", ":1: a section is [COMMAND]"),
            ("[kernel]\nkeep = x", ":2: unknown option keep of kernel"),
            ("help", ":1: help is for the command line"),
            ("config = x", ":1: config is for the command line"),
            ("lines\n\0", ":2: this is no text")):
        write(".lockdag", text)
        status, _, err = judge()
        equal(status, 125)
        contains(err, ".lockdag" + says)
        equal(err.count("\n"), 1)
    os.unlink(".lockdag")
    for text, says in (
            ("exit-code=3", "'exit-code=3' is no long option"),
            ("-q", "'-q' is no long option"),
            ("--what", "unknown option what"),
            ("--exit-code", "exit-code: a value is missing"),
            ("--exit-code=x", "exit-code: 'x' is not right"),
            ("--output 'x", "output: a value is missing"),
            ("'--lines", "a quote does not end"),
            ("--help", "help is for the command line")):
        status, _, err = judge(environment=text)
        equal(status, 125)
        contains(err, "LOCKDAG_OPTIONS: " + says)
        equal(err.count("\n"), 1)


@case
def a_file_that_everybody_may_write_is_not_used():
    write(".lockdag", "exit-code = 7\n")
    os.chmod(".lockdag", 0o666)
    status, _, err = judge()
    equal(status, 66)
    contains(err, "everybody may write to it")


@case
def a_file_of_another_user_is_not_used():
    if os.getuid() != 0:
        raise Skip("not root: no other user's file can be made")
    write(".lockdag", "exit-code = 7\n")
    os.chown(".lockdag", 65534, 65534)
    status, _, err = judge()
    equal(status, 66)
    contains(err, "it belongs to another user")


@case
def help_says_so_and_needs_no_file():
    write(".lockdag", "nonsense\n")
    status, out, _ = run("run", "--help")
    equal(status, 0)
    contains(out, "LOCKDAG_OPTIONS")


# ---------------------------------------------------------------- completion


def completed(shell_words):
    script = subprocess.run([lockdag, "completion", "bash"], capture_output=True, text=True,
                            check=True).stdout
    ask = ("COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _lockdag; "
           "printf '%%s\\n' \"${COMPREPLY[@]}\"" % shell_words)
    return subprocess.run(["bash", "-c", script + ask], capture_output=True, text=True,
                          check=True).stdout.split()


@case
def bash_completes():
    equal(completed("lockdag rep"), ["report"])
    equal("--fail-on" in completed("lockdag run --"), True)
    equal(completed("lockdag run --on-deadlock ab"), ["abort"])
    equal(completed("lockdag run --follow-exec = n"), ["no"])
    equal(completed("lockdag graph --format or"), ["order"])
    equal("sarif" in completed("lockdag report --format ''"), True)
    write("a-file", "")
    equal(completed("lockdag report a-"), ["a-file"])
    equal(completed("lockdag run -- cat a-"), ["a-file"])
    equal(completed("lockdag help mod"), ["model"])


@case
def other_shells_read_theirs():
    found = 0
    for shell, check in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
        text = subprocess.run([lockdag, "completion", shell], capture_output=True, text=True,
                              check=True).stdout
        contains(text, "fail-on")
        contains(text, "on-deadlock")
        write("script", text)
        if shutil.which(check[0]):
            found += 1
            subprocess.run([*check, "script"], check=True, timeout=20)
    equal(run("completion", "csh")[0], 125)
    if not found:
        raise Skip("neither zsh nor fish here: their scripts were made, but not read by them")


# ---------------------------------------------------------------- man pages


def options_of(command):
    status, out, _ = run("help", command)
    equal(status, 0)
    return re.findall(r"^  (?:-(\w), |    )--([\w-]+)", out, re.M)


def commands():
    return re.findall(r"^  lockdag (\w+)", run("help")[1], re.M)


def page(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as file:
        return file.read().replace("\\-", "-")


@case
def man_pages_have_every_option_and_no_other():
    seen = 0
    for command in commands():
        options = options_of(command)
        if not options:
            contains(page("lockdag.1"), "lockdag " + command)
            continue
        text = page("lockdag-%s.1" % command)
        for letter, name in options:
            if not re.search(r"--%s(?![\w-])" % name, text):
                raise AssertionError("lockdag-%s.1 has no --%s" % (command, name))
            if letter and not re.search(r"-%s, --%s" % (letter, name), text):
                raise AssertionError("lockdag-%s.1 has no -%s, --%s" % (command, letter, name))
            seen += 1
        section = text.partition(".SH OPTIONS")[2].partition("\n.SH ")[0]
        tags = " ".join(re.findall(r"^\.T[PQ]\n(.*)$", section, re.M))
        for name in re.findall(r"--([a-z][\w-]*)", tags):
            if name not in [n for _, n in options]:
                raise AssertionError("lockdag-%s.1 has --%s, the command has not" % (command, name))
    equal(seen > 40, True)


@case
def man_pages_are_well_formed():
    if not shutil.which("man"):
        raise Skip("no man here to read them with")
    for path in sorted(glob.glob(os.path.join(MAN, "*.[0-9]"))):
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path],
                              capture_output=True, text=True, check=False, timeout=60,
                              env=dict(os.environ, MANROFFSEQ="", MANWIDTH="80"))
        equal((os.path.basename(path), done.stderr), (os.path.basename(path), ""))


main()
