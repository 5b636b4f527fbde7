//! What lies on the phone's disk: nothing of what was typed, under a salt that is random.

use crate::{enrol, hold, phone, turn};
use serde_json::json;
use std::path::PathBuf;
use tests::browser::Browser;
use tests::folder::files;
use tests::hands::{Hands, Touch};
use tests::world::World;

/// Where Chromium keeps the origin's private files, below the profile.
const PRIVATE_FILES: &str = "Default/File System";
/// The pool writes each file's name before its content, which begins here.
const CONTENT: usize = 4_096;
/// In the clear on purpose: what the search must find.
const CONTROL: &str = "对照文件里的明文CONTROL-7731";

fn canary(number: usize) -> String {
    format!("金丝雀{number:02}号CANARY{}", number * 7_919)
}

async fn open_urgent(hands: &mut Touch<'_>, first: usize) -> String {
    hands.open("/field/new").await.unwrap();
    hands.fill("urgent", &canary(first)).await.unwrap();
    hands
        .fill("subject_name", &canary(first + 1))
        .await
        .unwrap();
    hands.fill("place", &canary(first + 2)).await.unwrap();
    let pick = "const m = document.getElementsByName('matter')[0]; if (m) m.selectedIndex = 1;";
    hands.browser.script(pick, json!([])).await.unwrap();
    hands.press("开始检查").await.unwrap();
    hands.expect_words(&canary(first)).await.unwrap();
    hands.path().await.unwrap()
}

/// Types twenty strings into twenty fields.
async fn type_canaries(hands: &mut Touch<'_>) {
    let mut record = String::new();
    for first in [0, 3, 6, 9] {
        record = open_urgent(hands, first).await;
    }
    hands.open(&format!("{record}/s/JC-14")).await.unwrap();
    for (number, field) in [
        (12, "f.place"),
        (13, "f.present"),
        (14, "f.facts"),
        (15, "f.opinion"),
    ] {
        hands.fill(field, &canary(number)).await.unwrap();
    }
    hands.press("保存").await.unwrap();
    hands.open(&format!("{record}/s/JC-14/sign")).await.unwrap();
    hands.fill("name", &canary(16)).await.unwrap();
    hands.press("以上记录属实，我确认").await.unwrap();
    hands.open(&format!("{record}/s/JC-10")).await.unwrap();
    hands.fill("recording", &canary(17)).await.unwrap();
    hands.press("完成本步骤").await.unwrap();
    hands.open(&format!("{record}/s/JC-16")).await.unwrap();
    hands.fill("f.told_to", &canary(18)).await.unwrap();
    hands.press("保存").await.unwrap();
    hands.open(&format!("{record}/submit")).await.unwrap();
    hands.fill("note", &canary(19)).await.unwrap();
    hands.press("提交").await.unwrap();
    hands.open(&format!("{record}/log")).await.unwrap();
    hands.expect_words(&canary(17)).await.unwrap();
}

async fn write_control(browser: &Browser) {
    let script = "const [text, done] = arguments;
        navigator.storage.getDirectory()
            .then((root) => root.getFileHandle('control', { create: true }))
            .then((file) => file.createWritable())
            .then(async (out) => { await out.write(text); await out.close(); done(true); });";
    browser
        .script_async(script, json!([CONTROL]))
        .await
        .unwrap();
}

fn private_files(browser: &Browser) -> Vec<(PathBuf, Vec<u8>)> {
    let found = files(&browser.data().join(PRIVATE_FILES)).unwrap();
    found
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

/// The spellings under which a text may lie on a disk.
fn spellings(text: &str) -> [Vec<u8>; 3] {
    let wide: Vec<u16> = text.encode_utf16().collect();
    [
        text.as_bytes().to_vec(),
        wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ]
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let within = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    spellings(text).iter().any(|needle| within(needle))
}

/// The content of the client's database of this name.
fn database<'a>(files: &'a [(PathBuf, Vec<u8>)], name: &str) -> &'a [u8] {
    let is_it = |bytes: &[u8]| {
        let own = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        bytes.len() > CONTENT && own.strip_prefix(b"/").unwrap_or(own) == name.as_bytes()
    };
    let mut databases = files.iter().filter(|(_, bytes)| is_it(bytes));
    let (_, bytes) = databases
        .next()
        .expect("a database among the private files");
    &bytes[CONTENT..]
}

/// Its salt: the first sixteen bytes.
fn salt(files: &[(PathBuf, Vec<u8>)]) -> [u8; 16] {
    database(files, "field.db")[..16].try_into().unwrap()
}

/// Nothing of what was typed into a drill can be read in the files that a killed browser left; the drill's own is one of them.
pub(crate) fn a_drill_is_unreadable(browser: &Browser, typed: &str) {
    let on_disk = private_files(browser);
    let drill = database(&on_disk, "drill.db");
    assert!(!drill.starts_with(b"SQLite format 3"), "in the clear");
    for (path, bytes) in &on_disk {
        assert!(!holds(bytes, typed), "{typed} in {}", path.display());
    }
}

#[tokio::test]
async fn nothing_that_was_typed_lies_readable_on_the_disk() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let mut browser = phone(&world).await;
    enrol(&world, &browser).await;
    type_canaries(&mut hold(&world, &browser)).await;
    write_control(&browser).await;
    browser.kill().await.unwrap();
    let on_disk = private_files(&browser);
    let control = on_disk
        .iter()
        .filter(|(_, bytes)| holds(bytes, CONTROL))
        .count();
    assert_eq!(control, 1, "the search does not find what is there");
    for number in 0..20 {
        for (path, bytes) in &on_disk {
            assert!(
                !holds(bytes, &canary(number)),
                "{} in {}",
                canary(number),
                path.display()
            );
        }
    }
    let first = salt(&on_disk);
    assert_ne!(first, [0; 16]);
    drop(browser);

    let mut other = phone(&world).await;
    enrol(&world, &other).await;
    other.kill().await.unwrap();
    let second = salt(&private_files(&other));
    assert_ne!(second, [0; 16]);
    assert_ne!(first, second);
}
