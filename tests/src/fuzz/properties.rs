//! What must hold for every answer of the rules.

use shared::rules::check::Context;
use shared::rules::gap::{Assessment, Gap, Severity};
use shared::rules::procedure::{Confidence, Procedure};
use std::cmp::Reverse;

/// What does not hold.
pub(super) fn faults(
    procedure: &Procedure,
    found: &Assessment,
    context: &Context<'_>,
) -> Vec<String> {
    let mut faults: Vec<String> = found
        .gaps
        .iter()
        .flat_map(|gap| gap_faults(procedure, gap))
        .collect();
    let gaps = found.gaps.iter();
    if !gaps.is_sorted_by_key(|g| (Reverse(g.severity), g.step.clone(), g.rule.clone(), g.state)) {
        faults.push("gaps are out of order".to_owned());
    }
    let open = found.open.iter();
    if !open.is_sorted_by_key(|o| {
        (
            !o.on_site,
            Reverse(o.severity),
            o.step.clone(),
            o.rule.clone(),
        )
    }) {
        faults.push("open items are out of order".to_owned());
    }
    if !found
        .marks
        .iter()
        .is_sorted_by_key(|m| (m.step.clone(), m.kind))
    {
        faults.push("marks are out of order".to_owned());
    }
    let bare = found.marks.iter().filter(|mark| mark.because.is_empty());
    faults.extend(bare.map(|mark| format!("mark {} without a because", mark.step)));
    let deadlines = found.open.iter().filter_map(|open| open.deadline);
    let deadlines = deadlines.chain(found.gaps.iter().filter_map(|gap| gap.deadline));
    if deadlines.into_iter().any(|d| d.earliest > d.latest) {
        faults.push("a limit ends before it ends".to_owned());
    }
    if found
        .next_change
        .is_some_and(|at| at <= context.now.earliest)
    {
        faults.push("the next change is past".to_owned());
    }
    faults
}

fn gap_faults(procedure: &Procedure, gap: &Gap) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: &str| faults.push(format!("{gap}: {what}"));
    if gap.because.is_empty() {
        fault("no because");
    }
    if gap.basis.is_empty() {
        fault("no article");
    }
    let Some(rule) = procedure.rules.iter().find(|rule| rule.id == gap.rule) else {
        fault("no such rule");
        return faults;
    };
    let capped = gap.confidence != Confidence::V || rule.figure == Some(Confidence::D);
    if capped && gap.severity > Severity::G2 {
        fault("graver than the confidence rule allows");
    }
    if capped && gap.block {
        fault("blocks against the confidence rule");
    }
    match rule.state(gap.state) {
        None => fault("a state without a row"),
        Some(row) if gap.block && !row.block => fault("blocks and must not"),
        Some(row) if !capped && row.block && !gap.block => fault("does not block and must"),
        Some(row) if !capped && gap.severity < row.severity => fault("milder than its row"),
        Some(_) => {}
    }
    if procedure.step(gap.step.as_str()).is_none() {
        fault("no such step");
    }
    faults
}
