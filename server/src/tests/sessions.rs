//! Courses and drills through their pages: planning, inviting, marking by two people at once, hours, the phone, the effect.

use super::harness::{Phone, World};
use crate::demo;
use crate::store::sessions;
use axum::http::StatusCode;
use shared::codec;
use shared::domain::event::{Fact, FieldAnswered, Opened, Outcome, StepRecorded, Value};
use shared::domain::reference::{RefSet, Training};
use shared::id::{FieldId, OfficerId, ProcedureId, RecordId, SessionId, StepId};
use shared::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use shared::log::commit::Mode;

const NEW: &str = "/training/sessions/new";
const LIST: &str = "/training/sessions";

/// A field of a form whose names need no escaping.
fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

/// What the training manager does.
struct Manager<'a> {
    world: &'a World,
    cookie: String,
    csrf: String,
}

impl<'a> Manager<'a> {
    async fn of(world: &'a World) -> Self {
        let (cookie, csrf) = world.login("training").await;
        Self {
            world,
            cookie,
            csrf,
        }
    }

    async fn page(&self, path: &str) -> String {
        let reply = self.world.get(path, &self.cookie).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
        reply.text()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let body = format!("csrf={}&{}", self.csrf, form(fields));
        let reply = self.world.post(path, &self.cookie, &body).await;
        let to = reply.headers.get("location");
        let to = to.map(|to| to.to_str().unwrap().to_owned());
        (reply.status, to.unwrap_or_else(|| reply.text()))
    }

    /// Plans a course of two hours on this day from nine to eleven, and gives its address.
    async fn plan(&self, day: &str, officers: &[u8]) -> String {
        let page = self.page(NEW).await;
        let id = between(&page, "name=\"id\" value=\"", "\"").to_owned();
        let (starts, ends) = (format!("{day}T09:00"), format!("{day}T11:00"));
        let officers: Vec<String> = officers
            .iter()
            .map(|n| demo::officer(*n).to_string())
            .collect();
        let mut fields = vec![
            ("id", id.as_str()),
            ("kind", "course"),
            ("title", "亮证培训"),
            ("starts", &starts),
            ("ends", &ends),
            ("place", "会议室"),
            ("hours", "2"),
            ("competency", "K01"),
            ("why", "工作需要"),
        ];
        fields.extend(officers.iter().map(|id| ("officer", id.as_str())));
        for _ in 0..2 {
            // Sent twice it is one session all the same.
            let (status, to) = self.post(LIST, &fields).await;
            assert_eq!(status, StatusCode::SEE_OTHER, "{to}");
            assert_eq!(to, format!("{LIST}/{id}"));
        }
        format!("{LIST}/{id}")
    }

    /// Posts marks: officer, what the form showed, attendance, hours, reason.
    async fn mark(&self, at: &str, marks: &[(u8, &str, &str, &str, &str)]) -> (StatusCode, String) {
        let mut fields = Vec::new();
        for (n, original, attendance, hours, why) in marks {
            let id = demo::officer(*n);
            for (kind, value) in [("o", original), ("a", attendance), ("h", hours), ("w", why)] {
                fields.push((format!("{kind}.{id}"), (*value).to_owned()));
            }
        }
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(&format!("{at}/marks"), &fields).await
    }
}

async fn hours(world: &World) -> Vec<(OfficerId, i64)> {
    let hours = world.app.store.read(|tx| sessions::hours(tx, 2026));
    hours.await.unwrap().into_iter().collect()
}

/// What a phone of this officer is given of training.
async fn carried(world: &World, phone: &Phone) -> Vec<Training> {
    let page = phone.pull(world, world.app.keys.epoch, 0).await;
    let of_set = page.refs.iter().filter(|d| d.set == RefSet::Training);
    of_set
        .flat_map(|delta| &delta.upserts)
        .map(|row| codec::decode(&row.body).unwrap())
        .collect()
}

