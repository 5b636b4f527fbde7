//! The scheme in figures: each grade, cap and bound by hand, and what is wrong with a scheme.

use super::*;
use crate::domain::event::{Event, EventRef, Fact, Reviewed, Verdict};
use crate::fold::Entry;
use crate::id::{FeedId, OfficerId};
use crate::instant::Instant;
use crate::rules::gap::Cure;

/// As the product's scheme, in few lines.
const SCHEME: &str = r#"
id = "test"
version = 1
name = { zh = "试", en = "test" }
source = { zh = "试", en = "test" }
confidence = "D"
procedures = ["JYCF"]
start = 100

[[zero]]
name = { zh = "资格", en = "qualified" }
rules = ["R02", "R13"]

[[zero]]
name = { zh = "合法", en = "lawful" }
severities = ["G3", "G4"]

[[grade]]
severity = "G2"
points = 10
cap = 30

[[grade]]
severity = "G1"
points = 2
cap = 30

[[grade]]
severity = "G0"
points = 0
cap = 0

[[item]]
name = { zh = "存疑", en = "in doubt" }
source = { zh = "试", en = "test" }
confidence = "D"
rules = ["R22"]
points = 3

[[band]]
code = "excellent"
name = { zh = "优秀", en = "Excellent" }
from = 90
[[band]]
code = "good"
name = { zh = "良好", en = "Good" }
from = 80
[[band]]
code = "pass"
name = { zh = "合格", en = "Passed" }
from = 60
[[band]]
code = "fail"
name = { zh = "不合格", en = "Failed" }
from = 0
"#;

fn scheme() -> Scheme {
    let mut read = data::scoring_of(&[("test.toml", SCHEME)]).unwrap_or_else(|bad| panic!("{bad}"));
    read.remove(0)
}

fn gap(rule: &str, severity: Severity) -> Gap {
    Gap {
        rule: RuleId::new(rule).unwrap(),
        step: StepId::new("DC-08").unwrap(),
        state: GapState::Missing,
        severity,
        block: false,
        cure: Cure::None,
        deadline: None,
        basis: Vec::new(),
        confidence: Confidence::V,
        because: Vec::new(),
    }
}

fn several(rule: &str, severity: Severity, count: usize) -> Vec<Gap> {
    vec![gap(rule, severity); count]
}

/// What a supervisor said of what these rules found at DC-08.
fn said(verdicts: &[(&str, Verdict)]) -> Facts {
    let entry = |(seq, (rule, verdict)): (u64, &(&str, Verdict))| Entry {
        place: EventRef {
            feed: FeedId::from_bytes([1; 16]),
            seq,
            index: 0,
        },
        officer: OfficerId::from_bytes([9; 16]),
        behind_ms: 0,
        event: Event {
            recorded_at: Instant::from_millis(0),
            happened_at: None,
            fact: Fact::Reviewed(Reviewed {
                step: StepId::new("DC-08").unwrap(),
                rule: RuleId::new(rule).unwrap(),
                verdict: *verdict,
                words: "经核实".to_owned(),
            }),
        },
    };
    Facts::of([], (1..).zip(verdicts).map(entry))
}

/// Points and band of these gaps, of which nobody said anything.
fn scored(gaps: &[Gap]) -> (u32, String) {
    let score = grade(Some(&scheme()), gaps, &Facts::default())
        .score
        .unwrap();
    (score.points, score.band.code)
}

fn is(points: u32, band: &str) -> (u32, String) {
    (points, band.to_owned())
}

#[test]
fn a_file_without_fault_has_all_points() {
    let clean = grade(Some(&scheme()), &[], &Facts::default());
    assert_eq!(clean.legal, Legal::default());
    let score = clean.score.unwrap();
    assert_eq!((score.points, &*score.band.code), (100, "excellent"));
    assert!(score.deductions.is_empty());
    let unscored = grade(None, &several("R12", Severity::G2, 1), &Facts::default());
    assert_eq!(unscored.legal.worst, Some(Severity::G2));
    assert_eq!(unscored.score, None);
}

