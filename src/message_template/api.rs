//! `/message-templates` of the console group.

use super::wire::{
    MessageTemplate, MessageTemplateList, PreviewMessageTemplateRequest, TemplateLanguage, TemplatePreview,
    TemplateTest, TestMessageTemplateRequest, UpdateMessageTemplateRequest, placed,
};
use crate::{
    access::permission::{
        MessageTemplatesDelete, MessageTemplatesGet, MessageTemplatesList, MessageTemplatesTest, MessageTemplatesUpdate,
    },
    account,
    console::Tag,
    extract::Caller,
    kit::{body::Body, error::Result, http::NoContent, json::Written, object::Versioned},
    message::Template,
    sender::MailPolicy,
    setting,
};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

fn answer(template: &super::MessageTemplate) -> Versioned<MessageTemplate> {
    Versioned::with_others(&template.into(), template.version)
}

/// The operations on templates.
pub struct Api;

#[OpenApi(prefix_path = "/message-templates", tag = "Tag::Messages")]
#[boxed]
impl Api {
    /// List templates of messages
    ///
    /// Every kind of message in every language, and whether the tenant has a text of its own for it.
    #[oai(path = "/", method = "get", operation_id = "ListMessageTemplates")]
    async fn list(&self, caller: Caller<MessageTemplatesList>) -> Result<Written<MessageTemplateList>> {
        let all = caller.run(async |tx| super::all(tx).await).await?;
        Ok(Written::of(&MessageTemplateList::of(&all)))
    }

    /// See a template of messages
    ///
    /// The tenant's own, or the one that comes with the program, with all that it may name.
    #[oai(path = "/:kind/:language", method = "get", operation_id = "GetMessageTemplate")]
    async fn get(
        &self,
        caller: Caller<MessageTemplatesGet>,
        /// The kind of message.
        kind: Path<Template>,
        /// The language.
        language: Path<TemplateLanguage>,
    ) -> Result<Versioned<MessageTemplate>> {
        let found = caller
            .run(async |tx| super::get(tx, kind.0, language.0.into()).await)
            .await?;
        Ok(answer(&found))
    }

    /// Write a template of messages
    ///
    /// Prints variables and branches on them, and nothing else: `{{ code }}`, `{% if account %}…{% else %}…{% endif %}`,
    /// `and`, `or`, `not`, `==`, `!=` and the filters `upper`, `lower`, `trim` and `default("…")`. Text and HTML print what
    /// the message is of no use without, whichever way the branches go. What is wrong is named by field, rule, line and
    /// column.
    #[oai(path = "/:kind/:language", method = "put", operation_id = "UpdateMessageTemplate")]
    async fn update(
        &self,
        caller: Caller<MessageTemplatesUpdate>,
        /// The kind of message.
        kind: Path<Template>,
        /// The language.
        language: Path<TemplateLanguage>,
        new: Body<UpdateMessageTemplateRequest, MessageTemplate>,
    ) -> Result<Versioned<MessageTemplate>> {
        let Body(new, as_read) = new;
        let (expected, source) = new.read();
        let written = caller
            .run(async |tx| {
                let old = super::get_for_update(tx, kind.0, language.0.into()).await?;
                as_read.check(|| (&old).into())?;
                let (policy, _) = setting::read::<MailPolicy>(tx).await?;
                super::put(tx, (old, expected), source, policy.code_in_subject).await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&written))
    }

    /// Reset a template of messages
    ///
    /// To the one that comes with the program.
    #[oai(path = "/:kind/:language", method = "delete", operation_id = "ResetMessageTemplate")]
    async fn reset(
        &self,
        caller: Caller<MessageTemplatesDelete>,
        /// The kind of message.
        kind: Path<Template>,
        /// The language.
        language: Path<TemplateLanguage>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| super::reset(tx, super::get_for_update(tx, kind.0, language.0.into()).await?).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// Preview a message
    ///
    /// What a template makes of example values, and all that is wrong with it. Nothing is stored, and no code is made.
    #[oai(
        path = "/:kind/:language/preview",
        method = "post",
        operation_id = "PreviewMessageTemplate"
    )]
    async fn preview(
        &self,
        caller: Caller<MessageTemplatesGet>,
        /// The kind of message.
        kind: Path<Template>,
        /// The language.
        language: Path<TemplateLanguage>,
        draft: Body<PreviewMessageTemplateRequest>,
    ) -> Result<Written<TemplatePreview>> {
        let draft = draft.0.read(kind.0, language.0.into());
        let shown = caller
            .run(async |tx| account::preview_message(&caller, tx, draft).await)
            .await?;
        Ok(Written::of(&shown.into()))
    }

    /// Send a test message
    ///
    /// As the template has it, with example values and `[Test]` before the subject, by the sender that mail leaves by; to
    /// the caller's own address unless `to` says otherwise. Up to five times a minute.
    #[oai(
        path = "/:kind/:language/test",
        method = "post",
        operation_id = "TestMessageTemplate"
    )]
    async fn test(
        &self,
        caller: Caller<MessageTemplatesTest>,
        /// The kind of message.
        kind: Path<Template>,
        /// The language.
        language: Path<TemplateLanguage>,
        asked: Body<TestMessageTemplateRequest>,
    ) -> Result<Written<TemplateTest>> {
        let to = account::addressee::<MessageTemplatesUpdate>(&caller, asked.0.to).await?;
        let id = caller
            .run(async |tx| account::test_template(tx, (kind.0, language.0.into()), &to).await)
            .await?;
        Ok(Written::of(&TemplateTest {
            message: id.to_string(),
            to: to.to_string(),
        }))
    }
}
