#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The formats for other programs, over all models that are fixtures: valid where there is a schema, the
same findings as in JSON, and nothing from the input becomes markup."""
import glob
import json
import os
import re
import xml.etree.ElementTree as ElementTree

import harness
from harness import Skip, case, contains, equal, main, run

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = sorted(glob.glob(TESTS + "/report/models/*.model") + glob.glob(TESTS + "/core/fixtures/*.model"))
MARKUP = TESTS + "/report/models/markup.model"
SVG = "{http://www.w3.org/2000/svg}"
SVG_ELEMENTS = {SVG + name for name in "svg g path polygon polyline text title rect".split()}


def report(path, *options):
    status, out, err = run("model", "--fail-on", "never", *options, path)
    equal((status, err), (0, ""))
    return out


def findings(path, *options):
    return json.loads(report(path, "--format", "json", *options))["findings"]


def level(grade):
    return {"unlikely": "note", "possible": "warning"}.get(grade, "error")


@case
def there_are_models():
    assert len(MODELS) > 100, MODELS


@case
def sarif_is_valid():
    try:
        import jsonschema
    except ImportError:
        raise Skip("needs Debian's python3-jsonschema")
    with open(TESTS + "/report/schemas/sarif-2.1.0-rtm.5.json", encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.validators.validator_for(schema)(schema)
    everything = os.path.abspath("everything")
    with open(everything, "w", encoding="utf-8") as file:
        file.write("[cycles]\nkind = cycle\n[misuses]\nkind = misuse\n")
    for path in MODELS:
        document = json.loads(report(path, "--format", "sarif", "--show", "unlikely"))
        for error in validator.iter_errors(document):
            raise AssertionError("%s: %s: %s" % (path, list(error.path), error.message))
        del document["runs"][0]["tool"]["driver"]["name"]
        assert not validator.is_valid(document), "the schema accepts everything"
    for path in MODELS[::20]:
        document = json.loads(report(path, "--format", "sarif", "--suppressions", everything))
        for error in validator.iter_errors(document):
            raise AssertionError("%s: %s: %s" % (path, list(error.path), error.message))


@case
def sarif_has_the_findings_of_json():
    for path in MODELS:
        run_ = json.loads(report(path, "--format", "sarif", "--show", "unlikely"))["runs"][0]
        wanted = findings(path, "--show", "unlikely")
        equal(len(run_["results"]), len(wanted))
        for result, finding in zip(run_["results"], wanted):
            equal(result["partialFingerprints"], {"lockdagFinding/v1": finding["id"]})
            equal(result["level"], level(finding["grade"]))
            rule = run_["tool"]["driver"]["rules"][result["ruleIndex"]]
            equal(rule["id"], result["ruleId"])
            if finding["kind"] == "misuse":
                equal(rule["id"], "misuse/" + finding["rule"])
            else:
                equal(rule["id"], finding["kind"])
            contains(result["message"]["text"], finding["reason"][:20])


@case
def sarif_flows_are_threads():
    run_ = json.loads(report(TESTS + "/report/models/wait.model", "--format", "sarif"))["runs"][0]
    for result, finding in zip(run_["results"], findings(TESTS + "/report/models/wait.model")):
        flows = result["codeFlows"][0]["threadFlows"]
        threads = {e["exemplars"][0]["thread"] for e in finding["edges"]}
        equal({flow["id"] for flow in flows}, threads)
        for flow in flows:
            for place in flow["locations"]:
                physical = place["location"]["physicalLocation"]
                assert physical["region"]["startLine"] > 0
                assert place["stack"]["frames"]


@case
def inlined_frames_are_marked():
    text = ""
    for name in "xy":
        text += ('stack %s\nframe function="in_%s" file="a.c" line=1 module="a" inlined\n'
                 'frame function="real_%s" file="a.c" line=2 module="a"\n' % (name, name, name))
    text += ("thread T1\nthread T2\nlock A\nlock B\nacquire T1 holds A@x asks B stack=x\n"
             "acquire T2 holds B@y asks A stack=y\n")
    with open("m.model", "w", encoding="utf-8") as file:
        file.write(text)
    for form, mark in (("text", r"in_x +a\.c:1 \(inlined\) .*\n +real_x +a\.c:2 "),
                       ("kernel", r"in_x.*\(inlined\)\n.*real_x[^(\n]*\n")):
        out = report("m.model", "--format", form)
        assert re.search(mark, out), out
    html = report("m.model", "--format", "html")
    contains(html.replace("&nbsp;", " "), '<span class="soft">inlined</span>')
    frames = json.loads(report("m.model", "--format", "json"))["findings"][0]["edges"][0]["exemplars"][0]["held_at"]
    equal([(f["function"], f["inlined"]) for f in frames], [("in_x", True), ("real_x", False)])
    run_ = json.loads(report("m.model", "--format", "sarif"))["runs"][0]
    step = run_["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"][0]
    equal([f.get("properties") for f in step["stack"]["frames"]], [{"inlined": True}, None])
    equal(["message" in f["location"] for f in step["stack"]["frames"]], [True, False])


@case
def sarif_quotes_the_source():
    os.mkdir("src")
    with open("src/app.c", "w", encoding="utf-8") as file:
        file.write("first\n\tlock(a);\nlock(b); // \u00e4")
    with open("m.model", "w", encoding="ascii") as file:
        file.write(
            'stack s\nframe function="f" file="../src/app.c" line=2\nstack e\nframe function="f" '
            'file="%s/src/app.c" line=3\nthread A\nthread B\nlock x\nlock y\n'
            "acquire A holds x@s asks y stack=e\nacquire B holds y@e asks x stack=s\n" % os.getcwd()
        )
    run_ = json.loads(report("m.model", "--format", "sarif"))["runs"][0]
    equal(run_["originalUriBaseIds"]["%SRCROOT%"]["uri"], "file://" + os.getcwd() + "/")
    places = run_["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    equal(
        [p["location"]["physicalLocation"] for p in places],
        [
            {
                "artifactLocation": {"uri": "src/app.c", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 2, "snippet": {"text": "\tlock(a);"}},
            },
            {
                "artifactLocation": {"uri": "src/app.c", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "snippet": {"text": "lock(b); // \u00e4"}},
            },
        ],
    )
    contains(report("m.model", "--format", "github"), " file=src/app.c,line=2,")
    equal(report("m.model", "--format", "github", "--source-root", "src").count("file=app.c"), 1)


@case
def junit_has_the_findings_of_json():
    for path in MODELS:
        suite = ElementTree.fromstring(report(path, "--format", "junit", "--show", "unlikely"))[0]
        wanted = findings(path, "--show", "unlikely")
        cases = suite.findall("testcase")
        equal(int(suite.get("tests")), len(cases))
        equal(len(cases), max(len(wanted), 1))
        for test, finding in zip(cases, wanted):
            contains(test.get("name"), "[%s]" % finding["id"])
            ruled_out = finding["grade"] == "unlikely"
            equal([child.tag for child in test], ["skipped" if ruled_out else "failure"])
        failures = sum(f["grade"] != "unlikely" for f in wanted)
        equal(int(suite.get("failures")), failures)


def unescaped(line):
    """(command, properties, message) of a workflow command."""
    command, _, rest = line[2:].partition("::")
    name, _, properties = command.partition(" ")
    pairs = [p.split("=", 1) for p in properties.split(",")]
    plain = lambda s: re.sub("%([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), s)
    return name, {key: plain(value) for key, value in pairs}, plain(rest)


@case
def github_has_the_findings_of_json():
    for path in MODELS:
        lines = report(path, "--format", "github", "--show", "unlikely").splitlines()
        wanted = findings(path, "--show", "unlikely")
        equal(len(lines), len(wanted) + 1)
        for line, finding in zip(lines, wanted):
            assert line.startswith("::"), line
            name, properties, message = unescaped(line)
            equal(name, {"note": "notice"}.get(level(finding["grade"]), level(finding["grade"])))
            contains(message, "\nwhy: " if message.count("\n") else "why: ")
        assert lines[-1].startswith("::notice title=lockdag::lockdag: "), lines[-1]


@case
def github_commands_hold_what_names_say():
    name, properties, message = unescaped(report(MARKUP, "--format", "github").splitlines()[0])
    equal((name, properties["file"], properties["line"]), ("warning", "]]><x>.c", "4"))
    contains(message, "%0A::error::x,y:z (4102)")
    contains(message, "a,b:c%d.c:3")
    equal(report(MARKUP, "--format", "github").count("\n"), 2)


@case
def pictures_are_xml_without_scripts():
    for path in MODELS:
        root = ElementTree.fromstring(report(path, "--format", "svg", "--show", "unlikely"))
        for element in root.iter():
            assert element.tag in SVG_ELEMENTS, (path, element.tag)
            for key in element.keys():
                assert not key.startswith("on") and "href" not in key, (path, key)


@case
def pictures_show_names_as_they_are():
    text = "".join(ElementTree.fromstring(report(MARKUP, "--format", "svg")).itertext())
    for name in ('"]; evil [label="', "&lt;y&gt;\\N \\", "</script><svg onload=alert(1)> (4101)", "]]><x>.c:4"):
        contains(text.replace("\u00a0", " "), name)


@case
def pictures_of_long_names_are_not_wide():
    name = "ns::Pool<" + "std::pair<int, long>, " * 30 + "x>::take"
    model = 'stack s\nframe function="%s" file="a.cpp" line=1\nthread A\nthread B\nlock x\nlock y\n' % name
    model += "acquire A holds x@s asks y stack=s\nacquire B holds y@s asks x stack=s\n"
    with open("m.model", "w", encoding="ascii") as file:
        file.write(model)
    root = ElementTree.fromstring(report("m.model", "--format", "svg"))
    assert int(root.get("width")) < 1200, root.get("width")
    contains("".join(root.itertext()), "a.cpp:1 ns::Pool<")


@case
def dot_has_a_graph_for_each_finding():
    for path in MODELS:
        text = report(path, "--format", "dot", "--show", "unlikely")
        equal(text.count("subgraph cluster_f"), len(findings(path, "--show", "unlikely")))
        equal(text.count("{"), text.count("}"))


@case
def several_reports_at_once():
    one = TESTS + "/report/models/wait.model"
    options = []
    for word in "json sarif junit github dot svg kernel".split():
        options += ["--report", word + "=out." + word]
    text = report(one, *options)
    equal(text, report(one))
    for word in "json sarif junit github dot svg kernel".split():
        with open("out." + word, encoding="utf-8") as file:
            equal(file.read(), report(one, "--format", word))


@case
def a_report_that_cannot_be_written():
    for wrong in ("json", "json=", "yaml=x", "=x"):
        status, out, err = run("model", "--report", wrong, MARKUP)
        equal((status, out), (125, ""))
        contains(err, "--report")
    status, out, err = run("model", "--report", "json=no/such/file", MARKUP)
    equal((status, out), (125, ""))
    contains(err, "no/such/file")
    status, out, err = run("model", "--report", "json=/dev/full", MARKUP)
    equal(status, 125)
    contains(err, "cannot write")


@case
def what_hangs_has_no_other_forms():
    status, out, err = run("hang", "--format", "sarif", str(os.getpid()))
    equal((status, out, err.count("\n")), (125, "", 1))
    contains(err, "text or json, not as sarif")


@case
def a_report_of_a_run():
    program = os.path.join(harness.programs, "example-bank")
    status, out, err = run("run", "-q", "--report", "sarif=s.json", "--report", "svg=s.svg", "--", program)
    equal(status, 66)
    with open("s.json", encoding="utf-8") as file:
        equal(len(json.load(file)["runs"][0]["results"]), 2)
    ElementTree.parse("s.svg")


@case
def width_of_the_text():
    narrow = report(TESTS + "/report/models/wait.model", "--width", "60")
    wide = report(TESTS + "/report/models/wait.model")
    for text, width in (narrow, 60), (wide, 100):
        longest = max(len(line) for line in text.splitlines() if line.startswith("  why:"))
        assert width - 15 < longest <= width, longest
    equal(run("model", "--width", "39", MARKUP)[0], 125)


GRAPH = (
    "thread A\nthread B\nlock a\nlock b\nlock c\nlock lone\n"
    "acquire A holds a asks b\nacquire A holds b asks c\nacquire A holds a asks c\n"
    "acquire A holds a b asks c\nacquire B holds c asks a\n"
)


def graph(form):
    status, out, err = run("graph", "--format", form, "-", input=GRAPH.encode())
    equal((status, err), (0, ""))
    return out


@case
def graph_order_leaves_out_what_follows():
    lines = [line for line in graph("order").splitlines() if not line.startswith("#")]
    equal(lines, ["a -> b", "b -> c"])
    contains(graph("order"), "#   c -> a\n")


@case
def graph_clang_declares_the_order():
    lines = [line for line in graph("clang").splitlines() if not line.startswith("//")]
    equal(lines, ["a ACQUIRED_BEFORE(b);", "b ACQUIRED_BEFORE(c);"])


@case
def graph_pictures():
    text = graph("dot")
    equal(text.count(" -> "), 4)
    assert "lone" not in text
    root = ElementTree.fromstring(graph("svg"))
    equal(sum(element.get("class") == "node" for element in root.iter()), 3)
    equal(sum(element.get("class") == "edge" for element in root.iter()), 4)


@case
def graph_too_big_for_a_picture():
    big = "thread A\n" + "".join("lock l%d\n" % i for i in range(1200))
    status, out, err = run("graph", "--format", "svg", "-", input=big.encode())
    equal((status, out), (125, ""))
    contains(err, "1200 classes")
    equal(run("graph", "--format", "dot", "-", input=big.encode())[0], 0)


harness.TIMEOUT = 120 # the schema over all models takes long on a busy machine
main()
