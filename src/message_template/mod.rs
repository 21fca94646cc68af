//! The texts of messages: those that come with the program, and what a tenant writes instead.

pub mod api;
pub mod entity;
mod gate;
mod html;
mod problem;
mod reader;
mod render;
mod source;
#[cfg(test)]
mod tests;
mod variable;
pub mod wire;

pub use gate::check;
pub use problem::{Part, Problem, Rule};
pub use render::{Rendered, Values, render};
pub use source::{LANGUAGES, Source, built_in};
pub use variable::{Variable, variables};

use crate::{
    kit::{
        db::{self, Tx},
        error::{Error, FieldError, Result},
        object::check_version,
        text::Language,
    },
    message::Template,
};
use chrono::{DateTime, Utc};
use entity::{Column, Entity, Model};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

/// The kinds of messages, those that people wait for first.
pub const KINDS: [Template; 18] = [
    Template::VerifyEmail,
    Template::ResetPassword,
    Template::LinkIdentity,
    Template::Invitation,
    Template::EmailChanged,
    Template::AddressInUse,
    Template::PasswordChanged,
    Template::IdentityLinked,
    Template::IdentityRemoved,
    Template::SenderFailing,
    Template::SignInMethod,
    Template::DomainFailing,
    Template::QuotaNear,
    Template::BackupOverdue,
    Template::BackupDamaged,
    Template::BackupDownloaded,
    Template::Restored,
    Template::SenderTest,
];

/// The text of a kind of message in a language: the tenant's own, or the one that comes with the program.
#[derive(Clone, Debug)]
pub struct MessageTemplate {
    /// The kind.
    pub kind: Template,
    /// The language.
    pub language: Language,
    /// The text.
    pub source: Source,
    /// The hash of the built-in one that the tenant's own was made from.
    based_on: Option<String>,
    /// Counts the writes; 0 if it is the built-in one.
    pub version: i64,
    /// When the tenant last wrote it.
    pub updated_at: Option<DateTime<Utc>>,
}

impl MessageTemplate {
    fn new(kind: Template, language: Language, row: Option<Model>) -> Self {
        let Some(row) = row else {
            return Self {
                kind,
                language,
                source: built_in(kind, language).clone(),
                based_on: None,
                version: 0,
                updated_at: None,
            };
        };
        Self {
            kind,
            language,
            source: Source {
                subject: row.subject,
                text: row.text,
                html: row.html,
            },
            based_on: Some(row.based_on),
            version: row.version,
            updated_at: Some(row.updated_at),
        }
    }

    /// Whether it is the one that comes with the program.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.based_on.is_none()
    }

    /// Whether the built-in one has changed since the tenant wrote its own.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        let now = || built_in(self.kind, self.language).hash();
        self.based_on.as_ref().is_some_and(|based_on| *based_on != now())
    }

    /// Whether it would not be kept today: messages may be made of the built-in one instead.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        // Codes in a subject are a matter of taste.
        !self.is_default()
            && check(self.kind, &self.source, true)
                .iter()
                .any(|problem| !problem.is_warning)
    }

    fn audit_view(&self) -> Value {
        match self.is_default() {
            true => Value::Null,
            false => json!({ "subject": self.source.subject, "hash": self.source.hash() }),
        }
    }

    fn name(&self) -> String {
        format!("{}/{}", self.kind.name(), self.language)
    }
}

/// The text of each kind of message in each language.
pub async fn all(tx: &Tx) -> Result<Vec<MessageTemplate>> {
    let mut rows = Entity::find().all(tx).await?;
    let known = KINDS
        .into_iter()
        .flat_map(|kind| LANGUAGES.map(|language| (kind, language)));
    let found = known.map(|(kind, language)| {
        let at = rows
            .iter()
            .position(|row| row.kind == kind && row.language == language.tag());
        MessageTemplate::new(kind, language, at.map(|at| rows.swap_remove(at)))
    });
    Ok(found.collect())
}

/// The text of a kind of message in a language.
pub async fn get(tx: &Tx, kind: Template, language: Language) -> Result<MessageTemplate> {
    let row = Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::Language.eq(language.tag()))
        .one(tx)
        .await?;
    Ok(MessageTemplate::new(kind, language, row))
}

/// The same, to be written to.
///
/// # Errors
/// Those of the conditions of the request.
pub async fn get_for_update(tx: &Tx, kind: Template, language: Language) -> Result<MessageTemplate> {
    tx.lock("message_template").await?;
    let found = get(tx, kind, language).await?;
    tx.check_preconditions(Some(found.version), found.updated_at)?;
    Ok(found)
}

/// Has messages be made of this text.
///
/// # Errors
/// [`Error::Invalid`] with all that is wrong with it; those of [`check_version`].
pub async fn put(
    tx: &Tx,
    (old, expected): (MessageTemplate, Option<i64>),
    new: Source,
    code_in_subject: bool,
) -> Result<MessageTemplate> {
    check_version(expected, old.version)?;
    let wrong = check(old.kind, &new, code_in_subject);
    let wrong: Vec<FieldError> = wrong
        .iter()
        .filter(|problem| !problem.is_warning)
        .map(field_of)
        .collect();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if new == old.source && !old.is_outdated() {
        tx.unchanged();
        return Ok(old);
    }
    let row = Model {
        kind: old.kind,
        language: old.language.tag().to_owned(),
        subject: new.subject,
        text: new.text,
        html: new.html,
        based_on: built_in(old.kind, old.language).hash(),
        version: old.version + 1,
        updated_at: tx.now,
    };
    match old.is_default() {
        true => db::insert(tx, row.clone()).await?,
        false => drop(row.clone().into_active_model().reset_all().update(tx).await?),
    }
    let new = MessageTemplate::new(old.kind, old.language, Some(row));
    tx.changed("message-template", &old.name(), old.audit_view(), new.audit_view());
    Ok(new)
}

fn field_of(problem: &Problem) -> FieldError {
    FieldError::new(problem.part.name(), problem.rule.name(), problem.detail.clone()).at(problem.line, problem.column)
}

/// Has messages be made of the text that comes with the program again.
pub async fn reset(tx: &Tx, old: MessageTemplate) -> Result<()> {
    if old.is_default() {
        tx.unchanged();
        return Ok(());
    }
    Entity::delete_many()
        .filter(Column::Kind.eq(old.kind))
        .filter(Column::Language.eq(old.language.tag()))
        .exec(tx)
        .await?;
    tx.changed("message-template", &old.name(), old.audit_view(), Value::Null);
    Ok(())
}

/// A message of the tenant's own text, or else of the one that comes with the program: mail does not stop by an edit.
///
/// # Errors
/// The built-in one fails as well.
pub fn render_or_built_in(template: &MessageTemplate, values: &Values) -> anyhow::Result<Rendered> {
    match render(&template.source, values) {
        Err(error) if !template.is_default() => {
            tracing::warn!(
                template = template.name(),
                error = format!("{error:#}"),
                "a tenant's template makes no message; the one that comes with the program is used"
            );
            render(built_in(template.kind, template.language), values)
        }
        rendered => rendered,
    }
}
