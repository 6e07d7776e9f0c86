"""posekit from Python: runs the program, and opens the tables that it made.

    import posekit

    posekit.run(["extract", "--input", "season"])
    con = posekit.connect("datasets")
    knees = posekit.frame("joint_angles", "datasets").polars()

Units are in the names of columns: ``_px`` displayed pixels from the top left, ``_m`` meters, ``_s`` seconds, ``_deg``
degrees. `run` needs nothing besides this package; `connect` and `frame` need ``posekit[duckdb]``.
"""

from posekit._program import Failed, program, run
from posekit._tables import Frame, connect, frame

__all__ = ["Failed", "Frame", "connect", "frame", "program", "run"]
