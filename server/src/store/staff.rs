//! What the office knows of its people and posts beside the rows that phones carry, and how much of it their records show.

use super::{Error, ReadTx, WriteTx};
use rusqlite::{OptionalExtension, named_params};
use shared::id::{OfficerId, UnitId};
use shared::instant::Instant;
use std::collections::BTreeMap;

/// How somebody is employed (用工性质). Auxiliary staff are said by the officer's own row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Employment {
    /// Nobody has said yet.
    #[default]
    Unknown,
    /// 在编在职: only they can hold a certificate (河南省行政执法条例 20).
    Established,
    /// 工勤.
    Worker,
    /// 劳动合同、临时.
    Contract,
}

impl Employment {
    /// Every kind.
    pub(crate) const ALL: [Self; 4] = [
        Self::Unknown,
        Self::Established,
        Self::Worker,
        Self::Contract,
    ];

    /// The code in storage and in the message keys `console.staff.employment.<code>`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Established => "established",
            Self::Worker => "worker",
            Self::Contract => "contract",
        }
    }

    /// The kind of a code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What is known of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Staff {
    /// How they are employed.
    pub(crate) employment: Employment,
    /// Whether they hold an enforcement post.
    pub(crate) on_post: bool,
}

/// Everybody of whom something was said.
pub(crate) fn all(tx: &ReadTx<'_>) -> Result<BTreeMap<OfficerId, Staff>, Error> {
    let mut statement = tx.sql("SELECT officer, employment, on_post FROM staff")?;
    let mut rows = statement.query([])?;
    let mut out = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let kind = Employment::from_code(&row.get::<_, String>(1)?);
        let staff = Staff {
            employment: kind.ok_or(Error::Corrupt("staff"))?,
            on_post: row.get(2)?,
        };
        out.insert(OfficerId::from_bytes(row.get(0)?), staff);
    }
    Ok(out)
}

/// One person.
pub(crate) fn of(tx: &ReadTx<'_>, officer: OfficerId) -> Result<Option<Staff>, Error> {
    let row: Option<(String, bool)> = tx
        .sql("SELECT employment, on_post FROM staff WHERE officer = ?1")?
        .query_row([officer.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(code, on_post)| {
        let employment = Employment::from_code(&code).ok_or(Error::Corrupt("staff"))?;
        Ok(Staff {
            employment,
            on_post,
        })
    })
    .transpose()
}

/// Notes what is known of a person.
pub(crate) fn put(tx: &WriteTx<'_>, officer: OfficerId, staff: Staff) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO staff (officer, employment, on_post) VALUES (:officer, :kind, :post)
         ON CONFLICT (officer) DO UPDATE SET employment = excluded.employment, on_post = excluded.on_post",
        named_params! {
            ":officer": officer.as_bytes(), ":kind": staff.employment.code(), ":post": staff.on_post,
        },
    )?;
    Ok(())
}

/// How many enforcement posts each office has, where somebody said so.
pub(crate) fn posts(tx: &ReadTx<'_>) -> Result<BTreeMap<UnitId, u32>, Error> {
    let mut statement = tx.sql("SELECT unit, count FROM posts")?;
    let rows = statement.query_map([], |row| Ok((UnitId::from_bytes(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sets how many posts an office has; none: nobody says.
pub(crate) fn put_posts(tx: &WriteTx<'_>, unit: UnitId, count: Option<u32>) -> Result<(), Error> {
    match count {
        Some(count) => tx.execute(
            "INSERT INTO posts (unit, count) VALUES (?1, ?2)
             ON CONFLICT (unit) DO UPDATE SET count = excluded.count",
            (unit.as_bytes(), count),
        )?,
        None => tx.execute("DELETE FROM posts WHERE unit = ?1", [unit.as_bytes()])?,
    };
    Ok(())
}

/// A visit of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnSite {
    /// Who.
    pub(crate) officer: OfficerId,
    /// From when.
    pub(crate) start: Instant,
    /// Until when; none: it is not over.
    pub(crate) end: Option<Instant>,
}

// A drill leaves no visit; that its record is asked as well costs nothing and keeps practice out of the figures for good.
const ON_SITE: &str = "SELECT visit_officer.officer, visit.start_at, visit.end_at FROM visit
    JOIN record ON record.id = visit.record AND record.drill = 0
    JOIN visit_officer ON visit_officer.record = visit.record
    WHERE visit.unit = ?1 AND visit.start_at >= ?2 AND visit.start_at < ?3
    ORDER BY visit_officer.officer, visit.start_at, visit.record";

/// Visits in an office's records that began in a period, by person and time. Drills are none.
pub(crate) fn on_site(
    tx: &ReadTx<'_>,
    unit: UnitId,
    (from, until): (Instant, Instant),
) -> Result<Vec<OnSite>, Error> {
    let mut statement = tx.sql(ON_SITE)?;
    let key = (unit.as_bytes(), from.as_millis(), until.as_millis());
    let rows = statement.query_map(key, |row| {
        Ok(OnSite {
            officer: OfficerId::from_bytes(row.get(0)?),
            start: Instant::from_millis(row.get(1)?),
            end: row.get::<_, Option<i64>>(2)?.map(Instant::from_millis),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const LAST_ACT: &str = "SELECT max(visit_officer.start_at) FROM visit_officer
    JOIN record ON record.id = visit_officer.record AND record.drill = 0
    WHERE visit_officer.officer = ?1 AND visit_officer.start_at < ?2";

/// When a person was last on site before a moment, whoever's record it is.
pub(crate) fn last_act(
    tx: &ReadTx<'_>,
    officer: OfficerId,
    before: Instant,
) -> Result<Option<Instant>, Error> {
    let at: Option<i64> = tx
        .sql(LAST_ACT)?
        .query_row((officer.as_bytes(), before.as_millis()), |row| row.get(0))?;
    Ok(at.map(Instant::from_millis))
}

const FIRST_ACT: &str = "SELECT min(start_at) FROM visit WHERE unit = ?1";

/// When the first visit was that an office's records know of.
pub(crate) fn first_act(tx: &ReadTx<'_>, unit: UnitId) -> Result<Option<Instant>, Error> {
    let at: Option<i64> = tx
        .sql(FIRST_ACT)?
        .query_row([unit.as_bytes()], |row| row.get(0))?;
    Ok(at.map(Instant::from_millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_along_an_index() {
        super::super::tests::assert_indexed(&[ON_SITE, LAST_ACT, FIRST_ACT]);
    }
}
