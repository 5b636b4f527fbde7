//! A whole case by the ordinary procedure, with hearing, in this process: the officer's real phone client, squad lead, responsible
//! person and legal reviewer at the console, over five weeks.

use jiff::civil::date;
use shared::instant::{HOUR_MS, Instant};
use tests::hands::Hands;
use tests::here::{Here, Phone};
use tests::journey::record_path;
use tests::machine::Clock;
use tests::office::{Office, gaps_on};
use tests::ordinary::{Act, Who, acts, at_desk, filled, on_phone, until_officers};
use tests::page::Page;
use tests::world::OFFICERS;

/// A Tuesday, and no holiday near.
const FOUND: (i16, i8, i8) = (2026, 11, 24);
/// The account of an officer who handles the case.
const HANDLER: &str = "officer";

struct Case {
    here: Here,
    phone: Phone,
    record: String,
    /// Whose phone or desk was used last.
    last: Who,
}

impl Case {
    /// An inspection finds something, and is passed on to be filed.
    async fn begin() -> Self {
        let (year, month, day) = FOUND;
        let two = Instant::from_civil(date(year, month, day).at(14, 0, 0, 0));
        let here = Here::open(&Clock::at(two)).await.unwrap();
        let mut lead = here.office("lead").await.unwrap();
        let planned = here.clock.read().date().to_string();
        let task = lead.assign_for("M12", &OFFICERS, &planned).await.unwrap();
        let mut head = here.office("head").await.unwrap();
        head.approve(&task).await.unwrap();
        let mut phone = here.phone(OFFICERS[0], 1).await.unwrap();
        let path = record_path(&task);
        let hands = &mut phone.hands;
        hands.await_words(&path, "已批准").await.unwrap();
        hands.open(&format!("{path}/s/JC-17")).await.unwrap();
        hands.act("set:exit:filing").await.unwrap();
        hands.press("立案（普通程序）").await.unwrap();
        hands.expect_words("下一步").await.unwrap();
        let at = hands.path().await.unwrap();
        let record = at.trim_start_matches("/field/r/").to_owned();
        assert_ne!(at, path);
        Self {
            here,
            phone,
            record,
            last: Who::Officers,
        }
    }

    fn until(&self, at: Instant) {
        let clock = &self.here.clock;
        clock.advance(at.millis_since(clock.read()).max(0));
    }

    /// What one side did is on the other side after this.
    async fn hand_over(&mut self, who: Who) {
        match (self.last, who) {
            (Who::Officers, Who::Desk(_)) => {
                self.phone.upload_all().await.unwrap();
                self.here.app.run_due_jobs().await.unwrap();
            }
            (Who::Desk(_), Who::Officers) => {
                let (hands, record) = (&mut self.phone.hands, &self.record);
                until_officers(hands, record).await.unwrap();
            }
            _ => {}
        }
        self.last = who;
    }

    async fn desk(&self, account: &str, step: &str) -> (Office, Page) {
        let mut office = self.here.office(account).await.unwrap();
        let path = format!("/records/{}/steps/{step}", self.record);
        let page = office.agent.get(&path).await.unwrap();
        (office, page)
    }

    /// Does an act at the console. Gives the page that follows.
    async fn at_desk(&self, account: &str, act: &Act, end: &str, note: &str) -> Page {
        let mut office = self.here.office(account).await.unwrap();
        let done = at_desk(&mut office, &self.record, act, (end, note)).await;
        let page = done.unwrap_or_else(|error| panic!("{}: {error}", act.step));
        self.here.app.run_due_jobs().await.unwrap();
        page
    }

    async fn act(&mut self, act: &Act) {
        self.until(act.at);
        self.hand_over(act.who).await;
        match act.who {
            Who::Officers => {
                let (hands, record) = (&mut self.phone.hands, &self.record);
                let done = on_phone(hands, record, act).await;
                done.unwrap_or_else(|error| panic!("{}: {error}", act.step));
            }
            Who::Desk(account) => {
                assert!(self.waits(account, act.step).await, "{}", act.step);
                let page = self.at_desk(account, act, act.end, "").await;
                let home = format!("/records/{}", self.record);
                assert_eq!(page.path, home, "{}: {}", act.step, page.text());
            }
        }
    }

    /// Whether the case waits for this account at this step; of a step that is written once more it does not.
    async fn waits(&self, account: &str, step: &str) -> bool {
        let mut office = self.here.office(account).await.unwrap();
        let again = ["PT-03", "PT-22", "PT-29"].contains(&step);
        let list = office.agent.get("/waiting").await.unwrap();
        again || list.text().contains(step)
    }
}

