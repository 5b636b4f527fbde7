//! A record's first page: what comes next, then every step by phase, then what stands beside the record.
//! Apart because on a small screen nineteen steps need folding: phases that are over, and steps that are not to be done here.

use crate::conditions;
use crate::desk::Desk;
use crate::follow::{self, Link};
use crate::gaps::{self, Shown};
use crate::html::{self, Answer, Ui};
use crate::power;
use crate::recorded::{self, Fixed};
use crate::records::Heading;
use crate::review;
use crate::say;
use crate::sheet::Sheet;
use crate::store::progress;
use askama::Template;
use axum::extract::Path;
use shared::documents::{self, Made};
use shared::gather;
use shared::id::RuleId;
use shared::rules::explain;
use shared::rules::gap::{Assessment, Block};
use shared::rules::procedure::{Actor, Proof, Step};
use shared::rules::turn::turn;
use shared::text;
use std::collections::BTreeSet;

/// One step in the list.
struct Item {
    href: String,
    name: String,
    class: &'static str,
    state: String,
    at: String,
    article: String,
    /// The gravest gap of this step, as `G3`, or nothing.
    grade: &'static str,
    office: bool,
    optional: bool,
    /// What the office answered.
    answers: Vec<Fixed>,
    /// Why the law forbids its document yet, or nothing.
    blocked: String,
    /// It has ended, or the office has it.
    over: bool,
}

/// A step that is not to be done here, and when it would be.
struct Skipped {
    href: String,
    name: String,
    when: String,
}

struct Phase {
    name: String,
    /// `2/4`, of what counts.
    of: String,
    /// Nothing is left to do in it.
    over: bool,
    items: Vec<Item>,
    skipped: Vec<Skipped>,
}

/// The step to do now.
struct Next {
    href: String,
    name: String,
    why: String,
    blocked: String,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    ui: Ui,
    head: Heading,
    matter: String,
    power: power::Shown,
    links: Vec<Link>,
    officers: String,
    progress: String,
    next: Option<Next>,
    /// In a case: whose turn it is at the office, in words; empty if it is the officers' or nothing is left.
    waits: String,
    phases: Vec<Phase>,
    gaps: Vec<Shown>,
    notes: Vec<review::Note>,
    said: Vec<review::Said>,
    missing: usize,
    on_site: usize,
    unknown: usize,
    damaged: usize,
}

/// `GET /field/r/{record}`
pub(crate) async fn record(desk: Desk, Path(record): Path<String>) -> Answer {
    let sheet = Sheet::load(&desk, &record)?;
    let assessed = gaps::assess(&sheet, desk.now());
    let ui = desk.ui;
    let (done, total) = counted(&sheet, |_| true);
    let names: Vec<String> = sheet
        .acting()
        .into_iter()
        .map(|id| sheet.officer_name(id))
        .collect();
    Ok(html::ok(&RecordPage {
        ui,
        head: Heading::of(ui, &sheet),
        matter: sheet.matter(ui.lang),
        power: power::of(ui, &sheet),
        links: desk.store().read(|c| follow::links(c, &desk, &sheet))?,
        officers: names.join("、"),
        progress: format!("{done}/{total}"),
        next: next(ui, &sheet, &assessed),
        waits: waits(&desk, &sheet),
        phases: phases(&desk, &sheet, &assessed),
        on_site: assessed.open.iter().filter(|open| open.on_site).count(),
        missing: assessed.gaps.len() + assessed.open.len(),
        gaps: assessed
            .gaps
            .iter()
            .map(|gap| gaps::gap(&sheet, ui.lang, gap))
            .collect(),
        notes: review::notes(ui, &sheet),
        said: review::all(ui, &sheet),
        unknown: sheet.facts.unknown,
        damaged: sheet.facts.damaged.len(),
    }))
}

/// Whose turn it is in a case, if it is the office's: the step, and who does it there.
fn waits(desk: &Desk, sheet: &Sheet) -> String {
    let (ui, facts) = (desk.ui, &sheet.facts);
    let case = sheet.procedure.is_case();
    let turn = turn(&sheet.procedure, facts, &sheet.context(desk.now()));
    let Some(step) = turn.filter(|step| case && step.actor == Actor::Office) else {
        return String::new();
    };
    let hands = step.hands().iter();
    let hands: Vec<String> = hands
        .map(|hand| ui.t(&format!("field.hand.{}", hand.code())).to_owned())
        .collect();
    let with = [
        ("step", ui.lang.of(&step.name)),
        ("who", &*hands.join(ui.t("field.hand.or"))),
    ];
    text::fill(ui.lang, "field.guide.waits", &with)
}

