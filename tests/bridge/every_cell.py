#!/usr/bin/env python3
"""every_cell.py FOLDER: each cell of the remote table (docs/rendezvous.md) has a test named after its row and its column,
TEST(RemoteTable, ConnectionLostQueued...), in the folder's *_test.cpp."""
import pathlib
import re
import sys

ROWS = ("SameXid", "ConnectionLost", "MaxWaitPassed", "Closes", "BodyThrows", "ClientCancels")
COLUMNS = ("Queued", "Taken", "Done")

text = "".join(each.read_text(encoding="utf-8") for each in pathlib.Path(sys.argv[1]).glob("*_test.cpp"))
names = re.findall(r"TEST\w*\(RemoteTable,\s*(\w+)\)", text)
cells = [row + column for row in ROWS for column in COLUMNS]
missing = [cell for cell in cells if not any(name.startswith(cell) for name in names)]
strange = [name for name in names if not any(name.startswith(cell) for cell in cells)]
if missing or strange:
    sys.exit("cells without a test: %s\ntests without a cell: %s" % (missing, strange))
