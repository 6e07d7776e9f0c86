use serde_json::json;

use super::*;

/// Facts of many shapes, by a seed.
fn story(seed: u64) -> Story {
    let mut dice = Dice(seed);
    let quantities = [
        ("knee range of motion", Some("knee"), "deg"),
        ("stride length", None, "m"),
        ("cadence", None, "1/min"),
        ("trunk lean", Some("trunk"), "deg"),
        ("duration", None, "s"),
    ];
    let n_facts = 1 + dice.roll(4);
    let facts: Vec<Value> = (0..n_facts)
        .map(|place| {
            let (quantity, joint, unit) = quantities[dice.roll(quantities.len())];
            let value = dice.roll(400) as f64 / 10.0 - 5.0;
            let n_decimals = dice.roll(3);
            json!({"name": format!("f{place}"), "quantity": quantity, "joint": joint, "unit": unit,
                "shown": format!("{value:.n_decimals$}"), "low": format!("{:.n_decimals$}", value - 1.5), "high": format!("{:.n_decimals$}", value + 1.5),
                "side": dice.one_of(&["left", "right", "both", "none"])})
        })
        .collect();
    let verdict = ["greater", "less", "within_uncertainty"][dice.roll(3)];
    Story::from_block(&json!({"facts": facts, "comparisons": [{"first": "f0", "second": "f1", "verdict": verdict}]}))
}

#[test]
fn a_changed_story_is_false() {
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..4000 {
        let (before, mut dice) = (story(seed), Dice(seed));
        for fault in [Fault::Number, Fault::Side, Fault::Unit, Fault::Joint, Fault::Direction] {
            let Some((after, kind)) = before.changed(fault, &["Rep 7 of 12"], &mut dice) else { continue };
            assert_eq!(kind, fault);
            *counts.entry(fault.name()).or_insert(0) += 1;
            let wrong: Vec<&Claim> = after.claims.iter().filter(|claim| !before.claims.contains(claim)).collect();
            if fault == Fault::Direction {
                assert_ne!(before.comparisons, after.comparisons);
                assert!(wrong.is_empty());
                continue;
            }
            let [wrong] = wrong.as_slice() else { panic!("{before:?} {after:?}") };
            for fact in &before.claims {
                let is_same = (&fact.unit, fact.side, &fact.joint, fact.noun())
                    == (&wrong.unit, wrong.side, &wrong.joint, wrong.noun());
                assert!(!(is_same && is_same_number(&fact.shown, &wrong.shown)), "{fact:?} says {wrong:?}");
                if fault == Fault::Number {
                    for known in [Some(&fact.shown), fact.low.as_ref(), fact.high.as_ref()].into_iter().flatten() {
                        assert_ne!(number(known).map(f64::abs), number(&wrong.shown).map(f64::abs));
                    }
                    assert!(![7.0, 12.0].contains(&number(&wrong.shown).unwrap()));
                }
            }
        }
    }
    assert!(counts.values().all(|count| *count > 500) && counts.len() == 5, "{counts:?}");
}

#[test]
fn what_the_facts_do_not_allow_is_not_changed() {
    let block = json!({"facts": [{"name": "a", "quantity": "cadence", "shown": "0", "unit": "1/min", "side": "both", "joint": null}], "comparisons": []});
    let story = Story::from_block(&block);
    for fault in [Fault::Side, Fault::Unit, Fault::Joint, Fault::Direction] {
        assert_eq!(story.changed(fault, &[], &mut Dice(1)), None, "{fault:?}");
    }
    assert_eq!(story.changed(Fault::Hallucinated, &[], &mut Dice(1)).unwrap().1, Fault::Number);
}

#[test]
fn swapped_sides_with_the_same_number_are_not_a_change() {
    assert!(is_same_number("40", "40.4") && is_same_number("1.40", "1.4") && !is_same_number("40", "40.6"));
    let fact = |name: &str, side: &str| json!({"name": name, "quantity": "stride length", "shown": "1.40", "unit": "m", "side": side, "joint": null});
    let story = Story::from_block(&json!({"facts": [fact("l", "left"), fact("r", "right")], "comparisons": []}));
    assert_eq!(story.changed(Fault::Side, &[], &mut Dice(1)), None);
}

#[test]
fn the_noun_has_neither_joint_nor_side() {
    let claim = |quantity: &str, joint: Option<&str>| Claim {
        quantity: quantity.to_string(),
        joint: joint.map(str::to_string),
        ..Claim::default()
    };
    assert_eq!(claim("knee range of motion", Some("knee")).noun(), "range of motion");
    assert_eq!(claim("left knee joint angle", Some("knee")).noun(), "angle");
    assert_eq!(claim("stride length", None).noun(), "stride length");
    let height = claim("ankle height above the other ankle", Some("ankle"));
    assert_eq!((height.noun(), height.names_joint()), ("height above the other ankle".to_string(), true));
    assert!(!claim("depth", Some("hip")).names_joint());
}
