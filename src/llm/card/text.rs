//! Text of cards.

use std::fmt::Write;

use super::words::{fenced, number, percent, plain, sentence, size, table};
use super::{CardData, Counts};
use crate::llm::shapes::Config;

/// Appends the text of the root card.
pub(super) fn body(out: &mut String, data: &CardData) {
    start(out, data);
    loading(out, data);
    contents(out, data);
    columns(out);
    proofs(out);
    splits(out, data);
    making(out, data);
    quality(out, data);
    examples(out, data);
    limits(out, data);
}

/// Appends the text of the Parquet files' card.
pub(super) fn parquet_body(out: &mut String, data: &CardData) {
    let _ = writeln!(
        out,
        "\n# {} (Parquet)\n\nThe rows of the config `messages` as Parquet, one file a split. The card beside this folder says what the \
         columns hold, how every number is proven and what the limits are.\n",
        plain(&data.title)
    );
    fenced(
        out,
        "python",
        "from datasets import load_dataset\n\nrows = load_dataset(\"llm_training_data/parquet\", split=\"train\")",
    );
}

fn start(out: &mut String, data: &CardData) {
    let sports: Vec<_> = data.sports.iter().map(|sport| plain(sport)).collect();
    let _ = write!(out, "\n# {}\n\n{} examples", plain(&data.title), number(data.examples));
    if data.videos > 0 {
        let _ = write!(out, " about {} videos", number(data.videos));
    }
    if !sports.is_empty() {
        let _ = write!(out, " ({})", sentence(&sports));
    }
    out.push_str(
        ", made from tables of poses by [posekit](https://crates.io/crates/posekit). SQL computed the answers: every number in an \
         answer carries the query that gives it, and one command runs all of them again.\n\n",
    );
}

fn loading(out: &mut String, data: &CardData) {
    out.push_str("## How to load it\n\n");
    let config = data.filled().next().map_or("messages", |config| config.config.name());
    fenced(
        out,
        "python",
        &format!(
            "from datasets import load_dataset\n\nrows = load_dataset(\"llm_training_data\", \"{config}\", split=\"train\")"
        ),
    );
    let rows: Vec<_> = data
        .filled()
        .map(|config| {
            let rows = |name: &str| {
                let split = config.splits.iter().find(|split| split.name == name);
                split.map_or_else(|| "-".to_owned(), |split| number(split.rows))
            };
            let bytes = config.splits.iter().map(|split| split.bytes).sum();
            let name = config.config;
            vec![
                format!("`{name}`"),
                name.what().to_owned(),
                rows("train"),
                rows("validation"),
                rows("test"),
                size(bytes),
            ]
        })
        .collect();
    table(out, &["Config", "What it is", "train", "validation", "test", "Size"], &rows);
    if !data.parquet.is_empty() {
        out.push_str(
            "The folder `parquet/` holds the rows of `messages` as Parquet, with a card of its own: \
             `load_dataset(\"llm_training_data/parquet\")`.\n\n",
        );
    }
    out.push_str(
        "The folder `recipes/` holds configs that train on these files with Axolotl, TRL, LLaMA-Factory and Unsloth, and says how to \
         use OpenAI's fine-tuning. `posekit export-llm --check` validates this folder against each trainer's rules.\n\n",
    );
}

fn contents(out: &mut String, data: &CardData) {
    out.push_str("## What is in it\n\n");
    if !data.kinds.is_empty() {
        let rows: Vec<_> =
            data.kinds.iter().map(|kind| vec![plain(&kind.name), plain(&kind.what), plain(&kind.difficulty)]).collect();
        table(out, &["Kind", "What it asks", "Difficulty"], &rows);
    }
    for Counts { column, rows } in data.counts.iter().filter(|counts| !counts.rows.is_empty()) {
        let whole = rows.iter().map(|(_, count)| count).sum();
        let rows: Vec<_> =
            rows.iter().map(|(value, count)| vec![plain(value), number(*count), percent(*count, whole)]).collect();
        table(out, &[&format!("By {}", plain(column)), "Examples", "Share"], &rows);
    }
    if let Some(tokens) = &data.tokens {
        let splits: Vec<_> =
            tokens.splits.iter().map(|(split, count)| format!("{} in {}", number(*count), plain(split))).collect();
        let _ = writeln!(
            out,
            "Tokens, counted with {}: {}. The median example has {}, the longest {}.\n",
            plain(&tokens.tokenizer),
            sentence(&splits),
            number(tokens.median),
            number(tokens.longest)
        );
    }
}

fn columns(out: &mut String) {
    out.push_str("## Columns\n\nEvery row has every column, except in `openai` and `openai_tools`, which have only what OpenAI accepts.\n\n");
    let rows = [
        ("id", "Hash of the content. It stays the same if nothing of the example changes."),
        ("kind", "Which kind of question it is."),
        ("sport", "The sport pack that gave words and norms."),
        ("difficulty", "`easy`, `medium` or `hard`."),
        ("language", "Language of the text."),
        ("origin", "`template`, or the model that worded it."),
        ("video_id", "The video."),
        ("athletes", "Athletes that it is about."),
        ("first_time_s, last_time_s", "Part of the video that it is about, in seconds from the first frame."),
        ("messages and others", "The conversation, in the shape of the config."),
        ("proofs", "Where each number comes from; see below."),
    ];
    table(out, &["Column", "What it holds"], &rows.map(|(name, what)| vec![name.to_owned(), what.to_owned()]));
}

