//! The ordinary penalty procedure: what its steps and rules must agree on.

use super::*;
use crate::{data, library};

const STEPS: &str = include_str!("../../../../procedures/PTCF.toml");

fn penalty() -> Procedure {
    Procedure::parse(PTCF).unwrap()
}

fn field<'a>(procedure: &'a Procedure, step: &str, field: &str) -> &'a Field {
    procedure.step(step).unwrap().field(field).unwrap()
}

#[test]
fn thirty_steps_are_there_and_five_beside_them() {
    let besides = ["PT-03-1", "PT-05-1", "PT-08-1", "PT-22-1", "PT-29-1"];
    let mut expected: Vec<String> = (1..=30).map(|n| format!("PT-{n:02}")).collect();
    for beside in besides {
        let (main, _) = beside.rsplit_once('-').unwrap();
        let at = expected.iter().position(|id| id == main).unwrap();
        expected.insert(at + 1, beside.to_owned());
    }
    // What is reviewed again after the hearing stands after it.
    let held = expected.iter().position(|id| id == "PT-20").unwrap();
    expected.insert(held + 1, "PT-14-1".to_owned());
    assert_eq!(steps(STEPS), expected);
}

#[test]
fn every_step_is_said_twice_and_rests_on_an_article_of_the_library() {
    let procedure = penalty();
    for step in &procedure.steps {
        check_words(step);
    }
    for words in procedure.phases.iter().map(|phase| &phase.name) {
        assert!(!words.zh.is_empty() && !words.en.is_empty(), "{words:?}");
    }
    let laws = data::laws().unwrap();
    assert_eq!(library::unfounded(&laws, &procedure), []);
}

#[test]
fn every_phase_has_steps_and_they_stand_together() {
    let procedure = penalty();
    let mut seen: Vec<&str> = procedure.steps.iter().map(|s| s.phase.as_str()).collect();
    seen.dedup();
    let phases: Vec<&str> = procedure.phases.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(seen, phases);
}

/// An approval on the console is a yes or a no with a reason: a field beside it would never be kept.
#[test]
fn an_approval_is_a_step_of_the_office_without_fields() {
    let procedure = penalty();
    let approvals = procedure.steps.iter().filter(|step| step.produces());
    let mut ids = Vec::new();
    for step in approvals {
        assert!(step.fields.is_empty(), "{}", step.id);
        assert_eq!(step.actor, Actor::Office, "{}", step.id);
        ids.push(step.id.as_str());
    }
    assert_eq!(ids, ["PT-03-1", "PT-08", "PT-22-1", "PT-29-1"]);
}

/// The console has no control for a photo, a signature or a service.
#[test]
fn what_the_office_does_is_shown_by_fields_or_an_approval() {
    for step in penalty().steps {
        let approval = step.proof == [Proof::Approval];
        let office = step.actor == Actor::Office;
        assert!(!office || approval || step.proof.is_empty(), "{}", step.id);
        assert!(!office || !step.on_site, "{}", step.id);
    }
}

/// Whether a decision is heavier than its notice is read from the order of the kinds.
#[test]
fn notice_and_decision_know_the_same_kinds_from_light_to_heavy() {
    let procedure = penalty();
    let kinds = |step| &field(&procedure, step, "kind").choices;
    assert_eq!(kinds("PT-15"), kinds("PT-22"));
    let codes: Vec<&str> = kinds("PT-22").iter().map(|k| k.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "warning",
            "criticism",
            "fine",
            "confiscation",
            "suspension",
            "restriction",
            "licence",
            "stop",
            "other"
        ]
    );
    for name in ["fine", "confiscated", "basis"] {
        let (told, decided) = (
            field(&procedure, "PT-15", name),
            field(&procedure, "PT-22", name),
        );
        assert_eq!(told.kind, decided.kind, "{name}");
    }
}

#[test]
fn both_reviews_ask_the_same() {
    let procedure = penalty();
    for again in &procedure.step("PT-14-1").unwrap().fields {
        let first = field(&procedure, "PT-14", again.id.as_str());
        assert_eq!(
            (&first.kind, &first.choices),
            (&again.kind, &again.choices),
            "{}",
            again.id
        );
    }
}

#[test]
fn money_is_whole_yuan() {
    let procedure = penalty();
    let money = [
        ("PT-15", "fine"),
        ("PT-15", "confiscated"),
        ("PT-22", "fine"),
        ("PT-22", "confiscated"),
        ("PT-24", "paid"),
        ("PT-25", "principal"),
        ("PT-25", "amount"),
    ];
    for (step, name) in money {
        let field = field(&procedure, step, name);
        assert_eq!(field.kind, FieldKind::Int, "{step}.{name}");
        assert!(field.label.zh.contains("（元）"), "{step}.{name}");
        assert!(field.label.en.contains("(yuan)"), "{step}.{name}");
    }
    let fields = procedure.steps.iter().flat_map(|step| &step.fields);
    let labelled = fields.filter(|field| field.label.zh.contains('元'));
    assert_eq!(labelled.count(), money.len());
}

