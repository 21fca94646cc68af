//! What a template may name: the variables of each kind of message.

use crate::message::Template;

/// Something that a template may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
    /// A value that it may have.
    pub example: &'static str,
    /// Whether it may be empty.
    pub optional: bool,
}

const fn variable(name: &'static str, meaning: &'static str, example: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        example,
        optional: false,
    }
}

const TENANT: Variable = variable("tenant", "What the tenant, or the application, is called.", "Acme");
const COLOR: Variable = variable(
    "color",
    "The colour of buttons; in `style` and `bgcolor` alone.",
    "#0b7285",
);
const INK: Variable = variable(
    "ink",
    "The colour of text on buttons; in `style` and `bgcolor` alone.",
    "#ffffff",
);
const ADDRESS: Variable = variable("address", "The address the message goes to.", "somebody@example.com");
const LANGUAGE: Variable = variable("language", "The language, as `lang` has it.", "en");
const ACCOUNT: Variable = Variable {
    optional: true,
    ..variable(
        "account",
        "The user name of the account, where there is one already.",
        "ada",
    )
};
const CODE: Variable = variable("code", "The code.", "123456");
const LINK: Variable = variable(
    "link",
    "Where the button leads; alone in `href`.",
    "https://id.example.com/login/test",
);
const MINUTES: Variable = variable("minutes", "For how many minutes the code is good.", "10");
const HOURS: Variable = variable("hours", "For how many hours the link is good.", "72");
const DAYS: Variable = variable("days", "For how many days the link is good.", "7");
const PROVIDER: Variable = variable("provider", "What the provider is called.", "Corp");
const AT: Variable = variable("at", "When it was done.", "2026-11-29 18:30 UTC");
const NETWORK: Variable = Variable {
    optional: true,
    ..variable(
        "network",
        "From which network it was done, where that is known.",
        "192.0.2.1",
    )
};
const IDENTITIES: Variable = Variable {
    optional: true,
    ..variable(
        "identities",
        "What else signs in to the account: providers, with commas between.",
        "Corp, Forum",
    )
};
const SENDER: Variable = variable("sender", "What the sender is called.", "Main relay");
const DOMAIN: Variable = variable("domain", "The domain.", "login.example.com");
const QUOTA: Variable = variable("quota", "What there is a quota of.", "users");
const FILE: Variable = variable("file", "What the file is called.", "acme-20261129T030000Z.tntb");
const SNAPSHOT: Variable = variable(
    "snapshot",
    "When the tenant was as the backup says.",
    "2026-11-29T03:00:00Z",
);
const LAST: Variable = Variable {
    optional: true,
    ..variable(
        "last",
        "When the newest backup was begun that was made by itself, if there is one.",
        "2026-11-28 03:00 UTC",
    )
};
const DONE_BY: Variable = variable("account", "The user name of whoever did it.", "ada");

/// What templates of this kind may name.
#[must_use]
pub fn variables(kind: Template) -> &'static [Variable] {
    match kind {
        Template::VerifyEmail => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, ACCOUNT, CODE, LINK, MINUTES],
        Template::ResetPassword => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, CODE, LINK, MINUTES, IDENTITIES],
        Template::LinkIdentity => &[
            TENANT, COLOR, INK, ADDRESS, LANGUAGE, ACCOUNT, PROVIDER, CODE, LINK, MINUTES,
        ],
        Template::Invitation => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, LINK, DAYS],
        Template::EmailChanged => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, LINK, HOURS],
        Template::AddressInUse | Template::PasswordChanged => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, LINK],
        Template::IdentityLinked | Template::IdentityRemoved => &[
            TENANT, COLOR, INK, ADDRESS, LANGUAGE, ACCOUNT, PROVIDER, AT, NETWORK, LINK,
        ],
        Template::SenderFailing => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, SENDER, LINK],
        Template::SignInMethod => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, PROVIDER, LINK],
        Template::DomainFailing => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, DOMAIN, LINK],
        Template::QuotaNear => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, QUOTA, LINK],
        Template::BackupOverdue => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, LAST, LINK],
        Template::BackupDamaged => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, FILE, LINK],
        Template::BackupDownloaded => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, FILE, DONE_BY, NETWORK, LINK],
        Template::Restored => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, SNAPSHOT, LINK],
        Template::SenderTest => &[TENANT, COLOR, INK, ADDRESS, LANGUAGE, SENDER, AT],
    }
}

/// Of what each branch of text and HTML has to have one: without it the message is of no use.
#[must_use]
pub(super) fn required(kind: Template) -> &'static [&'static str] {
    match kind {
        Template::VerifyEmail | Template::ResetPassword | Template::LinkIdentity => &["code", "link"],
        Template::Invitation | Template::EmailChanged => &["link"],
        _ => &[],
    }
}
