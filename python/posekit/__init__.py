"""posekit from Python."""
