#!/usr/bin/env python3
"""extract.py README FOLDER: writes the interface and the programs that README prints as FOLDER/calc.x, call.cpp and rendezvous.cpp."""
import pathlib
import re
import sys

readme, folder = map(pathlib.Path, sys.argv[1:])
blocks = re.findall(r"^```(\w+)\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.M | re.S)
interfaces = [text for language, text in blocks if language == "c"]
programs = [text for language, text in blocks if language == "cpp" and "int main(" in text]
if len(interfaces) != 1 or len(programs) != 2:
    sys.exit("%s has %d interfaces and %d programs, not 1 and 2" % (readme, len(interfaces), len(programs)))
for name, text in zip(("calc.x", "call.cpp", "rendezvous.cpp"), interfaces + programs):
    place = folder / name
    # Untouched if it is the same, so that nothing is built again.
    if not place.exists() or place.read_text(encoding="utf-8") != text:
        place.write_text(text, encoding="utf-8")
