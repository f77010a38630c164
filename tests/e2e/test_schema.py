#!/usr/bin/env python3
"""What editors get, `faultline list schema`, held against files by a validator that is
not ours: every scenario we ship fits it, and so does every good file; every bad file
that says "# schema: refuses" is refused."""
import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

try:
    import jsonschema
    import yaml
except ImportError as missing:
    drill.skip(f"python3-jsonschema and python3-yaml are needed: {missing}")

FILES = "tests/unit/scenarios"
NOT_OURS = "bare"  # a system that only the unit tests' vocabulary has


def schema_of(binary):
    said = subprocess.run([binary, "list", "schema"], capture_output=True, text=True, check=True)
    schema = json.loads(said.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def load(path):
    """As an editor does: scalars get types, and a comment says nothing."""
    with open(path) as f:
        return yaml.safe_load(f)


def note_of(path):
    with open(path) as f:
        found = re.search(r"^# schema: (.*)$", f.read(), re.MULTILINE)
    return found.group(1) if found else ""


def why_not(schema, path):
    error = jsonschema.exceptions.best_match(schema.iter_errors(load(path)))
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:160]}" if error else None


def main():
    schema = schema_of(os.path.abspath(sys.argv[1]))
    good = glob.glob("scenarios/*.yaml") + [
        p for p in glob.glob(FILES + "/good/*.yaml") if load(p)["system"]["kind"] != NOT_OURS]
    bad = [p for p in glob.glob(FILES + "/bad/*.yaml") if note_of(p) == "refuses"]
    drill.expect(len(good) > 14 and len(bad) > 40, "files are missing")
    wrong = 0
    for path in sorted(good):
        reason = why_not(schema, path)
        wrong += reason is not None
        print("ok    " if reason is None else "FAILED", path, reason or "")
    for path in sorted(bad):
        reason = why_not(schema, path)
        wrong += reason is None
        print("ok    " if reason else "FAILED", path, reason or "is accepted")
    drill.expect(wrong == 0, f"{wrong} files")


main()