#[test]
fn bands_begin_where_the_scheme_says() {
    // 100 - 10 = 90 is still excellent; one point below is not.
    assert_eq!(
        scored(&several("R12", Severity::G2, 1)),
        is(90, "excellent")
    );
    let ten_and_two = [gap("R12", Severity::G2), gap("R47", Severity::G1)];
    assert_eq!(scored(&ten_and_two), is(88, "good"));
    assert_eq!(scored(&several("R12", Severity::G2, 2)), is(80, "good"));
    let mut more = several("R12", Severity::G2, 2);
    more.push(gap("R47", Severity::G1));
    assert_eq!(scored(&more), is(78, "pass"));
    let bands = [
        (100, "excellent"),
        (90, "excellent"),
        (89, "good"),
        (80, "good"),
        (79, "pass"),
    ];
    let low = [(60, "pass"), (59, "fail"), (0, "fail")];
    for (points, code) in bands.into_iter().chain(low) {
        assert_eq!(scheme().band(points).code, code, "{points}");
    }
}

#[test]
fn each_grade_stops_at_its_cap() {
    assert_eq!(scored(&several("R12", Severity::G2, 3)), is(70, "pass"));
    assert_eq!(scored(&several("R12", Severity::G2, 9)), is(70, "pass"));
    assert_eq!(scored(&several("R47", Severity::G1, 15)), is(70, "pass"));
    assert_eq!(scored(&several("R47", Severity::G1, 16)), is(70, "pass"));
    // Both caps together leave 40.
    let mut both = several("R12", Severity::G2, 4);
    both.extend(several("R47", Severity::G1, 20));
    assert_eq!(scored(&both), is(40, "fail"));
    let capped = grade(Some(&scheme()), &both, &Facts::default())
        .score
        .unwrap();
    let lost: Vec<(u32, bool)> = capped
        .deductions
        .iter()
        .take(4)
        .map(|one| (one.points, one.capped))
        .collect();
    assert_eq!(lost, [(10, false), (10, false), (10, false), (0, true)]);
    // Management gaps cost nothing, however many.
    assert_eq!(
        scored(&several("R50", Severity::G0, 9)),
        is(100, "excellent")
    );
}

#[test]
fn a_rule_with_points_of_its_own_counts_within_its_grade() {
    assert_eq!(
        scored(&several("R22", Severity::G1, 1)),
        is(97, "excellent")
    );
    assert_eq!(scored(&several("R22", Severity::G1, 10)), is(70, "pass"));
    // Nine times three and one ordinary two reach 29; the next three are cut to one.
    let mut gaps = several("R22", Severity::G1, 9);
    gaps.push(gap("R47", Severity::G1));
    gaps.push(gap("R22", Severity::G1));
    let score = grade(Some(&scheme()), &gaps, &Facts::default())
        .score
        .unwrap();
    let last = score.deductions.last().unwrap();
    assert_eq!((score.points, last.points, last.capped), (70, 1, true));
    let named = Bilingual {
        zh: "存疑".to_owned(),
        en: "in doubt".to_owned(),
    };
    assert_eq!(last.why, Why::Item(named));
}

#[test]
fn a_base_item_takes_everything() {
    for severity in [Severity::G3, Severity::G4] {
        assert_eq!(scored(&several("R29", severity, 1)), is(0, "fail"));
    }
    // A rule that is named fails the file whatever its grade, and two failures take no more than all.
    assert_eq!(scored(&several("R13", Severity::G2, 1)), is(0, "fail"));
    let two = [gap("R02", Severity::G3), gap("R29", Severity::G3)];
    let score = grade(Some(&scheme()), &two, &Facts::default())
        .score
        .unwrap();
    assert_eq!(score.points, 0);
    let why: Vec<&Why> = score.deductions.iter().map(|one| &one.why).collect();
    assert!(
        matches!(why.as_slice(), [Why::Zero(a), Why::Zero(b)] if a.zh == "资格" && b.zh == "合法")
    );
    assert!(score.deductions.iter().all(|one| one.points == 100));
}

#[test]
fn what_was_dismissed_does_not_count_and_what_is_asked_does() {
    let gaps = [gap("R29", Severity::G3), gap("R12", Severity::G2)];
    let judged = |verdicts: &[(&str, Verdict)]| {
        let grade = grade(Some(&scheme()), &gaps, &said(verdicts));
        let legal = grade.legal;
        (grade.score.unwrap().points, legal.worst, legal.suspected)
    };
    assert_eq!(judged(&[]), (0, Some(Severity::G3), 2));
    assert_eq!(
        judged(&[("R29", Verdict::Asked)]),
        (0, Some(Severity::G3), 2)
    );
    assert_eq!(
        judged(&[("R29", Verdict::Upheld)]),
        (0, Some(Severity::G3), 1)
    );
    assert_eq!(
        judged(&[("R29", Verdict::Dismissed)]),
        (90, Some(Severity::G2), 1)
    );
    let both = [("R29", Verdict::Dismissed), ("R12", Verdict::Dismissed)];
    assert_eq!(judged(&both), (100, None, 0));
}

