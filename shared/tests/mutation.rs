//! Every word of the rules' data must matter to a case: each small change to it makes at least one case fail.
//! What no case notices stands in `cases/survivors.txt` with the reason; a test keeps that list exact.
//!
//! The changes are made to the JSON of the parsed procedures, so that a new kind of check is changed too. Left out is what the
//! confidence rule makes equal: a graver severity, or a block, of a rule that it caps.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program speaks by failing; its helpers are outside `#[test]` functions"
)]

use serde_json::{Value, json};
use shared::fold::Facts;
use shared::rules::case::Case;
use shared::rules::check::{Context, check};
use shared::rules::jurisdiction::Jurisdiction;
use shared::rules::procedure::{self, Procedure};
use std::collections::BTreeMap;
use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
const SURVIVORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/survivors.txt");

/// A changed file: what was changed, and the rule that is looked at first.
struct Mutant {
    name: String,
    rule: String,
    changed: Value,
}

/// A case, folded once.
struct Folded<'p> {
    case: Case<'p>,
    facts: Facts,
}

fn cases(procedures: &[Procedure]) -> Vec<Folded<'_>> {
    let files = fs::read_dir(FOLDER).unwrap().map(|f| f.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "case"))
        .collect();
    files.sort();
    let read = |path| {
        let case = Case::parse(&fs::read_to_string(path).unwrap(), procedures).unwrap();
        let facts = case.facts();
        Folded { case, facts }
    };
    files.iter().map(read).collect()
}

/// The newest version of each procedure: what new records follow.
fn newest(procedures: &[Procedure]) -> Vec<&Procedure> {
    let mut newest: BTreeMap<&str, &Procedure> = BTreeMap::new();
    for procedure in procedures {
        let known = newest.entry(procedure.id.as_str()).or_insert(procedure);
        if known.version < procedure.version {
            *known = procedure;
        }
    }
    newest.into_values().collect()
}

/// The path of a value, as people name it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A list's item in a few words: itself, or what a condition or a field is about.
fn named(item: &Value) -> String {
    let parts = ["type", "step", "field"].map(|key| item.get(key).map(shown));
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        shown(item)
    } else {
        parts.join(" ")
    }
}

/// Collects changed copies of one root.
struct Mutator<'a> {
    root: &'a Value,
    /// Whose it is, such as `XZJC R09`.
    owner: String,
    rule: String,
    mutants: Vec<Mutant>,
}

impl Mutator<'_> {
    fn put(&mut self, pointer: &str, what: &str, to: Value) {
        let mut changed = self.root.clone();
        *changed.pointer_mut(pointer).unwrap() = to;
        self.push(what, changed);
    }

    fn push(&mut self, what: &str, changed: Value) {
        let name = format!("{}: {what}", self.owner);
        if self.mutants.iter().any(|known| known.name == name) {
            return;
        }
        let rule = self.rule.clone();
        self.mutants.push(Mutant {
            name,
            rule,
            changed,
        });
    }

    /// Changes everything below this place that is a figure, a unit, a list or a condition.
    fn walk(&mut self, pointer: &str, label: &str) {
        let value = self.root.pointer(pointer).unwrap().clone();
        match &value {
            Value::Number(number) => {
                let n = number.as_i64().unwrap();
                for to in [n - 1, n + 1].into_iter().filter(|n| *n >= 0) {
                    self.put(pointer, &format!("{label} {n} → {to}"), json!(to));
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let mut fewer = items.clone();
                    fewer.remove(i);
                    let plain = named(item);
                    let what = format!("{label} without {plain}");
                    if !item.is_number() {
                        self.put(pointer, &what, Value::Array(fewer));
                    }
                    self.walk(&format!("{pointer}/{i}"), &format!("{label}.{plain}"));
                }
            }
            Value::Object(map) => {
                let is_condition = map.contains_key("type") && !pointer.ends_with("/check");
                if is_condition {
                    let not = json!({ "type": "not", "of": value });
                    self.put(pointer, &format!("{label} negated"), not);
                }
                for (key, inner) in map {
                    let below = format!("{pointer}/{key}");
                    if key == "unit" {
                        for unit in ["hour", "working_day", "calendar_day"] {
                            if inner != unit {
                                self.put(&below, &format!("{label} in {unit}"), json!(unit));
                            }
                        }
                    } else {
                        self.walk(&below, &format!("{label}.{key}"));
                    }
                }
            }
            Value::Bool(_) | Value::Null | Value::String(_) => {}
        }
    }

    fn states(&mut self, at: &str, rule: &Value) {
        let capped = rule["confidence"] != "V" || rule["figure"] == "D";
        for (i, row) in rule["states"].as_array().unwrap().iter().enumerate() {
            let (place, state) = (format!("{at}/states/{i}"), row["state"].as_str().unwrap());
            let grade: i32 = row["severity"].as_str().unwrap()[1..].parse().unwrap();
            for to in [grade - 1, grade + 1] {
                let masked = capped && to >= 2 && grade >= 2;
                if (0..=4).contains(&to) && !masked {
                    let what = format!("{state} G{grade} → G{to}");
                    self.put(&format!("{place}/severity"), &what, json!(format!("G{to}")));
                }
            }
            if !capped {
                let block = row["block"].as_bool().unwrap();
                let what = format!("{state} block {}", !block);
                self.put(&format!("{place}/block"), &what, json!(!block));
            }
            let cure = if row["cure"] == "none" {
                "correction"
            } else {
                "none"
            };
            self.put(
                &format!("{place}/cure"),
                &format!("{state} cure {cure}"),
                json!(cure),
            );
            if !row["escalate"].is_null() {
                let what = format!("{state} not escalated");
                self.put(&format!("{place}/escalate"), &what, Value::Null);
                self.walk(
                    &format!("{place}/escalate/when"),
                    &format!("{state} escalated when"),
                );
            }
            let mut fewer = rule["states"].as_array().unwrap().clone();
            fewer.remove(i);
            self.put(
                &format!("{at}/states"),
                &format!("{state} has no row"),
                json!(fewer),
            );
        }
    }

    fn rule(&mut self, at: &str) {
        let rule = self.root.pointer(at).unwrap().clone();
        self.walk(&format!("{at}/check"), "check");
        self.walk(&format!("{at}/due"), "due");
        for when in ["visit_started", "submitted"] {
            if rule["due"]["when"] != when {
                self.put(
                    &format!("{at}/due"),
                    &format!("due {when}"),
                    json!({ "when": when }),
                );
            }
        }
        if !rule["applies"].is_null() {
            self.put(&format!("{at}/applies"), "applies always", Value::Null);
            self.walk(&format!("{at}/applies"), "applies");
        }
        let other = json!({ "law": "别的法", "article": "1" });
        self.put(&format!("{at}/basis/0"), "another leading article", other);
        self.states(at, &rule);
    }
}

