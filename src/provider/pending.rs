//! Identities that wait for the person: what is to become of them is decided on pages.

pub use super::entity::pending::Model as Pending;
use super::{
    Upstream,
    entity::pending::{Column, Entity, Model},
};
use crate::kit::{
    db::{self, Tx},
    error::Result,
    id::VerificationId,
    secret, sweep,
    text::{DisplayName, Email},
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use zeroize::Zeroizing;

/// How long one waits.
pub const LIFE: TimeDelta = TimeDelta::minutes(15);

/// Lets an identity wait, and answers what its browser is to hold.
pub async fn add(tx: &Tx, who: &Upstream) -> Result<Zeroizing<String>> {
    let (token, hash) = secret::new_token();
    db::insert(tx, of(tx, hash, who)).await?;
    sweep::sweep(tx, "pending_identity", "hash", "expires_at", tx.now).await?;
    Ok(token)
}

/// An identity as it waits.
#[must_use]
pub fn of(tx: &Tx, hash: Vec<u8>, who: &Upstream) -> Model {
    Model {
        hash,
        provider_id: who.provider,
        issuer: who.issuer.clone(),
        subject: who.subject.clone(),
        display: who.display.clone(),
        email: who.email.as_ref().map(|email| email.address().to_owned()),
        proven: who.is_good,
        name: who.name.as_ref().map(ToString::to_string),
        confirmed: false,
        verification_id: None,
        expires_at: tx.now + LIFE,
    }
}

/// The identity that waits for this browser.
pub async fn find(tx: &Tx, token: &str) -> Result<Option<Model>> {
    let live = Entity::find_by_id(secret::token_hash(token)).filter(Column::ExpiresAt.gt(tx.now));
    Ok(live.one(tx).await?)
}

/// The same, of which nobody else decides before the transaction ends.
pub async fn find_for_update(tx: &Tx, token: &str) -> Result<Option<Model>> {
    let live = Entity::find_by_id(secret::token_hash(token)).filter(Column::ExpiresAt.gt(tx.now));
    Ok(live.lock_exclusive().one(tx).await?)
}

/// The name of the provider of the identity that a code was mailed for, as people see it.
pub async fn provider_of(tx: &Tx, code: VerificationId) -> Result<Option<String>> {
    let of = Entity::find().filter(Column::VerificationId.eq(code));
    let Some(row) = of.one(tx).await? else { return Ok(None) };
    let provider = super::find_by_id(tx, row.provider_id).await?;
    Ok(provider.map(|provider| provider.spec.display_name.to_string()))
}

/// Writes down which address the person gives, and the code that was mailed to it.
pub async fn ask(tx: &Tx, of: &Model, email: &Email, code: VerificationId) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::Email, Expr::value(email.address()))
        .col_expr(Column::VerificationId, Expr::value(code.0))
        .filter(Column::Hash.eq(of.hash.clone()));
    update.exec(tx).await?;
    Ok(())
}

/// Writes down that the code came back.
pub async fn prove(tx: &Tx, of: &Model) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::Proven, Expr::value(true))
        .col_expr(Column::Confirmed, Expr::value(true))
        .col_expr(Column::VerificationId, Expr::value(Option::<uuid::Uuid>::None))
        .filter(Column::Hash.eq(of.hash.clone()));
    update.exec(tx).await?;
    Ok(())
}

/// Ends the waiting.
pub async fn end(tx: &Tx, of: &Model) -> Result<()> {
    Entity::delete_by_id(of.hash.clone()).exec(tx).await?;
    Ok(())
}

impl Model {
    /// Who it is.
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        Upstream {
            provider: self.provider_id,
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            display: self.display.clone(),
            email: self.email.as_ref().and_then(|email| email.parse::<Email>().ok()),
            is_good: self.proven,
            is_authoritative: false,
            name: self.name.as_ref().and_then(|name| name.parse::<DisplayName>().ok()),
        }
    }
}
