"""`datasets` loads each configuration and file, and gives exactly what the files hold. Runs with each version of it."""

import datasets

from folder import filled, misfit
from report import difference, differences


def check(report, folder):
    """Checks the folder as a whole, then file by file."""
    version = datasets.__version__
    for card_folder in folder.card_folders:
        configs = [config for config in folder.configs if config.card_folder == card_folder]
        with report.guard(f"{version}: the card of {card_folder.name} is read"):
            names = datasets.get_dataset_config_names(str(card_folder))
            report.equal(
                sorted(names),
                sorted(config.name for config in configs),
                f"{version}: the card of {card_folder.name} is read",
            )
        for config in configs:
            check_config(report, config, version)
        check_default(report, card_folder, version)
    for config in folder.configs:
        for split, paths in config.files.items():
            for path in paths:
                check_file(report, config, split, path, version)
    check_parquet_is_messages(report, folder)


def check_config(report, config, version):
    """Loads a configuration by name: splits, rows, features and each value are those of the card and the files."""
    name = f"{version}, {config.name}"
    with report.guard(f"{name}: loads"):
        loaded = datasets.load_dataset(str(config.card_folder), config.name)
        report.equal(list(loaded), list(config.files), f"{name}: loads all splits")
        wanted = datasets.Features._from_yaml_list(config.features)
        for split, data in loaded.items():
            rows = [filled(row, config.features) for row in config.rows(split)]
            said = {one["name"]: one["num_examples"] for one in config.info["splits"]}
            report.equal(len(data), said[split], f"{name}, {split}: as many rows as the card says")
            report.equal(data.features, wanted, f"{name}, {split}: the card's features")
            report.none(differences(data.to_list(), rows), f"{name}, {split}: each value as in the file")


def check_default(report, card_folder, version):
    """A folder loads without a configuration's name, too."""
    name = f"{version}, {card_folder.name} without a name"
    with report.guard(f"{name}: loads"):
        loaded = datasets.load_dataset(str(card_folder))
        report.check(loaded["train"].num_rows > 0, f"{name}: loads {list(loaded)}")


def check_file(report, config, split, path, version):
    """Loads one file without the card, as trainers do: the types guessed are the card's, and no value changes."""
    name = f"{version}, {'/'.join(path.parts[-3:])} without the card"
    with report.guard(f"{name}: loads"):
        builder = "parquet" if path.suffix == ".parquet" else "json"
        data = datasets.load_dataset(builder, data_files=str(path), split="train")
        rows = config.rows(split) if len(config.files[split]) == 1 else None
        if rows is None:
            report.check(data.num_rows > 0, f"{name}: loads")
            return
        found, wanted = data.to_list(), rows
        if config.may_lack_keys:
            found, wanted = [[without_nulls(row) for row in some] for some in (found, wanted)]
            report.none(
                [text for pair in zip(found, wanted, strict=True) if (text := difference(*pair))],
                f"{name}: each value as in the file",
            )
            return
        report.none(differences(found, wanted), f"{name}: each value as in the file")
        report.none(
            guessed_otherwise(data.features, datasets.Features._from_yaml_list(config.features)),
            f"{name}: the card's types are guessed",
        )


def guessed_otherwise(found, wanted, path=""):
    """Gives the columns whose guessed type is another than the card's. A column without any value may be null."""
    if isinstance(found, datasets.Value) and found.dtype == "null":
        return []
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or list(found) != list(wanted):
            return [f"{path or 'row'}: {found}"]
        return [
            text for key in wanted for text in guessed_otherwise(found[key], wanted[key], f"{path}.{key}".lstrip("."))
        ]
    if hasattr(wanted, "feature") and hasattr(found, "feature"):
        return guessed_otherwise(found.feature, wanted.feature, f"{path}[]")
    return [] if found == wanted else [f"{path}: {found} for {wanted}"]


def without_nulls(value):
    """Gives a value without keys that are null: files without the card get nulls for keys that other rows have."""
    if isinstance(value, dict):
        return {key: without_nulls(value[key]) for key in sorted(value) if value[key] is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def check_parquet_is_messages(report, folder):
    """The Parquet files hold the rows of the configuration `messages`."""
    parquet, messages = folder.config("default"), folder.config("messages")
    if not report.check(parquet and messages, "there are messages, and Parquet files of them"):
        return
    report.equal(list(parquet.files), list(messages.files), "Parquet has the splits of messages")
    for split in messages.files:
        by_id = [sorted(config.rows(split), key=lambda row: row["id"]) for config in (parquet, messages)]
        report.none(differences(*by_id), f"Parquet, {split}: the rows of messages")
        problems = [text for row in by_id[0] if (text := misfit(row, messages.features))]
        report.none(problems, f"Parquet, {split}: the types of messages")
