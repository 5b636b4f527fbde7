//! Attendance as it is marked on the session's page. Apart because two people may mark at once: what a form did not show cannot
//! be overwritten by it.

use super::show::{Refused, page};
use super::{HOURS_X10, LIST, MAX_LINE, Names, find, hours, too_long, typed_hours};
use crate::app::App;
use crate::html;
use crate::problem::Problem;
use crate::session::{Fields, PostedText, Visitor};
use crate::store::audit::{self, Act};
use crate::store::personal::publish;
use crate::store::sessions::{self, Attendance, Invite, Mark, Session, State as Stage};
use crate::store::{self, WriteTx};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use shared::id::{OfficerId, SessionId};
use shared::instant::Instant;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

/// A mark as the form carries it, so that it is seen whether it was changed since.
pub(super) fn carried(mark: &Mark) -> String {
    let attendance = mark.attendance.map_or("-", Attendance::code);
    format!("{attendance}|{}|{}", mark.hours_x10, mark.hours_why)
}

/// What was typed for one officer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TypedMark {
    pub(super) attendance: String,
    pub(super) hours: String,
    pub(super) why: String,
    /// The mark that the form showed.
    pub(super) original: String,
}

impl TypedMark {
    fn of(fields: &Fields, officer: OfficerId) -> Option<Self> {
        let text = |kind: &str| fields.text(&format!("{kind}.{officer}")).to_owned();
        let original = text("o");
        (!original.is_empty()).then(|| Self {
            attendance: text("a"),
            hours: text("h"),
            why: text("w"),
            original,
        })
    }

    /// What is to be stored, or what is wrong.
    fn read(&self, session_x10: u32) -> Result<Mark, &'static str> {
        if too_long(&self.why, MAX_LINE) {
            return Err("console.session.error.why");
        }
        let attendance = Attendance::from_code(&self.attendance);
        let hours_why = match attendance {
            Some(_) => self.why.clone(),
            None => String::new(),
        };
        if attendance != Some(Attendance::Present) {
            return Ok(Mark {
                attendance,
                hours_x10: 0,
                hours_why,
            });
        }
        let typed = match self.hours.as_str() {
            "" => Some(session_x10),
            words => typed_hours(words).filter(|hours| hours <= HOURS_X10.end()),
        };
        let hours_x10 = typed.ok_or("console.session.error.credited")?;
        if hours_x10 != session_x10 && hours_why.is_empty() {
            return Err("console.session.error.hours-why");
        }
        Ok(Mark {
            attendance,
            hours_x10,
            hours_why,
        })
    }
}

/// What is done with a mark, given what is stored now.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Nothing was typed, or what is stored already.
    Keep,
    /// It is stored.
    Store,
    /// Somebody else stored something else since the form was shown.
    Conflict,
}

fn step(typed: &TypedMark, mark: &Mark, stored: &Mark) -> Step {
    let (new, now) = (carried(mark), carried(stored));
    if new == typed.original || new == now {
        Step::Keep
    } else if typed.original == now {
        Step::Store
    } else {
        Step::Conflict
    }
}

/// A mark in words, for the audit log and for whoever is told of a conflict.
fn words(lang: Lang, mark: &Mark) -> String {
    match mark.attendance {
        None => text(lang, "console.session.unmarked").to_owned(),
        Some(Attendance::Present) => fill(
            lang,
            "console.session.present-hours",
            &[("n", &hours(i64::from(mark.hours_x10)))],
        ),
        Some(other) => text(
            lang,
            &format!("console.session.attendance.{}", other.code()),
        )
        .to_owned(),
    }
}

type Marks = BTreeMap<OfficerId, (TypedMark, Mark)>;

/// Stores what can be stored; gives the invitations that somebody else changed in between.
fn store(
    tx: &WriteTx<'_>,
    id: SessionId,
    marks: &Marks,
    (now, by, account): (Instant, OfficerId, i64),
) -> Result<Vec<Invite>, store::Error> {
    let mut conflicts = Vec::new();
    for invite in sessions::invites(tx, id)? {
        let officer = invite.officer;
        let Some((typed, mark)) = marks.get(&officer) else {
            continue;
        };
        match step(typed, mark, &invite.mark) {
            Step::Keep => {}
            Step::Conflict => conflicts.push(invite),
            Step::Store => {
                sessions::mark(tx, id, officer, mark, (now, by))?;
                let target = format!("{id} {officer} {}", carried(mark));
                audit::write(tx, now, Some(account), Act::AttendanceMarked, &target)?;
                publish(tx, officer, now)?;
            }
        }
    }
    Ok(conflicts)
}

