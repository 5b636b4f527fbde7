//! Sentences: that each exists and has no hole, and how dates and articles read.

use super::*;
use crate::fold::Stage;
use crate::rules::case::Case;
use crate::rules::procedure::shipped;
use jiff::civil::date;
use std::fs;

fn at(day: Date, hour: i8, minute: i8) -> Instant {
    Instant::from_civil(day.at(hour, minute, 0, 0))
}

#[track_caller]
fn check_citation(law: &str, article: &str, zh: &str, en: &str) {
    let cited = Citation {
        law: law.to_owned(),
        article: article.to_owned(),
    };
    assert_eq!(citation(Lang::Zh, &cited), zh);
    assert_eq!(citation(Lang::En, &cited), en);
}

#[test]
fn articles_read_as_lawyers_write_them() {
    check_citation(
        "行政处罚法",
        "55",
        "行政处罚法第55条",
        "Administrative Penalty Law, art. 55",
    );
    check_citation(
        "行政处罚法",
        "42(1)",
        "行政处罚法第42条第1款",
        "Administrative Penalty Law, art. 42(1)",
    );
    check_citation("某办法", "", "某办法", "某办法");
}

#[test]
fn dates_read_as_people_write_them() {
    let monday = date(2026, 11, 23);
    assert_eq!(moment(Lang::Zh, at(monday, 14, 32)), "2026年11月23日 14:32");
    assert_eq!(moment(Lang::En, at(monday, 9, 5)), "23 Nov 2026 09:05");
    let midnight = Instant::end_of(monday);
    let sure = Deadline {
        earliest: midnight,
        latest: midnight,
    };
    assert_eq!(deadline(Lang::Zh, &sure), "2026年11月23日 24:00前");
    let range = Deadline {
        earliest: at(monday, 9, 0),
        latest: midnight,
    };
    let shown = "ends between 23 Nov 2026 09:00 and 23 Nov 2026 24:00 (holidays not yet announced)";
    assert_eq!(deadline(Lang::En, &range), shown);
}

#[test]
fn certificates_never_shown_are_explained_with_their_article() {
    let procedures = shipped();
    let content = include_str!("../../../cases/R09-missing.case");
    let case = Case::parse(content, &procedures).unwrap();
    let names = Names {
        procedure: case.procedure,
        officers: &case.officers,
    };
    let answer = case.assess();
    let told = gap(Lang::Zh, &answer.gaps[0], names);
    assert_eq!(told.title, "没有出示执法证件的证明");
    assert_eq!(told.basis[0], "行政处罚法第55条");
    assert_eq!(told.caution, None);
    assert_eq!(told.because[0], "没有“出示执法证件”的记录");
    assert_eq!(
        told.because[1],
        "“制作现场检查笔录”已于2026年11月23日 09:45结束"
    );
    let told = gap(Lang::En, &answer.gaps[0], names);
    assert_eq!(told.basis[0], "Administrative Penalty Law, art. 55");
    assert_eq!(
        told.because[1],
        "“Make the on-site record” ended on 23 Nov 2026 09:45"
    );
}

#[test]
fn every_gap_of_every_case_is_said_in_both_languages() {
    let procedures = shipped();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "case") {
            continue;
        }
        let content = fs::read_to_string(path).unwrap();
        let case = Case::parse(&content, &procedures).unwrap();
        let names = Names {
            procedure: case.procedure,
            officers: &case.officers,
        };
        let answer = case.assess();
        for lang in [Lang::Zh, Lang::En] {
            for found in &answer.gaps {
                check_whole(&gap(lang, found, names));
            }
            for remark in &answer.marks {
                assert!(!mark(lang, remark.kind).is_empty());
                for reason in &remark.because {
                    check_sentence(&because(lang, reason, names), "because.");
                }
            }
            for item in &answer.open {
                check_sentence(&open(lang, item, names), "open.");
                for reason in &item.because {
                    check_sentence(&because(lang, reason, names), "because.");
                }
            }
        }
    }
}

#[track_caller]
fn check_whole(told: &Explained) {
    check_sentence(&told.title, "rule.");
    check_sentence(&told.text, "rule.");
    check_sentence(&told.severity, "severity.");
    check_sentence(&told.state, "gap.");
    check_sentence(&told.cure, "cure.");
    for reason in &told.because {
        check_sentence(reason, "because.");
    }
}

#[track_caller]
fn check_sentence(words: &str, key: &str) {
    let whole = !words.is_empty() && !words.contains('{') && !words.starts_with(key);
    assert!(whole, "{words}");
}

#[test]
fn every_rule_has_words_and_its_law_a_name() {
    let procedures = shipped();
    let rules = || procedures.iter().flat_map(|procedure| &procedure.rules);
    for lang in [Lang::Zh, Lang::En] {
        for rule in rules() {
            assert_ne!(rule_title(lang, &rule.id, None), rule.id.as_str());
            let text = format!("rule.{}.text", rule.id);
            assert!(find(lang, &text).is_some(), "{}", rule.id);
        }
        for citation in rules().flat_map(|r| &r.basis) {
            let law = format!("law.{}", citation.law);
            assert!(find(lang, &law).is_some(), "{law}");
        }
    }
}

#[test]
fn every_event_and_kind_has_words() {
    for lang in [Lang::Zh, Lang::En] {
        for name in [
            "Opened",
            "StepRecorded",
            "FieldAnswered",
            "EvidenceAdded",
            "Signed",
            "Refused",
            "StatementHeard",
            "Approved",
            "Served",
            "Decided",
            "Linked",
            "Amended",
            "Submitted",
            "Returned",
            "Voided",
            "Reviewed",
            "Explained",
            "Unknown",
        ] {
            assert!(!event(lang, name).is_empty(), "{name}");
        }
        use EvidenceKind as E;
        for kind in [E::Recording, E::PartyConfirmation, E::Photo, E::Paper] {
            assert!(!evidence(lang, kind).is_empty());
        }
        for ended in [Outcome::Done, Outcome::NotApplicable, Outcome::NotDone] {
            assert!(!outcome(lang, ended).is_empty());
        }
        for method in [
            SignMethod::Pin,
            SignMethod::Screen,
            SignMethod::Drawn,
            SignMethod::Paper,
        ] {
            assert!(!sign_method(lang, method).is_empty());
        }
        for role in [SignerRole::Officer, SignerRole::Party, SignerRole::Witness] {
            assert!(!signer(lang, role).is_empty());
        }
        for said in [Verdict::Asked, Verdict::Upheld, Verdict::Dismissed] {
            assert!(!verdict(lang, said).is_empty());
        }
        for stands in Stage::ALL {
            assert!(!stage(lang, stands.code()).is_empty());
        }
        use GapState as S;
        for found in [S::Missing, S::Claimed, S::Late, S::OutOfOrder, S::Invalid] {
            assert!(!state(lang, found).is_empty());
        }
        for way in [
            Cure::OnSite,
            Cure::BeforeDecision,
            Cure::Correction,
            Cure::None,
        ] {
            assert!(!cure(lang, way).is_empty());
        }
    }
    let pending = caution(Lang::Zh, Confidence::W);
    assert_eq!(pending.as_deref(), Some("待司法行政部门确认"));
    assert_eq!(caution(Lang::Zh, Confidence::V), None);
}
