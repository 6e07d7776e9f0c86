use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

fn splits(rows: [u64; 3]) -> Vec<SplitData> {
    let names = ["train", "validation", "test"];
    let data = names.into_iter().zip(rows).map(|(name, rows)| SplitData { name: name.into(), rows, bytes: rows * 100 });
    data.filter(|split| split.rows > 0).collect()
}

fn all(rows: [u64; 3]) -> BTreeMap<String, String> {
    let configs: Vec<_> = Config::ALL.map(|config| ConfigData { config, splits: splits(rows) }).into();
    let files = recipes(&configs, &splits(rows), &Base::default());
    let count = files.len();
    let files: BTreeMap<_, _> = files.into_iter().collect();
    assert_eq!(files.len(), count, "no path twice");
    files
}

#[test]
fn every_trainer_has_the_configs_that_it_reads() {
    let files = all([80, 10, 10]);
    let paths: Vec<_> = files.keys().map(|path| path.strip_prefix("recipes/").unwrap()).collect();
    assert_eq!(
        paths,
        [
            "axolotl_alpaca.yaml",
            "axolotl_messages.yaml",
            "axolotl_preference.yaml",
            "axolotl_sharegpt.yaml",
            "axolotl_tools.yaml",
            "llama_factory/alpaca.yaml",
            "llama_factory/dataset_info.json",
            "llama_factory/messages.yaml",
            "llama_factory/sharegpt.yaml",
            "openai.md",
            "trl_alpaca.py",
            "trl_default.py",
            "trl_messages.py",
            "trl_preference.py",
            "trl_prompt_completion.py",
            "trl_sharegpt.py",
            "trl_tools.py",
            "unsloth_alpaca.py",
            "unsloth_messages.py",
            "unsloth_prompt_completion.py",
            "unsloth_sharegpt.py",
            "unsloth_tools.py",
        ]
    );
}

#[test]
fn all_train_the_same_adapter() {
    for (path, text) in all([80, 10, 10]) {
        let expected: &[&str] = match path.strip_prefix("recipes/").unwrap() {
            path if path.starts_with("axolotl") => {
                &["lora_r: 8\n", "lora_alpha: 16\n", "lora_dropout: 0.0\n", "lora_target_linear: true\n"]
            }
            path if path.starts_with("llama_factory") && path.ends_with("yaml") => {
                &["lora_rank: 8\n", "lora_alpha: 16\n", "lora_dropout: 0.0\n", "lora_target: all\n"]
            }
            path if path.starts_with("trl") => &["r=8, lora_alpha=16, lora_dropout=0.0, target_modules=\"all-linear\""],
            path if path.starts_with("unsloth") => &["r=8,\n    lora_alpha=16,\n    lora_dropout=0.0,\n"],
            _ => &[],
        };
        for part in expected {
            assert!(text.contains(part), "{part} in {path}");
        }
        let rate = if path.contains("preference") { "5.0e-6" } else { "5.0e-4" };
        assert!(expected.is_empty() || text.contains(rate), "{path}");
    }
}

#[test]
fn axolotl_reads_each_file_in_its_format() {
    let files = all([80, 10, 10]);
    let texts: Vec<_> = files.iter().filter(|(path, _)| path.contains("axolotl")).collect();
    for (path, text) in texts {
        let name = path.strip_prefix("recipes/axolotl_").unwrap().strip_suffix(".yaml").unwrap();
        let start =
            format!("datasets:\n  - path: data/{name}/train-00000-of-00001.jsonl\n    split: train\n    type: ");
        assert!(text.contains(&start), "{path}: {text}");
        // Every line of a dataset is indented by four spaces; the following keys are not.
        assert_eq!(text.contains("\ntest_datasets:\n  - path: data/"), name != "preference", "{path}");
    }
    assert!(files["recipes/axolotl_preference.yaml"].contains("\nrl: dpo\n"));
}

#[test]
fn only_files_that_exist_are_named() {
    let files = all([80, 0, 10]);
    for (path, text) in &files {
        assert!(!text.contains("validation-00000") && !text.contains("eval_dataset:"), "{path}");
    }
    let info: Value = serde_json::from_str(&files["recipes/llama_factory/dataset_info.json"]).unwrap();
    let names: Vec<_> = info.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 6);
    assert_eq!(info["posekit_sharegpt_test"]["file_name"], "../../data/sharegpt/test-00000-of-00001.jsonl");
    assert!(all([0, 0, 10]).is_empty(), "nothing to train on");
}

#[test]
fn llama_factory_names_entries_that_exist() {
    let files = all([80, 10, 0]);
    let info: Value = serde_json::from_str(&files["recipes/llama_factory/dataset_info.json"]).unwrap();
    for (path, text) in files.iter().filter(|(path, _)| path.contains("llama_factory") && path.ends_with("yaml")) {
        let named: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("dataset: ").or_else(|| line.strip_prefix("eval_dataset: ")))
            .collect();
        assert_eq!(named.len(), 2, "{path}");
        for name in named {
            assert!(info.get(name).is_some(), "{name} of {path}");
        }
    }
}

#[test]
fn too_few_examples_are_told() {
    assert!(all([9, 0, 0])["recipes/openai.md"].contains("has 9 examples, fewer than the 10"));
    let text = &all([10, 1, 0])["recipes/openai.md"];
    assert!(!text.contains("fewer than"));
    assert!(text.contains("validation_file=upload(\"data/openai_tools/validation-00000-of-00001.jsonl\")"));
}
