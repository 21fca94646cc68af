//! The beginning of a tenant, and its first owner.

use super::{State, find, insert, open};
use crate::{
    access::policy,
    application,
    context::{Operator, Services},
    key,
    kit::{
        db::{Mode, SystemTx, Tx},
        error::{Code, Error, Result},
        secret::MasterKey,
        text::{DisplayName, Email, NewPassword, UserName},
        total,
    },
    password::{self, Accepted, Hasher},
    user::{self, NewUser},
};

/// The first owner of a tenant.
#[derive(Debug)]
pub struct Owner {
    /// Their handle.
    pub name: UserName,
    /// Their address.
    pub email: Email,
    /// Their password.
    pub password: Accepted,
}

impl Owner {
    /// The first owner of a tenant, as an operator names them; without a password, with one that is
    /// generated.
    ///
    /// # Errors
    /// A value is not valid; the text says which.
    pub fn new(name: &str, email: &str, password: Option<&str>) -> anyhow::Result<Self> {
        let wrong = |what: &str, why: &str| anyhow::anyhow!("the {what} of the first owner {why}");
        let password = match password {
            None => password::generate::<{ password::GENERATED }>(),
            Some(password) => {
                let new: NewPassword = password.parse().map_err(|why| wrong("password", why))?;
                // The tenant is not there to ask: what holds is what it begins with.
                let accepted = password::Policy::default().accept(&new, &password::Words::of([name, email]));
                accepted.map_err(|failures| {
                    let why: Vec<_> = failures.into_iter().map(|failure| failure.detail).collect();
                    wrong("password", &why.join(" and "))
                })?
            }
        };
        Ok(Owner {
            name: name.parse().map_err(|why| wrong("name", why))?,
            email: email.parse().map_err(|why| wrong("address", why))?,
            password,
        })
    }
}

/// Provisions a tenant: its row, its place, its signing key and its first owner.
///
/// If that was interrupted, provisioning it again goes on where it stopped. Answers with `false` if
/// the tenant was there already.
///
/// # Errors
/// The database fails; provisioning it again goes on where it stopped.
pub async fn provision(
    services: &Services,
    hasher: &Hasher,
    name: &str,
    display_name: &DisplayName,
    owner: Owner,
) -> Result<bool> {
    let db = &services.db;
    let begun = async |tx: &SystemTx| match find(tx, name).await? {
        Some(tenant) if tenant.state != State::Founding => Ok(None),
        Some(tenant) => Ok(Some(tenant)),
        None => insert(tx, name, display_name).await.map(Some),
    };
    let Some(tenant) = db.run_system(Mode::Write, begun).await? else {
        return Ok(false);
    };
    // A thread hashes meanwhile: each takes as long as the other.
    let (hash, room) = tokio::join!(hasher.hash(&owner.password), db.make_room(tenant.id));
    room?;
    let new = NewUser {
        proven: true,
        password_hash: Some(hash?),
        roles: vec![policy::OWNER.to_owned()],
        ..NewUser::new(owner.name, owner.email)
    };
    Operator::new(services, tenant.id)
        .write("tenants:create", "*", async |tx| {
            set_up(tx, &services.master, new).await
        })
        .await?;
    db.run_system(Mode::Write, async |tx| open(tx, tenant.id).await).await?;
    Ok(true)
}

/// Gives a new tenant its key and its first owner.
async fn set_up(tx: &Tx, master: &MasterKey, new: NewUser) -> Result<()> {
    key::ensure(tx, master).await?;
    total::begin(tx).await?;
    application::ensure_built_in(tx).await?;
    match user::get(tx, &new.name).await {
        Ok(_) => return Ok(()),
        Err(Error::Refused(Code::UserNotFound)) => {}
        Err(error) => return Err(error),
    }
    user::create(tx, new).await?;
    Ok(())
}
