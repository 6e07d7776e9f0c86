use super::*;
use std::fs::OpenOptions;
use std::io::Write;

fn open(dataset: &Path) -> Ledger {
    Ledger::open_with(dataset, &|file| Box::new(file)).unwrap()
}

fn intent(job_id: &str, worst_nano_usd: u64, plan_id: Option<&str>) -> Intent {
    Intent {
        job_id: job_id.to_owned(),
        content_hash: "hash".to_owned(),
        api: Api::AnthropicMessages,
        model: "model".to_owned(),
        plan_id: plan_id.map(str::to_owned),
        worst_nano_usd,
    }
}

fn ok(cost_nano_usd: u64) -> Settlement {
    let usage = Usage { input_tokens: 10, cached_tokens: 4, cache_write_tokens: 0, output_tokens: 5 };
    Settlement { outcome: Outcome::Ok, cost_nano_usd, usage: Some(usage), http_status: Some(200), message: None }
}

#[test]
fn open_calls_count_what_they_can_cost_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let calls =
        ledger.intend(&[intent("a", 100, None), intent("a", 50, Some("p1")), intent("b", 7, None)], 1.0).unwrap();
    assert_eq!(ledger.sums("a").spent_nano_usd(), 150);
    assert_eq!(ledger.settle(&[(calls[0].clone(), ok(30))], 2.0).unwrap(), 100);
    // Again: nothing changes.
    assert_eq!(ledger.settle(&[(calls[0].clone(), ok(99))], 3.0).unwrap(), 0);
    let expected = Sums {
        n_calls: 2,
        n_open: 1,
        settled_nano_usd: 30,
        open_nano_usd: 0,
        open_batch_nano_usd: 50,
        usage: ok(0).usage.unwrap(),
    };
    assert_eq!(ledger.sums("a"), expected);
    assert_eq!(ledger.sums("b").spent_nano_usd(), 7);
    assert_eq!(ledger.open_of_plan("p1").len(), 1);
    drop(ledger);
    let again = open(folder.path());
    assert_eq!(again.sums("a"), expected);
    assert_eq!(again.sums("nobody"), Sums::default());
    assert!(!again.is_open(&calls[0]) && again.is_open(&calls[1]));
    let next = again.intend(&[intent("a", 1, None)], 4.0).unwrap();
    assert!(!calls.contains(&next[0]), "an id is used once");
}

#[test]
fn every_line_has_every_key_in_one_order_and_no_nesting() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let calls = ledger.intend(&[intent("a", 100, None), intent("a", 100, None)], 1.0).unwrap();
    ledger.settle(&[(calls[0].clone(), ok(30))], 1.5).unwrap();
    let failed = Settlement::free(Outcome::HttpError, Some(529), "busy".to_owned());
    ledger.settle(&[(calls[1].clone(), failed)], 1.5).unwrap();
    let text = std::fs::read_to_string(journal::path(folder.path(), NAME)).unwrap();
    let keys = |line: &str| -> Vec<String> {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()));
        line.split(['{', ',']).filter_map(|part| Some(part.split_once("\":")?.0.to_owned())).collect()
    };
    let lines: Vec<Vec<String>> = text.lines().map(keys).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0].len(), 19);
    assert!(lines.iter().all(|line| *line == lines[0]));
}

#[test]
fn a_torn_settlement_leaves_the_call_open() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    ledger.intend(&[intent("a", 100, None)], 1.0).unwrap();
    drop(ledger);
    let mut file = OpenOptions::new().append(true).open(journal::path(folder.path(), NAME)).unwrap();
    file.write_all(b"{\"line\":\"settled\",\"call_id\":\"c00000001\",\"cost_na").unwrap();
    let ledger = open(folder.path());
    assert_eq!(ledger.sums("a").spent_nano_usd(), 100);
    ledger.settle(&[("c00000001".to_owned(), ok(1))], 2.0).unwrap();
    drop(ledger);
    assert_eq!(open(folder.path()).sums("a").spent_nano_usd(), 1);
}
