//! What the office says of the officer's training, in words: hours, invitations, what was attended.
//! Apart because it only reads one row and knows nothing of records.

use crate::html::Ui;
use crate::say;
use crate::store::{self, refs};
use rusqlite::Connection;
use shared::domain::reference::{Invitation, SessionKind, Training};
use shared::id::OfficerId;
use shared::instant::Instant;
use shared::text;

/// An invitation in words.
pub(crate) struct Invited {
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) when: String,
    pub(crate) place: String,
    pub(crate) hours: String,
    pub(crate) why: String,
    /// It has ended and the office has not said yet who was there.
    pub(crate) over: bool,
    /// The scenario of a drill; empty for a course.
    pub(crate) scenario: String,
}

/// Something attended, in words.
pub(crate) struct Came {
    pub(crate) title: String,
    pub(crate) day: String,
    pub(crate) hours: String,
}

/// The row in words.
pub(crate) struct Learning {
    pub(crate) title: String,
    pub(crate) hours: String,
    pub(crate) rest: String,
    pub(crate) reached: bool,
    /// Said when the row is of another year than this.
    pub(crate) old: String,
    pub(crate) invitations: Vec<Invited>,
    /// The heading of what was attended.
    pub(crate) came: String,
    pub(crate) attended: Vec<Came>,
}

/// Reads it; none before the office has sent anything.
pub(crate) fn read(
    c: &Connection,
    ui: Ui,
    me: OfficerId,
    now: Instant,
) -> store::Result<Option<Learning>> {
    Ok(refs::training(c, me)?.map(|row| learning(ui, &row, now)))
}

/// Tenths as people write them: `12.5`, `60`.
fn tenths(x10: u32) -> String {
    match x10 % 10 {
        0 => (x10 / 10).to_string(),
        rest => format!("{}.{rest}", x10 / 10),
    }
}

fn learning(ui: Ui, row: &Training, now: Instant) -> Learning {
    let (done, target) = (tenths(row.done_x10), tenths(row.target_x10));
    let with = [("done", done.as_str()), ("target", target.as_str())];
    let missing = row.target_x10.saturating_sub(row.done_x10);
    let reached = missing == 0;
    let mut invitations: Vec<Invited> = row
        .invitations
        .iter()
        .map(|i| invited(ui, i, now))
        .collect();
    // What can still be gone to stands first; the office's order stays otherwise.
    invitations.sort_by_key(|invitation| invitation.over);
    let attended = row.attended.iter().map(|attended| Came {
        title: attended.title.clone(),
        day: say::short_day(ui.lang, now.date(), attended.day),
        hours: ui.f("field.train.worth", "n", tenths(attended.hours_x10)),
    });
    Learning {
        title: ui.f("field.train.hours", "year", row.year),
        hours: text::fill(ui.lang, "field.train.done", &with),
        rest: if reached {
            ui.t("field.train.reached").to_owned()
        } else {
            ui.f("field.train.rest", "n", tenths(missing))
        },
        reached,
        old: if row.year == now.date().year() {
            String::new()
        } else {
            ui.f("field.train.old", "year", row.year)
        },
        invitations,
        came: ui.f("field.train.attended", "year", row.year),
        attended: attended.collect(),
    }
}

fn invited(ui: Ui, invitation: &Invitation, now: Instant) -> Invited {
    let (start, end) = (invitation.starts_at, invitation.ends_at);
    let until = if start.date() == end.date() {
        say::clock(end)
    } else {
        say::when(ui.lang, end)
    };
    let kind = match invitation.kind {
        SessionKind::Course => "field.train.course",
        SessionKind::Drill => "field.train.drill",
    };
    Invited {
        kind: ui.t(kind).to_owned(),
        title: invitation.title.clone(),
        when: format!("{}–{until}", say::when(ui.lang, start)),
        place: invitation.place.clone(),
        hours: ui.f("field.train.worth", "n", tenths(invitation.hours_x10)),
        why: match invitation.why.as_str() {
            "" => String::new(),
            why => ui.f("field.train.why", "why", why),
        },
        over: end < now,
        scenario: invitation.scenario.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_one_decimal_at_most() {
        let shown = [0, 5, 10, 125, 600].map(tenths);
        assert_eq!(shown, ["0", "0.5", "1", "12.5", "60"]);
    }
}
