//! Official texts of laws that the office imported. Apart from the reference rows, which every start makes anew from what is
//! shipped: the text is kept whole and read in again, so that a new edition of the program loses none of it.

use super::{Error, ReadTx, WriteTx};
use rusqlite::{OptionalExtension, named_params};
use shared::instant::Instant;
use std::collections::BTreeMap;

/// The text of a law, as it was pasted.
pub(crate) fn text(tx: &ReadTx<'_>, law: &str) -> Result<Option<String>, Error> {
    Ok(tx
        .sql("SELECT text FROM law_text WHERE law = ?1")?
        .query_row([law], |row| row.get(0))
        .optional()?)
}

/// Keeps the text of a law; an earlier one is replaced.
pub(crate) fn put(
    tx: &WriteTx<'_>,
    law: &str,
    text: &str,
    account: i64,
    now: Instant,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO law_text (law, text, imported_at, account) VALUES (:law, :text, :now, :account)
         ON CONFLICT (law) DO UPDATE SET text = excluded.text, imported_at = excluded.imported_at,
         account = excluded.account",
        named_params! {":law": law, ":text": text, ":now": now.as_millis(), ":account": account},
    )?;
    Ok(())
}

/// Takes the text of a law away. `false`: there was none.
pub(crate) fn remove(tx: &WriteTx<'_>, law: &str) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM law_text WHERE law = ?1", [law])? == 1)
}

/// When each text was imported.
pub(crate) fn imported(tx: &ReadTx<'_>) -> Result<BTreeMap<String, Instant>, Error> {
    let mut statement = tx.sql("SELECT law, imported_at FROM law_text")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, Instant::from_millis(row.get(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
