//! Requests that a client may send again: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! The first request with a key claims it. Its act says in its own transaction that it is done, so that both
//! are kept or neither; then the answer is kept. A request that was refused did nothing and gives its key
//! back: it may be mended and sent again.

mod answer;
pub mod entity;

pub use answer::{Begun, Repeat};

use crate::kit::{
    db::{self, Db, Mode, Tx},
    error::{Code, Error, Result},
    id::TenantId,
    secret::MasterKey,
    sweep,
};
use chrono::TimeDelta;
use entity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How long a request counts as running of which nothing is heard: the server may have stopped under it.
const RUNNING: TimeDelta = TimeDelta::seconds(60);

/// A key that a request has for itself.
#[derive(Debug)]
pub struct Claim {
    tenant: TenantId,
    id: Vec<u8>,
    done: AtomicBool,
}

/// What came of claiming a key.
enum Claimed {
    /// The request is the first.
    First(Claim),
    /// It was answered before, with this.
    Before(Zeroizing<Vec<u8>>),
}

/// Claims the key of a request. `operation` is who sends it and where to.
///
/// # Errors
/// [`Code::IdempotencyKeyReused`], [`Code::RequestRunning`], [`Code::AnswerLost`].
async fn claim(
    (db, master): (&Db, &MasterKey),
    tenant: TenantId,
    (operation, key): (&str, &str),
    body: &[u8],
) -> Result<Claimed> {
    let id = master.hash("idempotency", &format!("{operation}\n{key}"));
    // With the key, which nobody can guess: a body alone may have nothing secret in it but a password.
    let request = format!("{key}\n{}", String::from_utf8_lossy(body));
    let request = master.hash("idempotency request", &request);
    let claim = async |tx: &Tx| {
        tx.lock(&format!("idempotency {id:?}")).await?;
        let found = Entity::find_by_id(id.clone()).one(tx).await?;
        match found.filter(|row| row.expires_at > tx.now) {
            Some(row) if row.request != request => Err(Code::IdempotencyKeyReused.into()),
            Some(Model {
                sealed_answer: Some(sealed),
                ..
            }) => {
                let answer = master.open(&context(tenant, &id), &sealed);
                Ok(Claimed::Before(answer.map_err(anyhow::Error::from)?))
            }
            Some(row) if row.done => Err(Code::AnswerLost.into()),
            Some(_) => Err(Error::later(Code::RequestRunning)),
            None => {
                sweep::sweep(tx, "idempotency", "id", "expires_at", tx.now).await?;
                Entity::delete_by_id(id.clone()).exec(tx).await?;
                let row = Model {
                    id: id.clone(),
                    request: request.clone(),
                    done: false,
                    sealed_answer: None,
                    expires_at: tx.now + RUNNING,
                };
                db::insert(tx, row).await?;
                Ok(Claimed::First(Claim {
                    tenant,
                    id: id.clone(),
                    done: AtomicBool::new(false),
                }))
            }
        }
    };
    db.run(tenant, Mode::Write, claim).await
}

/// Where an answer is sealed for: it opens under no other key.
fn context(tenant: TenantId, id: &[u8]) -> String {
    format!("{tenant}/idempotency/{id:?}")
}

impl Claim {
    /// Says in the transaction of an act that it is done.
    pub(crate) async fn mark(&self, tx: &Tx) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Done, Expr::value(true))
            .col_expr(Column::ExpiresAt, Expr::value(tx.now + KEPT))
            .filter(Column::Id.eq(self.id.clone()))
            .exec(tx)
            .await?;
        self.done.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether an act said that it is done.
    fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    async fn keep(&self, db: &Db, master: &MasterKey, answer: &[u8]) -> Result<()> {
        let sealed = master.seal(&context(self.tenant, &self.id), answer);
        let keep = async |tx: &Tx| {
            Entity::update_many()
                .col_expr(Column::SealedAnswer, Expr::value(sealed.clone()))
                .filter(Column::Id.eq(self.id.clone()))
                .exec(tx)
                .await?;
            Ok(())
        };
        db.run(self.tenant, Mode::Write, keep).await
    }

    /// Gives the key back, unless what it was for is done.
    async fn release(&self, db: &Db) -> Result<()> {
        let release = async |tx: &Tx| {
            Entity::delete_many()
                .filter(Column::Id.eq(self.id.clone()))
                .filter(Column::Done.eq(false))
                .exec(tx)
                .await?;
            Ok(())
        };
        db.run(self.tenant, Mode::Write, release).await
    }
}
