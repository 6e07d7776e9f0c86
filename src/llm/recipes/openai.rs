//! `OpenAI`: instructions for uploading the files and starting a job.

use std::fmt::Write;

use super::Data;
use crate::llm::shapes::Config;

/// Minimum number of examples in a file.
const FEWEST: u64 = 10;

pub(super) fn text(configs: &[Data<'_>]) -> Option<String> {
    let configs: Vec<_> =
        configs.iter().filter(|data| matches!(data.config, Config::OpenAi | Config::OpenAiTools)).collect();
    if configs.is_empty() {
        return None;
    }
    let mut out = String::from(
        "# Fine-tuning with OpenAI\n\n\
         The configs `openai` and `openai_tools` have the keys that OpenAI accepts and no others. Give one of them to a job: a job \
         takes one training file and one validation file.\n\n\
         Uploading sends the texts to OpenAI: questions, answers, pseudonyms or names of athletes. It sends no pictures.\n\n",
    );
    for data in configs {
        job(&mut out, *data);
    }
    out.push_str(
        "## Rules\n\n\
         - A training file has at least 10 examples. Start with 50; more help if they are varied.\n\
         - `MODEL` is a model that can be fine-tuned; OpenAI's list of models says which. Newest models often cannot.\n\
         - The validation file holds no example of the training file: the splits of this dataset share no athlete.\n\
         - Keep the split `test` for your own comparison; do not upload it.\n\
         - The config `preference` is not in the form of OpenAI's preference jobs.\n\
         - A key is read from the environment variable `OPENAI_API_KEY`. Do not write it into a file.\n",
    );
    Some(out)
}

fn job(out: &mut String, data: Data<'_>) {
    let name = data.config.name();
    let rows = data.splits.iter().find(|split| split.name == "train").map_or(0, |split| split.rows);
    let _ = write!(out, "## `{name}`\n\n");
    if rows < FEWEST {
        let _ = write!(out, "The training file has {rows} examples, fewer than the {FEWEST} that OpenAI asks for.\n\n");
    }
    let _ = write!(
        out,
        "```python\nfrom openai import OpenAI\n\nclient = OpenAI()\n\n\n\
         def upload(path):\n    with open(path, \"rb\") as file:\n        return client.files.create(file=file, purpose=\"fine-tune\").id\n\n\n\
         job = client.fine_tuning.jobs.create(\n    model=\"MODEL\",\n    training_file=upload(\"{}\"),\n",
        data.config.path("train")
    );
    if data.has("validation") {
        let _ = writeln!(out, "    validation_file=upload(\"{}\"),", data.config.path("validation"));
    }
    out.push_str("    method={\"type\": \"supervised\"},\n)\nprint(job.id)\n```\n\n");
}