#[tokio::test]
async fn a_form_with_faults_names_each_and_keeps_what_was_typed() {
    let world = World::new().await;
    let manager = Manager::of(&world).await;
    let page = manager.page(NEW).await;
    let id = between(&page, "name=\"id\" value=\"", "\"").to_owned();
    let fields = [
        ("id", id.as_str()),
        ("kind", "party"),
        ("title", ""),
        ("starts", "2026-11-30T09:00"),
        ("ends", "2026-11-30T09:00"),
        ("place", "会议室<"),
        ("hours", "16.5"),
        ("unit", "nowhere"),
        ("competency", "K99"),
        ("officer", &demo::officer(3).to_string()),
    ];
    let (status, page) = manager.post(LIST, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["kind", "title", "ends", "hours", "unit", "competency"] {
        assert!(page.contains(&format!("<a href=\"#{field}\">")), "{field}");
    }
    assert!(!page.contains("<a href=\"#place\">") && page.contains("value=\"会议室&#60;\""));
    assert!(page.contains(&format!("value=\"{}\" checked", demo::officer(3))));
    assert!(page.contains("结束时间应晚于开始时间") && page.contains("value=\"16.5\""));
    let listed = manager.page(LIST).await;
    assert_eq!(
        listed.matches("class=\"row\"").count(),
        2,
        "only the demo's"
    );
}

#[tokio::test]
async fn a_need_fills_the_form_in() {
    let world = World::new().await;
    let manager = Manager::of(&world).await;
    let (one, two) = (demo::officer(2), demo::officer(6));
    let page = manager
        .page(&format!(
            "{NEW}?competency=K08&officer={one}&officer={two}&competency=K77"
        ))
        .await;
    assert!(page.contains("value=\"K08\" checked") && !page.contains("K77"));
    for officer in [one, two] {
        assert!(page.contains(&format!("value=\"{officer}\" checked")));
    }
    assert!(page.contains("value=\"工作需要：结果告知与处理\""), "why");
}

#[tokio::test]
async fn hours_follow_presence_once_the_session_is_held_and_can_be_corrected() {
    let world = World::new().await;
    let manager = Manager::of(&world).await;
    // Officer 6 is auxiliary.
    let at = manager.plan("2026-11-24", &[2, 3, 6]).await;
    let blank = "-|0|";
    let early = manager.mark(&at, &[(2, blank, "present", "", "")]).await;
    assert_eq!(early.0, StatusCode::UNPROCESSABLE_ENTITY);
    let early = manager.post(&format!("{at}/held"), &[]).await;
    assert_eq!(early.0, StatusCode::UNPROCESSABLE_ENTITY);
    world.pass(DAY_MS + HOUR_MS);
    let manager = Manager::of(&world).await;
    let marks = [
        (2, blank, "present", "", ""),
        (3, blank, "absent", "2", ""),
        (6, blank, "present", "1.5", ""),
    ];
    let (status, page) = manager.mark(&at, &marks).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "no reason");
    assert!(page.contains("周小梅：计入学时与本次活动学时不同") && page.contains("value=\"1.5\""));
    let marks = marks.map(|(n, o, a, h, w)| (n, o, a, h, if n == 6 { "中途离开" } else { w }));
    assert_eq!(manager.mark(&at, &marks).await.0, StatusCode::SEE_OTHER);
    assert!(hours(&world).await.is_empty(), "not held yet");
    let held = manager.post(&format!("{at}/held"), &[]).await;
    assert_eq!(held.0, StatusCode::SEE_OTHER);
    let (two, six) = (demo::officer(2), demo::officer(6));
    assert_eq!(hours(&world).await, [(two, 20), (six, 15)]);
    let marks = [(2, "present|20|", "present", "1", "登记有误")];
    assert_eq!(manager.mark(&at, &marks).await.0, StatusCode::SEE_OTHER);
    assert_eq!(hours(&world).await, [(two, 10), (six, 15)]);
    let late = manager
        .post(&format!("{at}/cancel"), &[("reason", "改期")])
        .await;
    assert_eq!(late.0, StatusCode::UNPROCESSABLE_ENTITY, "it was held");
    let (supervisor, _) = world.login("supervisor").await;
    let audit = world.get("/audit", &supervisor).await.text();
    for words in ["安排培训活动", "登记培训出勤", "培训活动登记为已举行"] {
        assert!(audit.contains(words), "{words}");
    }
    assert!(audit.contains("present|10|登记有误"));
}

#[tokio::test]
async fn two_people_marking_at_once_lose_nothing() {
    let world = World::new().await;
    let at = Manager::of(&world)
        .await
        .plan("2026-11-22", &[2, 3, 4])
        .await;
    let (one, two) = (Manager::of(&world).await, Manager::of(&world).await);
    let blank = "-|0|";
    // Both see an empty list. The first marks 2 and 3; the second 3 otherwise, and 4.
    let first = [
        (2, blank, "present", "", ""),
        (3, blank, "present", "", ""),
        (4, blank, "", "", ""),
    ];
    assert_eq!(one.mark(&at, &first).await.0, StatusCode::SEE_OTHER);
    let second = [
        (2, blank, "", "", ""),
        (3, blank, "absent", "", ""),
        (4, blank, "excused", "", "病假"),
    ];
    let (status, page) = two.mark(&at, &second).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        page.contains("王建国：何丽已于2026年11月23日 09:00登记为“到场，2学时”"),
        "{page}"
    );
    assert!(!page.contains("李晓燕：") && !page.contains("赵敏："));
    let id: SessionId = at.rsplit('/').next().unwrap().parse().unwrap();
    let invites = world.app.store.read(move |tx| sessions::invites(tx, id));
    let marks: Vec<_> = invites
        .await
        .unwrap()
        .into_iter()
        .map(|invite| (invite.officer, invite.mark.attendance.unwrap().code()))
        .collect();
    let expected = [(2, "present"), (3, "present"), (4, "excused")];
    assert_eq!(marks, expected.map(|(n, code)| (demo::officer(n), code)));
}