/// Every change to a procedure's rules, and to the conditions of the steps and fields that they look at.
fn mutants_of(procedure: &Procedure) -> Vec<Mutant> {
    let root: Value = serde_json::from_str(&procedure.to_json()).unwrap();
    let mut all = Vec::new();
    let mut of = |owner: String, rule: &str, make: &dyn Fn(&mut Mutator<'_>)| {
        let mut mutator = Mutator {
            root: &root,
            owner,
            rule: rule.to_owned(),
            mutants: Vec::new(),
        };
        make(&mut mutator);
        all.append(&mut mutator.mutants);
    };
    let rules = root["rule"].as_array().unwrap();
    for (i, rule) in rules.iter().enumerate() {
        let id = rule["id"].as_str().unwrap();
        of(format!("{} {id}", procedure.id), id, &|m| {
            m.rule(&format!("/rule/{i}"))
        });
    }
    let text = root["rule"].to_string();
    for (i, step) in root["step"].as_array().unwrap().iter().enumerate() {
        let id = step["id"].as_str().unwrap();
        let Some(rule) = rules.iter().find(|rule| rule["step"] == id) else {
            continue;
        };
        let (owner, rule) = (
            format!("{} {id}", procedure.id),
            rule["id"].as_str().unwrap(),
        );
        if !step["applies"].is_null() {
            let at = format!("/step/{i}/applies");
            of(owner.clone(), rule, &|m| {
                m.put(&at, "applies always", Value::Null);
                m.walk(&at, "applies");
            });
        }
        for (f, field) in step["fields"].as_array().unwrap().iter().enumerate() {
            let name = field["id"].as_str().unwrap();
            let referred = json!({ "step": id, "field": name }).to_string();
            let reversed = format!("{{\"step\":\"{id}\",\"field\":\"{name}\"}}");
            let is_read = text.contains(&referred) || text.contains(&reversed);
            if is_read && !field["applies"].is_null() {
                let at = format!("/step/{i}/fields/{f}/applies");
                of(format!("{owner} {name}"), rule, &|m| {
                    m.put(&at, "applies always", Value::Null);
                    m.walk(&at, "applies");
                });
            }
        }
    }
    all
}

/// Whether a case of this procedure notices.
fn is_noticed(cases: &[Folded<'_>], original: &Procedure, mutant: &Mutant) -> bool {
    let changed: Procedure = serde_json::from_value(mutant.changed.clone())
        .unwrap_or_else(|error| panic!("{}: {error}", mutant.name));
    let own = |folded: &&Folded<'_>| {
        let procedure = folded.case.procedure;
        procedure.id == original.id && procedure.version == original.version
    };
    let names = |folded: &&Folded<'_>| {
        folded
            .case
            .gaps
            .iter()
            .any(|gap| gap.rule.as_str() == mutant.rule)
    };
    let first = cases.iter().filter(own).filter(names);
    let rest = cases.iter().filter(own).filter(|folded| !names(folded));
    first.chain(rest).any(|folded| {
        let found = check(&changed, &folded.facts, &folded.case.context());
        !folded.case.differences(&found).is_empty()
    })
}

