//! What messages tell.

use crate::{
    kit::text::{Language, TimeZone},
    message::{Message, Template},
    message_template::Values,
    quota::Quota,
    setting::Brand,
    verification::{self, Purpose, Secrets},
};
use chrono::{DateTime, Utc};

/// The facts that a message tells.
pub(super) struct About<'a> {
    /// The kind of message.
    pub(super) kind: Template,
    /// The brand it is written in.
    pub(super) brand: Brand,
    /// Where the tenant is.
    pub(super) url: String,
    /// Its code and link.
    pub(super) secrets: Option<&'a Secrets>,
    /// The provider that it is about, as people see it.
    pub(super) provider: Option<String>,
    /// What was done, and when.
    pub(super) deed: Done,
    /// The providers that people get into the account through, as people see them.
    pub(super) identities: String,
    /// Where the clocks are whose time it tells.
    pub(super) zone: TimeZone,
}

/// When something was done, to which account, and from where.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// The user name of the account, where the challenge does not say it.
    pub(super) account: Option<String>,
    /// The network it was done from.
    pub(super) network: Option<String>,
}

impl Done {
    /// What a message tells of.
    pub(super) fn of(message: &Message) -> Self {
        Self {
            at: message.created_at,
            account: message.account.clone(),
            network: message.network.clone(),
        }
    }
}

impl About<'_> {
    /// Where the button leads: a page that only asks; see `login`.
    fn link(&self) -> String {
        let Some(secrets) = self.secrets else {
            let page = match self.kind {
                Template::SenderFailing => "console/senders",
                Template::SignInMethod => "console/sign-in-methods",
                Template::DomainFailing => "console/domains",
                Template::QuotaNear => "console/overview",
                Template::BackupOverdue | Template::BackupDamaged | Template::BackupDownloaded => "console/backups",
                Template::Restored => "console/audit",
                _ => "login/forgot",
            };
            return format!("{}/{page}", self.url);
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

impl About<'_> {
    /// What the variables of a template stand for.
    pub(super) fn values(&self, address: &str, language: Language) -> Values {
        let secrets = self.secrets;
        let account = secrets.and_then(|secrets| secrets.account.as_deref());
        let account = account.or(self.deed.account.as_deref());
        let code = secrets.and_then(|secrets| secrets.code.as_ref());
        let provider = self.provider.as_deref().unwrap_or_default();
        Values::default()
            .with_name("tenant", &self.brand.name)
            .with("color", &self.brand.color)
            .with("ink", self.brand.ink())
            .with("address", address)
            .with("language", language.tag())
            .with_name("account", account.unwrap_or_default())
            .with("code", code.map(|code| code.as_str()).unwrap_or_default())
            .with("link", &self.link())
            .with_name("provider", provider)
            .with_name("sender", provider)
            .with_name("domain", provider)
            .with("quota", quota_in_words(provider, language))
            .with("file", provider)
            .with("snapshot", &self.shown(provider))
            .with("last", &self.shown(provider))
            .with_name("identities", &self.identities)
            .with("at", &self.zone.show(self.deed.at))
            .with("network", self.deed.network.as_deref().unwrap_or_default())
            .with_number("minutes", verification::LIFE.num_minutes())
            .with_number("hours", verification::UNDO_LIFE.num_hours())
            .with_number("days", verification::INVITE_LIFE.num_days())
    }

    /// A moment as clocks show it to those who are told; what is none stays as it is.
    fn shown(&self, moment: &str) -> String {
        let at = DateTime::parse_from_rfc3339(moment);
        at.map_or_else(|_| moment.to_owned(), |at| self.zone.show(at.to_utc()))
    }
}

/// What there is a quota of, as people call it.
fn quota_in_words(name: &str, language: Language) -> &'static str {
    let (english, chinese) = match Quota::ALL.into_iter().find(|quota| quota.name() == name) {
        Some(Quota::Users) => ("users", "用户数"),
        Some(Quota::Applications) => ("applications", "应用数"),
        Some(Quota::Roles) => ("roles", "角色数"),
        Some(Quota::Providers) => ("sign-in methods", "登录方式数"),
        Some(Quota::Senders) => ("senders", "发件服务数"),
        Some(Quota::Domains) => ("domains", "域名数"),
        Some(Quota::AttachmentBytes) => ("the size of all files", "文件总大小"),
        Some(Quota::Backups) => ("backups", "备份数"),
        Some(Quota::BackupBytes) => ("the size of all backups", "备份总大小"),
        Some(Quota::MailsPerDay) => ("mails a day", "每日邮件数"),
        None => ("", ""),
    };
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        message_template::{Rendered, built_in, render},
        setting::Links,
    };

    /// What a message of this kind is about.
    fn what_of(template: Template) -> &'static str {
        match template {
            Template::QuotaNear => "users",
            Template::DomainFailing => "id.acme.example",
            Template::BackupDownloaded => "acme-2026-11-28.tntb",
            Template::BackupOverdue | Template::Restored => "2026-11-28T03:00:00Z",
            _ => "Corp",
        }
    }

    fn render_for(tenant: &str, (template, language): (Template, Language), secrets: Option<&Secrets>) -> Rendered {
        let about = About {
            kind: template,
            brand: Brand {
                name: tenant.to_owned(),
                color: "#1c7ed6".to_owned(),
                logo_url: None,
                logo_url_dark: None,
                icon_url: None,
                home_url: None,
                subtitle: None,
                links: Links::default(),
            },
            url: "https://id.example.com/t/acme".to_owned(),
            secrets,
            provider: Some(what_of(template).to_owned()),
            identities: "Corp, Forum".to_owned(),
            zone: TimeZone::default(),
            deed: Done {
                at: DateTime::from_timestamp(1_764_408_600, 0).unwrap(),
                account: Some("ada".to_owned()),
                network: Some("192.0.2.1".to_owned()),
            },
        };
        let values = about.values("ada@example.com", language);
        render(built_in(template, language), &values).unwrap()
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
            (Template::SenderFailing, None),
            (Template::SignInMethod, None),
            (Template::DomainFailing, None),
            (Template::QuotaNear, None),
            (Template::BackupOverdue, None),
            (Template::BackupDamaged, None),
            (Template::BackupDownloaded, None),
            (Template::Restored, None),
            (Template::LinkIdentity, with(Purpose::LinkIdentity, Some("012345"))),
        ] {
            for language in [Language::English, Language::Chinese] {
                let rendered = render_for("Acme", (template, language), secrets.as_ref());
                insta::assert_snapshot!(
                    format!("{template:?} {language}"),
                    format!("{}\n\n{}\n{}", rendered.subject, rendered.text, rendered.html)
                );
            }
        }
    }

    #[test]
    fn the_mail_that_shows_whether_a_sender_works_is_written_in_every_language() {
        for language in [Language::English, Language::Chinese] {
            let rendered = render_for("Acme", (Template::SenderTest, language), None);
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
        let rendered = render_for(name, (Template::VerifyEmail, Language::English), Some(&secrets));
        assert!(!rendered.html.contains("<b>Acme"), "{}", rendered.html);
        assert!(!rendered.subject.contains('\n'));
    }
}