#[tokio::test]
async fn invitations_reach_the_officers_own_phone_and_no_other() {
    let world = World::new().await;
    let (own, colleague) = (world.phone(2).await, world.phone(3).await);
    let manager = Manager::of(&world).await;
    let at = manager.plan("2026-11-24", &[2]).await;
    let row = carried(&world, &own).await.remove(0);
    assert_eq!((row.officer, row.target_x10), (demo::officer(2), 600));
    let invitation = &row.invitations[0];
    assert_eq!(
        (&*invitation.title, &*invitation.why),
        ("亮证培训", "工作需要")
    );
    assert_eq!(invitation.hours_x10, 20);
    assert!(carried(&world, &colleague).await.is_empty());
    // Withdrawn, invited again, held: each at once.
    let id = demo::officer(2).to_string();
    let withdrawn = manager
        .post(&format!("{at}/withdraw"), &[("withdraw", &id)])
        .await;
    assert_eq!(withdrawn.0, StatusCode::SEE_OTHER);
    assert!(carried(&world, &own).await[0].invitations.is_empty());
    manager
        .post(&format!("{at}/invite"), &[("officer", &id)])
        .await;
    assert_eq!(carried(&world, &own).await[0].invitations.len(), 1);
    world.pass(DAY_MS + HOUR_MS);
    let manager = Manager::of(&world).await;
    manager.mark(&at, &[(2, "-|0|", "present", "", "")]).await;
    manager.post(&format!("{at}/held"), &[]).await;
    let row = carried(&world, &own).await.remove(0);
    assert_eq!((row.done_x10, row.attended.len()), (20, 1));
    assert!(row.invitations.is_empty() && carried(&world, &colleague).await.is_empty());
    let set = manager
        .post("/training/target", &[("target", "90.5")])
        .await;
    assert_eq!(set.0, StatusCode::SEE_OTHER);
    assert_eq!(carried(&world, &own).await[0].target_x10, 905);
    let wrong = manager
        .post("/training/target", &[("target", "many")])
        .await;
    assert!(wrong.1.contains("value=\"many\""), "{}", wrong.1);
}

#[tokio::test]
async fn a_cancelled_session_leaves_the_phone_and_an_overlap_is_said() {
    let world = World::new().await;
    let phone = world.phone(2).await;
    let manager = Manager::of(&world).await;
    let one = manager.plan("2026-11-24", &[2, 3]).await;
    let two = manager.plan("2026-11-24", &[2]).await;
    let page = manager.page(&two).await;
    assert!(page.contains("其中1人同一时间另有安排") && page.contains(&format!("href=\"{one}\"")));
    let refused = manager
        .post(&format!("{one}/cancel"), &[("reason", " ")])
        .await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    let done = manager
        .post(&format!("{one}/cancel"), &[("reason", "场地停电")])
        .await;
    assert_eq!(done.0, StatusCode::SEE_OTHER);
    assert!(manager.page(&one).await.contains("场地停电"));
    assert!(!manager.page(&two).await.contains("同一时间另有安排"));
    assert_eq!(carried(&world, &phone).await[0].invitations.len(), 1);
    let csv = manager
        .page(&format!("{LIST}?format=csv&state=cancelled"))
        .await;
    assert!(
        csv.lines().count() == 2 && csv.contains("亮证培训"),
        "{csv}"
    );
}