/// What was typed for everybody who is invited, and what is wrong with some.
fn read(
    lang: Lang,
    fields: &Fields,
    (session, names): (&Session, &Names),
    invites: &[Invite],
) -> (Marks, Refused) {
    let (mut marks, mut refused) = (Marks::new(), Refused::default());
    for officer in invites.iter().map(|invite| invite.officer) {
        let Some(typed) = TypedMark::of(fields, officer) else {
            continue;
        };
        refused.typed.insert(officer, typed.clone());
        match typed.read(session.hours_x10) {
            Ok(mark) => {
                marks.insert(officer, (typed, mark));
            }
            Err(key) => {
                let with = [("name", &*names.officer(officer)), ("why", text(lang, key))];
                let line = fill(lang, "console.session.error.of", &with);
                refused.errors.push((format!("h.{officer}"), line));
            }
        }
    }
    (marks, refused)
}

/// What is said to whoever came second; `own` is what they wanted.
fn conflict(lang: Lang, names: &Names, invite: &Invite, own: &str) -> String {
    let name = names.officer(invite.officer);
    let Some((at, by)) = invite.marked else {
        let with = [("name", name.as_str()), ("own", own)];
        return fill(lang, "console.session.error.conflict-cleared", &with);
    };
    let with = [
        ("name", name.as_str()),
        ("by", &names.officer(by)),
        ("at", &html::moment(lang, at)),
        ("now", &words(lang, &invite.mark)),
        ("own", own),
    ];
    fill(lang, "console.session.error.conflict", &with)
}

/// `POST /training/sessions/{id}/marks`.
pub(crate) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    PostedText(fields): PostedText,
) -> Result<Response, Problem> {
    let (session, names) = find(&app, &id).await?;
    let (id, lang, now) = (session.id, visitor.lang, app.now());
    let invites = app.store.read(move |tx| sessions::invites(tx, id)).await?;
    let (marks, mut refused) = read(lang, &fields, (&session, &names), &invites);
    if session.state == Stage::Cancelled || now < session.starts_at {
        let words = text(lang, "console.session.error.mark").to_owned();
        refused.errors.push(("invited".to_owned(), words));
    }
    if !refused.errors.is_empty() {
        let body = page(&app, &visitor, id, refused).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
    }
    let who = (now, visitor.session.officer.id, visitor.session.account);
    let (conflicts, marks) = app
        .store
        .write(move |tx| Ok((store(tx, id, &marks, who)?, marks)))
        .await?;
    if conflicts.is_empty() {
        return Ok(Redirect::to(&format!("{LIST}/{id}#invited")).into_response());
    }
    let told = conflicts.iter().map(|invite| {
        let own = marks.get(&invite.officer);
        let own = own.map_or_else(String::new, |(_, mark)| words(lang, mark));
        let line = conflict(lang, &names, invite, &own);
        (format!("a.{}", invite.officer), line)
    });
    let refused = Refused {
        errors: told.collect(),
        ..Refused::default()
    };
    let body = page(&app, &visitor, id, refused).await?;
    Ok((StatusCode::CONFLICT, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(attendance: &str, hours: &str, why: &str) -> TypedMark {
        TypedMark {
            attendance: attendance.to_owned(),
            hours: hours.to_owned(),
            why: why.to_owned(),
            original: "-|0|".to_owned(),
        }
    }

    #[track_caller]
    fn check(input: [&str; 3], expected: Result<&str, &str>) {
        let [attendance, hours, why] = input;
        let found = typed(attendance, hours, why).read(40);
        assert_eq!(
            found.map(|mark| carried(&mark)),
            expected.map(str::to_owned)
        );
    }

    #[test]
    fn hours_follow_presence_and_another_number_has_its_reason() {
        check(["present", "", ""], Ok("present|40|"));
        check(["present", "4.0", ""], Ok("present|40|"));
        check(["present", "2.5", "中途离开"], Ok("present|25|中途离开"));
        check(["present", "0", "中途离开"], Ok("present|0|中途离开"));
        check(
            ["present", "2.5", ""],
            Err("console.session.error.hours-why"),
        );
        check(
            ["present", "17", "x"],
            Err("console.session.error.credited"),
        );
        check(
            ["present", "two", ""],
            Err("console.session.error.credited"),
        );
        check(["absent", "4", ""], Ok("absent|0|"));
        check(["excused", "", "病假"], Ok("excused|0|病假"));
        check(["", "4", "忽略"], Ok("-|0|"));
    }

    #[test]
    fn a_mark_that_the_form_did_not_show_is_not_overwritten() {
        let mark = |typed: &TypedMark| typed.read(40).unwrap();
        let (none, here) = (typed("", "", ""), typed("present", "", ""));
        let (blank, absent) = (mark(&none), mark(&typed("absent", "", "")));
        assert_eq!(step(&none, &blank, &blank), Step::Keep);
        assert_eq!(step(&here, &mark(&here), &blank), Step::Store);
        // Left alone here, marked elsewhere: stays.
        assert_eq!(step(&none, &blank, &absent), Step::Keep);
        // Marked the same by both, and differently.
        assert_eq!(step(&here, &mark(&here), &mark(&here)), Step::Keep);
        assert_eq!(step(&here, &mark(&here), &absent), Step::Conflict);
    }
}
