"""The cards and the manifest: what they say is what the files hold."""

import tomllib

import blake3
from huggingface_hub import DatasetCard, DatasetCardData

from folder import front_matter, misfit

REQUIRED_KEYS = (
    "license",
    "language",
    "tags",
    "task_categories",
    "pretty_name",
    "size_categories",
    "configs",
    "dataset_info",
)
# `datasets` takes files with all of these columns for logs of agents.
AGENT_LOG_COLUMNS = ({"id", "source", "model", "system_prompt", "messages"}, {"type", "id", "version", "cwd"})
SPLITS = ("train", "validation", "test")
TOP_LEVEL = {"README.md", "manifest.toml", "data", "parquet", "images", "recipes", "rejects.jsonl"}


def check(report, folder):
    """Checks the cards, then the manifest."""
    report.check(folder.configs, "a card names configurations")
    for card_folder in folder.card_folders:
        check_card(report, folder, card_folder)
    # Splits by pieces of videos share videos by nature.
    shares_videos = "segment" in manifest_of(folder).get("settings", {}).values()
    for config in folder.configs:
        check_config(report, config, shares_videos)
    found = {path for path in folder.path.glob("data/**/*") if path.is_file()} | set(
        folder.path.glob("parquet/*.parquet")
    )
    named = [path for config in folder.configs for paths in config.files.values() for path in paths]
    report.none(
        sorted(str(path) for path in found ^ set(named)),
        "each data file is in a card, and each file of a card is there",
    )
    report.none(
        sorted(path.name for path in folder.path.iterdir() if path.name not in TOP_LEVEL),
        "nothing else is in the folder",
    )
    with report.guard("manifest.toml is read"):
        check_manifest(report, folder, named)


def check_card(report, folder, card_folder):
    """Checks one README.md with the library that the Hub's own tools use."""
    name = "README.md" if card_folder == folder.path else f"{card_folder.name}/README.md"
    with report.guard(f"{name} is read by huggingface_hub"):
        card = DatasetCard.load(card_folder / "README.md")
        report.check(isinstance(card.data, DatasetCardData), f"{name} is read by huggingface_hub")
        yaml_data = front_matter(card_folder)
        report.none([key for key in REQUIRED_KEYS if not yaml_data.get(key)], f"{name} has all keys")
        report.check(isinstance(yaml_data.get("license"), str), f"{name} gives a license")
        report.check(len(card.text.strip()) > 200, f"{name} says what the data is")
        again = DatasetCardData(**yaml_data).to_dict()
        report.equal(sorted(again), sorted(yaml_data), f"{name} loses no key")
        names = [entry["config_name"] for entry in yaml_data["configs"]]
        report.equal(
            [info["config_name"] for info in yaml_data["dataset_info"]], names, f"{name} describes each configuration"
        )
        defaults = [
            entry["config_name"]
            for entry in yaml_data["configs"]
            if entry.get("default") or entry["config_name"] == "default"
        ]
        report.equal(len(defaults), 1, f"{name} has one default")
        suffixes = {
            path.suffix
            for config in folder.configs
            if config.card_folder == card_folder
            for paths in config.files.values()
            for path in paths
        }
        report.equal(len(suffixes), 1, f"{name} has files of one format")


def check_config(report, config, shares_videos):
    """Checks what a card says of one configuration against its files."""
    name = config.name
    report.none([split for split in config.files if split not in SPLITS], f"{name}: known splits")
    report.check("train" in config.files, f"{name}: has a split to train with")
    splits = {split["name"]: split for split in config.info.get("splits", [])}
    report.equal(list(splits), list(config.files), f"{name}: the same splits in both parts of the card")
    n_bytes = {split: sum(path.stat().st_size for path in paths) for split, paths in config.files.items()}
    for split, said in splits.items():
        report.equal(said["num_examples"], len(config.rows(split)), f"{name}, {split}: number of examples")
        report.equal(said["num_bytes"], n_bytes[split], f"{name}, {split}: number of bytes")
    report.equal(config.info.get("dataset_size"), sum(n_bytes.values()), f"{name}: size of the data")
    report.equal(config.info.get("download_size"), sum(n_bytes.values()), f"{name}: size of the download")
    columns = {feature["name"] for feature in config.features}
    report.check(not any(log <= columns for log in AGENT_LOG_COLUMNS), f"{name}: is not taken for a log of an agent")
    for split in config.files:
        problems = [
            f"row {n}, {text}"
            for n, row in enumerate(config.rows(split))
            if (text := misfit(row, config.features, config.may_lack_keys))
        ]
        report.none(problems, f"{name}, {split}: each value has the card's type")
    check_ids(report, config, shares_videos)


def check_ids(report, config, shares_videos):
    """Ids are unique, and no video is in two splits."""
    if "id" not in {feature["name"] for feature in config.features}:
        return
    rows = {split: config.rows(split) for split in config.files}
    ids = [row["id"] for split in rows for row in rows[split]]
    report.equal(len(ids), len(set(ids)), f"{config.name}: ids are unique")
    if not shares_videos:
        videos = [{row["video_id"] for row in rows[split]} for split in rows]
        report.equal(sum(map(len, videos)), len(set().union(*videos)), f"{config.name}: no video is in two splits")


def manifest_of(folder):
    """Gives the manifest, or an empty one if there is none that can be read: `check_manifest` says so."""
    try:
        return tomllib.loads((folder.path / "manifest.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}


def check_manifest(report, folder, data_files):
    """Checks each file that the manifest lists, and that it lists each data file."""
    manifest = tomllib.loads((folder.path / "manifest.toml").read_text(encoding="utf-8"))
    entries = {entry["path"]: entry for entry in manifest["files"]}
    lacking = [
        str(path.relative_to(folder.path)) for path in data_files if str(path.relative_to(folder.path)) not in entries
    ]
    report.none(lacking, "manifest.toml lists each data file")
    n_rows = {
        str(path.relative_to(folder.path)): config.rows(split)
        for config in folder.configs
        for split, paths in config.files.items()
        for path in paths
        if len(paths) == 1
    }
    problems = []
    for path, entry in entries.items():
        content = (folder.path / path).read_bytes() if (folder.path / path).is_file() else None
        if content is None:
            problems.append(f"{path} not found")
            continue
        if entry["bytes"] != len(content):
            problems.append(f"{path} has {len(content)} bytes, not {entry['bytes']}")
        if entry["blake3"] != blake3.blake3(content).hexdigest():
            problems.append(f"{path} has another hash")
        if path in n_rows and entry["rows"] != len(n_rows[path]):
            problems.append(f"{path} has {len(n_rows[path])} rows, not {entry['rows']}")
    report.none(problems, "manifest.toml has the size, hash and rows of each file")
