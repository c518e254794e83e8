"""`python -m oppnb.sources.synthetic FOLDER`: write the sample pipeline again."""

import sys

from oppnb.sources.synthetic.sample import write_sample


def main() -> int:
    """Write the sample into the folder named on the command line."""
    if len(sys.argv) != 2:
        sys.stderr.write("Usage: python -m oppnb.sources.synthetic FOLDER\n")
        return 2
    made = write_sample(sys.argv[1])
    sys.stdout.write(f"{len(made.tables['opportunities']):,} opportunities written to {sys.argv[1]}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