/// Limits are counted from days, so each moment that one is counted from has its day.
#[test]
fn what_a_limit_is_counted_from_is_a_day() {
    let procedure = penalty();
    for (step, name) in [
        ("PT-02", "conduct_on"),
        ("PT-03", "filed_on"),
        ("PT-05", "asked_on"),
        ("PT-08-1", "taken_on"),
        ("PT-08-1", "handled_on"),
        ("PT-14", "reviewed_on"),
        ("PT-14-1", "reviewed_on"),
        ("PT-15", "served_on"),
        ("PT-17", "served_on"),
        ("PT-18", "requested_on"),
        ("PT-19", "served_on"),
        ("PT-19", "hearing_on"),
        ("PT-20", "held_on"),
        ("PT-21", "discussed_on"),
        ("PT-22", "document_date"),
        ("PT-23", "served_on"),
        ("PT-23", "notice_on"),
        ("PT-24", "paid_on"),
        ("PT-26", "suit_until"),
        ("PT-26", "undone_on"),
        ("PT-27", "urge_served_on"),
        ("PT-28", "published_on"),
        ("PT-28", "withdrawn_on"),
        ("PT-29", "closed_on"),
        ("PT-30", "archived_on"),
    ] {
        let kind = field(&procedure, step, name).kind;
        assert_eq!(kind, FieldKind::Day, "{step}.{name}");
    }
}

/// What a check reads, something else in its place, and what is said of it then.
const OTHERS: [(&str, &str, &str); 18] = [
    (
        "act = { step = \"PT-03\", field = \"filed_on\" }",
        "act = { step = \"PT-03\", field = \"facts\" }",
        "of another kind",
    ),
    (
        "day = { step = \"PT-07\", field = \"sampled_on\" }",
        "day = { step = \"PT-07\", field = \"on\" }",
        "no field on",
    ),
    (
        "\"other_day\", field = \"filed_on\"",
        "\"other_day\", field = \"number\"",
        "of another kind",
    ),
    (
        "is = [\"signed\", \"refused\"]",
        "is = [\"inked\", \"refused\"]",
        "no choice inked",
    ),
    ("yes = [\"asked\"]", "yes = [\"ground\"]", "of another kind"),
    (
        "passed = [\"passed\", \"amend\"]",
        "passed = [\"fine\"]",
        "no choice fine",
    ),
    (
        "people = \"reviewer\"",
        "people = \"opinion\"",
        "of another kind",
    ),
    (
        "rights = \"rights\", decision",
        "rights = \"facts\", decision",
        "of another kind",
    ),
    (
        "stated = { step = \"PT-15\", field = \"defence_days\" }",
        "stated = { step = \"PT-15\", field = \"kind\" }",
        "of another kind",
    ),
    (
        "always = [\"licence\", \"stop\"]",
        "always = [\"jail\"]",
        "no choice jail",
    ),
    (
        "from = \"served_on\", to = \"hearing_on\"",
        "from = \"served_on\", to = \"hearing_at\"",
        "of another kind",
    ),
    (
        "minutes = \"minutes_signed\"",
        "minutes = \"views\"",
        "of another kind",
    ),
    (
        "law = \"extension_law\"",
        "law = \"extended\"",
        "of another kind",
    ),
    (
        "tried = \"tried\"",
        "tried = \"address\"",
        "of another kind",
    ),
    (
        "counted = \"counted_in_review\"",
        "counted = \"off_days\"",
        "of another kind",
    ),
    (
        "{ field = \"review_days\", least",
        "{ field = \"review_body\", least",
        "of another kind",
    ),
    (
        "refused = \"not_heard\"",
        "refused = \"shouted\"",
        "no choice shouted",
    ),
    (
        "when = \"given\", step = \"PT-29\", field = \"closed_on\"",
        "when = \"given\", step = \"PT-29\", field = \"shut_on\"",
        "no field shut_on",
    ),
];

/// Every field that a check of this procedure reads must be there, of its kind, and offer the codes that are asked for.
#[test]
fn what_the_checks_read_is_there() {
    for (from, to, what) in OTHERS {
        check_fault(PTCF, from, to, what);
    }
    // The check of service reads its fields by name, so what lacks one is the rule.
    let renamed = PTCF.replacen("id = \"post_back\"", "id = \"came_back\"", 1);
    let bad = Procedure::parse(&renamed).unwrap_err();
    assert!(bad.what.contains("has no field post_back"), "{bad}");
}

/// By the law's roles (行政处罚法 57, 58, 64): what is not listed is the responsible person's if it is an approval, else the squad
/// lead's.
#[test]
fn the_offices_steps_have_their_hands() {
    let procedure = penalty();
    let hands = |id: &str| procedure.step(id).unwrap().hands().to_vec();
    for review in ["PT-14", "PT-14-1"] {
        assert_eq!(hands(review), [Hand::LegalReviewer]);
    }
    assert_eq!(hands("PT-20"), [Hand::LegalReviewer, Hand::SquadLead]);
    for approval in ["PT-03-1", "PT-08", "PT-21", "PT-22-1", "PT-29-1"] {
        assert_eq!(hands(approval), [Hand::Responsible]);
    }
    for form in ["PT-03", "PT-04", "PT-19", "PT-22", "PT-29", "PT-30"] {
        assert_eq!(hands(form), [Hand::SquadLead]);
    }
    assert_eq!(hands("PT-05"), []);
}

#[test]
fn a_handler_is_kept_from_reviewing_chairing_and_approving_by_an_article_of_the_library() {
    let procedure = penalty();
    let kept = procedure.steps.iter().filter(|s| s.independent.is_some());
    let ids: Vec<&str> = kept.clone().map(|step| step.id.as_str()).collect();
    let expected = [
        "PT-03-1", "PT-14", "PT-20", "PT-14-1", "PT-21", "PT-22-1", "PT-29-1",
    ];
    assert_eq!(ids, expected);
    let laws = data::laws().unwrap();
    for step in kept {
        let cited = step.independent.as_ref().unwrap();
        let law = library::law(&laws, &cited.law).unwrap();
        assert!(library::article(law, &cited.article).is_some(), "{cited:?}");
    }
    let deciding = procedure.steps.iter().filter(|step| step.decides);
    let deciding: Vec<&str> = deciding.map(|step| step.id.as_str()).collect();
    assert_eq!(deciding, ["PT-22-1"]);
}
