//! Templates of messages on the wire of the console group.

use super::{KINDS, LANGUAGES, MessageTemplate as Known, Problem, Source, Variable, built_in};
use crate::{
    account::{Draft, Shown},
    kit::{
        error::Error,
        object::ExpectedMetadata,
        text::{Email, Language},
        time::Timestamp,
    },
    message::Template,
};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use std::collections::HashMap;

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum TemplateLanguage {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

/// The text of a kind of message in a language.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct MessageTemplate {
    /// `v1alpha1`.
    api_version: String,
    /// `MessageTemplate`.
    kind: String,
    metadata: TemplateMetadata,
    spec: Source,
    status: TemplateStatus,
}

/// What a template says of itself.
#[derive(Debug, Object, Serialize)]
pub struct TemplateMetadata {
    /// Kind and language.
    name: String,
    /// Counts the writes; 0 if it is as by default.
    version: i64,
}

/// How a template stands.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct TemplateStatus {
    template: Template,
    language: TemplateLanguage,
    /// Whether it is the one that comes with the program.
    is_default: bool,
    /// Whether that has changed since the tenant wrote its own.
    outdated: bool,
    /// Whether it would not be taken any more. Messages are made of the one that comes with the program where it fails.
    broken: bool,
    /// When it was last written.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    /// The one that comes with the program.
    default: Source,
    /// What it may name.
    #[oai(validator(max_items = 20))]
    variables: Vec<TemplateVariable>,
}

/// Something that a template may name.
#[derive(Debug, Object, Serialize)]
pub struct TemplateVariable {
    /// Its name.
    name: String,
    /// What it stands for.
    meaning: String,
    /// A value that it may have.
    example: String,
    /// Whether it may be empty.
    optional: bool,
}

/// The texts of all messages.
#[derive(Debug, Object, Serialize)]
pub struct MessageTemplateList {
    /// The kinds of messages.
    #[oai(validator(max_items = 20))]
    items: Vec<TemplatesOfKind>,
}

/// The texts of a kind of message.
#[derive(Debug, Object, Serialize)]
pub struct TemplatesOfKind {
    template: Template,
    /// What they may name.
    #[oai(validator(max_items = 20))]
    variables: Vec<TemplateVariable>,
    /// The text in each language.
    #[oai(validator(max_items = 10))]
    languages: Vec<TemplateSummary>,
}

/// The text of a kind of message in a language, in short.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct TemplateSummary {
    language: TemplateLanguage,
    /// The subject.
    subject: String,
    /// Whether it is the one that comes with the program.
    is_default: bool,
    /// Whether that has changed since the tenant wrote its own.
    outdated: bool,
    /// Whether it would not be taken any more.
    broken: bool,
    /// When it was last written.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
}

/// What messages are made of from now on.
#[derive(Debug, Object)]
pub struct UpdateMessageTemplateRequest {
    metadata: Option<ExpectedMetadata>,
    spec: Source,
}

/// A template to be shown, or parts of it.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct PreviewMessageTemplateRequest {
    /// The subject; the one there is if absent.
    subject: Option<String>,
    /// The plain text; the one there is if absent.
    text: Option<String>,
    /// The HTML; the one there is if absent.
    html: Option<String>,
    /// The application whose name and colours it has; the tenant's if absent.
    #[oai(validator(min_length = 1, max_length = 200))]
    client_id: Option<String>,
    /// Values of variables by their names; examples if absent.
    variables: Option<HashMap<String, String>>,
}

/// What a template makes.
#[derive(Debug, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub struct TemplatePreview {
    /// The subject, if a message can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The plain text, if a message can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The HTML, if a message can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    /// Bytes of all three.
    bytes: u32,
    /// What is wrong with it. Without any that is not a warning, it is taken.
    #[oai(validator(max_items = 100))]
    problems: Vec<TemplateProblem>,
}

/// Something that is wrong with a template.
#[derive(Debug, Object, Serialize)]
pub struct TemplateProblem {
    /// `subject`, `text` or `html`.
    field: String,
    /// Which rule: `length`, `template_statement_refused`, `unknown_variable`, `syntax`, `value`, `required`,
    /// `variable_in_unsafe_place` or `markup_refused`.
    code: String,
    /// The same in words.
    detail: String,
    /// The line, 1 for the first.
    line: u32,
    /// The letter of the line, 1 for the first.
    column: u32,
    /// Whether it is only to be thought about.
    warning: bool,
}

