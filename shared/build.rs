//! Makes the tables of texts from `locales/`: one sorted array, so that a phone parses nothing at its start.
//! Apart because a missing translation must fail the build, not a user.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a build script says what is wrong by ending the build"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

type Texts = BTreeMap<String, String>;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    let zh = read(Path::new("locales/zh-CN"));
    let en = read(Path::new("locales/en"));
    let mut faults = Vec::new();
    for key in zh.keys().chain(en.keys()) {
        match (zh.get(key), en.get(key)) {
            (Some(a), Some(b)) if places(a) != places(b) => {
                faults.push(format!("{key}: other {{places}}"))
            }
            (Some(_), Some(_)) => {}
            (Some(_), None) => faults.push(format!("{key}: no English")),
            (None, _) => faults.push(format!("{key}: no Chinese")),
        }
    }
    assert!(
        faults.is_empty(),
        "texts differ between languages:\n{}",
        faults.join("\n")
    );
    let rows: String = zh
        .iter()
        .map(|(key, zh)| format!("({key:?}, {zh:?}, {:?}),\n", en[key]))
        .collect();
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let table = format!("static TEXTS: &[(&str, &str, &str)] = &[\n{rows}];\n");
    fs::write(Path::new(&out).join("texts.rs"), table).expect("OUT_DIR is writable");
    fs::write(Path::new(&out).join("calendar.rs"), calendar()).expect("OUT_DIR is writable");
}

/// The holiday notices as a table, so that a phone parses nothing.
fn calendar() -> String {
    println!("cargo:rerun-if-changed=calendar");
    let text = fs::read_to_string("calendar/cn.toml").expect("the calendar is there");
    let file: toml::Table = text
        .parse()
        .unwrap_or_else(|e| panic!("calendar/cn.toml: {e}"));
    let years = file["year"].as_array().expect("a list of years");
    let rows: String = years
        .iter()
        .map(|row| {
            let year = row["year"].as_integer().expect("a year");
            let days = |key: &str| days_of(year, row[key].as_array().expect("a list of days"));
            format!(
                "({year}, &[{}], &[{}]),\n",
                days("holidays"),
                days("workdays")
            )
        })
        .collect();
    format!(
        "pub(super) type Days = &'static [(i8, i8)];\npub(super) static SHIPPED: &[(i16, Days, Days)] = &[\n{rows}];\n"
    )
}

fn days_of(year: i64, days: &[toml::Value]) -> String {
    days.iter()
        .map(|day| {
            let date = day.as_datetime().and_then(|at| at.date).expect("a date");
            assert_eq!(
                i64::from(date.year),
                year,
                "{date} stands under another year"
            );
            format!("({}, {}), ", date.month, date.day)
        })
        .collect()
}

/// Every file of a folder as flat keys: `[a.b] c = ".."` in any file is `a.b.c`.
fn read(folder: &Path) -> Texts {
    let phone = env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "wasm32");
    let mut texts = Texts::new();
    let files = fs::read_dir(folder).expect("locales are there");
    for file in files
        .flatten()
        .map(|f| f.path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        // What the console says (`console.toml`, `console-*.toml`) is not carried to phones.
        .filter(|p| !phone || !is_for_console(p))
    {
        let content = fs::read_to_string(&file).expect("a readable file");
        let table: toml::Table = content
            .parse()
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        flatten("", &table, &mut texts, &file);
    }
    texts
}

fn is_for_console(file: &Path) -> bool {
    let name = file.file_stem().and_then(|name| name.to_str());
    name.is_some_and(|name| name == "console" || name.starts_with("console-"))
}

/// What a rule says comes to a phone with its procedure.
fn is_carried_otherwise(key: &str) -> bool {
    let phone = env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "wasm32");
    phone && key.starts_with("rule.")
}

fn flatten(prefix: &str, table: &toml::Table, into: &mut Texts, file: &Path) {
    for (key, value) in table {
        let key = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, into, file),
            toml::Value::String(text) => {
                if is_carried_otherwise(&key) {
                    continue;
                }
                let twice = into.insert(key.clone(), text.clone()).is_some();
                assert!(!twice, "{}: {key} is there twice", file.display());
            }
            _ => panic!("{}: {key} is not a text", file.display()),
        }
    }
}

fn places(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    found.sort_unstable();
    found
}
