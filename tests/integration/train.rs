//! `posekit train` on a tiny model: its files, kills, limits, rejected input.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, clone, posekit};

/// A dataset of conversations beside a place for adapters.
struct Training {
    folder: TempDir,
}

impl Training {
    fn new() -> Self {
        let training = Self { folder: tempfile::tempdir().unwrap() };
        let joints = ["knee", "hip", "elbow", "ankle"];
        let rows = |first: usize, count: usize| {
            let row = |index: usize| {
                let (joint, angle) = (joints[index % 4], 10 + index * 7 % 80);
                let is_known = !index.is_multiple_of(5);
                let question = format!("{joint}: {angle} deg. How far does the {joint} bend?");
                let answer = if is_known { format!("{angle} degrees") } else { "That cannot be said.".to_owned() };
                let kind = if is_known { "measurement" } else { "unanswerable" };
                json!({"kind": kind, "messages": [
                    {"role": "system", "content": "Answer."},
                    {"role": "user", "content": question},
                    {"role": "assistant", "content": answer}]})
            };
            (first..first + count).map(|index| row(index).to_string() + "\n").collect::<String>()
        };
        training.write("messages/train-00000-of-00001.jsonl", &rows(0, 40));
        training.write("messages/test-00000-of-00001.jsonl", &rows(200, 10));
        training
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join("llm_training_data/data").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str], failpoint: &str) -> Run {
        let mut command = posekit();
        command.current_dir(self.folder.path()).arg("train").args(arguments).env("POSEKIT_FAILPOINT", failpoint);
        command.output().unwrap().into()
    }

    /// Trains the tiny model into a folder.
    fn train(&self, output: &str, arguments: &[&str], failpoint: &str) -> Run {
        let base = tiny("tiny_llama");
        let all = [&["--base", base.to_str().unwrap(), "--output", output, "--lr", "0.01"], arguments].concat();
        self.command(&all, failpoint)
    }

    fn report(&self, output: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(output).join("report.json")).unwrap()).unwrap()
    }
}

fn tiny(name: &str) -> PathBuf {
    clone().join("tests/data").join(name)
}

fn adapter(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("adapter_model.safetensors")).unwrap()
}

const SHORT: [&str; 8] = ["--steps", "12", "--save_every", "4", "--batch", "2", "--eval_limit", "4"];

#[test]
fn an_adapter_learns_and_the_report_says_how_much() {
    let training = Training::new();
    let run = training.train("out", &["--steps", "60", "--batch", "4", "--eval_limit", "10"], "").expect_status(0);
    assert!(run.stderr.contains("perplexity"), "{}", run.stderr);
    let report = training.report("out");
    let perplexity = |when: &str| report[when]["perplexity"].as_f64().unwrap();
    assert!(perplexity("after") < 0.5 * perplexity("before"), "{report}");
    assert_eq!(report["steps"].as_array().unwrap().len(), 60);
    assert_eq!((report["asked_rows"].as_u64(), report["shared_prompts"].as_u64()), (Some(10), Some(0)));
    assert_eq!(report["after"]["scores"]["unanswerable"]["answers"], 2);
    let page = fs::read_to_string(training.path("out/report.html")).unwrap();
    assert!(page.contains("Did it help?") && page.contains("<svg"));
    let config: Value = serde_json::from_slice(&fs::read(training.path("out/adapter_config.json")).unwrap()).unwrap();
    assert_eq!(
        (config["r"].as_u64(), config["lora_alpha"].as_u64(), &config["peft_type"]),
        (Some(8), Some(16), &json!("LORA"))
    );
    assert!(!training.path("out/state.safetensors").exists());
    let again = training.train("out", &["--steps", "60", "--batch", "4", "--eval_limit", "10"], "").expect_status(0);
    assert!(again.stderr.contains("up to date"), "{}", again.stderr);
}

#[test]
fn a_killed_training_ends_with_the_same_weights() {
    let training = Training::new();
    training.train("whole", &SHORT, "").expect_status(0);
    let expected = adapter(&training.path("whole"));
    for save in ["training-saved=1", "training-saved=2", "file-written=1", "file-synced=2", "file-renamed=2"] {
        let output = save.replace('=', "-");
        assert_eq!(training.train(&output, &SHORT, save).status, -1, "{save}");
        assert!(!training.path(&output).join("posekit.json").exists());
        training.train(&output, &SHORT, "").expect_status(0);
        assert_eq!(adapter(&training.path(&output)), expected, "{save}");
    }
    // Other settings do not go on from there.
    assert_eq!(training.train("other", &SHORT, "training-saved=1").status, -1);
    training.train("other", &[&SHORT[..], &["--seed", "2"]].concat(), "").expect_status(0);
    assert_ne!(adapter(&training.path("other")), expected);
}