/// A handler who also has a reviewer's role is refused: the page says why, and so does the answer to a form sent all the same.
async fn no_handler_reviews(case: &Case, act: &Act) {
    let mut admin = case.here.office("admin").await.unwrap();
    let [officer, _] = tests::journey::officer_ids();
    let person = admin
        .agent
        .get(&format!("/officers/{officer}"))
        .await
        .unwrap();
    let granted = [("role", "legal-reviewer"), ("act", "role-grant")];
    let form = person
        .form("授予")
        .unwrap_or_else(|| panic!("{}", person.text()));
    let form = granted
        .iter()
        .fold(form, |form, (name, value)| form.set(name, value));
    admin.agent.send(&person, form).await.unwrap();

    let (mut handler, page) = case.desk(HANDLER, act.step).await;
    let words = page.text();
    assert!(
        words.contains("您是本案承办人") && words.contains("行政处罚法第58条"),
        "{words}"
    );
    assert!(page.form_with("f.PT-14.ground").is_none(), "{words}");
    let (_, open) = case.desk("legal", act.step).await;
    let csrf = page.forms().into_iter().flat_map(|form| form.values);
    let csrf = csrf.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let forged = filled(&open, act)
        .unwrap()
        .add("end", "done")
        .set("csrf", &csrf);
    let refused = handler.agent.send(&page, forged).await.unwrap();
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(
        refused.text().contains("承办人不得办理本案的这一步"),
        "{}",
        refused.text()
    );
}

/// The law's order is kept: before defence and hearing are over, and without a discussion, the decision is not approved. The page
/// keeps what was typed, and offers to record what has happened only with its reason.
async fn held_back(case: &Case) {
    let (mut head, page) = case.desk("head", "PT-22-1").await;
    let form = page.form_with("note").unwrap().set("note", "同意处罚");
    let refused = form.clone().add("end", "approve");
    let refused = head.agent.send(&page, refused).await.unwrap();
    let words = refused.text();
    assert_eq!(refused.status, 422, "{words}");
    // The windows for defence and hearing, the hearing itself, and the discussion of a complex case.
    for basis in ["第44条", "第64条", "第57条"] {
        assert!(words.contains(basis), "{basis}: {words}");
    }
    assert!(words.contains("已经发生，如实记录"), "{words}");
    let kept = refused.form_with("note").unwrap();
    let note = kept.values.iter().find(|(name, _)| name == "note");
    assert_eq!(note.map(|(_, value)| value.as_str()), Some("同意处罚"));
    let silent = kept.set("note", "").add("end", "anyway");
    let silent = head.agent.send(&refused, silent).await.unwrap();
    assert_eq!(silent.status, 422, "{}", silent.text());
    assert!(silent.text().contains("请在审批意见中写明已经发生的情况"));
}

/// What is asked of the squad lead is none of the reviewer's business, and the other way round.
async fn only_the_named_role(case: &Case, act: &Act) {
    let Who::Desk(account) = act.who else { return };
    for other in ["lead", "head", "legal"] {
        let both = act.step == "PT-20" && other == "lead";
        if other != account && !both {
            let (_, page) = case.desk(other, act.step).await;
            let words = page.text();
            assert!(
                words.contains("本步骤由本单位"),
                "{other} {}: {words}",
                act.step
            );
        }
    }
}

#[tokio::test]
async fn an_ordinary_case_goes_from_an_inspection_to_the_archive() {
    let mut case = Case::begin().await;
    let (year, month, day) = FOUND;
    let mut reviewed = false;
    for act in acts(date(year, month, day)) {
        if act.step == "PT-03" {
            case.hand_over(act.who).await;
            let home = format!("/field/r/{}", case.record);
            case.phone.hands.open(&home).await.unwrap();
            let waits = "轮到单位办理：立案";
            if !reviewed && act.puts.len() > 1 {
                case.phone.hands.expect_words(waits).await.unwrap();
            }
        }
        if act.step == "PT-14" {
            case.until(act.at.plus_millis(-HOUR_MS));
            case.hand_over(act.who).await;
            no_handler_reviews(&case, &act).await;
            reviewed = true;
        }
        if act.step == "PT-19" {
            case.hand_over(act.who).await;
            held_back(&case).await;
        }
        case.act(&act).await;
        only_the_named_role(&case, &act).await;
    }
    let mut office = case.here.office("supervisor").await.unwrap();
    let page = office.record(&case.record).await.unwrap();
    let words = page.text();
    assert!(words.contains("各步骤均已办结"), "{words}");
    let gaps = gaps_on(&page.html);
    assert!(gaps.is_empty(), "{gaps:?}");
    for account in ["lead", "head", "legal"] {
        let mut office = case.here.office(account).await.unwrap();
        let list = office.agent.get("/waiting").await.unwrap();
        assert!(
            list.text().contains("没有轮到您办理的案件"),
            "{}",
            list.text()
        );
    }
}
