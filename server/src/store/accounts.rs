//! Accounts of the console, their roles and sessions.

use super::{Error, ReadTx, WriteTx, refs};
use crate::access::Role;
use crate::password::Hashed;
use rusqlite::{OptionalExtension, named_params};
use shared::domain::reference::Officer;
use shared::id::{OfficerId, UnitId};
use shared::instant::Instant;
use std::collections::BTreeMap;

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
) -> Result<i64, Error> {
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
        grant(tx, account, *role)?;
    }
    Ok(account)
}

/// Gives an account a role. `false`: it has it.
pub(crate) fn grant(tx: &WriteTx<'_>, account: i64, role: Role) -> Result<bool, Error> {
    let new = tx.execute(
        "INSERT INTO account_role (account, role) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (account, role.code()),
    )?;
    Ok(new == 1)
}

/// Takes a role from an account, as of its next request. `false`: it does not have it.
pub(crate) fn take(tx: &WriteTx<'_>, account: i64, role: Role) -> Result<bool, Error> {
    let gone = tx.execute(
        "DELETE FROM account_role WHERE account = ?1 AND role = ?2",
        (account, role.code()),
    )?;
    Ok(gone == 1)
}

/// Makes an account's password good for one thing: to choose another.
pub(crate) fn only_once(tx: &WriteTx<'_>, account: i64) -> Result<(), Error> {
    tx.execute("UPDATE account SET once = 1 WHERE id = ?1", [account])?;
    Ok(())
}

/// Puts a password that its owner chose, and ends the account's other sessions.
pub(crate) fn choose_password(
    tx: &WriteTx<'_>,
    account: i64,
    password: &Hashed,
    token_hash: [u8; 32],
) -> Result<(), Error> {
    tx.execute(
        "UPDATE account SET salt = :salt, memory_kib = :memory, passes = :passes, hash = :hash, once = 0
         WHERE id = :id",
        named_params! {
            ":id": account, ":salt": password.salt, ":memory": password.memory_kib,
            ":passes": password.passes, ":hash": password.hash,
        },
    )?;
    tx.execute(
        "DELETE FROM session WHERE account = ?1 AND token_hash <> ?2",
        (account, token_hash),
    )?;
    Ok(())
}

/// Disables an account, which ends its sessions, or makes it usable again.
pub(crate) fn disable(tx: &WriteTx<'_>, account: i64, at: Option<Instant>) -> Result<(), Error> {
    tx.execute(
        "UPDATE account SET disabled_at = ?2 WHERE id = ?1",
        (account, at.map(Instant::as_millis)),
    )?;
    if at.is_some() {
        tx.execute("DELETE FROM session WHERE account = ?1", [account])?;
    }
    Ok(())
}

/// An account as the administrator sees it.
pub(crate) struct Listed {
    /// The account.
    pub(crate) id: i64,
    /// The name to sign in with.
    pub(crate) name: String,
    /// It cannot be used.
    pub(crate) disabled: bool,
    /// Its owner has not chosen a password yet.
    pub(crate) once: bool,
    /// What it may do.
    pub(crate) roles: Vec<Role>,
}

/// A person's accounts, by name.
pub(crate) fn of_officer(tx: &ReadTx<'_>, officer: OfficerId) -> Result<Vec<Listed>, Error> {
    let mut statement = tx.sql(
        "SELECT id, name, disabled_at IS NOT NULL, once FROM account WHERE officer = ?1 ORDER BY name",
    )?;
    let rows = statement.query_map([officer.as_bytes()], |row| {
        Ok(Listed {
            id: row.get(0)?,
            name: row.get(1)?,
            disabled: row.get(2)?,
            once: row.get(3)?,
            roles: Vec::new(),
        })
    })?;
    let mut accounts: Vec<Listed> = rows.collect::<Result<_, _>>()?;
    for account in &mut accounts {
        account.roles = roles(tx, account.id)?;
    }
    Ok(accounts)
}

/// Whether an account has this name.
pub(crate) fn is_taken(tx: &ReadTx<'_>, name: &str) -> Result<bool, Error> {
    Ok(tx
        .sql("SELECT 1 FROM account WHERE name = ?1")?
        .exists([name])?)
}

/// The password of an account by number.
pub(crate) fn password(tx: &ReadTx<'_>, account: i64) -> Result<Hashed, Error> {
    Ok(tx
        .sql("SELECT salt, memory_kib, passes, hash FROM account WHERE id = ?1")?
        .query_row([account], |row| {
            Ok(Hashed {
                salt: row.get(0)?,
                memory_kib: row.get(1)?,
                passes: row.get(2)?,
                hash: row.get(3)?,
            })
        })?)
}

fn roles(tx: &ReadTx<'_>, account: i64) -> Result<Vec<Role>, Error> {
    let mut statement = tx.sql("SELECT role FROM account_role WHERE account = ?1")?;
    let codes = statement.query_map([account], |row| row.get::<_, String>(0))?;
    let codes: Vec<String> = codes.collect::<Result<_, _>>()?;
    let roles = Role::ALL.into_iter();
    Ok(roles
        .filter(|role| codes.iter().any(|c| c == role.code()))
        .collect())
}

/// The roles of each person of an office, by the accounts that can be used.
pub(crate) fn roles_in(
    tx: &ReadTx<'_>,
    unit: UnitId,
) -> Result<BTreeMap<OfficerId, Vec<Role>>, Error> {
    let mut out: BTreeMap<OfficerId, Vec<Role>> = BTreeMap::new();
    for officer in refs::officers(tx)?.into_values().filter(|o| o.unit == unit) {
        let usable = of_officer(tx, officer.id)?.into_iter();
        let usable = usable.filter(|account| !account.disabled);
        let roles: Vec<Role> = usable.flat_map(|account| account.roles).collect();
        out.insert(officer.id, roles);
    }
    Ok(out)
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
    /// Nothing may be done before another password is chosen.
    pub(crate) once: bool,
}

/// The session of a token, unless it ended.
pub(crate) fn session(
    tx: &ReadTx<'_>,
    token_hash: [u8; 32],
    now: Instant,
) -> Result<Option<SessionRow>, Error> {
    let found: Option<(i64, [u8; 16], String, bool)> = tx
        .sql(
            "SELECT account.id, account.officer, session.csrf, account.once
             FROM session JOIN account ON account.id = session.account
             WHERE session.token_hash = ?1 AND session.expires_at > ?2 AND account.disabled_at IS NULL",
        )?
        .query_row((token_hash, now.as_millis()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((account, officer, csrf, once)) = found else {
        return Ok(None);
    };
    let officer = refs::officer(tx, OfficerId::from_bytes(officer))?
        .ok_or(Error::Corrupt("account without a person"))?;
    Ok(Some(SessionRow {
        account,
        officer,
        roles: roles(tx, account)?,
        csrf,
        once,
    }))
}
