//! Facts and context to gaps: pure, total, deterministic.
//! Apart because phone and server call this one function and must agree byte for byte.

use crate::domain::event::Value;
use crate::domain::reference::{Checklist, Officer, PowerItem, Subject};
use crate::fold::Facts;
use crate::id::{OfficerId, RecordId, StepId};
use crate::instant::{DAY_MS, Instant};
use crate::rules::calendar::Calendar;
use crate::rules::gap::{Assessment, Cure, Gap, GapState, Now, Open, Severity};
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::mark;
use crate::rules::procedure::{Confidence, Procedure};
use crate::rules::rule::{Check, FieldRef, Rule, StateRow};
use crate::rules::verdict::{Finding, Scene, Verdict};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What is known beside the record. The caller loads what [`crate::fold::Facts::opened`] names.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// Officers with their certificates.
    pub officers: &'a BTreeMap<OfficerId, Officer>,
    /// Holidays and make-up days.
    pub calendar: &'a Calendar,
    /// The thresholds in force here.
    pub jurisdiction: &'a Jurisdiction,
    /// The party, if it is in the list.
    pub subject: Option<&'a Subject>,
    /// Every row that the power list has or had for the record's matter.
    pub power: &'a [PowerItem],
    /// The checklist that the record was begun with, else the matter's newest; none if the matter has none.
    pub checklist: Option<&'a Checklist>,
    /// What other records say. None on a phone: rules of scope officer and registry are then not judged as gaps.
    pub elsewhere: Option<&'a Elsewhere>,
    /// As of when to judge.
    pub now: Now,
}

impl<'a> Context<'a> {
    /// A context in which nothing is known of party, matter and other records.
    #[must_use]
    pub const fn bare(
        officers: &'a BTreeMap<OfficerId, Officer>,
        calendar: &'a Calendar,
        jurisdiction: &'a Jurisdiction,
        now: Now,
    ) -> Self {
        Self {
            officers,
            calendar,
            jurisdiction,
            subject: None,
            power: &[],
            checklist: None,
            elsewhere: None,
            now,
        }
    }
}

/// What other records say: for the rules that one record cannot decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Visits of the acting officers that overlap this record's visit in time (R20).
    pub overlapping: Vec<OtherVisit>,
    /// Inspections of this party in the year of the visit, this one included (R07); none where the party is not in the list.
    pub inspections_this_year: Option<u32>,
    /// When a linked record re-inspected what this record ordered (R57).
    pub rechecked_at: Option<Instant>,
    /// What a linked order to correct came to (R56); none where no order is linked.
    pub correction: Option<Correction>,
}

/// What an order to correct came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Correction {
    /// When it reached the party.
    pub served: Option<Instant>,
    /// When a re-inspection found that it was not obeyed.
    pub failed: Option<Instant>,
}

impl Correction {
    /// What a record under this procedure says; none if it orders nothing, or counts for nothing.
    #[must_use]
    pub fn of(procedure: &Procedure, facts: &Facts) -> Option<Self> {
        let frame = procedure.correction.as_ref()?;
        if facts.voided.is_some() {
            return None;
        }
        let said = |field: &FieldRef| facts.steps.get(&field.step)?.fields.get(&field.field);
        let served = said(&frame.served).and_then(|noted| match noted.value {
            Value::At(at) => Some(at),
            _ => None,
        });
        let failed = said(&frame.result).filter(
            |noted| matches!(&noted.value, Value::Choice(code) if frame.failed.contains(code)),
        );
        Some(Self {
            served,
            failed: failed.map(|noted| noted.at),
        })
    }

    /// Of several orders the one that went furthest.
    #[must_use]
    pub fn furthest(orders: impl IntoIterator<Item = Self>) -> Option<Self> {
        let far = |one: &Self| (one.served.is_some() && one.failed.is_some(), one.served);
        orders.into_iter().max_by_key(far)
    }
}

/// A visit in another record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherVisit {
    /// Which record.
    pub record: RecordId,
    /// The officer who is in both.
    pub officer: OfficerId,
    /// From when.
    pub start: Instant,
    /// Until when.
    pub end: Instant,
    /// Where.
    pub place: String,
}

/// Judges a record. The order of the answer's lists is fixed, so that phone and server compare byte for byte.
#[must_use]
pub fn check(procedure: &Procedure, facts: &Facts, context: &Context<'_>) -> Assessment {
    let mut assessment = Assessment::default();
    if facts.voided.is_some() {
        return assessment;
    }
    let scene = Scene::of(procedure, facts, context);
    for rule in &procedure.rules {
        if !scene.applies(rule) {
            continue;
        }
        match scene.judge(rule) {
            Verdict::Fine => {}
            Verdict::Gap(finding) => assessment.gaps.push(gap(procedure, &scene, rule, finding)),
            Verdict::Open(finding) => assessment.open.push(open(procedure, &scene, rule, finding)),
        }
    }
    let gap_key = |g: &Gap| (Reverse(g.severity), g.step.clone(), g.rule.clone(), g.state);
    assessment.gaps.sort_by_cached_key(gap_key);
    let open_key = |o: &Open| {
        (
            !o.on_site,
            Reverse(o.severity),
            o.step.clone(),
            o.rule.clone(),
        )
    };
    assessment.open.sort_by_cached_key(open_key);
    assessment.marks = mark::marks(procedure, facts);
    assessment.next_change = next_change(&scene, &assessment.open);
    assessment
}