#[tokio::test]
async fn a_planned_session_is_moved_and_the_second_to_do_so_is_told() {
    let world = World::new().await;
    let phone = world.phone(2).await;
    let manager = Manager::of(&world).await;
    let at = manager.plan("2026-11-22", &[2]).await;
    let edit = format!("{at}/edit");
    let page = manager.page(&edit).await;
    assert!(page.contains("value=\"2026-11-22T09:00\"") && page.contains("value=\"K01\" checked"));
    assert!(
        !page.contains("name=\"officer\""),
        "who is invited is not changed here"
    );
    let seen = between(&page, "name=\"seen\" value=\"", "\"").to_owned();
    let change = async |ends: &str, hours: &str, seen: &str| {
        let fields = [
            ("seen", seen),
            ("kind", "course"),
            ("title", "亮证培训"),
            ("starts", "2026-11-25T14:00"),
            ("ends", ends),
            ("place", "会议室"),
            ("hours", hours),
            ("competency", "K06"),
        ];
        manager.post(&edit, &fields).await
    };
    let wrong = change("2026-11-25T13:00", "2", &seen).await;
    assert_eq!(wrong.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.1.contains(&seen), "still what the form first showed");
    for _ in 0..2 {
        // Pressing twice is no conflict.
        let (status, to) = change("2026-11-25T16:00", "2", &seen).await;
        assert_eq!((status, &*to), (StatusCode::SEE_OTHER, &*at));
    }
    let invitation = &carried(&world, &phone).await[0].invitations[0];
    assert_eq!(
        invitation.starts_at.civil().to_string(),
        "2026-11-25T14:00:00"
    );
    assert!(manager.page(&at).await.contains("现场笔录与签字"));
    let (status, page) = change("2026-11-25T17:00", "3", &seen).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        page.contains("另一人刚刚修改了本次活动") && page.contains("value=\"2026-11-25T17:00\"")
    );
    // Once somebody is marked the hours stay; once it is held nothing changes.
    world.pass(3 * DAY_MS);
    let manager = Manager::of(&world).await;
    manager.mark(&at, &[(2, "-|0|", "present", "", "")]).await;
    let page = manager.page(&edit).await;
    let seen = between(&page, "name=\"seen\" value=\"", "\"").to_owned();
    let fields = [
        ("seen", seen.as_str()),
        ("kind", "course"),
        ("title", "亮证培训"),
        ("starts", "2026-11-25T14:00"),
        ("ends", "2026-11-25T16:00"),
        ("place", "会议室"),
        ("hours", "3"),
    ];
    let (status, page) = manager.post(&edit, &fields).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("学时不能再改"));
    manager.post(&format!("{at}/held"), &[]).await;
    let late = manager.post(&edit, &fields).await;
    assert_eq!(late.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_past_leaves_the_phone_and_a_new_year_begins_with_no_hours() {
    let world = World::new().await;
    let phone = world.phone(2).await;
    let manager = Manager::of(&world).await;
    let past = manager.plan("2026-11-22", &[2]).await;
    manager.mark(&past, &[(2, "-|0|", "present", "", "")]).await;
    manager.post(&format!("{past}/held"), &[]).await;
    manager.plan("2026-11-24", &[2]).await;
    let now = async || {
        world.app.publish_training().await.unwrap();
        let row = carried(&world, &phone).await.remove(0);
        (row.year, row.done_x10, row.invitations.len())
    };
    assert_eq!(now().await, (2026, 20, 1));
    world.pass(2 * DAY_MS);
    assert_eq!(now().await, (2026, 20, 0));
    world.pass(60 * DAY_MS);
    assert_eq!(now().await, (2027, 0, 0));
}

#[tokio::test]
async fn the_sheet_names_who_is_invited() {
    let world = World::new().await;
    let manager = Manager::of(&world).await;
    let at = manager.plan("2026-11-24", &[2, 6]).await;
    let sheet = manager.page(&format!("{at}/sheet")).await;
    assert!(sheet.contains("<td>1</td><td>李晓燕</td>") && sheet.contains("周小梅"));
    assert!(sheet.contains("<td>6</td><td></td>"), "empty lines follow");
}

/// An inspection that began at a moment; whether a certificate was shown is the rule R09 of K01, which every one of these lacks.
fn visit(from: Instant, officers: &[u8]) -> Vec<Fact> {
    let officers: Vec<OfficerId> = officers.iter().map(|n| demo::officer(*n)).collect();
    let answer = |step: &str, field: &str, value: Value| -> Fact {
        FieldAnswered {
            step: StepId::new(step).unwrap(),
            field: FieldId::new(field).unwrap(),
            value,
        }
        .into()
    };
    let opened = Opened {
        procedure: ProcedureId::new("XZJC").unwrap(),
        version: 2,
        unit: demo::unit(1),
        subject: Some(demo::subject(1)),
        subject_name: "星河便民超市（示例）".to_owned(),
        place: "云溪镇".to_owned(),
        matter: "M12".to_owned(),
        task: None,
        urgent: None,
        officers: officers.clone(),
    };
    let mut facts = vec![
        opened.into(),
        answer("JC-08", "officers", Value::Officers(officers)),
        answer("JC-14", "start", Value::At(from)),
        answer("JC-14", "end", Value::At(from.plus_millis(30 * MINUTE_MS))),
    ];
    for step in ["JC-08", "JC-14", "JC-16"] {
        let done = StepRecorded {
            step: StepId::new(step).unwrap(),
            outcome: Outcome::Done,
            note: String::new(),
        };
        facts.push(done.into());
    }
    facts
}

/// Before: by 2 alone, by 2 and 3 (both trained), by 4 (for comparison), by 2 and 4. During it: one. After: by 3, a drill by 2.
#[tokio::test]
async fn the_effect_counts_real_records_once_and_in_their_group() {
    let world = World::new().await;
    let manager = Manager::of(&world).await;
    let at = manager.plan("2026-11-24", &[2, 3, 5]).await;
    let mut phone = world.phone(2).await;
    let start = Instant::from_millis(super::harness::START).plus_millis(DAY_MS);
    let minutes = |n: i64| start.plus_millis(n * MINUTE_MS);
    world.pass(2 * DAY_MS);
    let real: [(i64, &[u8]); 6] = [
        (-300, &[2]),
        (-240, &[2, 3]),
        (-180, &[4]),
        (-120, &[2, 4]),
        (60, &[2]),
        (180, &[3]),
    ];
    for (n, (when, officers)) in (1..).zip(real) {
        let record = RecordId::from_bytes([n; 16]);
        let commit = phone.commit(record, world.now(), &visit(minutes(when), officers));
        phone.pushed(&world, &[commit]).await;
    }
    phone.mode = Mode::Drill;
    let drill = RecordId::from_bytes([77; 16]);
    let commit = phone.commit(drill, world.now(), &visit(minutes(240), &[2]));
    phone.pushed(&world, &[commit]).await;
    world.app.run_due_jobs().await.unwrap();
    let manager = Manager::of(&world).await;
    let effect = format!("{at}/effect");
    assert!(manager.page(&effect).await.contains("登记为已举行后"));
    let present = [
        (2, "-|0|", "present", "", ""),
        (3, "-|0|", "present", "", ""),
    ];
    assert_eq!(manager.mark(&at, &present).await.0, StatusCode::SEE_OTHER);
    manager.post(&format!("{at}/held"), &[]).await;
    let page = manager.page(&effect).await;
    assert!(page.contains("样本太少，不能下结论"), "{page}");
    // Three before (each once), one after; for comparison one before and none after.
    for cell in [">3/3<", ">1/1<", ">0/0<"] {
        assert!(page.contains(cell), "{cell}: {page}");
    }
    assert!(!page.contains(&drill.to_string()), "a drill");
    assert!(
        !page.contains(&RecordId::from_bytes([5; 16]).to_string()),
        "during it"
    );
    let csv = manager.page(&format!("{effect}?format=csv")).await;
    assert_eq!(csv.lines().count(), 1 + 5, "{csv}");
    assert_eq!(csv.matches("对照人员").count(), 1);
}

#[tokio::test]
async fn a_session_held_by_mistake_is_opened_again_with_a_reason_and_its_hours_go_and_come() {
    let world = World::new().await;
    let manager = Manager::of(&world).await;
    let at = manager.plan("2026-11-22", &[2]).await;
    manager.mark(&at, &[(2, "-|0|", "present", "", "")]).await;
    let (held, reopen) = (format!("{at}/held"), format!("{at}/reopen"));
    manager.post(&held, &[]).await;
    assert_eq!(hours(&world).await, [(demo::officer(2), 20)]);
    for reason in ["", &"长".repeat(101)] {
        let (status, page) = manager.post(&reopen, &[("reopen", reason)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("说明撤回原因"), "{page}");
    }
    assert_eq!(hours(&world).await.len(), 1, "nothing changed");
    for _ in 0..2 {
        let (status, to) = manager.post(&reopen, &[("reopen", "标错了活动")]).await;
        assert_eq!((status, &*to), (StatusCode::SEE_OTHER, &*at));
    }
    assert!(hours(&world).await.is_empty());
    manager.post(&held, &[]).await;
    assert_eq!(
        hours(&world).await,
        [(demo::officer(2), 20)],
        "the mark stayed"
    );
    let (admin, _) = world.login("admin").await;
    let acts = world.get("/audit?format=csv", &admin).await.text();
    assert_eq!(acts.matches("标错了活动").count(), 1, "{acts}");
    // A cancelled one stays cancelled.
    let other = manager.plan("2026-12-22", &[2]).await;
    manager
        .post(&format!("{other}/cancel"), &[("reason", "改期")])
        .await;
    let (status, _) = manager
        .post(&format!("{other}/reopen"), &[("reopen", "误")])
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
