#!/usr/bin/env python3
"""MediaPipe's newer interface (Tasks, version 1.2.3) with the networks of the older one, as a peer for speed.

    python3 -m venv old && old/bin/pip install mediapipe==0.10.21
    old/bin/python mediapipe_tasks.py bundle TASK          # writes TASK from the two networks in that wheel
    python3 -m venv new && new/bin/pip install mediapipe==1.2.3 opencv-python-headless
    new/bin/python mediapipe_tasks.py run TASK VIDEO       # prints a line as mediapipe_pipeline.py does

Tasks reads networks only if their metadata say how pixels become values: (pixel - mean) / deviation. Those of the older
interface have no metadata; there the numbers are in the graph (-1..1 for the detector, 0..1 for the landmarks).
"""
import pathlib
import resource
import sys
import time
import zipfile

NETWORKS = [
    ("pose_detection/pose_detection.tflite", "pose_detector.tflite", 127.5, 127.5),
    ("pose_landmark/pose_landmark_full.tflite", "pose_landmarks_detector.tflite", 0.0, 255.0),
]


def bundle(task):
    import mediapipe
    from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer

    modules = pathlib.Path(mediapipe.__file__).parent / "modules"
    with zipfile.ZipFile(task, "w", zipfile.ZIP_STORED) as archive:
        for source, name, mean, deviation in NETWORKS:
            writer = metadata_writer.MetadataWriter.create(bytearray((modules / source).read_bytes()))
            writer.add_general_info(name, "").add_image_input([mean], [deviation])
            archive.writestr(name, bytes(writer.populate()[0]))


def run(task, video):
    import cv2
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    capture = cv2.VideoCapture(video)
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=task), running_mode=vision.RunningMode.VIDEO)
    n_frames, n_found, started = 0, 0, time.perf_counter()
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        while True:
            is_read, bgr = capture.read()
            if not is_read:
                break
            time_ms = max(round(capture.get(cv2.CAP_PROP_POS_MSEC)), n_frames)
            rgb = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
            n_found += bool(landmarker.detect_for_video(rgb, time_ms).pose_landmarks)
            n_frames += 1
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"frames={n_frames} with_person={n_found} seconds={seconds:.2f} fps={n_frames / seconds:.1f} peak_rss_mb={peak_mb:.0f}", flush=True)


if __name__ == "__main__":
    {"bundle": bundle, "run": run}[sys.argv[1]](*sys.argv[2:])
