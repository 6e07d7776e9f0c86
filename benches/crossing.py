"""Clips in which people cross, made from a public clip of a man on a box and a woman who walks by, and what came of them.

    crossing.py build VIDEO POSES FOLDER      writes FOLDER/NAME.mp4 and FOLDER/NAME.truth.json for each clip
    crossing.py head                          prints the head of the table
    crossing.py judge TRUTH POSES [details]   prints a line of it
    crossing.py show VIDEO POSES PNG FRAMES   draws the skeletons on some frames (comma separated), side by side

POSES is CSV: frame_idx, person_id, and x and y of twelve joints in the order of JOINTS. The truth about a person who was cut out and
pasted is what was found of them in the original, where nobody is in the way, moved as their pixels were. It needs
mediapipe==0.10.21 (person masks), which brings OpenCV and numpy, and the ffmpeg program.
"""

import csv
import itertools
import json
import subprocess
import sys

import cv2
import numpy as np

# Shoulders, elbows, wrists, hips, knees, ankles: left, right.
JOINTS = 12
MIRROR = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10]
HIPS = [6, 7]
BONES = [(0, 1), (0, 2), (2, 4), (1, 3), (3, 5), (0, 6), (1, 7), (6, 7), (6, 8), (8, 10), (7, 9), (9, 11)]
MAN, WOMAN = 0, 1
FPS = 30

# In heights of a person, between hips: who is nearer to another than NEAR crosses them; ids are compared where people are as far apart as
# APART; a pose within FOUND of somebody can be theirs.
NEAR, APART, FOUND = 0.2, 0.35, 0.35
# A person of whom less than this share of pixels is seen is hidden: nobody is asked to find them.
HIDDEN = 0.5
# The seconds around a crossing in which losses are counted.
AROUND_S = 1.0


def read_poses(path):
    """Joints (12 x 2, pixels) by person by frame."""
    poses = {}
    with open(path) as file:
        for row in itertools.islice(csv.reader(file), 1, None):
            joints = np.array(row[2:], float).reshape(JOINTS, 2)
            poses.setdefault(int(row[0]), {})[int(row[1])] = joints
    return poses


def read_video(path):
    capture, frames = cv2.VideoCapture(path), []
    while True:
        is_read, frame = capture.read()
        if not is_read:
            return frames
        frames.append(frame)


def hips(joints):
    return joints[HIPS].mean(axis=0)


# ---------------------------------------------------------------------------------------------------------------- cutting out


class Cutout:
    """Somebody cut out of a frame: pixels and opacity of a square, where that was, and the joints."""

    def __init__(self, frame, mask, origin, joints):
        self.pixels, self.alpha, self.origin, self.joints = frame, mask, np.array(origin, float), joints


class Cutter:
    """Cuts people out: MediaPipe's mask of a square around them, sharpened by GrabCut, feathered."""

    def __init__(self):
        import mediapipe

        self.pose = mediapipe.solutions.pose.Pose(
            static_image_mode=True, model_complexity=1, enable_segmentation=True, smooth_segmentation=False
        )

    def cut(self, frame, joints, side):
        center = (joints.min(axis=0) + joints.max(axis=0)) / 2 + [0, -0.06 * side]
        left, top = (center - side / 2).astype(int)
        padded = cv2.copyMakeBorder(frame, side, side, side, side, cv2.BORDER_REPLICATE)
        patch = padded[top + side : top + 2 * side, left + side : left + 2 * side].copy()
        result = self.pose.process(cv2.cvtColor(patch, cv2.COLOR_BGR2RGB))
        if result.segmentation_mask is None:
            return None
        return Cutout(patch, self.sharpen(patch, result.segmentation_mask), (left, top), joints)

    @staticmethod
    def sharpen(patch, soft):
        kernel = np.ones((5, 5), np.uint8)
        labels = np.full(soft.shape, cv2.GC_BGD, np.uint8)
        labels[cv2.dilate((soft > 0.1).astype(np.uint8), kernel, iterations=2) > 0] = cv2.GC_PR_BGD
        labels[soft > 0.5] = cv2.GC_PR_FGD
        labels[cv2.erode((soft > 0.9).astype(np.uint8), kernel, iterations=1) > 0] = cv2.GC_FGD
        if (labels == cv2.GC_FGD).sum() > 100:
            models = np.zeros((1, 65)), np.zeros((1, 65))
            cv2.grabCut(patch, labels, None, *models, 3, cv2.GC_INIT_WITH_MASK)
        hard = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
        count, areas, stats, _ = cv2.connectedComponentsWithStats(hard)
        if count > 2:
            largest = 1 + stats[1:, cv2.CC_STAT_AREA].argmax()
            small = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < 0.02 * stats[largest, cv2.CC_STAT_AREA])
            hard[np.isin(areas, small)] = 0
        return cv2.GaussianBlur(hard.astype(np.float32), (0, 0), 1.2)


