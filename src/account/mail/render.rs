//! The text of messages: one folder a message, one file a language and part.

use crate::{
    kit::{error::Result, text::Language},
    message::{Message, Template},
    setting::Brand,
    verification::{self, Purpose, Secrets},
};
use anyhow::Context;
use minijinja::{Environment, context};
use std::sync::LazyLock;

/// A message, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Rendered {
    /// The first line.
    pub(super) subject: String,
    /// Plain text.
    pub(super) text: String,
    /// HTML.
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
    const FILES: &[(&str, &str)] = templates![
        "verify_email",
        "address_in_use",
        "reset_password",
        "password_changed",
        "email_changed",
        "invitation",
        "trial",
        "link_identity",
        "identity_linked",
        "identity_removed"
    ];
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    for (name, text) in FILES {
        environment
            .add_template(name, text)
            .expect("the templates of this program are valid: a test renders each");
    }
    environment
});

/// The facts that a message tells.
pub(super) struct About<'a> {
    /// The brand it is written in.
    pub(super) brand: Brand,
    /// Where the tenant is.
    pub(super) url: String,
    /// Its code and link.
    pub(super) secrets: Option<&'a Secrets>,
    /// The provider that it is about, as people see it.
    pub(super) provider: Option<String>,
}

impl About<'_> {
    /// Where the button leads: a page that only asks; see `login`.
    fn link(&self) -> String {
        let Some(secrets) = self.secrets else {
            return format!("{}/login/forgot", self.url);
        };
        let page = match secrets.purpose {
            Purpose::Register | Purpose::Invite => "sign-up",
            Purpose::VerifyEmail => "verify",
            Purpose::ResetPassword => "reset",
            Purpose::UndoEmail => "undo",
            Purpose::LinkIdentity => "identity",
        };
        format!("{}/login/{page}?token={}", self.url, secrets.link.as_str())
    }
}

/// A name that no mail program takes for an address of the web: anybody can call themself `example.com`, and
/// have a link to it mailed to others. What is put after each point has no width and ends no line.
fn unlinked(name: &str) -> String {
    name.replace('.', ".\u{2060}")
}

/// Renders a message in its language.
pub(super) fn render(message: &Message, about: &About<'_>) -> Result<Rendered> {
    let name = match message.template {
        Template::VerifyEmail => "verify_email",
        Template::AddressInUse => "address_in_use",
        Template::ResetPassword => "reset_password",
        Template::PasswordChanged => "password_changed",
        Template::EmailChanged => "email_changed",
        Template::Invitation => "invitation",
        Template::LinkIdentity => "link_identity",
        Template::IdentityLinked => "identity_linked",
        Template::IdentityRemoved => "identity_removed",
    };
    let language = Language::of(&message.language).unwrap_or_default();
    render_to(name, &message.address, language, about)
}

/// Renders the mail that shows whether a sender works.
pub(super) fn render_trial(address: &str, language: Language, about: &About<'_>) -> Result<Rendered> {
    render_to("trial", address, language, about)
}

fn render_to(name: &str, address: &str, language: Language, about: &About<'_>) -> Result<Rendered> {
    let code = about.secrets.and_then(|secrets| secrets.code.as_ref());
    let values = context! {
        tenant => about.brand.name,
        color => about.brand.color,
        ink => about.brand.ink(),
        account => about.secrets.and_then(|secrets| secrets.account.as_deref()).map(unlinked),
        code => code.map(|code| code.as_str()).unwrap_or_default(),
        link => about.link(),
        address => address,
        provider => about.provider.as_deref().map(unlinked).unwrap_or_default(),
        minutes => verification::LIFE.num_minutes(),
        hours => verification::UNDO_LIFE.num_hours(),
        days => verification::INVITE_LIFE.num_days(),
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

    fn message(template: Template, language: &str) -> Message {
        let now = Clock::default().now();
        Message {
            id: MessageId::new(now),
            job_id: JobId::new(now),
            verification_id: None,
            template,
            address: "ada@example.com".to_owned(),
            language: language.to_owned(),
            client_id: None,
            about: None,
            subject: None,
            state: State::Queued,
            sealed_content: None,
            created_at: now,
            sent_at: None,
            sender_id: None,
            next_at: None,
            attempts: 0,
            relay_answer: None,
            enhanced: None,
            resend_of: None,
            cancelled_by: None,
            priority: 0,
        }
    }

    fn render_for(tenant: &str, message: &Message, secrets: Option<&Secrets>) -> Rendered {
        let about = About {
            brand: Brand {
                name: tenant.to_owned(),
                color: "#1c7ed6".to_owned(),
                logo_url: None,
                home_url: None,
            },
            url: "https://id.example.com/t/acme".to_owned(),
            secrets,
            provider: Some("Corp".to_owned()),
        };
        render(message, &about).unwrap()
    }

    fn secrets(purpose: Purpose, code: Option<&str>) -> Secrets {
        Secrets {
            purpose,
            code: code.map(|code| code.to_owned().into()),
            link: "LINK-TOKEN".to_owned().into(),
            account: (purpose == Purpose::VerifyEmail).then(|| "ada".to_owned()),
        }
    }

    #[test]
    fn every_message_is_written_in_every_language() {
        let with = |purpose, code| Some(secrets(purpose, code));
        for (template, secrets) in [
            (Template::VerifyEmail, with(Purpose::VerifyEmail, Some("012345"))),
            (Template::AddressInUse, None),
            (Template::ResetPassword, with(Purpose::ResetPassword, Some("012345"))),
            (Template::PasswordChanged, None),
            (Template::EmailChanged, with(Purpose::UndoEmail, None)),
            (Template::Invitation, with(Purpose::Invite, None)),
            (Template::IdentityLinked, None),
            (Template::IdentityRemoved, None),
            (Template::LinkIdentity, with(Purpose::LinkIdentity, Some("012345"))),
        ] {
            for language in ["en", "zh"] {
                let rendered = render_for("Acme", &message(template, language), secrets.as_ref());
                insta::assert_snapshot!(
                    format!("{template:?} {language}"),
                    format!("{}\n\n{}\n{}", rendered.subject, rendered.text, rendered.html)
                );
            }
        }
    }

    #[test]
    fn the_mail_that_shows_whether_a_sender_works_is_written_in_every_language() {
        let about = About {
            brand: Brand {
                name: "Acme".to_owned(),
                color: "#1c7ed6".to_owned(),
                logo_url: None,
                home_url: None,
            },
            url: "https://id.example.com/t/acme".to_owned(),
            secrets: None,
            provider: None,
        };
        for language in [Language::English, Language::Chinese] {
            let rendered = render_trial("ada@example.com", language, &about).unwrap();
            insta::assert_snapshot!(
                format!("Trial {language}"),
                format!("{}\n\n{}\n{}", rendered.subject, rendered.text, rendered.html)
            );
        }
    }

    #[test]
    fn a_hostile_tenant_name_stays_text() {
        let name = "<b>Acme</b>\r\nBcc: eve@example.com";
        let secrets = secrets(Purpose::VerifyEmail, Some("012345"));
        let rendered = render_for(name, &message(Template::VerifyEmail, "en"), Some(&secrets));
        assert!(!rendered.html.contains("<b>Acme"), "{}", rendered.html);
        assert!(!rendered.subject.contains('\n'));
    }
}
