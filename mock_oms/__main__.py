"""`python -m mock_oms` is the command `mock-oms`."""

from mock_oms.cli.main import main

if __name__ == "__main__":
    main(prog_name="mock-oms")