def recolored(pixels):
    """The same person in red instead of green and gray."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV).astype(np.float32)
    is_skin = (hsv[..., 0] < 18) & (hsv[..., 1] > 70)
    red = np.dstack([np.full(hsv.shape[:2], 175.0), np.clip(hsv[..., 1] + 110, 0, 255), hsv[..., 2]])
    hsv[~is_skin] = red[~is_skin]
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR)


class Placement:
    """How somebody is pasted: mirrored about the middle, made smaller or larger about the ground below it, moved."""

    def __init__(self, size_px, is_mirrored=False, scale=1.0, moved_px=(0, 0)):
        width, ground = size_px[0], 925
        sign = -1 if is_mirrored else 1
        start = width - 1 if is_mirrored else 0
        middle = width / 2
        self.is_mirrored, self.scale, self.size_px = is_mirrored, scale, size_px
        self.matrix = np.array(
            [
                [scale * sign, 0, scale * (start - middle) + middle + moved_px[0]],
                [0, scale, ground * (1 - scale) + moved_px[1]],
            ]
        )

    def joints(self, joints):
        moved = joints @ self.matrix[:, :2].T + self.matrix[:, 2]
        return moved[MIRROR] if self.is_mirrored else moved

    def layer(self, cutout, is_red=False):
        """Pixels and opacity in the whole picture."""
        matrix = self.matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ cutout.origin
        pixels = recolored(cutout.pixels) if is_red else cutout.pixels
        warp = lambda image: cv2.warpAffine(image, matrix, self.size_px, flags=cv2.INTER_LINEAR)
        return warp(pixels), warp(cutout.alpha)


# -------------------------------------------------------------------------------------------------------------------- scenes


class Studio:
    """What the clips are made of."""

    def __init__(self, video, poses):
        self.frames = read_video(video)
        self.poses = read_poses(poses)
        height, width = self.frames[0].shape[:2]
        self.size_px = (width, height)
        cutter = Cutter()
        self.woman = self.cut_all(cutter, WOMAN, range(45, 192), 500)
        self.man = self.cut_all(cutter, MAN, range(0, 110), 520)
        # The man has left the box by then.
        self.plate = np.median(np.stack(self.frames[206:230:3]), axis=0).astype(np.uint8)
        # The bark of the tree, for something to hide behind.
        self.bark = self.plate[480:980, 1640:1760]

    def cut_all(self, cutter, person, frames, side):
        known = [frame for frame in frames if person in self.poses.get(frame, {})]
        cutouts = {frame: cutter.cut(self.frames[frame], self.poses[frame][person], side) for frame in known}
        return {frame: cutout for frame, cutout in cutouts.items() if cutout is not None}

    @staticmethod
    def nearest(cutouts, frame):
        return cutouts[min(cutouts, key=lambda known: abs(known - frame))]

    def without_man(self, frame):
        picture = self.frames[frame].copy()
        picture[:475, 440:1010] = self.plate[:475, 440:1010]
        return picture

    def wall(self, center, width):
        """A layer of bark."""
        left, top, right = center - width // 2, 490, center + width // 2
        pixels = np.zeros_like(self.plate)
        tile = cv2.resize(self.bark, (120, self.size_px[1] - top))
        strip = np.hstack([tile if index % 2 == 0 else tile[:, ::-1] for index in range(width // 120 + 1)])
        pixels[top:, left:right] = strip[:, :width]
        alpha = np.zeros(self.plate.shape[:2], np.float32)
        alpha[top:, left:right] = 1
        return pixels, alpha


class Scene:
    """One picture, to which layers are added from the back to the front, and who is where in it."""

    def __init__(self, picture):
        self.picture, self.people = picture.astype(np.float32), []

    def paste(self, layer, who=None, joints=None):
        pixels, alpha = layer
        self.picture += (pixels - self.picture) * alpha[..., None]
        for person in self.people:
            person["left"] = person["left"] * (1 - alpha)
        if who is not None:
            self.people.append({"who": who, "joints": joints, "left": alpha.copy(), "all": float(alpha.sum())})

    def note(self, who, joints):
        """Somebody who is in the picture already, in nobody's way."""
        self.people.append({"who": who, "joints": joints, "left": np.ones((1, 1), np.float32), "all": 1.0})

    def truth(self):
        width_share = lambda person: float(person["left"].sum() / max(person["all"], 1e-6))
        return [{"who": p["who"], "joints": p["joints"].tolist(), "visible": width_share(p)} for p in self.people]


