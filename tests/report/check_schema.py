#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds JSON reports against a schema: check_schema.py SCHEMA REPORT...

Each report must be accepted, and must be refused once any key that the schema requires is taken
out of it: a schema that accepts everything would prove nothing. Exit status 77: cannot be run here.
"""
import copy
import json
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: needs Debian's python3-jsonschema")
    sys.exit(77)


def objects(value):
    """All objects in value that have keys, innermost last."""
    if isinstance(value, dict) and value:
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from objects(child)


OPTIONAL = {"timeout_ms", "writer", "discharge_at", "began_at", "cut", "cuts", "cut_changes", "cut_at_least",
    "through", "usage", "used"}


def main(schema_path, report_paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    if not hasattr(jsonschema, "Draft202012Validator"):
        print("skipped: this python3-jsonschema does not know draft 2020-12")
        return 77
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    mutants = 0
    for path in report_paths:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        for error in validator.iter_errors(report):
            print(f"{path}: {'/'.join(map(str, error.path))}: {error.message}")
            return 1
        for at, whole in enumerate(objects(report)):
            for key in whole:
                mutant = copy.deepcopy(report)
                del list(objects(mutant))[at][key]
                if validator.is_valid(mutant) != (key in OPTIONAL):
                    print(f"{path}: object {at} without {key}: wrong verdict")
                    return 1
                mutants += 1
    print(f"{len(report_paths)} reports accepted, {mutants} changed ones told apart")
    return 0 if report_paths else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
