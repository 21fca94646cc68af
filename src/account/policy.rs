//! Who may sign up.

use crate::{
    kit::{
        error::{Code, Result},
        text::{DomainRule, Email, RoleName, UserName},
    },
    setting::Setting,
    verification::Purpose,
};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// Who may sign up, what they must show, and whether they may take another name and leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "SignUpSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct SignUp {
    /// Who may.
    pub mode: SignUpMode,
    /// Domains of addresses that are taken; all if none is named. With a dot in front, also what
    /// is below it.
    #[oai(default, validator(max_items = 200))]
    pub allowed_domains: Vec<DomainRule>,
    /// Domains of addresses that are not taken.
    #[oai(default, validator(max_items = 200))]
    pub blocked_domains: Vec<DomainRule>,
    /// Whether nobody signs in before they have proven their address.
    #[oai(default)]
    pub verify_before_sign_in: bool,
    /// The role that whoever signs up is given, besides `user`; none if it is absent. They have it before they have
    /// proven their address, unless nobody signs in before that. It must be the caller's to give.
    pub default_role: Option<RoleName>,
    /// User names that nobody takes who signs up; administrators may give them.
    #[oai(default, validator(max_items = 500))]
    pub protected_names: Vec<UserName>,
    /// Whether anybody may ask if an address has an account, with `POST /api/email-check/validate`.
    #[oai(default)]
    pub addresses_told: bool,
    /// Whether people may delete their own account.
    #[oai(default)]
    pub account_deletion: bool,
    /// Whether people may change their own user name, once in 30 days.
    #[oai(default)]
    pub name_change: bool,
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename = "Mode", rename_all = "lowercase")]
pub enum SignUpMode {
    /// Anybody.
    #[default]
    Open,
    /// Who was invited.
    Invited,
    /// Nobody.
    Closed,
}

impl Setting for SignUp {
    const NAME: &'static str = "sign-up";

    fn given_roles(&self) -> Vec<String> {
        self.default_role.iter().map(ToString::to_string).collect()
    }

    fn of_one_tenant(&self) -> Vec<String> {
        self.default_role.iter().map(|_| "defaultRole".to_owned()).collect()
    }
}

impl SignUp {
    /// Whether somebody with this address may begin to sign up; `proof` may be an invitation.
    ///
    /// # Errors
    /// [`Code::SignUpClosed`], [`Code::EmailDomainRefused`].
    pub fn admit(&self, email: &Email, proof: bool) -> Result<()> {
        match self.mode {
            SignUpMode::Open if !proof => self.check_domain(email),
            SignUpMode::Open => Ok(()),
            SignUpMode::Invited if proof => Ok(()),
            SignUpMode::Invited | SignUpMode::Closed => Err(Code::SignUpClosed.into()),
        }
    }

    /// Whether what they have shown is enough. An invited person may have any address.
    ///
    /// # Errors
    /// [`Code::SignUpClosed`], [`Code::EmailDomainRefused`].
    pub fn accept(&self, email: &Email, shown: Purpose) -> Result<()> {
        match (shown, self.mode) {
            (Purpose::Invite, SignUpMode::Open | SignUpMode::Invited) => Ok(()),
            (_, SignUpMode::Open) => self.check_domain(email),
            _ => Err(Code::SignUpClosed.into()),
        }
    }

    /// Whether somebody who signs up may have this name.
    ///
    /// # Errors
    /// [`Code::UserNameTaken`].
    pub fn check_name(&self, name: &UserName) -> Result<()> {
        match self.protected_names.contains(name) {
            true => Err(Code::UserNameTaken.into()),
            false => Ok(()),
        }
    }

    /// Whether addresses of this domain are taken.
    ///
    /// # Errors
    /// [`Code::EmailDomainRefused`].
    pub fn check_domain(&self, email: &Email) -> Result<()> {
        let domain = email.key().rsplit('@').next().unwrap_or_default();
        let covers = |rule: &DomainRule| rule.covers(domain);
        let allowed = self.allowed_domains.is_empty() || self.allowed_domains.iter().any(covers);
        if allowed && !self.blocked_domains.iter().any(covers) {
            Ok(())
        } else {
            Err(Code::EmailDomainRefused.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(allowed: &[&str], blocked: &[&str], email: &str) -> bool {
        let list = |rules: &[&str]| rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let policy = SignUp {
            allowed_domains: list(allowed),
            blocked_domains: list(blocked),
            ..SignUp::default()
        };
        policy.admit(&email.parse().unwrap(), false).is_ok()
    }

    #[test]
    fn a_domain_is_a_host_or_with_a_dot_all_below_it() {
        assert!(takes(&[], &[], "ada@example.com"));
        assert!(takes(&["example.com"], &[], "ada@EXAMPLE.com"));
        assert!(!takes(&["example.com"], &[], "ada@evil.example.com"));
        assert!(!takes(&["example.com"], &[], "ada@evilexample.com"));
        assert!(!takes(&["example.com"], &[], "ada@example.com.evil.test"));
        assert!(takes(&[".example.com"], &[], "ada@mail.example.com"));
        assert!(takes(&[".example.com"], &[], "ada@example.com"));
        assert!(!takes(&[".example.com"], &[], "ada@evilexample.com"));
        assert!(!takes(&[], &["example.com"], "ada@example.com"));
        assert!(!takes(&[".example.com"], &["bad.example.com"], "ada@bad.example.com"));
    }
}
