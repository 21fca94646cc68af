//! What those who look after a tenant are told of: a job that is queued with the fact mails them. It is the job of
//! `account`, which knows people and messages.

pub mod api;
pub mod entity;
mod policy;

pub use entity::Event;
pub use policy::{Notifications, Rule};

use crate::{
    job,
    kit::{db::Tx, error::Result},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

/// The kind of a job that tells of something.
pub const JOB: &str = "notify";
/// How long it takes until somebody is told: of what happens at once, what people wait for is mailed first.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// Something to be told of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// To what, in a word: a name, or a moment.
    pub about: String,
    /// Who did it, and from which network, if somebody did.
    pub by: Option<(String, String)>,
}

impl Notice {
    /// Of something that nobody in particular did.
    #[must_use]
    pub fn of(event: Event, about: impl Into<String>) -> Self {
        Self {
            event,
            about: about.into(),
            by: None,
        }
    }
}

/// Has those told who look after the tenant.
pub async fn tell(tx: &Tx, notice: &Notice) -> Result<()> {
    job::add_at(tx, JOB, serde_json::json!(notice), tx.now + SOON).await?;
    Ok(())
}

/// Has them told of something that goes on, unless they were; answers whether they are.
pub async fn tell_once(tx: &Tx, subject: &str, notice: &Notice) -> Result<bool> {
    let row = ActiveModel {
        event: Set(notice.event),
        subject: Set(subject.to_owned()),
        told_at: Set(tx.now),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if added == 1 {
        tell(tx, notice).await?;
    }
    Ok(added == 1)
}

/// Of what they were told that this goes on.
pub async fn told(tx: &Tx, event: Event) -> Result<Vec<String>> {
    let told = Entity::find().filter(Column::Event.eq(event));
    let subjects = told.select_only().column(Column::Subject).order_by_asc(Column::Subject);
    Ok(subjects.into_tuple().all(tx).await?)
}

/// Says that it does not go on any more: when it begins again, they are told again.
pub async fn end(tx: &Tx, event: Event, subject: &str) -> Result<()> {
    Entity::delete_by_id((event, subject.to_owned())).exec(tx).await?;
    Ok(())
}

/// The same of all but these.
pub async fn end_others(tx: &Tx, event: Event, subjects: &[String]) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Event.eq(event))
        .filter(Column::Subject.is_not_in(subjects.iter().cloned()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The same of what they were told of before this moment.
pub async fn end_before(tx: &Tx, event: Event, moment: DateTime<Utc>) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Event.eq(event))
        .filter(Column::ToldAt.lt(moment))
        .exec(tx)
        .await?;
    Ok(())
}
