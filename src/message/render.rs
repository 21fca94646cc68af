//! The text of messages: one folder a message, one file a language and part.

use super::entity::{Model, Template};
use crate::{
    kit::{error::Result, text::Language},
    verification,
};
use anyhow::Context;
use minijinja::{Environment, context};
use std::sync::LazyLock;

/// A message, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Rendered {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

macro_rules! templates {
    ($($name:literal),+) => {
        &[
            ("frame.html", include_str!("templates/frame.html")),
            $(
                (concat!($name, "/en.txt"), include_str!(concat!("templates/", $name, "/en.txt"))),
                (concat!($name, "/en.html"), include_str!(concat!("templates/", $name, "/en.html"))),
                (concat!($name, "/zh.txt"), include_str!(concat!("templates/", $name, "/zh.txt"))),
                (concat!($name, "/zh.html"), include_str!(concat!("templates/", $name, "/zh.html"))),
            )+
        ]
    };
}

/// The first line of a `.txt` is the subject; names ending in `.html` are escaped as HTML.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    const FILES: &[(&str, &str)] = templates!["verify_email", "address_in_use"];
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    for (name, text) in FILES {
        environment
            .add_template(name, text)
            .expect("the templates of this program are valid: a test renders each");
    }
    environment
});

/// Renders a message in its language.
pub(super) fn render(message: &Model, tenant: &str, code: Option<&str>) -> Result<Rendered> {
    let name = match message.template {
        Template::VerifyEmail => "verify_email",
        Template::AddressInUse => "address_in_use",
    };
    let language = Language::of(&message.language).unwrap_or_default();
    let values = context! {
        tenant,
        code => code.unwrap_or_default(),
        address => message.address,
        minutes => verification::LIFE.num_minutes(),
        language => language.to_string(),
    };
    let part = |kind: &str| {
        TEMPLATES
            .get_template(&format!("{name}/{language}.{kind}"))
            .and_then(|template| template.render(&values))
            .context("rendering a message")
    };
    let text = part("txt")?;
    let (subject, text) = text
        .split_once('\n')
        .context("a text template begins with its subject")?;
    Ok(Rendered {
        subject: subject.trim().to_owned(),
        text: text.trim_start().to_owned(),
        html: part("html")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kit::{
            clock::Clock,
            id::{JobId, MessageId},
        },
        message::entity::State,
    };

    fn message(template: Template, language: &str) -> Model {
        let now = Clock::default().now();
        Model {
            id: MessageId::new(now),
            job_id: JobId::new(now),
            verification_id: None,
            template,
            address: "ada@example.com".to_owned(),
            language: language.to_owned(),
            subject: None,
            state: State::Queued,
            sealed_content: None,
            created_at: now,
            sent_at: None,
        }
    }

    #[test]
    fn every_message_is_written_in_every_language() {
        for template in [Template::VerifyEmail, Template::AddressInUse] {
            for language in ["en", "zh"] {
                let rendered = render(&message(template, language), "Acme", Some("012345")).unwrap();
                insta::assert_snapshot!(
                    format!("{template:?} {language}"),
                    format!("{}\n\n{}\n{}", rendered.subject, rendered.text, rendered.html)
                );
            }
        }
    }

    #[test]
    fn a_hostile_tenant_name_stays_text() {
        let name = "<b>Acme</b>\r\nBcc: eve@example.com";
        let rendered = render(&message(Template::VerifyEmail, "en"), name, Some("012345")).unwrap();
        assert!(!rendered.html.contains("<b>Acme"), "{}", rendered.html);
        assert!(!rendered.subject.contains('\n'));
    }
}
