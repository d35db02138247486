"""`python -m rag.cli`: the command `fonds`."""

from rag.cli.commands import main

if __name__ == "__main__":
    main()
