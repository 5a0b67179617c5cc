# SPDX-License-Identifier: MIT
"""Many inputs through one run of lockdag, and their records."""
import collections
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import harness  # noqa: E402

OWN = ("file", "line", "last_line", "notes")  # what a record has from where it was read


def records(texts, status=0):
    """The reports of each text, in order."""
    os.makedirs("texts", exist_ok=True)
    for name in os.listdir("texts"):
        os.unlink(os.path.join("texts", name))
    for i, text in enumerate(texts):
        with open("texts/%06d" % i, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
    got, out, err = harness.run("kernel", "--format", "json", "texts")
    harness.equal((got, err), (status, ""))
    found = collections.defaultdict(list)
    for report in json.loads(out)["reports"]:
        found[int(os.path.basename(report["file"]))].append(report)
    return [found[i] for i in range(len(texts))]


def without_place(report):
    return {key: value for key, value in report.items() if key not in OWN}


def difference(report, found, line=None):
    """What is wrong with the records found in the text of `report`, or None."""
    if len(found) != 1:
        return "%d reports: %r" % (len(found), [(r["kind"], r["line"]) for r in found])
    for key, value in report.facts.items():
        if found[0][key] != value:
            return "%s is %r, not %r" % (key, found[0][key], value)
    if line is not None and found[0]["line"] != line + 1:
        return "line is %d, not %d" % (found[0]["line"], line + 1)
    return None


def check(items):
    """items: (text, report, line of the header or None, label)."""
    found = records([item[0] for item in items])
    wrong = []
    for (text, report, line, label), reports in zip(items, found):
        why = difference(report, reports, line)
        if why:
            wrong.append("%s, %s of %s: %s\n%s" % (label, report.kind, report.style.name, why, text[:1500]))
    assert not wrong, "%d of %d wrong; the first: %s" % (len(wrong), len(items), wrong[0])
