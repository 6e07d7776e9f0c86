"""A dataset folder, read with the standard library, PyYAML and PyArrow only: what the loaders are compared with."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import yaml

# The folder's own card describes JSON lines; a card cannot mix them with Parquet, so that has one of its own.
CARD_FOLDERS = ("", "parquet")
TEXT_OF_PART = "messages[].content[].text"
NULL_IF_NO_CALL = ("messages[].tool_calls", "messages[].tool_call_id", "messages[].name")


@dataclass
class Config:
    """One configuration of a card."""

    name: str
    card_folder: Path
    # Files by split, in the card's order.
    files: dict = field(default_factory=dict)
    features: list = field(default_factory=list)
    info: dict = field(default_factory=dict)

    @property
    def is_parquet(self):
        """Whether its files are Parquet."""
        return all(path.suffix == ".parquet" for paths in self.files.values() for path in paths)

    @property
    def may_lack_keys(self):
        """OpenAI refuses unknown keys, so messages of these have only those of their role."""
        return self.name.startswith("openai")

    def rows(self, split):
        """Gives the rows of a split as plain Python values."""
        return [row for path in self.files[split] for row in read_rows(path)]


class Folder:
    """A dataset folder."""

    def __init__(self, path):
        self.path = Path(path).resolve()
        self.card_folders = [self.path / name for name in CARD_FOLDERS if (self.path / name / "README.md").is_file()]
        self.configs = [config for folder in self.card_folders for config in configs_of(folder)]

    def config(self, name):
        """Gives a configuration by name, or None."""
        return next((config for config in self.configs if config.name == name), None)

    def recipes(self, pattern):
        """Gives the recipes whose path below `recipes` matches."""
        return sorted((self.path / "recipes").glob(pattern))


def front_matter(folder):
    """Gives the YAML of a folder's card."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        return {}
    return yaml.safe_load(text[4 : text.index("\n---\n", 4) + 1]) or {}


def configs_of(folder):
    """Gives the configurations of a folder's card."""
    card = front_matter(folder)
    infos = card.get("dataset_info") or []
    infos = {info.get("config_name", "default"): info for info in ([infos] if isinstance(infos, dict) else infos)}
    configs = []
    for entry in card.get("configs") or []:
        config = Config(entry["config_name"], folder, info=infos.get(entry["config_name"], {}))
        config.features = config.info.get("features", [])
        for item in entry["data_files"]:
            patterns = item["path"] if isinstance(item["path"], list) else [item["path"]]
            config.files[item["split"]] = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
        configs.append(config)
    return configs


def read_rows(path):
    """Gives the rows of a file."""
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(path).to_pylist()
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def some(rows, n=60):
    """Gives all rows, or the first and the last ones if there are many: trainers are slow, and both ends count."""
    return rows if len(rows) <= 2 * n else rows[:n] + rows[-n:]


def filled(value, feature):
    """Gives a value with null for keys that it lacks, in the feature's order, as a loader with the card gives it."""
    if value is None:
        return None
    if "struct" in feature or isinstance(feature, list):
        fields = feature if isinstance(feature, list) else feature["struct"]
        extra = {key: value[key] for key in value if key not in {one["name"] for one in fields}}
        return {one["name"]: filled(value.get(one["name"]), one) for one in fields} | extra
    if "list" in feature and isinstance(feature["list"], (dict, list)):
        return [filled(item, feature["list"]) for item in value]
    return value


def misfit(value, feature, may_lack_keys=False, path=""):
    """Says where a plain value is not of the card's type, or gives None.

    Keys keep the card's order. Null is for numbers, for keys of messages without a call (chat templates take an empty
    list for calls), and for the text of a part that is a picture.
    """
    if value is None and (path in NULL_IF_NO_CALL or path == TEXT_OF_PART or (isinstance(feature, dict) and feature.get("dtype") == "float64")):
        return None
    if isinstance(feature, list) or "struct" in feature:
        fields = feature if isinstance(feature, list) else feature["struct"]
        wanted = [one["name"] for one in fields]
        if not isinstance(value, dict):
            return f"{path}: {value!r} is no object"
        if set(value) - set(wanted) or (not may_lack_keys and list(value) != wanted):
            return f"{path or 'row'}: keys {list(value)}, the card has {wanted}"
        inner = (
            (value[one["name"]], one, f"{path}.{one['name']}".lstrip(".")) for one in fields if one["name"] in value
        )
        return next((text for text in (misfit(v, f, may_lack_keys, p) for v, f, p in inner) if text), None)
    if "list" in feature:
        if not isinstance(value, list):
            return f"{path}: {value!r} is no list"
        item = {"dtype": feature["list"]} if isinstance(feature["list"], str) else feature["list"]
        return next((text for text in (misfit(v, item, may_lack_keys, f"{path}[]") for v in value) if text), None)
    kinds = {"string": str, "float64": float, "int64": int, "bool": bool}
    kind = kinds.get(feature.get("dtype"))
    if kind is None:
        return f"{path}: the card has {feature}"
    return None if type(value) is kind else f"{path}: {value!r} is no {feature['dtype']}"
