"""The command line: a door to :mod:`ouhe.output`, without a formula of its own."""