/// Why the law forbids this step's document or signature for now, as titles of rules; empty if it does not.
fn why_blocked(ui: Ui, sheet: &Sheet, assessed: &Assessment, step: &Step) -> String {
    let made = documents::documents_of(step, &sheet.procedure);
    let signed = [Proof::OfficersPin, Proof::PartySignature];
    if made.is_empty() && !step.proof.iter().any(|proof| signed.contains(proof)) {
        return String::new();
    }
    // A form says itself whether it waits for what is still open; what else is made on site comes after it anyway.
    let form = made.iter().any(|made| matches!(made, Made::Form(_)));
    let waits = !form || documents::decides(step, &sheet.procedure);
    let why = documents::forbidden((step.id.as_str(), waits), &sheet.procedure, assessed);
    if why.is_empty() {
        return String::new();
    }
    let rules: BTreeSet<&RuleId> = gather::set(why.iter().map(|barrier| match barrier {
        Block::Gap(gap) => &gap.rule,
        Block::Open(open) => &open.rule,
    }));
    let titles = rules
        .iter()
        .map(|rule| explain::rule_title(ui.lang, rule, Some(&sheet.procedure)));
    let titles: Vec<&str> = titles.collect();
    ui.f("field.guide.blocked", "why", titles.join("；"))
}

fn ended(sheet: &Sheet, step: &Step) -> bool {
    let known = sheet.known(&step.id);
    known.is_some_and(|known| known.outcome.is_some())
}

/// How many steps of these count and have ended, and how many count.
fn counted(sheet: &Sheet, of: impl Fn(&Step) -> bool) -> (usize, usize) {
    let steps = sheet.procedure.steps.iter();
    let steps = steps.filter(|s| of(s) && progress::counts(s) && sheet.applies(s));
    steps.fold((0, 0), |(done, total), step| {
        (done + usize::from(ended(sheet, step)), total + 1)
    })
}

fn address(sheet: &Sheet, step: &Step) -> String {
    format!("/field/r/{}/s/{}", sheet.record, step.id)
}

/// The first step that counts and has not ended.
fn next(ui: Ui, sheet: &Sheet, assessed: &Assessment) -> Option<Next> {
    let mut steps = sheet.procedure.steps.iter();
    let step =
        steps.find(|step| progress::counts(step) && sheet.applies(step) && !ended(sheet, step))?;
    Some(Next {
        href: address(sheet, step),
        name: ui.lang.of(&step.name).to_owned(),
        why: ui.lang.of(&step.why).to_owned(),
        blocked: why_blocked(ui, sheet, assessed, step),
    })
}

fn phases(desk: &Desk, sheet: &Sheet, assessed: &Assessment) -> Vec<Phase> {
    let ui = desk.ui;
    let phase = |phase: &shared::rules::procedure::Phase| {
        let steps = sheet.procedure.steps.iter();
        let (here, skipped): (Vec<&Step>, Vec<&Step>) = steps
            .filter(|step| step.phase == phase.code)
            .partition(|step| sheet.applies(step));
        let items: Vec<Item> = here
            .into_iter()
            .map(|step| item(desk, sheet, assessed, step))
            .collect();
        let (done, total) = counted(sheet, |step| step.phase == phase.code);
        Phase {
            name: ui.lang.of(&phase.name).to_owned(),
            of: match total {
                0 => String::new(),
                _ => format!("{done}/{total}"),
            },
            over: done == total && items.iter().all(|item| item.over),
            items,
            skipped: skipped
                .into_iter()
                .map(|step| skip(ui, sheet, step))
                .collect(),
        }
    };
    let all = sheet.procedure.phases.iter().map(phase);
    all.filter(|phase| !phase.items.is_empty() || !phase.skipped.is_empty())
        .collect()
}

fn skip(ui: Ui, sheet: &Sheet, step: &Step) -> Skipped {
    let when = step.applies.as_ref();
    let when = when.map_or_else(String::new, |when| conditions::words(ui.lang, sheet, when));
    Skipped {
        href: address(sheet, step),
        name: ui.lang.of(&step.name).to_owned(),
        when: ui.f("field.guide.unless", "when", when),
    }
}

fn item(desk: &Desk, sheet: &Sheet, assessed: &Assessment, step: &Step) -> Item {
    let ui = desk.ui;
    let (mut class, mut key, at) = sheet.state(step);
    let overdue = assessed
        .open
        .iter()
        .any(|open| open.step == step.id && open.deadline.is_some_and(|d| d.latest < desk.now()));
    let over = ended(sheet, step) || step.actor == Actor::Office || step.optional;
    if overdue && at.is_none() {
        (class, key) = ("late", "field.state.overdue");
    }
    let blocked = match at {
        Some(_) => String::new(),
        None => why_blocked(ui, sheet, assessed, step),
    };
    if !blocked.is_empty() {
        (class, key) = ("blocked", "field.guide.blocked.state");
    }
    let gap = assessed.gaps.iter().find(|gap| gap.step == step.id);
    let office = step.actor == Actor::Office;
    let known = sheet.known(&step.id).filter(|_| office);
    Item {
        href: address(sheet, step),
        name: ui.lang.of(&step.name).to_owned(),
        class,
        state: ui.t(key).to_owned(),
        at: at.map_or_else(String::new, |at| say::recently(ui.lang, at, desk.now())),
        article: gaps::articles(ui.lang, &step.basis),
        grade: gap.map_or("", |gap| gaps::grade(gap.severity)),
        office,
        optional: step.optional,
        answers: known.map_or_else(Vec::new, |known| recorded::answers(ui, sheet, step, known)),
        blocked,
        over,
    }
}
