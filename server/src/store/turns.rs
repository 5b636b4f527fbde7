//! Cases that wait for somebody of the office: whose turn it is, as the last assessment found it.
//! Apart because a home page asks for it every time, and judges nothing.

use super::{Error, ReadTx, WriteTx, cut, rows, unsigned};
use crate::access::Role;
use rusqlite::types::Value as SqlValue;
use rusqlite::{named_params, params_from_iter};
use shared::fold::Facts;
use shared::id::{RecordId, UnitId};
use shared::instant::Instant;
use shared::rules::check::Context;
use shared::rules::gap::Deadline;
use shared::rules::procedure::Procedure;
use shared::rules::turn::turn;

/// Whose turn it is: the step, and the roles that do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) step: String,
    pub(crate) hands: Vec<Role>,
}

/// What a record waits for at the office; none if it waits for its officers, is over, or is no case.
pub(crate) fn of(procedure: &Procedure, facts: &Facts, context: &Context<'_>) -> Option<Turn> {
    let step = turn(procedure, facts, context).filter(|_| procedure.is_case())?;
    let hands: Vec<Role> = step.hands().iter().copied().map(Role::of_hand).collect();
    (!hands.is_empty()).then(|| Turn {
        step: step.id.to_string(),
        hands,
    })
}

/// Puts whose turn it is in place of whose it was. A step that had the turn before keeps the moment since when.
pub(crate) fn replace(
    tx: &WriteTx<'_>,
    record: RecordId,
    unit: UnitId,
    new: Option<&Turn>,
    now: Instant,
) -> Result<(), Error> {
    let step = new.map_or("", |turn| &turn.step);
    tx.execute(
        "DELETE FROM turn WHERE record = ?1 AND (step <> ?2 OR unit <> ?3)",
        (record.as_bytes(), step, unit.as_bytes()),
    )?;
    for hand in new.into_iter().flat_map(|turn| &turn.hands) {
        tx.execute(
            "INSERT INTO turn (record, hand, unit, step, since) VALUES (:record, :hand, :unit, :step, :now)
             ON CONFLICT (record, hand) DO NOTHING",
            named_params! {
                ":record": record.as_bytes(), ":hand": hand.code(), ":unit": unit.as_bytes(),
                ":step": step, ":now": now.as_millis(),
            },
        )?;
    }
    Ok(())
}

/// A case that waits.
pub(crate) struct Line {
    pub(crate) record: RecordId,
    pub(crate) subject_name: String,
    pub(crate) step: String,
    pub(crate) since: Instant,
    /// The limit of the record that ends first.
    pub(crate) until: Option<Deadline>,
}

/// For whom: somebody of one office with these roles, perhaps at one step only.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) unit: UnitId,
    pub(crate) roles: Vec<Role>,
    pub(crate) step: Option<String>,
}

impl Filter {
    /// The condition, with its values.
    fn sql(&self) -> (String, Vec<SqlValue>) {
        let mut values: Vec<SqlValue> = vec![self.unit.as_bytes().to_vec().into()];
        values.extend(self.roles.iter().map(|role| role.code().to_owned().into()));
        let marks = vec!["?"; self.roles.len()].join(", ");
        let mut sql = format!("turn.unit = ? AND turn.hand IN ({marks})");
        if let Some(step) = &self.step {
            sql.push_str(" AND turn.step = ?");
            values.push(step.clone().into());
        }
        (sql, values)
    }
}

/// How many cases wait at each step.
pub(crate) fn by_step(tx: &ReadTx<'_>, filter: &Filter) -> Result<Vec<(String, u64)>, Error> {
    let (condition, values) = filter.sql();
    let mut statement = tx.sql(&format!(
        "SELECT step, count(DISTINCT record) FROM turn WHERE {condition} GROUP BY step ORDER BY step"
    ))?;
    let found = statement.query_map(params_from_iter(values), |row| {
        Ok((row.get(0)?, unsigned(row.get(1)?)))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A page of the cases that wait, the longest first, and whether there are more.
pub(crate) fn page(
    tx: &ReadTx<'_>,
    filter: &Filter,
    (page, size): (usize, usize),
) -> Result<(Vec<Line>, bool), Error> {
    let (condition, mut values) = filter.sql();
    let window = [rows(size + 1), rows(page.saturating_mul(size))];
    values.extend(window.map(SqlValue::from));
    let mut statement = tx.sql(&format!(
        "SELECT turn.record, record.subject_name, turn.step, min(turn.since),
                (SELECT min(due.deadline_from) FROM due WHERE due.record = turn.record),
                (SELECT min(due.deadline_to) FROM due WHERE due.record = turn.record)
         FROM turn JOIN record ON record.id = turn.record
         WHERE {condition} GROUP BY turn.record, turn.step
         ORDER BY min(turn.since), turn.record LIMIT ? OFFSET ?"
    ))?;
    let found = statement.query_map(params_from_iter(values), |row| {
        let limit = |at: usize| {
            row.get::<_, Option<i64>>(at)
                .map(|at| at.map(Instant::from_millis))
        };
        let until = limit(4)?.zip(limit(5)?);
        Ok(Line {
            record: RecordId::from_bytes(row.get(0)?),
            subject_name: row.get(1)?,
            step: row.get(2)?,
            since: Instant::from_millis(row.get(3)?),
            until: until.map(|(earliest, latest)| Deadline { earliest, latest }),
        })
    })?;
    let found = found.collect::<Result<_, _>>()?;
    Ok(cut(found, size))
}