def walkers(studio, frames, other, pasted_first=False, wall=None, is_red=False, swap_at=None):
    """The woman and somebody else pasted by `other` (placement and source frame by frame)."""
    here = Placement(studio.size_px)
    for frame in frames:
        scene = Scene(studio.frames[frame])
        if MAN in studio.poses[frame]:
            scene.note("man", studio.poses[frame][MAN])
        is_swapped = swap_at is not None and frame >= swap_at
        own = studio.nearest(studio.woman, frame)
        people = [(here, own, "woman")]
        if (pasted := other(frame)) is not None:
            placement, source = pasted
            people.insert(0 if pasted_first else 1, (placement, studio.nearest(studio.woman, source), "other"))
        for placement, cutout, way in people:
            # Who turns back goes on where the other would have.
            who = way if not is_swapped else {"woman": "other", "other": "woman"}[way]
            layer = placement.layer(cutout, is_red and who == "other")
            scene.paste(layer, who, placement.joints(cutout.joints))
        if wall is not None:
            scene.paste(wall)
        yield scene


def standing(studio, frames, is_man_in_front):
    """The woman walks past the man, who stands on the ground."""
    here = Placement(studio.size_px)
    scale, drop = (1.06, 20) if is_man_in_front else (0.98, -4)
    there = Placement(studio.size_px, scale=scale, moved_px=(250 - 15 * is_man_in_front, 455 + drop))
    # To and fro through the frames in which he has not begun to jump.
    sources = list(range(0, 98)) + list(range(97, 0, -1))
    for index, frame in enumerate(frames):
        scene = Scene(studio.without_man(frame))
        man, woman = studio.nearest(studio.man, sources[index]), studio.nearest(studio.woman, frame)
        people = [(there, man, "man"), (here, woman, "woman")]
        for placement, cutout, who in reversed(people) if is_man_in_front else people:
            scene.paste(placement.layer(cutout), who, placement.joints(cutout.joints))
        yield scene


def behind_wall(studio, frames, width):
    nobody = lambda frame: None
    return walkers(studio, frames, nobody, wall=studio.wall(1000, width))


