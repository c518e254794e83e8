"""Set everything up and do one job, on a machine that has only Python 3.11 and pip.

python3 do.py demo    make the pipeline review of data/sample and say where it is
python3 do.py test    lint, types, docs, wheel and every test
python3 do.py check   lint and types only
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
SAMPLE = Path("data", "sample")


def say(text: str) -> None:
    print(f"--- {text}", flush=True)


def run(*words: str | Path, **settings: object) -> None:
    finished = subprocess.run([str(word) for word in words], cwd=ROOT, check=False, **settings)
    if finished.returncode:
        sys.exit(finished.returncode)


def python_of(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin") / "python"


def needs(extras: str) -> str:
    """What the environment must hold, as a hash: another pin or another extra installs anew."""
    digest = hashlib.sha256(extras.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install(extras: str) -> None:
    """Make .venv, once for these pins; the larger set serves the smaller job too."""
    mark = ENVIRONMENT / ".installed"
    installed = mark.read_text(encoding="utf-8").split() if mark.exists() else []
    if needs(extras) in installed:
        return
    say(f"installing oppnb[{extras}] into .venv (about two minutes the first time)")
    if not python_of(ENVIRONMENT).exists():
        venv.create(ENVIRONMENT, with_pip=True)
    pip = [python_of(ENVIRONMENT), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run(*pip, "-c", "constraints.txt", "-e", f".[{extras}]")
    mark.write_text("\n".join([*installed, needs(extras)]), encoding="utf-8")


def demo() -> None:
    """Run the main job on the sample pipeline."""
    install("dev" if needs("dev") in _installed() else "excel,report,scoring")
    run(SCRIPTS / "oppnb", "review", SAMPLE / "pipeline", "--workspace", SAMPLE / "oppnb.yaml", "--out", "reports")


def _installed() -> list[str]:
    mark = ENVIRONMENT / ".installed"
    return mark.read_text(encoding="utf-8").split() if mark.exists() else []


def check() -> None:
    """Lint and types."""
    install("dev")
    say("lint")
    run(SCRIPTS / "ruff", "check", ".")
    run(SCRIPTS / "ruff", "format", "--check", ".")
    say("types")
    run(SCRIPTS / "mypy")


def docs() -> None:
    """Build the pages; a warning is an error."""
    say("docs")
    with tempfile.TemporaryDirectory() as folder:
        run(python_of(ENVIRONMENT), "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", folder)


def wheel() -> None:
    """Build the wheel, install it alone into a new environment and make a review with it."""
    say("wheel: build, install, review")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(python_of(ENVIRONMENT), "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
        built = next(folder.glob("*.whl"))
        fresh = folder / "fresh"
        venv.create(fresh, with_pip=True)
        pip = [python_of(fresh), "-m", "pip", "--disable-pip-version-check", "install", "-q", "-c", "constraints.txt"]
        run(*pip, f"{built}[excel,report,scoring]")
        command = python_of(fresh).with_name("oppnb")
        run(command, "review", SAMPLE / "pipeline", "--workspace", SAMPLE / "oppnb.yaml", "--out", folder / "reports")


def test() -> None:
    """Everything that must hold before a change is kept; pytest closes."""
    check()
    docs()
    wheel()
    say("tests")
    run(
        python_of(ENVIRONMENT),
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "--doctest-modules",
        "src",
        "tests",
    )


if __name__ == "__main__":
    jobs = {"demo": demo, "test": test, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        sys.exit(__doc__)
    jobs[sys.argv[1]]()
