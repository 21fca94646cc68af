//! Identities that accounts have with providers.

pub use super::entity::identity::Model as Identity;
use super::{
    Provider, Upstream,
    entity::identity::{Column, Entity, Model},
    kind::LinkedBy,
};
use crate::kit::{
    db::{self, Tx},
    error::{Code, Error, Result},
    id::{ProviderId, UserId},
    text::{IdentitySubject, ProviderName},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use serde_json::{Value, json};

/// Identities a user may have.
const MOST: u64 = 20;

/// The identity that a provider calls so.
pub async fn find(tx: &Tx, provider: ProviderId, subject: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((provider, subject.to_owned())).one(tx).await?)
}

/// The identities of a user, the oldest first.
pub async fn of_user(tx: &Tx, user: UserId) -> Result<Vec<Model>> {
    let theirs = Entity::find().filter(Column::UserId.eq(user));
    Ok(theirs.order_by_asc(Column::LinkedAt).all(tx).await?)
}

pub(super) async fn has_any(tx: &Tx, provider: ProviderId) -> Result<bool> {
    let of = Entity::find().filter(Column::ProviderId.eq(provider));
    Ok(of.limit(1).one(tx).await?.is_some())
}

/// The users who have an identity with this provider and with no other.
pub(super) fn only_of(provider: ProviderId) -> SelectStatement {
    let mut others = Query::select();
    others
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::ProviderId.ne(provider));
    let mut users = Query::select();
    users
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::ProviderId.eq(provider))
        .and_where(Expr::col(Column::UserId).in_subquery(others).not());
    users
}

/// An identity of a user, and where it is.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The identity.
    pub identity: Identity,
    /// Its provider.
    pub provider: Provider,
}

/// One of the identities of a user.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// At the provider of this name.
    At(&'a ProviderName, &'a IdentitySubject),
    /// At the provider of this id.
    AtId(ProviderId, &'a IdentitySubject),
}

impl Linked {
    /// The provider's name and the subject.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.provider.name(), self.identity.subject)
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, which: Which<'_>) -> bool {
        match which {
            Which::At(name, subject) => {
                self.provider.name() == name.as_str() && self.identity.subject == subject.as_str()
            }
            Which::AtId(id, subject) => self.provider.id() == id && self.identity.subject == subject.as_str(),
        }
    }

    /// Whether somebody gets in by it now.
    #[must_use]
    pub fn signs_in(&self) -> bool {
        self.provider.is_open() && self.provider.spec.sign_in
    }
}

/// The identities of a user with their providers, the oldest first.
pub async fn list(tx: &Tx, user: UserId) -> Result<Vec<Linked>> {
    let theirs = of_user(tx, user).await?;
    if theirs.is_empty() {
        return Ok(vec![]);
    }
    let providers = super::all(tx).await?;
    let linked = |identity: Identity| {
        let provider = providers.iter().find(|of| of.id() == identity.provider_id)?.clone();
        Some(Linked { identity, provider })
    };
    Ok(theirs.into_iter().filter_map(linked).collect())
}

/// Takes this identity from its user, of this name.
///
/// # Errors
/// [`Code::IdentityNotFound`] if somebody was first.
pub async fn unlink(tx: &Tx, name: &str, of: &Model) -> Result<()> {
    let removed = Entity::delete_many()
        .filter(Column::ProviderId.eq(of.provider_id))
        .filter(Column::Subject.eq(&*of.subject))
        .filter(Column::UserId.eq(of.user_id))
        .exec(tx)
        .await?;
    if removed.rows_affected == 0 {
        return Err(Code::IdentityNotFound.into());
    }
    tx.changed("identity", &name, snapshot(of), Value::Null);
    Ok(())
}

/// Makes this identity a user's.
///
/// # Errors
/// The user has too many.
pub async fn link(tx: &Tx, (user, name): (UserId, &str), who: &Upstream, linked_by: LinkedBy) -> Result<Model> {
    let theirs = Entity::find().filter(Column::UserId.eq(user));
    if theirs.count(tx).await? >= MOST {
        return Err(Error::field(
            "",
            "value",
            format!("an account has up to {MOST} identities"),
        ));
    }
    let row = Model {
        provider_id: who.provider,
        subject: who.subject.clone(),
        issuer: who.issuer.clone(),
        user_id: user,
        display: who.display.clone(),
        email: who.email.as_ref().map(|email| email.address().to_owned()),
        email_verified: who.is_good,
        linked_at: tx.now,
        linked_by,
        last_used_at: Some(tx.now),
    };
    db::insert(tx, row.clone()).await?;
    tx.changed("identity", &name, Value::Null, snapshot(&row));
    Ok(row)
}

/// Writes down that somebody signed in by it.
pub async fn touch(tx: &Tx, of: &Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(tx.now))
        .filter(Column::ProviderId.eq(of.provider_id))
        .filter(Column::Subject.eq(&*of.subject))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes every identity from a user.
pub async fn clear(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// An identity as the audit trail keeps it.
fn snapshot(of: &Model) -> Value {
    json!({ "provider": of.provider_id, "issuer": of.issuer, "display": of.display })
}
