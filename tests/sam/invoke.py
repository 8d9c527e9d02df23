"""Invokes functions with events by the README's own commands: each response has the status in the event's name."""

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import yaml

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), platform.machine())


class Template(yaml.SafeLoader):
    """Reads a tag such as `!Sub` as the value that it has."""

    def untagged(self, _, node):
        if isinstance(node, yaml.ScalarNode):
            return self.construct_scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return self.construct_mapping(node, deep=True)


Template.add_multi_constructor("!", Template.untagged)


def functions():
    """The function that receives a method, as `template.yaml` routes it without a release."""
    resources = yaml.load(Path("template.yaml").read_text(encoding="utf-8"), Template)["Resources"].values()
    methods = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::ApiGateway::Method"]
    target = lambda method: method["Integration"]["Uri"][1]["Function"][-1].removesuffix(".Arn")
    return {method["HttpMethod"]: target(method) for method in methods}


def commands():
    """The README's `sam build` and its first `sam local invoke`, for this machine."""
    readme = Path("README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^sam (?:build|local invoke) .*$", readme, re.MULTILINE)
    build, invoke, *_ = [shlex.split(line) for line in lines]
    here = [f"Architecture={ARCHITECTURE}" if word.startswith("Architecture=") else word for word in invoke]
    return [*build[:-1], here[-1]], here


def bridge():
    """The address at which a container reaches this machine."""
    if platform.system() != "Linux":
        return "127.0.0.1"
    subnet = "{{(index .IPAM.Config 0).Subnet}}"
    command = ["docker", "network", "inspect", "bridge", "--format", subnet]
    subnet = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    return str(next(ip_network(subnet).hosts()))


def start_program():
    """`local`, whose DynamoDB containers can reach, once it serves."""
    command = [os.path.join(TARGET, "debug", "local"), "--port", "0", "--dynamodb-address", bridge()]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    for line in program.stdout:
        if line.startswith("Ctrl-C"):
            return program
    sys.exit("The service did not start.")


def invoke(command, path):
    """The function that received the event, and the status of its response."""
    event = json.loads(path.read_text(encoding="utf-8"))
    method = event.get("httpMethod") or event["requestContext"]["http"]["method"]
    function = FUNCTIONS.get(method, FUNCTIONS["ANY"])
    # The README's command, with another function and another event.
    words = [*command[:3], function, "--event", str(path), *command[6:], "--skip-pull-image"]
    output = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    try:
        return function, str(json.loads(output.stdout)["statusCode"])
    except (ValueError, KeyError):
        return function, f"no response: {output.stdout[-500:]} {output.stderr[-1000:]}"


def run(command, paths):
    """Invokes with all events, several at once, since none depends on another. Returns how many failed."""
    failures = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        responses = pool.map(lambda path: invoke(command, path), paths)
        for path, (function, status) in zip(paths, responses):
            failures += not path.name.startswith(f"{status}-")
            print(f"{path.name}  {function}  {status}", flush=True)
    return failures


def main(names):
    build, command = commands()
    subprocess.run(build, check=True)
    program = start_program()
    try:
        paths = [Path("events", f"{name}.json") for name in names] or sorted(Path("events").glob("*.json"))
        failures = run(command, paths)
    finally:
        program.terminate()
    if failures:
        sys.exit(f"{failures} events have another status than their name.")


FUNCTIONS = functions()
main(sys.argv[1:])
