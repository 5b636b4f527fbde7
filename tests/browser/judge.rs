//! Every rule case, judged by the rules compiled to WebAssembly: the phone must say what the server says.

use crate::turn;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use shared::judge::{Judged, judge};
use shared::rules::procedure::shipped;
use std::path::Path;
use tests::browser::{Browser, Setup};

/// Runs the module on a question and gives its answer as text.
const RUN: &str = r#"
    const [module, question, done] = arguments;
    const bytes = Uint8Array.from(atob(module), (c) => c.charCodeAt(0));
    WebAssembly.instantiate(bytes, {}).then(({ instance: { exports } }) => {
        const asked = new TextEncoder().encode(question);
        const at = exports.room(asked.length);
        new Uint8Array(exports.memory.buffer, at, asked.length).set(asked);
        const length = exports.answer();
        done(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.place(), length)));
    }).catch((error) => done(String(error)));
"#;

#[tokio::test]
async fn every_case_is_judged_alike_in_webassembly() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = root.join("target/web/wasm32-unknown-unknown/web/shared.wasm");
    let module = std::fs::read(&built).expect("`cargo xtask test` builds it");
    let question = question(&root);
    let here = judge(question.as_bytes()).unwrap();
    assert!(here.len() >= 100, "{} cases", here.len());
    assert!(here.iter().all(|case| case.differences.is_empty()));

    let _turn = turn().await;
    let browser = Browser::open(Setup::default()).await.unwrap();
    // The browser's own first page forbids modules.
    browser.navigate("about:blank").await.unwrap();
    let args = json!([BASE64_STANDARD.encode(module), question]);
    let told = browser.script_async(RUN, args).await.unwrap();
    let told = told.as_str().unwrap();
    let there: Vec<Judged> = serde_json::from_str(told).unwrap_or_else(|_| panic!("{told}"));
    assert_eq!(there, here);
}

/// The shipped procedures and every case file.
fn question(root: &Path) -> String {
    let procedures: Vec<serde_json::Value> = shipped()
        .iter()
        .map(|procedure| serde_json::from_str(&procedure.to_json()).unwrap())
        .collect();
    let mut files: Vec<_> = std::fs::read_dir(root.join("shared/cases"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "case"))
        .collect();
    files.sort();
    let cases: Vec<String> = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    json!({ "procedures": procedures, "cases": cases }).to_string()
}
