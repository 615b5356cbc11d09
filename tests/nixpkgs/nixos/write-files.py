"""Writes files of the current folder from the JSON object on stdin: their texts by their paths."""
import json
import os
import sys

for path, text in json.load(sys.stdin).items():
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
