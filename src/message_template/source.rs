//! The parts of a template, and those that come with the program: one folder a kind, one file a language and part.

use crate::{
    kit::{secret, text::Language},
    message::Template,
};
use poem_openapi::Object;
use serde::Serialize;
use std::{collections::HashMap, fmt::Write, sync::LazyLock};

/// A template: what a message is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "MessageTemplateSpec")]
pub struct Source {
    /// The subject, in one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// The languages that messages are written in.
pub const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

macro_rules! files {
    ($($kind:ident $name:literal),+ $(,)?) => {
        &[$(
            (Template::$kind, Language::English, include_str!(concat!("templates/", $name, "/en.txt")),
                include_str!(concat!("templates/", $name, "/en.html"))),
            (Template::$kind, Language::Chinese, include_str!(concat!("templates/", $name, "/zh.txt")),
                include_str!(concat!("templates/", $name, "/zh.html"))),
        )+]
    };
}

type File = (Template, Language, &'static str, &'static str);

/// The first line of a `.txt` is the subject; an `.html` is put into the frame.
const FILES: &[File] = files![
    VerifyEmail "verify_email",
    ResetPassword "reset_password",
    LinkIdentity "link_identity",
    Invitation "invitation",
    EmailChanged "email_changed",
    AddressInUse "address_in_use",
    PasswordChanged "password_changed",
    IdentityLinked "identity_linked",
    IdentityRemoved "identity_removed",
    SenderFailing "sender_failing",
    SignInMethod "sign_in_method",
    DomainFailing "domain_failing",
    QuotaNear "quota_near",
    BackupOverdue "backup_overdue",
    BackupDamaged "backup_damaged",
    BackupDownloaded "backup_downloaded",
    Restored "restored",
    SenderTest "sender_test",
];
const FRAME: &str = include_str!("templates/frame.html");

static BUILT_IN: LazyLock<HashMap<(&str, &str), Source>> = LazyLock::new(|| {
    let sources = FILES.iter().map(|(kind, language, text, html)| {
        let (subject, text) = text.split_once('\n').expect("a text begins with its subject");
        let source = Source {
            subject: subject.trim().to_owned(),
            text: text.trim_start().to_owned(),
            html: FRAME.replace("<!-- content -->", html.trim_end()),
        };
        ((kind.name(), language.tag()), source)
    });
    sources.collect()
});

/// The template that comes with the program.
#[must_use]
pub fn built_in(kind: Template, language: Language) -> &'static Source {
    let found = BUILT_IN.get(&(kind.name(), language.tag()));
    found.expect("every kind of message is written in every language")
}

impl Source {
    /// Tells one text from another.
    #[must_use]
    pub fn hash(&self) -> String {
        let parts = [&self.subject, &self.text, &self.html].map(|part| secret::hash_of([part.as_bytes()]));
        let hash = secret::hash_of(parts.each_ref().map(|part| &part[..]));
        hash[..16].iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a text cannot fail");
            hex
        })
    }
}
