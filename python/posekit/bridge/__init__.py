"""Sends units of work of posekit to Ray or Dask. The posekit program starts it; docs/WORKER.md describes the units."""
