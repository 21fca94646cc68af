//! The group `user`.

use super::View;
use crate::{
    account::{SignUp, SignUpMode},
    kit::text::{DomainRule, RoleName, UserName},
};
use poem_openapi::Object;

/// Who signs up, and what they get. Kept by the policy `sign-up`.
#[derive(Debug, Object)]
#[oai(rename = "UserConfig", rename_all = "camelCase")]
pub(super) struct User {
    /// Whether anybody may sign up. Who was invited may also where it is false, unless the policy says that nobody may.
    allow_registration: bool,
    /// Whether nobody signs in before they have proven their address.
    must_verify_email_on_registration: bool,
    /// The role that whoever signs up is given, besides `user`. It must be the caller's to give.
    default_role: Option<RoleName>,
    /// User names that nobody takes who signs up.
    #[oai(validator(max_items = 500))]
    protected_usernames: Vec<UserName>,
    /// Domains of addresses that are taken; all if none is named. With a dot in front, also what is below it.
    #[oai(validator(max_items = 200))]
    allowed_email_domains: Vec<DomainRule>,
    /// Domains of addresses that are not taken.
    #[oai(validator(max_items = 200))]
    blocked_email_domains: Vec<DomainRule>,
}

impl View for User {
    type Setting = SignUp;

    fn of(setting: &SignUp) -> Self {
        let all = setting.clone();
        Self {
            allow_registration: all.mode == SignUpMode::Open,
            must_verify_email_on_registration: all.verify_before_sign_in,
            default_role: all.default_role,
            protected_usernames: all.protected_names,
            allowed_email_domains: all.allowed_domains,
            blocked_email_domains: all.blocked_domains,
        }
    }

    fn apply(self, old: &SignUp) -> SignUp {
        let mode = match (self.allow_registration, old.mode) {
            (true, _) => SignUpMode::Open,
            // Whoever is invited was chosen by somebody.
            (false, SignUpMode::Open) => SignUpMode::Invited,
            (false, mode) => mode,
        };
        SignUp {
            mode,
            verify_before_sign_in: self.must_verify_email_on_registration,
            default_role: self.default_role,
            protected_names: self.protected_usernames,
            allowed_domains: self.allowed_email_domains,
            blocked_domains: self.blocked_email_domains,
            ..old.clone()
        }
    }

    fn member(of: &str) -> Option<&'static str> {
        Some(match of {
            "mode" => "allowRegistration",
            "verifyBeforeSignIn" => "mustVerifyEmailOnRegistration",
            "defaultRole" => "defaultRole",
            "protectedNames" => "protectedUsernames",
            "allowedDomains" => "allowedEmailDomains",
            "blockedDomains" => "blockedEmailDomains",
            _ => return None,
        })
    }
}
