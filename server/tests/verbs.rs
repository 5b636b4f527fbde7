//! The verbs, through the real program: what is printed where, and with what it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program speaks by failing; its helpers are outside `#[test]` functions"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the server with these arguments: how it ends, its output, its error output.
fn run(args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_server"))
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        done.status.code().unwrap(),
        text(done.stdout),
        text(done.stderr),
    )
}

fn case(name: &str) -> String {
    format!("{SHARED}/cases/{name}.case")
}

#[test]
fn a_case_is_judged_in_both_languages() {
    let (code, out, err) = run(&["assess", &case("XZJC-1-R09-claimed")]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("R09 · 没有出示执法证件的证明 · 出示执法证件 · 仅声称，无证明"),
        "{out}"
    );
    assert!(out.contains("依据：行政处罚法第55条"), "{out}");
    assert!(out.contains("Administrative Penalty Law, art. 55"), "{out}");
    let (code, out, err) = run(&["assess", &case("R00-complete")]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("没有发现程序缺口") && out.contains("No gap"),
        "{out}"
    );
}

#[test]
fn json_has_exactly_the_promised_keys() {
    let (code, out, err) = run(&["assess", &case("XZJC-1-JC-16-late"), "--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let expected = concat!(
        r#"{"gaps":[{"rule":"JC-16.late","step":"JC-16","state":"late","severity":"G1","block":false,"cure":"none","#,
        r#""deadline":{"earliest":"2026-12-01T00:00:00+08:00","latest":"2026-12-01T00:00:00+08:00"},"confidence":"W","#,
        r#""basis":[{"law":"行政检查文书基本格式文本（试行）","article":""},{"law":"国办发〔2024〕54号","article":""}]}]}"#,
        "\n"
    );
    assert_eq!(out, expected);
    let (code, out, _) = run(&["assess", &case("R00-complete"), "--json"]);
    assert_eq!((code, out.as_str()), (0, "{\"gaps\":[]}\n"));
}

#[test]
fn differences_and_faults_end_differently() {
    let folder = folder("assess");
    let good = fs::read_to_string(case("XZJC-1-R09-claimed")).unwrap();
    let other = folder.join("other.case");
    fs::write(
        &other,
        good.replace("应有 R09 无证明 G2", "应有 R09 无证明 G3"),
    )
    .unwrap();
    let (code, out, err) = run(&["assess", other.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(out.contains("R09"), "{out}");
    assert_eq!(err, "+ expect R09 claimed G2\n- expect R09 claimed G3\n");
    let broken = folder.join("broken.case");
    fs::write(&broken, good.replace("应有 R09", "应有 R99")).unwrap();
    let (code, out, err) = run(&["assess", broken.to_str().unwrap()]);
    let line = good.lines().position(|l| l.starts_with("应有")).unwrap() + 1;
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains(&format!("line {line}, column 4: no such rule: R99")),
        "{err}"
    );
    let (code, _, err) = run(&["assess", folder.join("none.case").to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("none.case"), "{err}");
}

#[test]
fn shipped_procedures_are_without_fault() {
    let (code, out, err) = run(&["procedures", "lint", &format!("{SHARED}/procedures")]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, "JYCF@1\nPTCF@1\nXZJC@1\nXZJC@2\nZGFC@1\n");
}

#[test]
fn every_fault_of_a_folder_is_named_with_its_place() {
    let folder = folder("lint");
    let procedures = Path::new(SHARED).join("procedures");
    for name in ["XZJC-1.toml", "XZJC.toml", "XZJC.rules.toml"] {
        fs::copy(procedures.join(name), folder.join(name)).unwrap();
    }
    let path = folder.to_str().unwrap();
    assert_eq!(run(&["procedures", "lint", path]).0, 0);
    let rules = fs::read_to_string(folder.join("XZJC.rules.toml")).unwrap();
    let line = rules
        .lines()
        .position(|l| l.starts_with("severity") || l.contains("severity = \"G3\""))
        .unwrap();
    fs::write(
        folder.join("XZJC.rules.toml"),
        rules.replacen("severity = \"G3\"", "severity = \"G9\"", 1),
    )
    .unwrap();
    fs::write(folder.join("bad.toml"), "id = \n").unwrap();
    fs::write(folder.join("latin.toml"), [0xE9, 0x0A]).unwrap();
    fs::write(folder.join("lone.rules.toml"), "").unwrap();
    for name in ["PTCF.toml", "PTCF.rules.toml", "PTCF.documents.toml"] {
        let text = fs::read_to_string(procedures.join(name)).unwrap();
        let wrong = text.replacen("{PT-01.source}", "{PT-01.sauce}", 1);
        fs::write(folder.join(name), wrong).unwrap();
    }
    fs::copy(procedures.join("XZJC-1.toml"), folder.join("twice.toml")).unwrap();
    let (code, out, err) = run(&["procedures", "lint", path]);
    assert_eq!((code, out.as_str()), (1, "XZJC@1\n"));
    let faults: Vec<&str> = err.lines().map(|l| l.strip_prefix(path).unwrap()).collect();
    assert_eq!(faults.len(), 6, "{err}");
    assert!(faults[0].starts_with("/PTCF.documents.toml:"), "{err}");
    assert!(
        faults[0].ends_with("step PT-01 has no field sauce"),
        "{err}"
    );
    assert!(
        faults[1].starts_with(&format!("/XZJC.rules.toml:{}:", line + 1)),
        "{err}"
    );
    assert!(faults[1].contains("G9"), "{err}");
    assert!(faults[2].starts_with("/bad.toml:1:6:"), "{err}");
    assert_eq!(faults[3], "/latin.toml:1:1: not a text in UTF-8");
    assert_eq!(
        faults[4],
        "/lone.rules.toml:1:1: there is no lone.toml beside it"
    );
    assert_eq!(faults[5], "/twice.toml:1:1: XZJC@1 is also in XZJC-1.toml");
}

#[test]
fn a_folder_without_procedures_is_not_readable() {
    let folder = folder("empty");
    assert_eq!(run(&["procedures", "lint", folder.to_str().unwrap()]).0, 2);
    assert_eq!(run(&["procedures", "lint", "/nowhere/at/all"]).0, 2);
    assert_eq!(run(&["procedures"]).0, 1);
}

#[test]
fn drills_are_checked_like_procedures() {
    let shipped = format!("{SHARED}/drills");
    let (code, out, err) = run(&["drills", "lint", &shipped]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("refusal-to-sign@1\n"), "{out}");
    let folder = folder("drills");
    let good = fs::read_to_string(format!("{shipped}/refusal-to-sign.toml")).unwrap();
    let bad = good.replacen("rule = \"R09\"", "rule = \"R99\"", 1);
    let line = good
        .split("rule = \"R09\"")
        .next()
        .unwrap()
        .matches('\n')
        .count()
        + 1;
    fs::write(folder.join("refusal-to-sign.toml"), bad).unwrap();
    let path = folder.to_str().unwrap();
    let (code, out, err) = run(&["drills", "lint", path]);
    assert_eq!((code, out.as_str()), (1, ""));
    let start = format!("{path}/refusal-to-sign.toml:{line}:");
    assert!(
        err.starts_with(&start) && err.contains("no rule R99"),
        "{err}"
    );
    assert_eq!(run(&["drills", "lint", "/nowhere/at/all"]).0, 2);
    assert_eq!(run(&["drills"]).0, 1);
}

/// One request over a connection of its own; gives the whole answer.
fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A cookie that an answer sets: name and value.
fn cookie(answer: &str) -> &str {
    let lower = answer.to_lowercase();
    let at = lower.find("set-cookie: ").unwrap() + "set-cookie: ".len();
    answer[at..].split(';').next().unwrap()
}

#[test]
fn a_new_folder_gets_its_first_account_once_and_it_signs_in() {
    let folder = folder("account");
    let data = folder.join("data");
    let data = data.to_str().unwrap();
    let account = |name: &str, unit: &str| {
        run(&[
            "account",
            "--data",
            data,
            "--name",
            name,
            "--person",
            "钱多（示例）",
            "--unit",
            unit,
        ])
    };
    for (name, unit, option) in [("a b", "示例镇", "--name"), ("admin", "镇", "--unit")] {
        let (code, out, err) = account(name, unit);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains(option), "{err}");
        assert!(!Path::new(data).exists(), "a refusal leaves no folder");
    }
    let (code, out, err) = account("admin", "示例镇");
    assert_eq!(code, 0, "{err}");
    let line = out.lines().find(|l| l.starts_with("一次性密码")).unwrap();
    let password = line.split(' ').nth(1).unwrap();
    assert_eq!(password.len(), 16, "{out}");
    let (code, out, err) = account("second", "另一个镇");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("已有账号"), "{err}");

    let mut server = Command::new(env!("CARGO_BIN_EXE_server"))
        .args(["serve", "--data", data, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = said.next().unwrap().unwrap();
    let address = address.strip_prefix("listening on http://").unwrap();
    let get = |path: &str, cookie: &str| {
        let head = format!("Host: {address}\r\nCookie: {cookie}\r\nConnection: close");
        ask(address, &format!("GET {path} HTTP/1.1\r\n{head}\r\n\r\n"))
    };
    let form = get("/login", "");
    let guest = cookie(&form);
    let csrf = guest.split_once('=').unwrap().1;
    let body = format!("csrf={csrf}&name=admin&password={password}&next=/");
    let head = format!(
        "Host: {address}\r\nCookie: {guest}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}",
        body.len()
    );
    let entered = ask(
        address,
        &format!("POST /login HTTP/1.1\r\n{head}\r\n\r\n{body}"),
    );
    let home = get("/", cookie(&entered));
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(entered.starts_with("HTTP/1.1 303"), "{entered}");
    assert!(
        home.to_lowercase().contains("location: /password"),
        "another password comes first: {home}"
    );
}

#[test]
fn all_records_are_judged_again_unless_the_folder_is_served() {
    let folder = folder("assess-all");
    let data = folder.join("data");
    let shown = data.to_str().unwrap();
    let all = ["assess", "--all", "--data", shown];
    let (code, out, err) = run(&all);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.contains("there is no folder") && !data.exists(),
        "{err}"
    );
    assert_eq!(run(&["demo", "--data", shown]).0, 0);
    // The demo's records were judged when they were made: again, every one of them comes to the same.
    let (code, out, err) = run(&all);
    assert_eq!(code, 0, "{err}");
    let same = "all records: judged 5, changed 0, gaps opened 0, cured 0, not judged 0,";
    assert!(out.starts_with(same), "{out}");
    let serve = ["serve", "--data", shown, "--listen", "127.0.0.1:0"];
    let mut server = Command::new(env!("CARGO_BIN_EXE_server"))
        .args(serve)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = server.stdout.as_mut().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    for refused in [&all[..], &serve[..]] {
        let (code, out, err) = run(refused);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("stop the server first"), "{err}");
    }
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(run(&all).0, 0, "the lock goes with its holder");
}
