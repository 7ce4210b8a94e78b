"""What a package weighs: the wheel, all that pip installs with it, and what a bare ``import larknb`` costs.

Run by a Python into which larknb was installed, and nothing else.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from start import seconds

OWN = {"pip", "setuptools"}  # what every environment has
SHOWN = 6  # packages that are named


def size_of(package: Distribution) -> int:
    """Return how many bytes a package has on the disk, without what was compiled when it was first imported."""
    paths = [Path(str(file.locate())) for file in package.files or [] if "__pycache__" not in file.parts]
    return sum(path.stat().st_size for path in paths if path.is_file())


def pulled_in(statement: str) -> set[str]:
    """Return the modules of the first rank that a statement loads and an empty interpreter has not."""
    listing = "import sys; {}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    empty, loaded = (
        set(subprocess.run([sys.executable, "-c", listing.format(what)], capture_output=True, text=True, check=True)
            .stdout.split())
        for what in ("pass", statement)
    )  # fmt: skip
    return loaded - empty


def tell_sizes() -> None:
    sizes = {each.name: size_of(each) / 1e6 for each in distributions() if each.name not in OWN}
    heaviest = sorted(sizes, key=lambda name: -sizes[name])[:SHOWN]
    total = sum(sizes.values())
    print(f"installed: larknb {sizes['larknb']:.1f} MB, with its {len(sizes) - 1} dependencies {total:.0f} MB")
    print("the heaviest:", ", ".join(f"{name} {sizes[name]:.0f}" for name in heaviest))


def tell_import() -> None:
    modules = pulled_in("import larknb")
    foreign = sorted(modules - set(sys.stdlib_module_names) - {"larknb"})
    empty = seconds("-c", "pass")
    print(f"import larknb: {(seconds('-c', 'import larknb') - empty) * 1000:.0f} ms above an empty interpreter")
    print(f"it loads {len(modules)} modules more; of other packages: {', '.join(foreign) or 'none'}")


def main() -> None:
    for name in sys.argv[1:]:
        print(f"{Path(name).name}: {Path(name).stat().st_size / 1e6:.2f} MB")
    tell_sizes()
    tell_import()


if __name__ == "__main__":
    main()
