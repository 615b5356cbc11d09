"""Fails where the JSON object on stdin is no deployment: only the fields that deploy-rs knows."""
import json
import sys

GENERIC = {
    "sshUser": str, "user": str, "sshOpts": list, "fastConnection": bool, "autoRollback": bool, "magicRollback": bool,
    "confirmTimeout": int, "activationTimeout": int, "tempPath": str, "sudo": str, "remoteBuild": bool,
    "interactiveSudo": bool,
}
NODE = {**GENERIC, "hostname": str, "profiles": dict, "profilesOrder": list}
PROFILE = {**GENERIC, "path": str, "profilePath": str}


def check(where, value, fields, required):
    for name, item in value.items():
        if name not in fields:
            sys.exit(f"{where}: deploy-rs knows no {name}")
        if not isinstance(item, fields[name]):
            sys.exit(f"{where}.{name}: {item!r} is no {fields[name].__name__}")
    for name in required:
        if name not in value:
            sys.exit(f"{where}: {name} is missing")


deployment = json.load(sys.stdin)
check("deploy", deployment, {**GENERIC, "nodes": dict}, ["nodes"])
for node, settings in deployment["nodes"].items():
    check(node, settings, NODE, ["hostname", "profiles"])
    for profile, options in settings["profiles"].items():
        check(f"{node}.{profile}", options, PROFILE, ["path"])