fn gap(procedure: &Procedure, scene: &Scene<'_>, rule: &Rule, finding: Finding) -> Gap {
    let row = rule.state(finding.state);
    let confidence = finding.confidence.unwrap_or(rule.confidence);
    let severity = severity(scene, rule, row, confidence);
    let step = finding.step.unwrap_or_else(|| rule.step.clone());
    let under_way = scene.visit.start.is_some() && !scene.visit.is_over();
    let still_there = under_way && is_on_site(procedure, &step);
    Gap {
        rule: rule.id.clone(),
        step,
        state: finding.state,
        severity,
        block: row.is_some_and(|row| rule.blocks(row, confidence)),
        cure: match row {
            _ if still_there => Cure::OnSite,
            Some(row) => row.cure,
            None => Cure::None,
        },
        deadline: finding.deadline,
        basis: rule.basis.clone(),
        confidence,
        because: finding.because,
    }
}

fn open(procedure: &Procedure, scene: &Scene<'_>, rule: &Rule, finding: Finding) -> Open {
    let row = rule.state(finding.state);
    let confidence = finding.confidence.unwrap_or(rule.confidence);
    let severity = severity(scene, rule, row, confidence);
    let step = finding.step.unwrap_or_else(|| rule.step.clone());
    Open {
        on_site: is_on_site(procedure, &step),
        step,
        rule: rule.id.clone(),
        severity,
        block: row.is_some_and(|row| rule.blocks(row, confidence)),
        code: finding.code,
        deadline: finding.deadline,
        basis: rule.basis.clone(),
        because: finding.because,
    }
}

fn is_on_site(procedure: &Procedure, step: &StepId) -> bool {
    procedure
        .step(step.as_str())
        .is_some_and(|step| step.on_site)
}

/// As the state's row says, escalated where its condition holds, and capped by the confidence rule. A state without a row
/// cannot be reached with a shipped procedure (a test walks them); it is judged as a mere defect.
fn severity(
    scene: &Scene<'_>,
    rule: &Rule,
    row: Option<&StateRow>,
    confidence: Confidence,
) -> Severity {
    let Some(row) = row else {
        return Severity::G1;
    };
    let escalated = row.escalate.as_ref().filter(|e| scene.holds(&e.when));
    let severity = escalated.map_or(row.severity, |e| e.to.max(row.severity));
    rule.capped(severity, confidence)
}

/// The first moment after now at which a running limit is over, or, before the visit, a certificate starts or stops to count.
fn next_change(scene: &Scene<'_>, open: &[Open]) -> Option<Instant> {
    let limits = open
        .iter()
        .filter_map(|o| o.deadline)
        .map(|d| d.latest.plus_millis(1));
    let waiting = scene.visit.start.is_none() && scene.visit.submitted.is_none();
    // Whoever signed already counts as acting too, named or not.
    let acting = scene.visit.acts.iter().filter(|_| waiting);
    let certificates = acting
        .filter_map(|act| scene.context.officers.get(&act.officer))
        .flat_map(|officer| &officer.certificates)
        .flat_map(|c| {
            [
                Instant::end_of(c.valid_from).plus_millis(-DAY_MS),
                Instant::end_of(c.valid_to),
            ]
        });
    limits
        .chain(certificates)
        .filter(|at| *at > scene.context.now.earliest)
        .min()
}

/// Every state that a check can find: a procedure must have a row for each.
#[must_use]
pub fn states(check: &Check) -> &[GapState] {
    use GapState as S;
    match check {
        Check::WithinPower { .. } => &[S::BeyondPower],
        Check::Certified { .. }
        | Check::NoAuxiliary
        | Check::Capped
        | Check::NowhereElse
        | Check::TimesAgree
        | Check::WithinLimitation { .. }
        | Check::OnTheSpot { .. }
        | Check::NotHeavier { .. }
        | Check::BasisInForce { .. }
        | Check::Grounded { .. }
        | Check::OtherDay { .. }
        | Check::Independent { .. }
        | Check::Surcharge { .. }
        | Check::AtLeast { .. } => &[S::Invalid],
        Check::CertifiedCount { .. }
        | Check::PartySigned
        | Check::Archived { .. }
        | Check::Answered { .. }
        | Check::ServiceProved
        | Check::Defended { .. } => &[S::Missing, S::Invalid],
        Check::NotAnswered { state, .. } => std::slice::from_ref(state),
        Check::ApprovedBefore { .. } => &[S::Missing, S::OutOfOrder, S::Late],
        Check::Scanned { .. }
        | Check::Disposed { .. }
        | Check::DoneBy { .. }
        | Check::DecidedBy { .. } => &[S::Missing, S::Late],
        Check::Approved { .. } | Check::Reviewed { .. } | Check::ServedByNotice { .. } => {
            &[S::Missing, S::OutOfOrder]
        }
        Check::Collective { .. } => &[S::Missing, S::Invalid, S::OutOfOrder],
        Check::Evidenced { .. } => &[S::Missing, S::Claimed],
        Check::Noticed { .. } | Check::Told { .. } => {
            &[S::Missing, S::Claimed, S::OutOfOrder, S::Invalid]
        }
        Check::Filled { .. }
        | Check::ItemsAnswered
        | Check::OfficersSigned
        | Check::Filmed { .. }
        | Check::Recorded
        | Check::Delivered { .. }
        | Check::Rechecked
        | Check::Heard
        | Check::HearingTold { .. }
        | Check::CorrectionFailed { .. } => &[S::Missing],
        Check::NotLater
        | Check::ByDay { .. }
        | Check::DeliveredInTime { .. }
        | Check::NotAfterDay { .. }
        | Check::LongBefore { .. } => &[S::Late],
        Check::EvidenceBefore { .. }
        | Check::NotBeforeDay { .. }
        | Check::Precedes { .. }
        | Check::WindowOver { .. }
        | Check::NotEarlier { .. } => &[S::OutOfOrder],
    }
}

#[cfg(test)]
mod tests;