def clips(studio):
    size_px = studio.size_px
    facing = lambda **how: Placement(size_px, is_mirrored=True, **how)
    front, back = facing(moved_px=(0, 12)), facing(scale=0.94, moved_px=(0, -12))
    meet, short = range(56, 181), range(50, 165)
    overtaking = Placement(size_px, moved_px=(0, 12))

    def faster(frame):
        source = 45 + round(1.6 * (frame - 81))
        return (overtaking, source) if 45 <= source <= 191 else None

    beside = lambda frame: (front, frame + 6)
    behind = lambda frame: (back, frame + 6)
    wide = studio.wall(884, 380)
    return {
        "meet, other in front": walkers(studio, meet, beside),
        "meet, other behind": walkers(studio, meet, behind, pasted_first=True),
        "meet, other in red": walkers(studio, meet, beside, is_red=True),
        "overtake": walkers(studio, range(56, 172), faster),
        "pass in front of a man": standing(studio, short, False),
        "pass behind a man": standing(studio, short, True),
        "narrow wall": behind_wall(studio, short, 200),
        "wide wall": behind_wall(studio, short, 420),
        "meet behind a wall": walkers(studio, meet, beside, wall=wide),
        "meet behind a narrow wall": walkers(studio, meet, beside, wall=studio.wall(884, 200)),
        "meet behind a wall, other in red": walkers(studio, meet, beside, wall=wide, is_red=True),
        "turn back behind a wall, other in red": walkers(studio, meet, beside, wall=wide, is_red=True, swap_at=114),
    }


def build(video, poses, folder):
    studio = Studio(video, poses)
    width, height = studio.size_px
    for number, (name, scenes) in enumerate(clips(studio).items()):
        path = f"{folder}/{number:02}_{name.replace(', ', '_').replace(' ', '_')}"
        command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}"]
        command += ["-r", str(FPS), "-i", "-", "-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", path + ".mp4"]
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
        truth = []
        for scene in scenes:
            encoder.stdin.write(np.clip(scene.picture, 0, 255).astype(np.uint8).tobytes())
            truth.append(scene.truth())
        encoder.stdin.close()
        if encoder.wait() != 0:
            sys.exit(f"ffmpeg failed on {name}")
        with open(path + ".truth.json", "w") as file:
            json.dump({"name": name, "frames": truth}, file)
        print(path, len(truth), file=sys.stderr)


# -------------------------------------------------------------------------------------------------------------------- judging


def height_px(joints):
    """Shoulders to ankles, and a quarter more for head and feet."""
    return 1.25 * max(np.ptp(joints[:, 1]), np.ptp(joints[:, 0]))


def pairs(people, found, unit_px):
    """Who was found as which id: by the distance of the hips, one to one at the least total."""
    ids = sorted(found)
    options = [[None] + ids] * len(people)
    best, best_cost = [None] * len(people), float("inf")
    for choice in itertools.product(*options):
        taken = [chosen for chosen in choice if chosen is not None]
        if len(set(taken)) < len(taken):
            continue
        cost = 0.0
        for person, chosen in zip(people, choice):
            distance = FOUND if chosen is None else np.hypot(*(hips(person["joints"]) - hips(found[chosen]))) / unit_px
            cost += distance if distance <= FOUND else float("inf")
        if cost < best_cost:
            best, best_cost = choice, cost
    return best


class Judge:
    """Goes through the frames of a clip and notes what is wrong with the poses."""

    def __init__(self, frames):
        for person in itertools.chain(*frames):
            person["joints"] = np.array(person["joints"])
        self.frames = frames
        self.unit_px = np.median([height_px(p["joints"]) for p in itertools.chain(*frames) if p["who"] == "woman"])
        self.last_id, self.switches, self.shared, self.strangers, self.crossing = {}, [], [], 0, []
        self.lost, self.errors, self.turned = [], [], []

    def between(self, a, b):
        return float(np.hypot(*(hips(a) - hips(b))) / self.unit_px)

    def look(self, frame, people, found):
        apart = {
            p["who"]: min((self.between(p["joints"], o["joints"]) for o in people if o is not p), default=9.0) for p in people
        }
        if any(apart[p["who"]] < NEAR or p["visible"] < HIDDEN for p in people):
            self.crossing.append(frame)
        matched = pairs(people, found, self.unit_px)
        self.strangers += len(found) - sum(chosen is not None for chosen in matched)
        for person, chosen in zip(people, matched):
            if person["visible"] < HIDDEN:
                continue
            if chosen is None:
                self.lost.append((frame, person["who"]))
                continue
            if apart[person["who"]] >= APART:
                self.recognize(frame, person["who"], chosen)
            self.compare(frame, person, found[chosen])
        is_double = any(self.between(a, b) < NEAR for a, b in itertools.combinations(found.values(), 2))
        if is_double and min(apart.values()) > 1.5 * NEAR:
            self.shared.append(frame)

    def recognize(self, frame, who, chosen):
        if self.last_id.get(who, chosen) != chosen:
            self.switches.append((frame, who, self.last_id[who], chosen))
        self.last_id[who] = chosen

    def compare(self, frame, person, joints):
        if person["who"] == "man":
            return
        distance = lambda found: np.hypot(*(found - person["joints"]).T) / self.unit_px
        straight, exchanged = distance(joints), distance(joints[MIRROR])
        self.errors.append((frame, float(np.median(straight))))
        legs = slice(6, JOINTS)
        if straight[legs].mean() > 0.04 and exchanged[legs].mean() < 0.6 * straight[legs].mean():
            self.turned.append(frame)