/// A change of a jurisdiction, by name; none where it does not fit.
type LocalChange = (String, Box<dyn Fn(&Value) -> Option<Value>>);

/// What can be changed in a jurisdiction, applied to that of each case.
fn local_changes() -> Vec<LocalChange> {
    let mut changes: Vec<LocalChange> = Vec::new();
    let limits = serde_json::from_str::<Value>(&Jurisdiction::default().to_json()).unwrap();
    let names: Vec<String> = limits["limits"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut number = |place: String, by: i64| {
        let name = format!("jurisdiction {} {by:+}", place.trim_start_matches('/'));
        changes.push((
            name,
            Box::new(move |file| {
                let mut file = file.clone();
                let figure = file.pointer_mut(&place)?;
                let n = figure.as_i64()? + by;
                *figure = json!(n);
                (n >= 0).then_some(file)
            }),
        ));
    };
    for by in [-1, 1] {
        names
            .iter()
            .for_each(|limit| number(format!("/limits/{limit}/n"), by));
        number("/yearly_inspections".to_owned(), by);
        number("/clock_skew_minutes".to_owned(), by);
        number("/hearing/citizen".to_owned(), by);
        number("/hearing/organisation".to_owned(), by);
    }
    for limit in &names {
        for unit in ["hour", "working_day", "calendar_day"] {
            let place = format!("/limits/{limit}/unit");
            let change = move |file: &Value| {
                let mut file = file.clone();
                let known = file.pointer_mut(&place)?;
                let other = *known != unit;
                *known = json!(unit);
                other.then_some(file)
            };
            changes.push((
                format!("jurisdiction limits/{limit} in {unit}"),
                Box::new(change),
            ));
        }
    }
    for flag in ["scan_required", "recording_required"] {
        let change = move |file: &Value| {
            let mut file = file.clone();
            let flags = file["flags"].as_array_mut()?;
            match flags.iter().position(|known| known == flag) {
                Some(at) => drop(flags.remove(at)),
                None => flags.push(json!(flag)),
            }
            Some(file)
        };
        changes.push((format!("jurisdiction {flag} flipped"), Box::new(change)));
    }
    changes
}

/// Whether any case notices a change to its jurisdiction; none if no case's has what is changed.
fn local_is_noticed(
    cases: &[Folded<'_>],
    change: &dyn Fn(&Value) -> Option<Value>,
) -> Option<bool> {
    let mut applied = false;
    for folded in cases {
        let file = serde_json::from_str(&folded.case.jurisdiction.to_json()).unwrap();
        let Some(changed) = change(&file) else {
            continue;
        };
        applied = true;
        let jurisdiction = Jurisdiction::from_json(&changed.to_string()).unwrap();
        let context = Context {
            jurisdiction: &jurisdiction,
            ..folded.case.context()
        };
        let found = check(folded.case.procedure, &folded.facts, &context);
        if !folded.case.differences(&found).is_empty() {
            return Some(true);
        }
    }
    applied.then_some(false)
}

#[test]
fn every_word_of_the_rules_matters_to_a_case() {
    let procedures = procedure::shipped();
    let cases = cases(&procedures);
    let (mut made, mut left) = (0, Vec::new());
    for original in newest(&procedures) {
        for mutant in mutants_of(original) {
            made += 1;
            if !is_noticed(&cases, original, &mutant) {
                left.push(mutant.name);
            }
        }
    }
    for (name, change) in local_changes() {
        if let Some(noticed) = local_is_noticed(&cases, &*change) {
            made += 1;
            if !noticed {
                left.push(name);
            }
        }
    }
    println!("{made} changes, {} not noticed", left.len());
    let listed = fs::read_to_string(SURVIVORS).unwrap();
    let rows = listed
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let rows: BTreeMap<&str, &str> = rows.map(|row| row.split_once(" | ").expect(row)).collect();
    let new: Vec<&String> = left
        .iter()
        .filter(|name| !rows.contains_key(name.as_str()))
        .collect();
    let old: Vec<&&str> = rows
        .keys()
        .filter(|name| !left.iter().any(|l| l == **name))
        .collect();
    assert!(
        new.is_empty(),
        "no case notices, and survivors.txt gives no reason:\n{new:#?}"
    );
    assert!(
        old.is_empty(),
        "in survivors.txt, but a case notices:\n{old:#?}"
    );
    assert!(
        rows.values().all(|reason| !reason.trim().is_empty()),
        "a reason is empty"
    );
    assert!(made > 300, "only {made} changes");
}