#[test]
fn the_legal_grade_counts_each_grade() {
    let mut gaps = several("R50", Severity::G0, 2);
    gaps.push(gap("R47", Severity::G1));
    gaps.extend(several("R12", Severity::G2, 3));
    let legal = grade(None, &gaps, &said(&[("R47", Verdict::Dismissed)])).legal;
    assert_eq!(legal.worst, Some(Severity::G2));
    assert_eq!(legal.counts, [2, 0, 3, 0, 0]);
    assert_eq!(legal.suspected, 5);
}

#[test]
fn what_is_shipped_scores_penalties_and_nothing_else() {
    let schemes = Schemes::shipped().unwrap_or_else(|bad| panic!("{bad}"));
    for id in ["JYCF", "PTCF"] {
        let scheme = schemes.of(id).unwrap();
        let one = |rule: &str, severity| {
            let gaps = several(rule, severity, 1);
            grade(Some(scheme), &gaps, &Facts::default())
                .score
                .unwrap()
                .points
        };
        assert_eq!(one("R12", Severity::G2), 90);
        assert_eq!(one("R47", Severity::G1), 98);
        assert_eq!(one("R50", Severity::G0), 100);
        assert_eq!(one("R42", Severity::G2), 90);
        assert_eq!(one("R18", Severity::G2), 99);
        assert_eq!(one("R29", Severity::G3), 0);
        assert_eq!(one("R01", Severity::G4), 0);
    }
    assert!(schemes.of("XZJC").is_none() && schemes.of("ZGFC").is_none());
}

/// Each with what stands for what, and what is then said; the place is that of the fault.
#[test]
fn what_is_wrong_with_a_scheme_is_said_with_its_place() {
    let cases = [
        ("start = 100", "start = 0", "1 to 1000 points"),
        ("[\"JYCF\"]", "[\"NONE\"]", "NONE is no procedure"),
        ("\"R22\"", "\"R99\"", "R99 is no rule"),
        ("\"R22\"", "\"DC-99.missing\"", "DC-99.missing is no rule"),
        ("\"R22\"", "\"DC-08.wrong\"", "DC-08.wrong is no rule"),
        ("\"R22\"", "\"R02\"", "R02 is named twice"),
        ("rules = [\"R22\"]", "rules = []", "an item names rules"),
        ("rules = [\"R02\", \"R13\"]", "", "names rules or grades"),
        ("\"G3\", \"G4\"", "\"G3\"", "nothing is said of G4"),
        (
            "\"G3\", \"G4\"",
            "\"G3\", \"G4\", \"G2\"",
            "G2 is said twice",
        ),
        ("cap = 30", "cap = 5", "no more than the cap"),
        ("cap = 30", "cap = 300", "no more than the cap"),
        ("from = 80", "from = 95", "bands go down"),
        ("from = 90", "from = 101", "bands go down"),
        ("from = 0", "from = 1", "the last band begins at 0"),
        ("code = \"good\"", "code = \"pass\"", "a code of its own"),
        ("code = \"good\"", "code = \"Good\"", "a code of its own"),
    ];
    for (from, to, what) in cases {
        let text = SCHEME.replacen(from, to, 1);
        assert_ne!(text, SCHEME, "{from}");
        let bad = data::scoring_of(&[("test.toml", &text)]).unwrap_err();
        assert!(bad.what.contains(what), "{from} → {to}: {bad}");
        assert!(bad.line > 1 && bad.file == "test.toml", "{bad}");
    }
    let twice = [("a.toml", SCHEME), ("b.toml", SCHEME)];
    let bad = data::scoring_of(&twice).unwrap_err();
    assert!(
        bad.file == "b.toml" && bad.what == "test is there twice",
        "{bad}"
    );
    let other = SCHEME.replacen("\"test\"", "\"other\"", 1);
    let bad = data::scoring_of(&[("a.toml", SCHEME), ("b.toml", &other)]).unwrap_err();
    assert!(bad.what.contains("scored by another scheme"), "{bad}");
}
