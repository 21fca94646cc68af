//! The policy `captcha`: the tenant's provider, and what it is asked about.

use super::{
    Action,
    provider::{Hcaptcha, Provider, Recaptcha, Turnstile, is_test_secret},
    sealed::Secret,
};
use crate::{
    kit::{
        db::Tx,
        error::{Error, FieldError, Result},
        secret::MasterKey,
    },
    setting::Setting,
};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Who tells people from programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename = "CaptchaProvider", rename_all = "lowercase")]
pub enum ProviderName {
    /// Nobody.
    #[default]
    None,
    /// Cloudflare Turnstile.
    Turnstile,
    /// hCaptcha.
    Hcaptcha,
    /// Google reCAPTCHA, v2 or v3.
    Recaptcha,
}

/// When signing in takes a CAPTCHA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "CaptchaSignIn", rename_all = "camelCase")]
pub enum SignInCheck {
    /// Never.
    #[default]
    Never,
    /// After a try for the name or address has failed, or as many from the network as one person
    /// has free.
    AfterFailures,
    /// Always.
    Always,
}

/// What happens while the provider cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename = "CaptchaOutage", rename_all = "lowercase")]
pub enum OnOutage {
    /// Whoever needs a CAPTCHA has to wait.
    #[default]
    Refuse,
    /// Everybody passes.
    Allow,
}

/// What takes a CAPTCHA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "CaptchaRequired", rename_all = "camelCase")]
pub struct Required {
    /// Signing up.
    #[oai(default)]
    pub sign_up: bool,
    /// Having a code mailed.
    #[oai(default)]
    pub send_code: bool,
    /// Having a way to a new password mailed.
    #[oai(default)]
    pub reset_password: bool,
    /// Signing in.
    #[oai(default)]
    pub sign_in: SignInCheck,
}

impl Required {
    /// Whether this act takes a CAPTCHA; `failures` counts for signing in.
    #[must_use]
    pub fn asks(self, action: Action, failures: bool) -> bool {
        match action {
            Action::SignUp => self.sign_up,
            Action::SendCode => self.send_code,
            Action::ResetPassword => self.reset_password,
            Action::SignIn => match self.sign_in {
                SignInCheck::Never => false,
                SignInCheck::AfterFailures => failures,
                SignInCheck::Always => true,
            },
        }
    }
}

impl ProviderName {
    /// The provider of this name.
    pub(super) fn provider(self) -> Option<&'static dyn Provider> {
        match self {
            Self::None => None,
            Self::Turnstile => Some(&Turnstile),
            Self::Hcaptcha => Some(&Hcaptcha),
            Self::Recaptcha => Some(&Recaptcha),
        }
    }
}

/// When people have to show that they are people, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "CaptchaSpec", rename_all = "camelCase")]
pub struct Captcha {
    /// Who tells people from programs.
    pub provider: ProviderName,
    /// The public key of the widget.
    pub site_key: String,
    /// Whether there is a secret. It is never shown.
    #[oai(rename = "secretSet")]
    pub(super) secret: Secret,
    /// Hosts of pages whose widgets are believed; if there are none, the tenant's own.
    pub hostnames: Vec<String>,
    /// The least score that passes, from 0 to 1 for surely a person, where the provider gives one.
    pub min_score: f64,
    /// What takes a CAPTCHA.
    pub required: Required,
    /// What happens while the provider cannot be asked.
    pub on_outage: OnOutage,
}

impl Default for Captcha {
    fn default() -> Self {
        Self {
            provider: ProviderName::None,
            site_key: String::new(),
            secret: Secret::default(),
            hostnames: vec![],
            min_score: 0.5,
            required: Required::default(),
            on_outage: OnOutage::Refuse,
        }
    }
}

impl Setting for Captcha {
    const NAME: &'static str = "captcha";

    fn shown(path: &str) -> Vec<String> {
        let name = if path == "secret" { "secretSet" } else { path };
        vec![name.to_owned()]
    }

    fn audit_view(&self) -> Value {
        let mut shown = json!(self);
        if let Some(fields) = shown.as_object_mut() {
            fields.shift_remove("secret");
            fields.insert("secretSetAt".to_owned(), json!(self.secret.set_at()));
        }
        shown
    }
}

impl Captcha {
    /// When signing in takes a CAPTCHA: never without a provider.
    #[must_use]
    pub fn at_sign_in(&self) -> SignInCheck {
        match self.provider {
            ProviderName::None => SignInCheck::Never,
            _ => self.required.sign_in,
        }
    }

    /// Whether there is a provider to tell people from programs.
    #[must_use]
    pub fn has_provider(&self) -> bool {
        self.provider != ProviderName::None
    }
}

/// When people have to show that they are people, and how. What is absent is as by default.
#[derive(Object)]
#[oai(rename = "UpdateCaptchaSpec", rename_all = "camelCase")]
pub struct Draft {
    /// Who tells people from programs; `none` forgets the secret.
    pub provider: ProviderName,
    /// The public key of the widget; required with a provider.
    #[oai(default, validator(max_length = 200))]
    pub site_key: String,
    /// The secret of the widget; required with another provider than before. If it is absent, the
    /// old one stays.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub secret: Option<String>,
    /// Hosts of pages whose widgets are believed; if there are none, the tenant's own.
    #[oai(default, validator(max_items = 50))]
    pub hostnames: Vec<String>,
    /// The least score that passes, from 0 to 1 for surely a person, where the provider gives one:
    /// reCAPTCHA v3, and hCaptcha Enterprise, whose scores count the other way and are turned
    /// round.
    #[oai(default = "least_score")]
    pub min_score: f64,
    /// What takes a CAPTCHA.
    #[oai(default)]
    pub required: Required,
    /// What happens while the provider cannot be asked.
    #[oai(default)]
    pub on_outage: OnOutage,
}

