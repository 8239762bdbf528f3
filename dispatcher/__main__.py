"""`python -m dispatcher` is the command `dispatcher`, where no script stands on the path."""

from dispatcher.cli import main

if __name__ == "__main__":
    main()
