//! The beginning of a tenant, and its first owner.

use super::{State, TenantRow, find, insert, open};
use crate::{
    access::policy,
    application,
    context::{Operator, Services},
    key,
    kit::{
        db::{Mode, SystemTx, Tx},
        error::{Code, Error, Result},
        id::TenantId,
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

/// Provisions a tenant: its row, its place, its signing key, its first owner and what it is to have `besides`.
///
/// If that was interrupted, provisioning it again goes on where it stopped. Answers with `false` if
/// the tenant was there already.
///
/// # Errors
/// [`Code::TenantNameTaken`]; the database fails: provisioning it again goes on where it stopped.
pub async fn provision(
    services: &Services,
    hasher: &Hasher,
    name: &str,
    display_name: &DisplayName,
    owner: Owner,
    besides: impl AsyncFnOnce(&Tx) -> Result<()>,
) -> Result<bool> {
    let db = &services.db;
    let begun = async |tx: &SystemTx| begin(tx, name, display_name).await;
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
    let with_owner = async |tx: &Tx| {
        besides(tx).await?;
        match user::get(tx, &new.name).await {
            Err(Error::Refused(Code::UserNotFound)) => user::create(tx, new).await.map(drop),
            found => found.map(drop),
        }
    };
    set_up(services, tenant.id, with_owner).await?;
    Ok(true)
}

/// Begins a tenant, or goes on with one that was begun; `None` if it is there already.
///
/// # Errors
/// [`Code::TenantNameTaken`].
pub async fn begin(tx: &SystemTx, name: &str, display_name: &DisplayName) -> Result<Option<TenantRow>> {
    match find(tx, name).await? {
        Some(tenant) if tenant.state != State::Founding => Ok(None),
        Some(tenant) => Ok(Some(tenant)),
        None => insert(tx, name, display_name).await.map(Some),
    }
}

/// Gives a tenant that was begun its key and whatever else it is to begin with, and lets it answer. Its place is
/// there already.
///
/// # Errors
/// What `with` returns; the database's.
pub async fn set_up<T>(services: &Services, id: TenantId, with: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
    let set_up = async |tx: &Tx| {
        key::ensure(tx, &services.master).await?;
        total::begin(tx).await?;
        application::ensure_built_in(tx).await?;
        with(tx).await
    };
    let operator = Operator::new(services, id);
    let begun_with = operator.write("tenants:create", "*", set_up).await?;
    services
        .db
        .run_system(Mode::Write, async |tx| open(tx, id).await)
        .await?;
    Ok(begun_with)
}