/// Where a message goes that shows how a template looks.
#[derive(Debug, Object)]
pub struct TestMessageTemplateRequest {
    /// Another address than the caller's own; for that it takes the right to change templates.
    pub(super) to: Option<Email>,
}

/// A message that shows how a template looks.
#[derive(Debug, Object, Serialize)]
pub struct TemplateTest {
    /// Its name in the delivery log.
    pub(super) message: String,
    /// Where it goes.
    pub(super) to: String,
}

impl From<TemplateLanguage> for Language {
    fn from(language: TemplateLanguage) -> Self {
        match language {
            TemplateLanguage::En => Self::English,
            TemplateLanguage::Zh => Self::Chinese,
        }
    }
}

impl From<Language> for TemplateLanguage {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::En,
            Language::Chinese => Self::Zh,
        }
    }
}

fn variables_of(kind: Template) -> Vec<TemplateVariable> {
    let known = super::variables(kind).iter();
    let shown = known.map(|variable: &Variable| TemplateVariable {
        name: variable.name.to_owned(),
        meaning: variable.meaning.to_owned(),
        example: variable.example.to_owned(),
        optional: variable.optional,
    });
    shown.collect()
}

impl From<&Known> for MessageTemplate {
    fn from(known: &Known) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "MessageTemplate".to_owned(),
            metadata: TemplateMetadata {
                name: known.name(),
                version: known.version,
            },
            spec: known.source.clone(),
            status: TemplateStatus {
                template: known.kind,
                language: known.language.into(),
                is_default: known.is_default(),
                outdated: known.is_outdated(),
                broken: known.is_broken(),
                updated_at: known.updated_at.map(Into::into),
                default: built_in(known.kind, known.language).clone(),
                variables: variables_of(known.kind),
            },
        }
    }
}

impl From<&Known> for TemplateSummary {
    fn from(known: &Known) -> Self {
        Self {
            language: known.language.into(),
            subject: known.source.subject.clone(),
            is_default: known.is_default(),
            outdated: known.is_outdated(),
            broken: known.is_broken(),
            updated_at: known.updated_at.map(Into::into),
        }
    }
}

impl MessageTemplateList {
    /// Of all templates, those of a kind together.
    pub(super) fn of(all: &[Known]) -> Self {
        let kinds = KINDS.into_iter().zip(all.chunks(LANGUAGES.len()));
        let items = kinds.map(|(template, languages)| TemplatesOfKind {
            template,
            variables: variables_of(template),
            languages: languages.iter().map(Into::into).collect(),
        });
        Self { items: items.collect() }
    }
}

impl UpdateMessageTemplateRequest {
    pub(super) fn read(self) -> (Option<i64>, Source) {
        (self.metadata.and_then(|metadata| metadata.version), self.spec)
    }
}

impl PreviewMessageTemplateRequest {
    pub(super) fn read(self, kind: Template, language: Language) -> Draft {
        Draft {
            kind,
            language,
            subject: self.subject,
            text: self.text,
            html: self.html,
            client_id: self.client_id,
            variables: self.variables.unwrap_or_default(),
        }
    }
}

impl From<Shown> for TemplatePreview {
    fn from(shown: Shown) -> Self {
        let problem = |problem: Problem| TemplateProblem {
            field: problem.part.name().to_owned(),
            code: problem.rule.name().to_owned(),
            detail: problem.detail,
            line: problem.line,
            column: problem.column,
            warning: problem.is_warning,
        };
        let problems = shown.problems.into_iter().map(problem).collect();
        let Some(made) = shown.rendered else {
            return Self {
                subject: None,
                text: None,
                html: None,
                bytes: 0,
                problems,
            };
        };
        let bytes = made.subject.len() + made.text.len() + made.html.len();
        Self {
            subject: Some(made.subject),
            text: Some(made.text),
            html: Some(made.html),
            bytes: bytes.try_into().unwrap_or(u32::MAX),
            problems,
        }
    }
}

/// The error with the parts of a template where requests have them.
pub(super) fn placed(mut error: Error) -> Error {
    if let Error::Invalid(fields) = &mut error {
        for wrong in fields
            .iter_mut()
            .filter(|wrong| ["subject", "text", "html"].contains(&&*wrong.field))
        {
            wrong.field.insert_str(0, "spec.");
        }
    }
    error
}
