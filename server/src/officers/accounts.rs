//! A person's accounts of the console: roles, new accounts, accounts that are used no more.
//! Apart because who may do what is another question than who is who.

use super::one::Wrong;
use crate::access::Role;
use crate::app::App;
use crate::password::Hashed;
use crate::problem::Problem;
use crate::random;
use crate::session::{Fields, Visitor};
use crate::store::accounts::{self, Listed};
use crate::store::audit::{self, Act};
use crate::store::{self, refs};
use shared::id::OfficerId;
use shared::text::{Lang, text};

/// Characters of an account's name.
const NAME: std::ops::RangeInclusive<usize> = 2..=32;
/// Characters of a password that is shown once.
const ONCE: usize = 16;

/// An account, ready to print.
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) disabled: bool,
    pub(super) once: bool,
    /// Code and words.
    pub(super) roles: Vec<(&'static str, String)>,
}

fn role(lang: Lang, role: Role) -> (&'static str, String) {
    let words = text(lang, &format!("console.role.{}", role.code())).to_owned();
    (role.code(), words)
}

/// Every role.
pub(super) fn roles(lang: Lang) -> Vec<(&'static str, String)> {
    Role::ALL.map(|one| role(lang, one)).into()
}

/// Accounts as the page shows them.
pub(super) fn list(lang: Lang, listed: Vec<Listed>) -> Vec<Account> {
    let account = |one: Listed| Account {
        id: one.id,
        name: one.name,
        disabled: one.disabled,
        once: one.once,
        roles: one.roles.into_iter().map(|one| role(lang, one)).collect(),
    };
    listed.into_iter().map(account).collect()
}

fn chosen(fields: &Fields) -> Option<Role> {
    let code = fields.text("role");
    Role::ALL.into_iter().find(|role| role.code() == code)
}

/// Whether an account may have this name.
pub(crate) fn is_account_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    NAME.contains(&name.chars().count()) && name.chars().all(plain)
}

/// A password that is shown once and has to be changed.
pub(crate) fn once_password() -> Result<String, Problem> {
    Ok(random::code()?.chars().take(ONCE).collect())
}

/// Makes an account; gives its name and the password, which nobody sees again.
pub(super) async fn add(
    app: &App,
    visitor: &Visitor,
    officer: OfficerId,
    fields: &Fields,
) -> Result<Result<(String, String), Wrong>, Problem> {
    let name = fields.text("account").to_owned();
    if !is_account_name(&name) {
        return Ok(Err(("account", "account")));
    }
    let Some(role) = chosen(fields) else {
        return Ok(Err(("role", "role")));
    };
    let password = once_password()?;
    let (secret, salt) = (password.clone(), random::bytes()?);
    let hashed = app.slowly(move || Hashed::new(&secret, salt)).await??;
    let (by, now) = (visitor.session.account, app.now());
    let wanted = name.clone();
    let done = app
        .store
        .write(move |tx| {
            refs::officer(tx, officer)?.ok_or(store::Error::NotFound)?;
            if accounts::is_taken(tx, &wanted)? {
                return Ok(Err(("account", "account-taken")));
            }
            let account = accounts::add(tx, &wanted, officer, &hashed, &[role])?;
            accounts::only_once(tx, account)?;
            let target = format!("{wanted} {}", role.code());
            audit::write(tx, now, Some(by), Act::AccountMade, &target)?;
            Ok(Ok(()))
        })
        .await?;
    Ok(done.map(|()| (name, password)))
}

/// Gives or takes a role, disables an account or makes it usable again. Nobody locks themselves out.
pub(super) async fn change(
    app: &App,
    visitor: &Visitor,
    officer: OfficerId,
    (act, fields): (&str, &Fields),
) -> Result<Result<(), Wrong>, Problem> {
    let Ok(id) = fields.text("id").parse::<i64>() else {
        return Ok(Err(("accounts", "account-unknown")));
    };
    let (by, now, role) = (visitor.session.account, app.now(), chosen(fields));
    let act = act.to_owned();
    let done = app
        .store
        .write(move |tx| {
            let known = accounts::of_officer(tx, officer)?;
            let Some(account) = known.into_iter().find(|account| account.id == id) else {
                return Ok(Err(("accounts", "account-unknown")));
            };
            let own = id == by;
            let name = account.name;
            let (act, target) = match (act.as_str(), role) {
                ("role-grant", Some(role)) => {
                    if !accounts::grant(tx, id, role)? {
                        return Ok(Ok(()));
                    }
                    (Act::RoleGranted, format!("{name} {}", role.code()))
                }
                ("role-take", Some(Role::Admin)) if own => {
                    return Ok(Err(("accounts", "own")));
                }
                ("role-take", Some(role)) => {
                    if !accounts::take(tx, id, role)? {
                        return Ok(Ok(()));
                    }
                    (Act::RoleTaken, format!("{name} {}", role.code()))
                }
                ("account-disable", _) if own => return Ok(Err(("accounts", "own"))),
                ("account-disable", _) => {
                    accounts::disable(tx, id, Some(now))?;
                    (Act::AccountDisabled, name)
                }
                ("account-enable", _) => {
                    accounts::disable(tx, id, None)?;
                    (Act::AccountEnabled, name)
                }
                _ => return Ok(Err(("accounts", "role"))),
            };
            audit::write(tx, now, Some(by), act, &target)?;
            Ok(Ok(()))
        })
        .await?;
    Ok(done)
}
