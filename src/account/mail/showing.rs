//! Showing what a template makes: a preview, and a message to oneself.

use super::render::{About, Done};
use crate::{
    context::Signed,
    kit::{
        db::Tx,
        error::{Error, Result},
        id::MessageId,
        text::{Email, Language},
    },
    message::{self, MailOptions, Outgoing, Template},
    message_template::{self, MessageTemplate, Problem, Rendered, Rule, Source, Values, check, render, variables},
    sender::MailPolicy,
    setting::{self, Branding},
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A template to be shown.
#[derive(Debug)]
pub struct Draft {
    /// The kind of message.
    pub kind: Template,
    /// The language.
    pub language: Language,
    /// The subject, if not the one there is.
    pub subject: Option<String>,
    /// The text, if not the one there is.
    pub text: Option<String>,
    /// The HTML, if not the one there is.
    pub html: Option<String>,
    /// The application it is for.
    pub client_id: Option<String>,
    /// Values of variables, if not those of examples.
    pub variables: HashMap<String, String>,
}

/// What a template makes, and what is wrong with it.
#[derive(Debug)]
pub struct Shown {
    /// The message, if it can be made.
    pub rendered: Option<Rendered>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl About<'_> {
    /// What the variables of a template stand for where nobody is concerned.
    pub(super) fn examples(&self, kind: Template, address: &str, language: Language) -> Values {
        let values = self.values(address, language);
        let examples = variables(kind).iter().filter(|variable| match variable.name {
            "tenant" | "color" | "ink" | "address" | "language" | "minutes" | "hours" | "days" | "at" => false,
            // What is not about a link has it to the page there is.
            "link" => kind.has_secrets(),
            _ => true,
        });
        examples.fold(values, |values, variable| match variable.name {
            "link" => values.with("link", &format!("{}/login/test", self.url)),
            // Nobody chose it, and no mail program makes a link of it.
            "network" => values.with("network", variable.example),
            name => values.with_name(name, variable.example),
        })
    }
}

/// What a template makes of example values. Nothing is stored, and no code is made.
///
/// # Errors
/// [`Error::Invalid`] with the variables that there are not.
pub async fn preview_message(caller: &Signed, tx: &Tx, draft: Draft) -> Result<Shown> {
    let stored = message_template::get(tx, draft.kind, draft.language).await?.source;
    let (policy, _) = setting::read::<MailPolicy>(tx).await?;
    let (branding, _) = setting::read::<Branding>(tx).await?;
    let source = Source {
        subject: draft.subject.unwrap_or(stored.subject),
        text: draft.text.unwrap_or(stored.text),
        html: draft.html.unwrap_or(stored.html),
    };
    let about = About {
        kind: draft.kind,
        brand: branding.of(&caller.tenant, draft.client_id.as_deref()),
        url: caller.tenant_url(),
        secrets: None,
        provider: None,
        identities: String::new(),
        zone: branding.time_zone.unwrap_or_default(),
        deed: Done {
            at: tx.now,
            ..Done::default()
        },
    };
    let mut values = about.examples(draft.kind, "ada@example.com", draft.language);
    for (name, value) in &draft.variables {
        let known = variables(draft.kind).iter().find(|known| known.name == name);
        let known = known.ok_or_else(|| Error::field("variables", "unknown", format!("there is no {name}")))?;
        values = match (known.name, value.parse()) {
            ("minutes" | "hours" | "days", Ok(number)) => values.with_number(known.name, number),
            ("tenant" | "account" | "provider" | "sender" | "identities", _) => values.with_name(known.name, value),
            _ => values.with(known.name, value),
        };
    }
    let problems = check(draft.kind, &source, policy.code_in_subject);
    let is_readable = !problems.iter().any(|problem| {
        let rules = [Rule::Length, Rule::Statement, Rule::Unknown, Rule::Syntax, Rule::Value];
        rules.contains(&problem.rule)
    });
    // What can be read makes a message, unless these values make it too long.
    let rendered = is_readable.then(|| render(&source, &values).ok()).flatten();
    Ok(Shown { rendered, problems })
}

/// Queues a message as a template has it, of example values.
///
/// # Errors
/// [`Code::TooManyAttempts`](crate::kit::error::Code::TooManyAttempts).
pub async fn test_template(tx: &Tx, (kind, language): (Template, Language), to: &Email) -> Result<MessageId> {
    super::trial::count(tx).await?;
    let wanted = Outgoing {
        template: kind,
        address: to.address(),
        options: MailOptions {
            language: Some(language),
            client_id: None,
        },
        about: None,
        deed: None,
        verification: None,
    };
    let id = message::queue_test(tx, wanted).await?;
    let what = json!({ "template": kind.name(), "state": "queued", "test": true });
    tx.changed("message", &id, Value::Null, what);
    Ok(id)
}

/// The subject of a message that only shows how its template looks.
pub(super) fn as_test(mut rendered: Rendered) -> Rendered {
    rendered.subject.insert_str(0, "[Test] ");
    rendered
}

/// The template of a message, which has the language that was asked for or the first there is.
pub(super) async fn template_of(tx: &Tx, kind: Template, language: &str) -> Result<MessageTemplate> {
    message_template::get(tx, kind, Language::of(language).unwrap_or_default()).await
}
