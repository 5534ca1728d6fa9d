#!/usr/bin/env python3
"""check.py PROGRAM COMMAND...: COMMAND does not compile PROGRAM, and within the first lines of what it says, as many as the
program's first line promises, are the sentence there and the line that is marked `// here`."""
import re
import subprocess
import sys

program, command = sys.argv[1], sys.argv[2:]
with open(program, encoding="utf-8") as source:
    lines = source.read().splitlines()
most_lines, sentence = re.fullmatch(r"// says within (\d+) lines: (.+)", lines[0]).groups()
place = "%s:%d:" % (program, next(i for i, line in enumerate(lines, 1) if line.endswith("// here")))

done = subprocess.run([*command, program], capture_output=True, text=True)
said = done.stderr.splitlines()[:int(most_lines)]
missing = [what for what in (sentence, place) if not any(what in line for line in said)]
if done.returncode == 0:
    sys.exit("it compiles")
if missing:
    sys.exit("not within %s lines: %s\n%s" % (most_lines, missing, "\n".join(said)))
