"""Reads COCO files with their pictures by sleap-io: every frame, person and track has to come back.

    python formats_sleap.py DIR

DIR holds coco.json, coco33.json and images/. Needs sleap-io from PyPI.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sleap_io


def check(path):
    """Returns what is wrong with a file, after printing what sleap-io found."""
    file = json.loads(path.read_text())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        labels = sleap_io.load_coco(str(path))
    instances = [instance for frame in labels for instance in frame.instances]
    tracks = {instance.track.name for instance in instances if instance.track is not None}
    wanted = {f"track_{annotation['track_id']}" for annotation in file["annotations"]}
    points = sum(int(np.isfinite(instance.numpy()).all(axis=1).sum()) for instance in instances)
    labeled = sum(annotation["num_keypoints"] for annotation in file["annotations"])
    picture = labels[0].image
    size = (file["images"][0]["height"], file["images"][0]["width"])
    print(f"{path.name}: {len(labels)} frames, {len(instances)} people, {points} points, tracks {sorted(tracks)}")
    checks = {
        "no warning": not caught,
        "every frame": len(labels) == len(file["images"]),
        "every person": len(instances) == len(file["annotations"]),
        "everyone has a track": all(instance.track is not None for instance in instances) and tracks == wanted,
        "every labeled keypoint": points == labeled,
        "the picture is there, in its size": picture.shape[:2] == size,
    }
    return [f"{path.name}: {what}" for what, holds in checks.items() if not holds] + [str(one.message) for one in caught]


def main(folder):
    wrong = [problem for name in ("coco.json", "coco33.json") for problem in check(folder / name)]
    for problem in wrong:
        print(f"WRONG {problem}")
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
