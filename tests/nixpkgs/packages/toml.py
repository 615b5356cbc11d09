"""TOML on stdout of the JSON object on stdin, with tables written inline."""
import json
import re
import sys


def key(name):
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def text(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key(name)} = {text(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[ " + ", ".join(map(text, value)) + " ]"
    return json.dumps(value)


for name, value in json.load(sys.stdin).items():
    if value is not None:
        print(f"{key(name)} = {text(value)}")
