//! The first account of a new office: without it nobody could sign in to make the others.
//! Only at the command line, and only where no account is: whoever may do it holds the data folder anyway.

use crate::access::Role;
use crate::app::App;
use crate::config::First;
use crate::officers::{is_account_name, once_password};
use crate::password::Hashed;
use crate::problem::Problem;
use crate::random;
use crate::store::audit::{self, Act};
use crate::store::{accounts, refs, units};
use crate::units::is_name;
use shared::domain::reference::{Officer, Unit};
use shared::id::{OfficerId, UnitId};

/// Why no account was made. Nothing was changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The name to sign in with.
    #[error("--name: 2至32个字母、数字或 - _ . · 2 to 32 letters, digits or - _ .")]
    Name,
    /// The person's name.
    #[error("--person: 1至200个字，不含特殊字符 · 1 to 200 characters, none of control")]
    Person,
    /// The office's name.
    #[error("--unit: 2至60个字，不含特殊字符 · 2 to 60 characters, none of control")]
    Unit,
    /// Somebody can sign in already.
    #[error(
        "这个数据目录已有账号，没有改动；其他账号由管理员在“人员”页面添加 · this folder has accounts, nothing was changed; an administrator adds others on the page of a person"
    )]
    NotNew,
}

/// Characters of a person's name, as an import takes them.
const PERSON_CHARS: usize = 200;

/// Whether it can be made, before the folder is touched.
///
/// # Errors
/// [`Refused`] that says which word cannot be used.
pub fn check(first: &First) -> Result<(), Refused> {
    let person = first.person.trim();
    let short = (1..=PERSON_CHARS).contains(&person.chars().count());
    if !is_account_name(&first.name) {
        return Err(Refused::Name);
    }
    if !short || person.chars().any(char::is_control) {
        return Err(Refused::Person);
    }
    if !is_name(first.unit.trim()) {
        return Err(Refused::Unit);
    }
    Ok(())
}

/// Makes unit, person and account; gives the words for whoever started it, with the password that nobody sees again.
///
/// # Errors
/// [`Refused`], or the store cannot be used.
pub async fn make(app: &App, first: First) -> anyhow::Result<String> {
    check(&first)?;
    let broken = |problem: Problem| anyhow::anyhow!("{:?} {:?}", problem.code, problem.cause);
    let password = once_password().map_err(broken)?;
    let (secret, salt) = (password.clone(), random::bytes().map_err(broken)?);
    let hashed = app
        .slowly(move || Hashed::new(&secret, salt))
        .await
        .and_then(|made| made)
        .map_err(broken)?;
    let now = app.now();
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let unit = Unit {
        id: UnitId::new_v7(millis, &random::bytes().map_err(broken)?),
        name: first.unit.trim().to_owned(),
    };
    let officer = Officer {
        id: OfficerId::new_v7(millis, &random::bytes().map_err(broken)?),
        name: first.person.trim().to_owned(),
        unit: unit.id,
        auxiliary: false,
        certificates: Vec::new(),
        pin: None,
    };
    let name = first.name.clone();
    let new = app
        .store
        .write(move |tx| {
            if accounts::any(tx)? {
                return Ok(false);
            }
            units::put(tx, &unit)?;
            refs::put_officer(tx, &officer)?;
            let account = accounts::add(tx, &name, officer.id, &hashed, &[Role::Admin])?;
            accounts::only_once(tx, account)?;
            let target = format!("{} {}", unit.id, unit.name);
            audit::write(tx, now, None, Act::UnitAdded, &target)?;
            let target = format!("{name} {}", Role::Admin.code());
            audit::write(tx, now, None, Act::AccountMade, &target)?;
            Ok(true)
        })
        .await?;
    if !new {
        return Err(Refused::NotNew.into());
    }
    Ok(format!(
        "账号 {} · account\n一次性密码 {password} · one-time password\n首次登录须更换密码；本密码不再显示 · it must be changed at the first sign-in and is not shown again",
        first.name
    ))
}