fn proofs(out: &mut String) {
    out.push_str(
        "## How every number is proven\n\n\
         An answer states no number that is not in `proofs`. Each proof has:\n\n\
         - `shown`: the number as the text shows it, rounded by its uncertainty;\n\
         - `value`, `low`, `high`: the number as the table has it, and its 95 % interval if there is one;\n\
         - `unit`: the unit; `1` is a plain number;\n\
         - `query`: SQL that gives the number: one row, one column;\n\
         - `row_key` and `column`: the result row that the number came from.\n\n\
         If the data cannot answer a question, the proof holds the query that comes back empty: `value` is null and `shown` is empty.\n\n\
         To check, with the pose tables at hand:\n\n",
    );
    fenced(out, "sh", "posekit export-llm --check");
    out.push_str(
        "It runs every query again and fails on any difference. A comparison is stated as one only if the difference exceeds its \
         uncertainty; if not, the answer says that the data show no difference.\n\n",
    );
}

fn splits(out: &mut String, data: &CardData) {
    let leakage = &data.leakage;
    let shares: Vec<_> = leakage.shares.iter().map(|share| format!("{:.0} %", share * 100.0)).collect();
    out.push_str("## Splits\n\n");
    if !shares.is_empty() {
        let _ = write!(
            out,
            "Examples are divided by {}, deterministically by hash; the shares asked for are {}. ",
            plain(&leakage.unit),
            sentence(&shares)
        );
    }
    out.push_str("The leakage report:\n\n");
    let rows = [
        ("Athletes in more than one split".to_owned(), leakage.shared_athletes),
        ("Videos in more than one split".to_owned(), leakage.shared_videos),
        (
            format!(
                "Examples with a near-duplicate in another split (MinHash, similarity {} or more)",
                leakage.threshold
            ),
            leakage.near_duplicates,
        ),
        ("Near-duplicates removed".to_owned(), leakage.removed),
    ];
    table(out, &["Figure", "Number"], &rows.map(|(name, count)| vec![name, number(count)]));
}

fn making(out: &mut String, data: &CardData) {
    out.push_str("## How it was made\n\n");
    let networks: Vec<_> = data.networks.iter().map(|network| plain(network)).collect();
    let _ = write!(out, "posekit {} ", plain(&data.posekit));
    if networks.is_empty() {
        out.push_str("found the poses");
    } else {
        let _ = write!(out, "found the poses with {}", sentence(&networks));
    }
    out.push_str(
        ", computed metrics with their uncertainty in SQL, and filled templates with the results: `sql/llm/` of posekit holds one \
         folder of SQL and templates for each kind. `manifest.toml` lists versions, settings, runs and the hash of each file.\n\n",
    );
    if data.models.is_empty() {
        out.push_str("No language model took part: all texts come from templates.\n\n");
        return;
    }
    out.push_str(
        "Language models worded a part of the examples. They were given the numbers and made none: a verifier took every number, unit, \
         side, joint and direction out of each reply and compared it with the facts. Replies that failed twice are left out.\n\n",
    );
    let rows: Vec<_> = data
        .models
        .iter()
        .map(|share| {
            vec![
                plain(&share.model),
                number(share.replies),
                number(share.rejected),
                percent(share.rejected, share.replies),
            ]
        })
        .collect();
    table(out, &["Model", "Replies verified", "Rejected", "Share rejected"], &rows);
}

fn quality(out: &mut String, data: &CardData) {
    if data.quality.is_empty() {
        return;
    }
    out.push_str("## Quality\n\n");
    let rows: Vec<_> = data.quality.iter().map(|figure| vec![plain(&figure.name), plain(&figure.value)]).collect();
    table(out, &["Figure", "Value"], &rows);
}

fn examples(out: &mut String, data: &CardData) {
    if data.examples_shown.is_empty() {
        return;
    }
    out.push_str("## Example rows\n\n");
    for (config, line) in &data.examples_shown {
        let _ = writeln!(out, "From `{config}`:\n");
        // A line that is not JSON is shown unchanged: the check reports it, not the card.
        let value: Result<serde_json::Value, _> = serde_json::from_str(line);
        let pretty = value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
        fenced(out, "json", pretty.as_deref().unwrap_or(line));
    }
}

fn limits(out: &mut String, data: &CardData) {
    out.push_str(
        "## Limits\n\n\
         - Poses come from ordinary video by markerless estimation. Intervals cover what posekit can estimate of their error; they are \
         not those of a motion laboratory.\n\
         - Norms are those of the sport packs. They are no medical advice, and neither are the answers.\n\
         - A query proves where a number comes from. It does not prove that the camera saw the movement well.\n\
         - Texts from templates are uniform: a model trained on them alone will speak like them.\n\n\
         ## Privacy\n\n",
    );
    out.push_str(if data.pseudonyms {
        "Athletes bear pseudonyms made of letters, which say nothing about the person. "
    } else {
        "Athletes bear the names that the user gave: share this dataset only with their consent. "
    });
    out.push_str(if data.has(Config::Vision) {
        "The folder `images/` holds stills from the videos: persons can be recognized on them.\n\n"
    } else {
        "The dataset holds no pictures.\n\n"
    });
    out.push_str("## License\n\n");
    if data.license.is_empty() {
        out.push_str("Not stated by the person who made the dataset.\n");
    } else {
        let _ = writeln!(out, "{}", plain(&data.license));
    }
}
