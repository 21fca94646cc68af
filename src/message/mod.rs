//! Messages to people: queued with the fact they tell of, rendered and sent by a job.

pub mod api;
pub mod entity;
mod render;

use crate::{
    access::Door,
    app::App,
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        id::{JobId, MessageId, TenantId, VerificationId},
        job::{self, End, Failure, Work},
        mail::Letter,
        page::{Listed, Page},
        text::Language,
    },
    setting::{self, Branding},
    tenant,
    verification::{self, Secrets},
};
use anyhow::Context;
use entity::{ActiveModel, Column, Entity, Model};
pub use entity::{State, Template};
use lettre::message::Mailbox;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The kind of a job that sends a message.
const JOB: &str = "mail";

/// The text of a message that is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// A message with the attempts to send it.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The row.
    pub message: Model,
    /// The attempts, first one first.
    pub attempts: Vec<job::attempt::Model>,
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Which text it has.
    pub template: Template,
    /// Where it goes.
    pub address: &'a str,
    /// How it is wanted.
    pub wish: Wish<'a>,
    /// The challenge it tells of.
    pub verification: Option<VerificationId>,
}

/// How a mail is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// Its language.
    pub language: Language,
    /// The application that asks, as it names itself.
    pub client_id: Option<&'a str>,
}

impl Wish<'_> {
    /// In the language of the request, for no application in particular.
    #[must_use]
    pub fn of(door: &Door) -> Self {
        Self {
            language: door.client.language.unwrap_or_default(),
            client_id: None,
        }
    }
}

/// Queues a message; it leaves after the transaction has committed.
///
/// # Errors
/// The database's.
pub async fn queue(tx: &Tx, wanted: Outgoing<'_>) -> Result<MessageId> {
    let id = MessageId::new(tx.now);
    let job_id = job::add(tx, JOB, serde_json::json!({ "message": id })).await?;
    let row = Model {
        id,
        job_id,
        verification_id: wanted.verification,
        template: wanted.template,
        address: wanted.address.to_owned(),
        language: wanted.wish.language.to_string(),
        client_id: wanted.wish.client_id.map(str::to_owned),
        subject: None,
        state: State::Queued,
        sealed_content: None,
        created_at: tx.now,
        sent_at: None,
    };
    db::insert(tx, row).await?;
    Ok(id)
}

/// One page of the messages, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &Tx, page: Page) -> Result<Listed<Delivered>> {
    let total = Entity::find().count(tx).await?;
    let messages = Entity::find()
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(tx)
        .await?;
    let jobs: Vec<JobId> = messages.iter().map(|message| message.job_id).collect();
    let rows = job::attempt::Entity::find()
        .filter(job::attempt::Column::JobId.is_in(jobs))
        .order_by_asc(job::attempt::Column::Number)
        .all(tx)
        .await?;
    let mut attempts: HashMap<JobId, Vec<_>> = HashMap::new();
    for row in rows {
        attempts.entry(row.job_id).or_default().push(row);
    }
    let items = messages
        .into_iter()
        .map(|message| Delivered {
            attempts: attempts.remove(&message.job_id).unwrap_or_default(),
            message,
        })
        .collect();
    Ok(Listed::counted(items, total, page))
}

/// The message of this id.
///
/// # Errors
/// [`Code::MessageNotFound`].
pub async fn get(tx: &Tx, id: MessageId) -> Result<Delivered> {
    let message = Entity::find_by_id(id).one(tx).await?.ok_or(Code::MessageNotFound)?;
    let attempts = job::attempts(tx, message.job_id).await?;
    Ok(Delivered { message, attempts })
}

/// The text of a message, if it was kept.
///
/// # Errors
/// It was sealed with another master key.
pub fn content(app: &App, tenant: TenantId, message: &Model) -> Result<Option<Content>> {
    let Some(sealed) = &message.sealed_content else {
        return Ok(None);
    };
    let plain = app.master.open(&sealing_context(tenant, message.id), sealed);
    let plain = plain.context("opening a kept message")?;
    Ok(Some(serde_json::from_slice(&plain).context("reading a kept message")?))
}

fn sealing_context(tenant: TenantId, id: MessageId) -> String {
    format!("message/{tenant}/{id}")
}

/// The worker's part: renders messages and hands them to the mailer.
#[derive(Clone)]
pub struct Post(pub App);

impl Work for Post {
    type Task = (Model, Letter);

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Option<Self::Task>> {
        let Some(message) = Entity::find().filter(Column::JobId.eq(job.id)).one(tx).await? else {
            return Ok(None);
        };
        let Some(secrets) = self.secrets(tx, &message).await? else {
            drop_unsent(tx, message).await?;
            return Ok(None);
        };
        let tenant = tenant::get(&self.0, tx.tenant()).await?;
        let (branding, _) = setting::read::<Branding>(tx).await?;
        let about = render::About {
            brand: branding.of(&tenant, message.client_id.as_deref()),
            url: self.0.tenant_url(&tenant),
            secrets: secrets.as_ref(),
        };
        let rendered = render::render(&message, &about)?;
        let letter = Letter {
            id: message.id.to_string(),
            from: Mailbox::new(Some(about.brand.name), self.0.mail_from.clone()),
            to: message.address.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        };
        Ok(Some((message, letter)))
    }

    async fn perform(&self, _: TenantId, (_, letter): &mut Self::Task) -> Result<(), Failure> {
        self.0.mailer.send(letter).await
    }

    async fn conclude(&self, tx: &Tx, _: &job::entity::Model, task: Self::Task, end: End) -> Result<()> {
        let (message, letter) = task;
        let id = message.id;
        let keeps = self.0.mailer.keeps();
        let mut row: ActiveModel = message.into();
        row.subject = Set(Some(letter.subject));
        row.state = Set(match end {
            End::Done if keeps => State::Kept,
            End::Done => State::Sent,
            End::Retried => State::Queued,
            End::Failed => State::Failed,
        });
        if end == End::Done {
            row.sent_at = Set(Some(tx.now));
        }
        if end == End::Done && keeps {
            let content = Content {
                text: letter.text,
                html: letter.html,
            };
            let plain = serde_json::to_vec(&content).context("writing a kept message")?;
            row.sealed_content = Set(Some(self.0.master.seal(&sealing_context(tx.tenant(), id), &plain)));
        }
        row.update(tx).await?;
        Ok(())
    }
}

impl Post {
    /// What the message carries; the outer `None` if it is no longer wanted.
    async fn secrets(&self, tx: &Tx, message: &Model) -> Result<Option<Option<Secrets>>> {
        match message.verification_id {
            None => Ok(Some(None)),
            Some(id) if message.template.has_secrets() => {
                Ok(verification::mint(tx, &self.0.master, id).await?.map(Some))
            }
            Some(id) => Ok(verification::is_wanted(tx, id).await?.then_some(None)),
        }
    }
}

/// A message that is not sent stays in the list, but for one that was for nobody: anybody can
/// make any number of those.
async fn drop_unsent(tx: &Tx, message: Model) -> Result<()> {
    if let Some(id) = message.verification_id
        && verification::is_for_nobody(tx, id).await?
    {
        message.delete(tx).await?;
        return Ok(());
    }
    let mut row: ActiveModel = message.into();
    row.state = Set(State::Dropped);
    row.update(tx).await?;
    Ok(())
}