fn least_score() -> f64 {
    Captcha::default().min_score
}

impl Draft {
    /// The policy that this draft makes of the old one.
    ///
    /// A secret stays until another one is given. It belongs to its provider: another provider
    /// takes another secret, and `none` forgets it.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the fields that are not valid.
    pub fn apply(mut self, tx: &Tx, master: &MasterKey, is_development: bool, old: &Captcha) -> Result<Captcha> {
        let given = self.secret.take().map(Zeroizing::new);
        let given = given.as_deref().map(String::as_str);
        let wrong = self.wrong(given, old, is_development);
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        let secret = match (self.provider, given) {
            (ProviderName::None, _) => Secret::default(),
            (_, Some(given)) => Secret::seal(tx, master, given),
            (_, None) => old.secret.clone(),
        };
        Ok(Captcha {
            provider: self.provider,
            secret,
            hostnames: self.hostnames.iter().filter_map(|name| hostname(name)).collect(),
            site_key: self.site_key,
            min_score: self.min_score,
            required: self.required,
            on_outage: self.on_outage,
        })
    }

    /// The fields that are not valid, all of them.
    fn wrong(&self, secret: Option<&str>, old: &Captcha, development: bool) -> Vec<FieldError> {
        let mut found = vec![];
        let mut wrong = |field: &str, code, detail| found.push(FieldError::new(field, code, detail));
        let in_key = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        if !self.site_key.bytes().all(in_key) {
            wrong("siteKey", "format", "may only have letters, digits, _ and -");
        }
        if !(0.0..=1.0).contains(&self.min_score) {
            wrong("minScore", "value", "must be from 0 to 1");
        }
        for (index, name) in self.hostnames.iter().enumerate() {
            if hostname(name).is_none() {
                let field = format!("hostnames[{index}]");
                wrong(&field, "format", "must be the name of a host, such as www.example.com");
            }
        }
        match (self.provider, secret) {
            (ProviderName::None, secret) => {
                if secret.is_some() {
                    wrong("secret", "value", "belongs to a provider, and none is chosen");
                }
                if self.required != Required::default() {
                    wrong("required", "value", "needs a provider, and none is chosen");
                }
                return found;
            }
            (provider, None) if !old.secret.is_set() || old.provider != provider => {
                wrong("secret", "required", "is required with a new provider");
            }
            (_, None) => {}
            (_, Some(secret)) => {
                if !secret.bytes().all(|b| b.is_ascii_graphic()) {
                    wrong(
                        "secret",
                        "format",
                        "may only have visible ASCII characters, and no spaces",
                    );
                }
                if is_test_secret(secret) && !development {
                    wrong(
                        "secret",
                        "value",
                        "is a public test secret, which lets everybody pass; it works on localhost only",
                    );
                }
            }
        }
        if self.site_key.is_empty() {
            wrong("siteKey", "required", "is required with a provider");
        }
        found
    }
}

/// The name of a host, as providers write it: lower case, in A-labels (UTS 46).
fn hostname(text: &str) -> Option<String> {
    let name = idna::domain_to_ascii_strict(text).ok()?;
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        bytes.len() <= 63
            && edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    (name.len() <= 253 && name.split('.').all(is_label)).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::ToJSON;

    #[test]
    fn hosts_are_names_and_nothing_more() {
        for (text, name) in [
            ("WWW.Example.com", "www.example.com"),
            ("localhost", "localhost"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(hostname(text).as_deref(), Some(name), "{text}");
        }
        for text in [
            "",
            ".",
            "a..b",
            "-a.example",
            "https://a.example",
            "a.example:443",
            "a.example/",
            "*.example",
            "a b",
        ] {
            assert_eq!(hostname(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = json!({ "sealed": "c2VhbGVk", "setAt": "1970-01-01T00:00:00Z" });
        let policy: Captcha = serde_json::from_value(json!({ "secret": secret })).unwrap();
        assert!(!format!("{policy:?}").contains("c2VhbGVk"));
        assert_eq!(policy.to_json().unwrap()["secretSet"], true);
        assert!(!policy.to_json_string().contains("c2VhbGVk"));
        let shown = policy.audit_view();
        assert!(!shown.to_string().contains("c2VhbGVk"));
        assert_eq!(shown["secretSetAt"], "1970-01-01T00:00:00Z");
    }

    #[test]
    fn signing_in_takes_a_captcha_never_after_failures_or_always() {
        let asks = |sign_in, failures| {
            let required = Required {
                sign_in,
                ..Required::default()
            };
            required.asks(Action::SignIn, failures)
        };
        let of = |check| (asks(check, false), asks(check, true));
        assert_eq!(of(SignInCheck::Never), (false, false));
        assert_eq!(of(SignInCheck::AfterFailures), (false, true));
        assert_eq!(of(SignInCheck::Always), (true, true));
    }
}