#[test]
fn checkpoints_give_the_same_weights() {
    let training = Training::new();
    for (output, choice) in [("on", "on"), ("off", "off")] {
        training.train(output, &[&SHORT[..], &["--checkpoint", choice]].concat(), "").expect_status(0);
    }
    assert_eq!(adapter(&training.path("on")), adapter(&training.path("off")));
}

#[test]
fn a_model_that_does_not_fit_is_refused_with_what_would_fit() {
    let training = Training::new();
    let run = training.train("out", &["--batch", "64", "--memory_limit", "155MiB"], "").expect_status(2);
    assert!(run.stderr.contains("--batch 1") && run.stderr.contains("--checkpoint on"), "{}", run.stderr);
    let run = training.train("out", &["--memory_limit", "10MiB"], "").expect_status(2);
    assert!(run.stderr.contains("the model alone takes"), "{}", run.stderr);
    assert!(!training.path("out").exists());
}

#[test]
fn what_cannot_be_trained_is_refused_by_name() {
    let training = Training::new();
    let other = training.path("other_base");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("config.json"), r#"{"model_type": "mamba2"}"#).unwrap();
    let base = other.to_str().unwrap();
    let run = training.command(&["--base", base], "").expect_status(2);
    assert!(run.stderr.contains("mamba2") && run.stderr.contains("Qwen 3"), "{}", run.stderr);
    let run = training.command(&["--base", "nowhere"], "").expect_status(2);
    assert!(run.stderr.contains("no model found at nowhere"), "{}", run.stderr);
    let run = training.train("out", &["--targets", "q_proj,router"], "").expect_status(2);
    assert!(run.stderr.contains("router"), "{}", run.stderr);
    let run = training.train("out", &["--device", "cuda"], "");
    assert!(run.status != 0 && run.stderr.contains("CUDA"), "{}", run.stderr);
    let run = training.train("out", &["--max_seq", "8"], "").expect_status(2);
    assert!(run.stderr.contains("longer than --max_seq 8"), "{}", run.stderr);
    let run = training.train("out", &["--data", "empty"], "").expect_status(2);
    assert!(run.stderr.contains("posekit export-llm"), "{}", run.stderr);
    training.write("messages/train-00001-of-00002.jsonl", "{\"messages\": 7}\n");
    let run = training.train("out", &[], "").expect_status(2);
    assert!(run.stderr.contains("train-00001-of-00002.jsonl:1 is invalid"), "{}", run.stderr);
}

#[test]
fn shared_prompts_are_told() {
    let training = Training::new();
    let train = training.path("llm_training_data/data/messages/train-00000-of-00001.jsonl");
    let test = training.path("llm_training_data/data/messages/test-00000-of-00001.jsonl");
    fs::copy(train, test).unwrap();
    let run = training.train("out", &SHORT, "").expect_status(0);
    assert!(run.stderr.contains("40 of 40 test prompts also occur in the training split"), "{}", run.stderr);
}

#[test]
fn every_format_and_architecture_can_be_trained_and_merged() {
    let training = Training::new();
    let text = fs::read_to_string(training.path("llm_training_data/data/messages/train-00000-of-00001.jsonl")).unwrap();
    for (format, rename) in [("openai", "messages"), ("prompt_completion", "prompt")] {
        let rows = text.lines().map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let turns = row["messages"].as_array().unwrap();
            let row = if rename == "prompt" {
                json!({"kind": row["kind"], "prompt": turns[..2], "completion": turns[2..]})
            } else {
                json!({"messages": turns})
            };
            row.to_string() + "\n"
        });
        training.write(&format!("{format}/train-00000-of-00001.jsonl"), &rows.collect::<String>());
    }
    for (base, format) in [("tiny_qwen3", "openai"), ("tiny_gguf/model.gguf", "prompt_completion")] {
        let base = tiny(base);
        let output = format!("out_{format}");
        let arguments = ["--base", base.to_str().unwrap(), "--output", &output, "--format", format, "--merge"];
        training.command(&[&arguments[..], &SHORT[..]].concat(), "").expect_status(0);
        for file in ["adapter_model.safetensors", "merged/model.safetensors", "merged/tokenizer.json", "merged.gguf"] {
            assert!(training.path(&output).join(file).is_file(), "{file}");
        }
        // What was merged can be trained again.
        for merged in ["merged", "merged.gguf"] {
            let base = training.path(&output).join(merged);
            let again = ["--base", base.to_str().unwrap(), "--output", "again", "--format", format, "--steps", "2"];
            training.command(&again, "").expect_status(0);
        }
    }
}
