"""Runs the quick start of README.md as it stands there, in `sh`, against the service that API and TOKEN name."""

import json
import re
import subprocess
import sys

# What differs from run to run.
VARIABLE = {
    "id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "host": r"http://127\.0\.0\.1:\d+",
    "seconds": r'(?<="seconds":)[0-9.]+',
}


def blocks():
    """The block to paste, and the block of what it prints."""
    with open("README.md", encoding="utf-8") as readme:
        section = readme.read().split("\n## Quick start\n")[1].split("\n## ")[0]
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    place = [language for language, _ in fenced].index("")
    (language, commands), (_, printed) = fenced[place - 1 : place + 1]
    assert language == "sh", "What is printed follows the block of commands."
    return commands, printed


def comparable(text):
    """The lines of `text` that are not empty, read as JSON if they are, without what differs from run to run."""
    for name, pattern in VARIABLE.items():
        text = re.sub(pattern, f'"{name}"' if name == "seconds" else f"<{name}>", text)
    return [json.loads(line) if line.startswith("{") else line for line in text.splitlines() if line]


def main():
    commands, expected = blocks()
    printed = subprocess.run(["sh"], input=commands, stdout=subprocess.PIPE, encoding="utf-8").stdout
    if comparable(printed) != comparable(expected):
        sys.exit(f"The quick start prints something else than README.md says:\n{printed}")
    print("The quick start prints what README.md says.")


main()
