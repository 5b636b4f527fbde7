//! Accounts of the console, their roles and sessions.

use super::{Error, ReadTx, WriteTx, refs};
use crate::access::Role;
use crate::password::Hashed;
use rusqlite::{OptionalExtension, named_params};
use shared::domain::reference::Officer;
use shared::id::OfficerId;
use shared::instant::Instant;

/// What a login checks.
pub(crate) struct Credentials {
    /// The account.
    pub(crate) account: i64,
    /// Its password.
    pub(crate) password: Hashed,
}

/// The account of a name, unless it was disabled.
pub(crate) fn credentials(tx: &ReadTx<'_>, name: &str) -> Result<Option<Credentials>, Error> {
    Ok(tx
        .sql(
            "SELECT id, salt, memory_kib, passes, hash FROM account
             WHERE name = ?1 AND disabled_at IS NULL",
        )?
        .query_row([name], |row| {
            Ok(Credentials {
                account: row.get(0)?,
                password: Hashed {
                    salt: row.get(1)?,
                    memory_kib: row.get(2)?,
                    passes: row.get(3)?,
                    hash: row.get(4)?,
                },
            })
        })
        .optional()?)
}

/// Adds an account.
pub(crate) fn add(
    tx: &WriteTx<'_>,
    name: &str,
    officer: OfficerId,
    password: &Hashed,
    roles: &[Role],
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO account (name, officer, salt, memory_kib, passes, hash)
         VALUES (:name, :officer, :salt, :memory, :passes, :hash)",
        named_params! {
            ":name": name, ":officer": officer.as_bytes(), ":salt": password.salt,
            ":memory": password.memory_kib, ":passes": password.passes, ":hash": password.hash,
        },
    )?;
    let account = tx.0.0.last_insert_rowid();
    for role in roles {
        tx.execute(
            "INSERT INTO account_role (account, role) VALUES (?1, ?2)",
            (account, role.code()),
        )?;
    }
    Ok(())
}

/// Whether there is any account yet.
pub(crate) fn any(tx: &ReadTx<'_>) -> Result<bool, Error> {
    Ok(tx.sql("SELECT 1 FROM account LIMIT 1")?.exists([])?)
}

/// Starts a session and forgets those that ended.
pub(crate) fn start_session(
    tx: &WriteTx<'_>,
    token_hash: [u8; 32],
    account: i64,
    csrf: &str,
    now: Instant,
    ends: Instant,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM session WHERE expires_at <= ?1",
        [now.as_millis()],
    )?;
    tx.execute(
        "INSERT INTO session (token_hash, account, csrf, expires_at) VALUES (?1, ?2, ?3, ?4)",
        (token_hash, account, csrf, ends.as_millis()),
    )?;
    Ok(())
}

/// Ends a session.
pub(crate) fn end_session(tx: &WriteTx<'_>, token_hash: [u8; 32]) -> Result<(), Error> {
    tx.execute("DELETE FROM session WHERE token_hash = ?1", [token_hash])?;
    Ok(())
}

/// Who a session belongs to.
pub(crate) struct SessionRow {
    /// The account.
    pub(crate) account: i64,
    /// The person.
    pub(crate) officer: Officer,
    /// What the person may do.
    pub(crate) roles: Vec<Role>,
    /// What forms of this session carry.
    pub(crate) csrf: String,
}

/// The session of a token, unless it ended.
pub(crate) fn session(
    tx: &ReadTx<'_>,
    token_hash: [u8; 32],
    now: Instant,
) -> Result<Option<SessionRow>, Error> {
    let found: Option<(i64, [u8; 16], String)> = tx
        .sql(
            "SELECT account.id, account.officer, session.csrf
             FROM session JOIN account ON account.id = session.account
             WHERE session.token_hash = ?1 AND session.expires_at > ?2 AND account.disabled_at IS NULL",
        )?
        .query_row((token_hash, now.as_millis()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((account, officer, csrf)) = found else {
        return Ok(None);
    };
    let officer = refs::officer(tx, OfficerId::from_bytes(officer))?
        .ok_or(Error::Corrupt("account without a person"))?;
    let mut statement = tx.sql("SELECT role FROM account_role WHERE account = ?1")?;
    let codes = statement.query_map([account], |row| row.get::<_, String>(0))?;
    let codes: Vec<String> = codes.collect::<Result<_, _>>()?;
    let roles = Role::ALL
        .into_iter()
        .filter(|role| codes.iter().any(|c| c == role.code()))
        .collect();
    Ok(Some(SessionRow {
        account,
        officer,
        roles,
        csrf,
    }))
}
