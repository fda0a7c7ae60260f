"""Writes lock.txt: the exact version of everything that dev.txt brings in, as installed. Used as constraints.

Versions only, no address: where packages come from is the business of whoever installs them.
"""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

HERE = Path(__file__).parent
HEAD = "# Everything the requirements bring in, transitively. Written by `make lock`; used with `pip install -c`.\n"


def named(file: Path) -> list[str]:
    lines = [line.split("#")[0].strip() for line in file.read_text().splitlines()]
    found = []
    for line in filter(None, lines):
        found += named(file.parent / line.split()[1]) if line.startswith("-r ") else [line]
    return found


def closure(wanted: list[str]) -> dict[str, str]:
    versions, seen, queue = {}, set(), list(wanted)
    while queue:
        wish = queue.pop()
        if "extra ==" in wish:
            continue
        name = re.match(r"[A-Za-z0-9._-]+", wish).group()
        extras = re.match(r"[A-Za-z0-9._-]+\[([^\]]*)\]", wish)
        key = re.sub(r"[-_.]+", "-", name).lower()
        if (key, extras and extras[1]) in seen:
            continue
        seen.add((key, extras and extras[1]))
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another platform
            continue
        versions[key] = package.version.split("+")[0]  # the local part names a build, not a version
        for needed in package.requires or []:
            asked = extras and any(f'extra == "{extra.strip()}"' in needed for extra in extras[1].split(","))
            queue.append(needed.split(";")[0] if asked else needed)
    return versions


if __name__ == "__main__":
    rows = [f"{name}=={version}\n" for name, version in sorted(closure(named(HERE / "dev.txt")).items())]
    (HERE / "lock.txt").write_text(HEAD + "".join(rows))
