"""`python -m oppnb`: the command line, where the script `oppnb` is not on the path."""

from oppnb.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
