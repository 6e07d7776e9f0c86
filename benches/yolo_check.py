"""Scans a pose dataset with Ultralytics' checker. Fails if it drops or repairs anything.

    python yolo_check.py DIR

DIR holds data.yaml. With TRAIN=1 in the environment a network without weights is trained for one epoch.
Needs ultralytics from PyPI.
"""

import os
import sys
from pathlib import Path

from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset


def scan(data, part):
    """Returns what is wrong with a part, after printing what Ultralytics counted."""
    listed = Path(data[part]).read_text().splitlines()
    dataset = YOLODataset(img_path=data[part], data=data, task="pose", augment=False)
    cache = dataset.cache_labels(Path(data[part]).with_suffix(".cache"))
    found, missing, empty, corrupt, total = cache["results"]
    people = sum(len(label["cls"]) for label in cache["labels"])
    print(f"{part}: {total} pictures, {found} with a label file, {empty} of them without people, {missing} without a file, {corrupt} corrupt; {people} people")
    lines = [line for name in dataset.label_files for line in Path(name).read_text().splitlines()]
    shapes = {label["keypoints"].shape[1:] for label in cache["labels"]}
    checks = {
        "pictures that are listed are read": total == len(listed) == len(dataset.labels),
        "every picture has a label file": found == total and missing == 0,
        "no picture is corrupt": corrupt == 0,
        "no label is dropped": people == len(lines) > 0,
        "no remark": not cache["msgs"],
        "17 keypoints with x, y, v": shapes == {(17, 3)},
    }
    return [f"{part}: {what}" for what, holds in checks.items() if not holds] + cache["msgs"]


def main(folder):
    data = check_det_dataset(str(folder / "data.yaml"))
    wrong = [problem for part in ("train", "val") for problem in scan(data, part)]
    if os.environ.get("TRAIN"):
        from ultralytics import YOLO

        YOLO("yolo11n-pose.yaml").train(data=str(folder / "data.yaml"), epochs=1, imgsz=160, device="cpu", workers=0, plots=False, amp=False)
    for problem in wrong:
        print(f"WRONG {problem}")
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
