use super::yaml::{quoted, size_category};
use super::*;

fn split(name: &str, rows: u64, bytes: u64) -> SplitData {
    SplitData { name: name.into(), rows, bytes }
}

pub(super) fn data() -> CardData {
    CardData {
        title: "Walking: \"test\" # 1".into(),
        license: "cc-by-4.0".into(),
        languages: vec!["en".into(), "no".into()],
        examples: 1234,
        configs: vec![
            ConfigData { config: Config::Messages, splits: vec![split("train", 1000, 5000), split("test", 200, 900)] },
            ConfigData { config: Config::Tools, splits: vec![split("train", 34, 700)] },
            ConfigData { config: Config::Alpaca, splits: vec![split("train", 3, 70)] },
            ConfigData { config: Config::Preference, splits: Vec::new() },
        ],
        parquet: vec![split("train", 1000, 400)],
        counts: vec![Counts { column: "sport".into(), rows: vec![("walking".into(), 1200), ("a|b".into(), 34)] }],
        tokens: Some(Tokens {
            tokenizer: "o200k_base".into(),
            splits: vec![("train".into(), 123_456), ("test".into(), 7)],
            median: 88,
            longest: 900,
        }),
        leakage: Leakage { unit: "athlete".into(), shares: vec![0.8, 0.1, 0.1], threshold: 0.8, ..Leakage::default() },
        models: vec![ModelShare { model: "some_model".into(), replies: 200, rejected: 3 }],
        posekit: "0.1.0".into(),
        videos: 20,
        pseudonyms: true,
        examples_shown: vec![(Config::Messages, r#"{"text":"```json"}"#.into())],
        ..CardData::default()
    }
}

const FEATURES_OF_ALPACA: &str = "\
  - name: history
    list:
      list: string
  - name: proofs
    list:
    - name: shown
      dtype: string
    - name: value
      dtype: float64
";

#[test]
fn front_matter_has_configs_features_and_splits() {
    let text = card(&data());
    let front = text.strip_prefix("---\n").unwrap().split("\n---\n").next().unwrap();
    assert!(front.starts_with(
        "license: \"cc-by-4.0\"\nlanguage:\n- \"en\"\n- \"no\"\npretty_name: \"Walking: \\\"test\\\" # 1\"\n"
    ));
    assert!(front.contains(
        "configs:\n- config_name: messages\n  default: true\n  data_files:\n  - split: train\n    path: data/messages/train-00000-of-00001.jsonl\n  - split: test\n"
    ));
    assert_eq!(front.matches("default: true").count(), 1);
    assert!(front.contains("  splits:\n  - name: train\n    num_bytes: 5000\n    num_examples: 1000\n  - name: test\n    num_bytes: 900\n    num_examples: 200\n  download_size: 5900\n  dataset_size: 5900\n"));
    assert!(front.contains(FEATURES_OF_ALPACA));
    assert!(front.contains(
        "\n        - name: arguments\n          struct:\n          - name: sql\n            dtype: string\n"
    ));
    assert!(!front.contains("preference"), "a config without files is not in the card");
    assert!(!front.contains("parquet"), "one card has one reader");
    assert!(front.contains("- tool-use\n- synthetic\nsize_categories:\n- \"1K<n<10K\"\n"));
}

#[test]
fn parquet_has_a_card_of_its_own() {
    let text = parquet_card(&data());
    assert!(text.contains("- config_name: default\n  default: true\n  data_files:\n  - split: train\n    path: train-00000-of-00001.parquet\n"));
    assert!(text.contains("- config_name: default\n  features:\n  - name: id\n    dtype: string\n"));
    assert!(!text.contains("jsonl"));
}

#[test]
fn text_shows_counts_and_figures() {
    let text = card(&data());
    for part in [
        "# Walking: \"test\" \\# 1\n\n1,234 examples about 20 videos, made from",
        "| `messages` | Conversations as lists of role and content, without tools. | 1,000 | - | 200 | 5.8 KiB |",
        "| a\\|b | 34 | 2.8 % |",
        "Tokens, counted with o200k\\_base: 123,456 in train and 7 in test. The median example has 88, the longest 900.",
        "the shares asked for are 80 %, 10 % and 10 %",
        "| some\\_model | 200 | 3 | 1.5 % |",
        "````json\n{\n  \"text\": \"```json\"\n}\n````",
        "Athletes bear pseudonyms",
    ] {
        assert!(text.contains(part), "{part}\n\nnot in\n\n{text}");
    }
}

#[test]
fn texts_are_quoted_whatever_they_hold() {
    assert_eq!(quoted("a\"b\\c\nd\u{7f}\u{85}\u{a0}é😀 x"), "\"a\\\"b\\\\c\\u000ad\\u007f\\u0085\\u00a0é😀 x\"");
    assert_eq!(size_category(999), "n<1K");
    assert_eq!(size_category(1_000), "1K<n<10K");
}

#[test]
fn an_empty_dataset_has_a_card() {
    let text = card(&CardData::default());
    assert!(text.starts_with("---\nlicense: \"unknown\"\n"));
    assert!(!text.contains("configs:"));
}
