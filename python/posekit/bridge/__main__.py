"""Starts the bridge: ``python -m posekit.bridge --engine ray|dask``."""

from posekit.bridge.main import main

# Dask's own worker processes import this module again, under another name.
if __name__ == "__main__":
    main()
