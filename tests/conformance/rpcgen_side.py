#!/usr/bin/env python3
"""Makes the two sides of a conformance test from one .x file.

Runs stock rpcgen on the file, asks the header that it wrote for which types it has a C routine
xdr_NAME, and writes
  c_STEM.h, c_STEM.c    what rpcgen made;
  STEM_routines.c       a table of those routines;
  STEM_boxes.x          the same interface with one struct more for each type, box_NAME, which has
                        a member of that type and nothing else, so that the bytes are the same;
  STEM_part_N.cpp       our codec of each box_NAME, dealt out to a number of sources, the first of
                        which has a test that pairs each box_NAME with its xdr_NAME.

--rename is for interfaces whose names libtirpc's own headers take too, and for types without a
name inside of others, which rpcgen does not know: rpcgen then sees every name with the prefix c_,
no % lines, and each nameless type lifted out of the place where it stands.
"""

import argparse
import pathlib
import re
import subprocess

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
# Words of rpcgen that interfaces use as names of members.
RPCGEN_WORDS = {"version"}
NAMELESS = re.compile(r"\b(struct|union)\s*(switch\s*\([^)]*\)\s*)?\{")


def without_comments(text):
    return COMMENT.sub(" ", text)


def closing_brace(text, opening):
    depth = 0
    for i in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise ValueError("a brace is not closed")


def lift_nameless_types(text):
    """Gives each nameless struct or union a name and moves it in front of its definition."""
    count = 0
    while True:
        inner = None
        for match in NAMELESS.finditer(text):
            end = closing_brace(text, match.end() - 1)
            if not NAMELESS.search(text, match.end(), end):
                inner = (match, end)
                break
        if inner is None:
            return text
        match, end = inner
        count += 1
        name = f"lifted_{count}"
        body = text[match.end() - 1 : end + 1]
        switch = match.group(2) or ""
        outer = max(text.rfind("\nstruct ", 0, match.start()), text.rfind("\nunion ", 0, match.start()))
        text = (
            text[:outer]
            + f"\n{match.group(1)} {name} {switch}{body};\n"
            + text[outer : match.start()]
            + name
            + text[end + 1 :]
        )


def with_included_interfaces(path):
    return re.sub(
        r'(?m)^#include "(\w+\.x)"',
        lambda m: with_included_interfaces(path.parent / m[1]),
        path.read_text(),
    )


def declared_names(text):
    names = set(re.findall(r"\b(?:struct|union|enum|program|version)\s+(\w+)\s*(?:switch|\{)", text))
    names |= set(re.findall(r"\bconst\s+(\w+)", text))
    names |= set(re.findall(r"\b(\w+)\s*\([^()]*\)\s*=\s*\w+\s*;", text))
    for body in re.findall(r"\benum\s+\w+\s*\{([^}]*)\}", text):
        names |= set(re.findall(r"(?:^|,)\s*(\w+)", body))
    for declaration in re.findall(r"\btypedef\s+([^;]*);", text):
        declaration = re.sub(r"[<\[].*", "", declaration)
        names.add(re.findall(r"\w+", declaration)[-1])
    return names


def renamed(text):
    text = re.sub(r"(?m)^%(?:.*\\\n)*.*\n", "", text)
    text = lift_nameless_types(without_comments(text))
    names = declared_names(text) | RPCGEN_WORDS
    text = re.sub(r"\b[A-Za-z_]\w*\b", lambda m: "c_" + m[0] if m[0] in names else m[0], text)
    return re.sub(r"\bc_version(?=\s+\w+\s*\{)", "version", text)


def rpcgen(directory, output, *arguments):
    made = subprocess.run(
        ["rpcgen", *arguments], cwd=directory, check=True, capture_output=True, text=True
    )
    (directory / output).write_text(made.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("interface", type=pathlib.Path)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--rename", action="store_true")
    parser.add_argument("--before", type=pathlib.Path, help="an interface that this one needs")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--label", help="what the test calls the interface")
    options = parser.parse_args()

    stem = options.interface.stem
    directory = options.directory
    directory.mkdir(parents=True, exist_ok=True)
    original = with_included_interfaces(options.interface)
    if options.before:
        original = with_included_interfaces(options.before) + original
    label = options.label or stem
    prefix = "c_" if options.rename else ""
    seen_by_rpcgen = renamed(original) if options.rename else original
    (directory / f"c_{stem}.x").write_text(seen_by_rpcgen)
    rpcgen(directory, f"c_{stem}.h", "-C", "-M", "-h", f"c_{stem}.x")
    rpcgen(directory, f"c_{stem}.c", "-C", "-M", "-c", f"c_{stem}.x")

    header = (directory / f"c_{stem}.h").read_text()
    routines = dict.fromkeys(re.findall(r"^extern\s+bool_t\s+xdr_(\w+)\s*\(XDR \*, ", header, re.M))
    types = [r.removeprefix(prefix) for r in routines if not r.startswith("c_lifted_")]

    (directory / f"{stem}_routines.c").write_text(
        f'#include "c_{stem}.h"\n\n#include "routines.h"\n\nconst struct routine {stem}_routines[] = {{\n'
        + "".join(
            f'    {{"{t}", sizeof({prefix}{t}), (xdrproc_t)xdr_{prefix}{t}}},\n' for t in types
        )
        + "    {0, 0, 0}};\n"
    )
    (directory / f"{stem}_boxes.x").write_text(
        original + "\n" + "".join(f"struct box_{t} {{ {t} value; }};\n" for t in types)
    )
    parts = range(1, options.parts + 1)
    test = (
        f'extern "C" const routine {stem}_routines[];\n\n'
        f"TEST(Conformance, EveryTypeOf_{label}_IsWrittenAndReadAsByRpcgen) {{\n"
        f"  expect_agreement({{{', '.join(f'part_{part}()' for part in parts)}}}, {stem}_routines);\n}}\n"
    )
    for part in parts:
        (directory / f"{stem}_part_{part}.cpp").write_text(
            f'#include "{stem}_boxes.hpp"\n\n#include "agreement.hpp"\n\n'
            f"using namespace tryst::conformance;\n\n"
            + "".join(f"std::vector<coded_type> part_{any_part}();\n" for any_part in parts)
            + f"std::vector<coded_type> part_{part}() {{\n  return {{\n"
            + "".join(f"      coded<{stem}_boxes::box_{t}>(),\n" for t in types[part - 1 :: len(parts)])
            + "  };\n}\n\n"
            + (test if part == 1 else "")
        )


main()
