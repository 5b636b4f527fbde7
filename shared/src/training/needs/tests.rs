//! Examples worked out by hand. Apart for their length.

use super::*;

/// A record of this number with these gaps: rule, step, grade, still open.
fn record(number: u8, gaps: &[(&str, &str, Severity, bool)]) -> Record {
    let id = RecordId::from_bytes([number; 16]);
    let found =
        |(nth, (rule, step, severity, open)): (usize, &(&str, &str, Severity, bool))| Found {
            key: GapKey {
                record: id,
                rule: RuleId::new(rule).unwrap(),
                step: StepId::new(step).unwrap(),
                nth: u32::try_from(nth).unwrap(),
            },
            severity: *severity,
            open: *open,
        };
    Record {
        id,
        at: Instant::from_millis(1_795_395_600_000 - i64::from(number) * 86_400_000),
        gaps: gaps.iter().enumerate().map(found).collect(),
    }
}

const SHOWN: (&str, &str, Severity, bool) = ("R09", "JC-10", Severity::G2, true);
const TOLD: (&str, &str, Severity, bool) = ("R10", "JC-11", Severity::G2, false);
const SCANNED: (&str, &str, Severity, bool) = ("R08", "JC-09", Severity::G1, true);
const OFFICE: (&str, &str, Severity, bool) = ("R06", "JC-07", Severity::G2, true);

fn judged(records: &[Record]) -> Judged {
    judged_but(records, &BTreeSet::new())
}

fn judged_but(records: &[Record], dismissed: &BTreeSet<GapKey>) -> Judged {
    match judge(&Catalogue::shipped().unwrap(), records, dismissed) {
        Standing::Judged(judged) => judged,
        Standing::TooFew(n) => panic!("{n} records"),
    }
}

/// Records of which those at these places have these gaps.
fn records(count: u8, places: &[u8], gaps: &[(&str, &str, Severity, bool)]) -> Vec<Record> {
    let one = |n: u8| record(n, if places.contains(&n) { gaps } else { &[] });
    (0..count).map(one).collect()
}

#[test]
fn of_too_few_records_nothing_is_said() {
    let catalogue = Catalogue::shipped().unwrap();
    for n in [0, 1, 2] {
        let standing = judge(&catalogue, &records(n, &[0, 1], &[SHOWN]), &BTreeSet::new());
        assert_eq!(standing, Standing::TooFew(usize::from(n)));
        assert_eq!(standing.needs().count(), 0);
    }
    let judged = judged(&records(3, &[0], &[]));
    assert_eq!((judged.looked_at, judged.recent), (3, 3));
    assert!(judged.lines.is_empty());
}

#[test]
fn a_need_is_two_of_the_last_five_or_one_that_is_grave() {
    let need = |count, places: &[u8], gaps: &[_]| {
        let judged = judged(&records(count, places, gaps));
        judged.lines.first().is_some_and(Line::is_need)
    };
    assert!(!need(10, &[0], &[SHOWN]));
    assert!(need(10, &[0, 4], &[SHOWN]));
    assert!(!need(10, &[0, 5], &[SHOWN]), "the sixth is not among them");
    assert!(!need(10, &[5, 6, 7, 8, 9], &[SHOWN]));
    // Two gaps in one record are one record.
    assert!(!need(10, &[0], &[SHOWN, TOLD]));
    let grave = [("R09", "JC-10", Severity::G3, false)];
    assert!(need(10, &[4], &grave), "grave, though cured since");
    assert!(!need(10, &[5], &grave));
    assert!(need(3, &[0, 2], &[SCANNED]));
}

#[test]
fn records_beyond_the_tenth_are_not_looked_at() {
    let judged = judged(&records(12, &[9, 10, 11], &[SHOWN]));
    assert_eq!(judged.looked_at, 10);
    assert_eq!(judged.lines[0].affected, [RecordId::from_bytes([9; 16])]);
}

#[test]
fn the_offices_steps_and_dismissed_gaps_charge_nobody() {
    let all = records(6, &[0, 1, 2], &[SHOWN, OFFICE]);
    let line = |judged: Judged| judged.lines.first().map(|line| line.recent);
    let found = judged(&all);
    assert_eq!(found.lines.len(), 1, "{:?}", found.lines);
    assert_eq!(found.lines[0].id.as_str(), "K01");
    let dismissed = |n: usize| -> BTreeSet<GapKey> {
        let gaps = all.iter().take(n).flat_map(|record| &record.gaps);
        gaps.map(|gap| gap.key.clone()).collect()
    };
    assert_eq!(line(judged_but(&all, &dismissed(2))), Some(1));
    assert_eq!(line(judged_but(&all, &dismissed(3))), None);
}

#[test]
fn a_trend_needs_ten_records_and_a_clear_difference() {
    let trend = |count, places: &[u8]| judged(&records(count, places, &[SHOWN])).lines[0].trend;
    assert_eq!(trend(9, &[0, 1, 2]), Trend::Unknown);
    assert_eq!(trend(10, &[0, 1, 2, 9]), Trend::More);
    assert_eq!(trend(10, &[0, 5, 6, 7]), Trend::Fewer);
    assert_eq!(trend(10, &[0, 1, 5]), Trend::Same);
}

#[test]
fn the_sentence_gives_every_figure_and_the_records_stand_behind_it() {
    let mut all = records(10, &[0, 2, 7], &[SHOWN]);
    all[2].gaps.extend(record(2, &[SHOWN, TOLD]).gaps);
    all[4] = record(4, &[("R10", "JC-11", Severity::G3, true)]);
    let judged = judged(&all);
    let line = &judged.lines[0];
    assert_eq!((line.recent, line.grave, line.affected.len()), (3, 1, 4));
    assert_eq!(
        judged.sentence(Lang::Zh, line),
        "最近5份检查记录中3份有疑似问题：没有出示执法证件的证明（R09）2份、没有告知检查内容和权利（R10）2份；其中1份风险等级在“可撤销风险”以上。"
            .replace("没有告知检查内容和权利", text(Lang::Zh, "rule.R10.title"))
    );
    let english = judged.sentence(Lang::En, line);
    assert!(english.starts_with("3 of the last 5 "), "{english}");
    assert!(
        english.contains("(R09) in 2") && english.contains("(R10) in 2"),
        "{english}"
    );
    let seen = |rule: &str| {
        let cause = line.causes.iter().find(|cause| cause.rule == *rule);
        let seen = cause.unwrap().seen.iter();
        seen.map(|seen| (seen.record.as_bytes()[0], seen.open))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen("R09"), [(0, true), (2, true), (7, true)]);
    assert_eq!(seen("R10"), [(2, false), (4, true)]);
}

#[test]
fn what_lies_back_is_said_of_all_records() {
    let judged = judged(&records(8, &[6, 7], &[SHOWN]));
    let words = judged.sentence(Lang::Zh, &judged.lines[0]);
    assert!(
        words.starts_with("最近8份检查记录中2份有疑似问题"),
        "{words}"
    );
    assert!(!judged.lines[0].is_need());
}