HEAD = """| clip | people | ids | switches | two ids, one body | seen but not found | poses of nobody | joints off, apart | joints off, crossing | legs exchanged |
|---|---|---|---|---|---|---|---|---|---|"""


def judge(truth_path, poses_path, details=None):
    with open(truth_path) as file:
        truth = json.load(file)
    poses, judge = read_poses(poses_path), Judge(truth["frames"])
    for frame, people in enumerate(judge.frames):
        judge.look(frame, people, poses.get(frame, {}))
    margin = round(AROUND_S * FPS)
    around = range(min(judge.crossing) - margin, max(judge.crossing) + margin + 1)
    # Where the man is on the box he crosses nobody, and what his somersault costs is another matter.
    is_man_in_it = truth["name"].startswith("pass")
    lost = [who for frame, who in judge.lost if frame in around and (who != "man" or is_man_in_it)]
    n_ids = len({person for found in poses.values() for person in found})
    n_people = len({person["who"] for person in itertools.chain(*judge.frames)})
    inside = set(judge.crossing)
    percent = lambda values: f"{100 * np.median(values):.1f} %" if values else "-"
    errors = [percent([error for at, error in judge.errors if (at in inside) == crossing]) for crossing in (False, True)]
    numbers = [n_people, n_ids, len(judge.switches), len(judge.shared), len(lost), judge.strangers, *errors, len(judge.turned)]
    print("| " + " | ".join([truth["name"], *map(str, numbers)]) + " |", flush=True)
    if details:
        print(f"  crossing {min(inside)}..{max(inside)} switches {judge.switches} shared {judge.shared} lost {judge.lost}")
        print(f"  legs exchanged {judge.turned}")


# ------------------------------------------------------------------------------------------------------------------- looking


def show(video, poses_path, png, chosen):
    """Left limbs blue, right limbs orange; one color an id for the trunk."""
    poses, frames = read_poses(poses_path), read_video(video)
    colors = [(60, 220, 60), (255, 60, 255), (60, 255, 255), (255, 255, 255), (128, 128, 255)]
    tiles = []
    for frame in chosen:
        picture = frames[frame].copy()
        for person, joints in poses.get(frame, {}).items():
            own = colors[person % len(colors)]
            points = [tuple(int(v) for v in joint) for joint in joints]
            for a, b in BONES:
                side = own if a % 2 != b % 2 or (a, b) in ((0, 6), (1, 7)) else [(255, 120, 0), (0, 140, 255)][a % 2]
                cv2.line(picture, points[a], points[b], side, 4, cv2.LINE_AA)
            top = joints.min(axis=0)
            cv2.putText(picture, str(person), (int(top[0]), int(top[1]) - 12), 0, 1.4, own, 4)
        cv2.putText(picture, str(frame), (20, 60), 0, 2, (0, 0, 255), 5)
        tiles.append(picture)
    columns = 4 if len(tiles) > 6 else 3
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    sheet = np.vstack(rows)
    cv2.imwrite(png, cv2.resize(sheet, None, fx=2000 / sheet.shape[1], fy=2000 / sheet.shape[1], interpolation=cv2.INTER_AREA))


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "show":
        show(*arguments[:3], [int(frame) for frame in arguments[3].split(",")])
    else:
        {"build": build, "head": lambda: print(HEAD), "judge": judge}[command](*arguments)
