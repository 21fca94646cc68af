//! The providers: how each is asked whether a token is good, and what its answer means.

use super::{Action, Sources};
use serde::Deserialize;

/// Secrets that their providers publish for tests. With one of them there is no CAPTCHA at all.
const TEST_SECRETS: &[&str] = &[
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
    "0x0000000000000000000000000000000000000000",
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
];

/// Whether everybody knows this secret.
pub(super) fn is_test_secret(secret: &str) -> bool {
    TEST_SECRETS.contains(&secret)
}

/// A question to a provider.
pub(super) struct Question<'a> {
    pub(super) secret: &'a str,
    pub(super) token: &'a str,
    pub(super) remote_ip: &'a str,
    pub(super) site_key: &'a str,
    /// The same for every try of one question.
    pub(super) idempotency_key: &'a str,
}

/// The answer of a provider. Each leaves out the fields it does not have.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    success: bool,
    hostname: Option<String>,
    action: Option<String>,
    score: Option<f64>,
    #[serde(rename = "error-codes")]
    error_codes: Option<Vec<String>>,
}

impl Answer {
    fn codes(&self) -> &[String] {
        self.error_codes.as_deref().unwrap_or_default()
    }

    /// Whether the provider could not answer just now.
    pub(super) fn is_outage(&self) -> bool {
        !self.success && self.codes().iter().any(|code| code == "internal-error")
    }
}

/// The facts that a good answer must state.
pub(super) struct Expected<'a> {
    pub(super) action: Action,
    pub(super) hostnames: &'a [String],
    pub(super) min_score: f64,
    /// Whether host and act of the answer are the provider's placeholders.
    pub(super) placeholders: bool,
}

/// What a provider says of a token; the text is for the log.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A person, for this act.
    Passed,
    /// The token is not good; a new one may be.
    Failed(String),
    /// No token can be good before somebody mends the policy.
    Misconfigured(String),
    /// The provider did not answer, or could not.
    Outage(String),
}

/// One that tells people from programs.
pub(super) trait Provider: Send + Sync {
    /// Its name in the log.
    fn name(&self) -> &'static str;

    /// The origin of its own server.
    fn origin(&self) -> &'static str;

    /// The path tokens are checked at, there or at whatever stands in its place.
    fn path(&self) -> &'static str;

    /// The length of its longest token.
    fn longest_token(&self) -> usize {
        8192
    }

    /// The form it takes.
    fn form<'a>(&self, question: &Question<'a>) -> Vec<(&'static str, &'a str)> {
        vec![
            ("secret", question.secret),
            ("response", question.token),
            ("remoteip", question.remote_ip),
        ]
    }

    /// Whether it knows a question it has answered before, so that asking twice does not use the
    /// token up.
    fn knows_repeats(&self) -> bool {
        false
    }

    /// The act, as it writes it.
    fn action(&self, action: Action) -> String {
        action.name().to_owned()
    }

    /// Whether the token was solved for this act, as far as it says.
    fn is_for(&self, answer: &Answer, action: Action) -> bool;

    /// How sure it is that this is a person, from 0 to 1, if it says so.
    fn score(&self, answer: &Answer) -> Option<f64>;

    /// The address of the script that fills the widget.
    fn script(&self) -> &'static str;

    /// The class of the element that becomes the widget.
    fn class(&self) -> &'static str;

    /// The form field that the widget adds.
    fn field(&self) -> &'static str;

    /// What a content security policy has to permit.
    fn sources(&self) -> Sources;
}

/// Cloudflare Turnstile.
pub(super) struct Turnstile;

impl Provider for Turnstile {
    fn name(&self) -> &'static str {
        "turnstile"
    }

    fn origin(&self) -> &'static str {
        "https://challenges.cloudflare.com"
    }

    fn path(&self) -> &'static str {
        "/turnstile/v0/siteverify"
    }

    fn longest_token(&self) -> usize {
        2048
    }

    fn form<'a>(&self, question: &Question<'a>) -> Vec<(&'static str, &'a str)> {
        vec![
            ("secret", question.secret),
            ("response", question.token),
            ("remoteip", question.remote_ip),
            ("idempotency_key", question.idempotency_key),
        ]
    }

    fn knows_repeats(&self) -> bool {
        true
    }

    fn is_for(&self, answer: &Answer, action: Action) -> bool {
        answer.action.as_deref() == Some(action.name())
    }

    fn score(&self, _: &Answer) -> Option<f64> {
        None
    }

    fn script(&self) -> &'static str {
        "https://challenges.cloudflare.com/turnstile/v0/api.js"
    }

    fn class(&self) -> &'static str {
        "cf-turnstile"
    }

    fn field(&self) -> &'static str {
        "cf-turnstile-response"
    }

    fn sources(&self) -> Sources {
        const OWN: &[&str] = &["https://challenges.cloudflare.com"];
        Sources {
            script: OWN,
            frame: OWN,
            connect: OWN,
            style: &[],
        }
    }
}

/// hCaptcha.
pub(super) struct Hcaptcha;

impl Provider for Hcaptcha {
    fn name(&self) -> &'static str {
        "hcaptcha"
    }

    fn origin(&self) -> &'static str {
        "https://api.hcaptcha.com"
    }

    fn path(&self) -> &'static str {
        "/siteverify"
    }

    fn form<'a>(&self, question: &Question<'a>) -> Vec<(&'static str, &'a str)> {
        vec![
            ("secret", question.secret),
            ("response", question.token),
            ("remoteip", question.remote_ip),
            // A token of another of the account's sites is not good here.
            ("sitekey", question.site_key),
        ]
    }

    fn is_for(&self, _: &Answer, _: Action) -> bool {
        true
    }

    fn score(&self, answer: &Answer) -> Option<f64> {
        // It scores malice: 0 is surely a person.
        answer.score.map(|score| 1.0 - score)
    }

    fn script(&self) -> &'static str {
        "https://js.hcaptcha.com/1/api.js"
    }

    fn class(&self) -> &'static str {
        "h-captcha"
    }

    fn field(&self) -> &'static str {
        "h-captcha-response"
    }

    fn sources(&self) -> Sources {
        const OWN: &[&str] = &["https://hcaptcha.com", "https://*.hcaptcha.com"];
        Sources {
            script: OWN,
            frame: OWN,
            connect: OWN,
            style: OWN,
        }
    }
}

/// Google reCAPTCHA, v2 and v3: which one it is, the site key decides.
pub(super) struct Recaptcha;

impl Provider for Recaptcha {
    fn name(&self) -> &'static str {
        "recaptcha"
    }

    fn origin(&self) -> &'static str {
        "https://www.google.com"
    }

    fn path(&self) -> &'static str {
        "/recaptcha/api/siteverify"
    }

    fn action(&self, action: Action) -> String {
        // Only letters, slashes and underscores are accepted.
        action.name().replace('-', "_")
    }

    fn is_for(&self, answer: &Answer, action: Action) -> bool {
        // v2 knows neither acts nor scores; v3 has both with every token.
        match (&answer.action, answer.score) {
            (None, None) => true,
            (given, _) => given.as_ref() == Some(&self.action(action)),
        }
    }

    fn score(&self, answer: &Answer) -> Option<f64> {
        answer.score
    }

    fn script(&self) -> &'static str {
        "https://www.google.com/recaptcha/api.js"
    }

    fn class(&self) -> &'static str {
        "g-recaptcha"
    }

    fn field(&self) -> &'static str {
        "g-recaptcha-response"
    }

    fn sources(&self) -> Sources {
        Sources {
            script: &[
                "https://www.google.com/recaptcha/",
                "https://www.gstatic.com/recaptcha/",
            ],
            frame: &[
                "https://www.google.com/recaptcha/",
                "https://recaptcha.google.com/recaptcha/",
            ],
            connect: &["https://www.google.com/recaptcha/"],
            style: &[],
        }
    }
}

/// The verdict of an answer on the expected act.
pub(super) fn judge(provider: &dyn Provider, answer: &Answer, expected: &Expected<'_>) -> Verdict {
    if !answer.success {
        return refusal(answer);
    }
    if expected.placeholders {
        return Verdict::Passed;
    }
    let host = answer.hostname.as_deref().unwrap_or_default();
    if !expected.hostnames.iter().any(|own| own.eq_ignore_ascii_case(host)) {
        return Verdict::Failed(format!("solved on another host: {host:?}"));
    }
    if !provider.is_for(answer, expected.action) {
        return Verdict::Failed(format!("solved for another act: {:?}", answer.action));
    }
    match provider.score(answer) {
        Some(score) if score < expected.min_score => Verdict::Failed(format!("scored {score}")),
        _ => Verdict::Passed,
    }
}

/// Who is at fault when a provider does not take a token.
fn refusal(answer: &Answer) -> Verdict {
    let why = format!("refused: {:?}", answer.codes());
    if answer.codes().iter().any(|code| is_ours(code)) {
        Verdict::Misconfigured(why)
    } else if answer.is_outage() {
        Verdict::Outage(why)
    } else {
        Verdict::Failed(why)
    }
}

/// Whether a refusal is about what this server adds to the token. What a token alone can provoke,
/// hCaptcha's `not-using-dummy-secret` for one, must not look like it: anybody can send a token.
fn is_ours(code: &str) -> bool {
    match code {
        "sitekey-secret-mismatch" | "invalid-sitekey" | "missing-remoteip" | "invalid-remoteip" => true,
        code => code.ends_with("-input-secret"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const PROVIDERS: [&dyn Provider; 3] = [&Turnstile, &Hcaptcha, &Recaptcha];

    fn verdict(provider: &dyn Provider, answer: Value) -> Verdict {
        let answer = serde_json::from_value(answer).unwrap();
        let expected = Expected {
            action: Action::SignUp,
            hostnames: &["id.example.com".to_owned()],
            min_score: 0.5,
            placeholders: false,
        };
        judge(provider, &answer, &expected)
    }

    fn refused(code: &str) -> Verdict {
        verdict(&Hcaptcha, json!({ "success": false, "error-codes": [code] }))
    }

    #[test]
    fn codes_about_the_secret_are_the_operators_to_mend() {
        for code in [
            "missing-input-secret",
            "invalid-input-secret",
            "sitekey-secret-mismatch",
            "invalid-sitekey",
            "missing-remoteip",
            "invalid-remoteip",
        ] {
            assert!(matches!(refused(code), Verdict::Misconfigured(_)), "{code}");
        }
    }

    #[test]
    fn codes_about_the_token_are_the_persons_to_mend() {
        for code in [
            "missing-input-response",
            "invalid-input-response",
            "expired-input-response",
            "already-seen-response",
            "invalid-or-already-seen-response",
            "timeout-or-duplicate",
            "bad-request",
            "not-using-dummy-passcode",
            "not-using-dummy-secret",
            "something-new",
        ] {
            assert!(matches!(refused(code), Verdict::Failed(_)), "{code}");
        }
        for answer in [
            json!({ "success": false }),
            json!({ "success": false, "error-codes": null }),
        ] {
            assert!(matches!(verdict(&Turnstile, answer), Verdict::Failed(_)));
        }
    }

    #[test]
    fn an_internal_error_is_an_outage() {
        assert!(matches!(refused("internal-error"), Verdict::Outage(_)));
    }

    #[test]
    fn a_token_of_another_host_is_not_good() {
        for provider in PROVIDERS {
            let action = provider.action(Action::SignUp);
            let on = |host: Value| verdict(provider, json!({ "success": true, "hostname": host, "action": action }));
            assert_eq!(on(json!("ID.example.com")), Verdict::Passed);
            for host in [
                json!("example.com"),
                json!("id.example.com.evil.example"),
                json!(""),
                Value::Null,
            ] {
                assert!(matches!(on(host), Verdict::Failed(_)), "{}", provider.name());
            }
        }
    }

    #[test]
    fn a_token_for_another_act_is_not_good_where_tokens_have_acts() {
        let solved = |provider: &dyn Provider, action: &str, score: Option<f64>| {
            let answer = json!({ "success": true, "hostname": "id.example.com", "action": action, "score": score });
            verdict(provider, answer) == Verdict::Passed
        };
        assert!(solved(&Turnstile, "sign-up", None));
        assert!(!solved(&Turnstile, "sign-in", None));
        assert!(!solved(&Turnstile, "", None));
        assert!(solved(&Recaptcha, "sign_up", Some(0.9)));
        assert!(!solved(&Recaptcha, "sign-up", Some(0.9)));
        assert!(!solved(&Recaptcha, "", Some(0.9)));
        assert!(solved(&Hcaptcha, "whatever", None));
        let bare = json!({ "success": true, "hostname": "id.example.com" });
        assert!(matches!(verdict(&Turnstile, bare.clone()), Verdict::Failed(_)));
        assert_eq!(verdict(&Recaptcha, bare), Verdict::Passed, "v2 has no acts");
    }

    #[test]
    fn a_score_below_the_threshold_is_not_good_whichever_way_it_counts() {
        let scored = |provider: &dyn Provider, score: f64| {
            let action = provider.action(Action::SignUp);
            let answer = json!({ "success": true, "hostname": "id.example.com", "action": action, "score": score });
            verdict(provider, answer) == Verdict::Passed
        };
        assert!(scored(&Recaptcha, 0.5) && scored(&Recaptcha, 0.9));
        assert!(!scored(&Recaptcha, 0.4));
        assert!(scored(&Hcaptcha, 0.0) && scored(&Hcaptcha, 0.5));
        assert!(!scored(&Hcaptcha, 0.6));
    }

    #[test]
    fn acts_are_written_as_each_provider_takes_them() {
        for action in Action::ALL {
            let name = Turnstile.action(*action);
            assert!(name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
            let name = Recaptcha.action(*action);
            assert!(name.bytes().all(|b| b.is_ascii_alphabetic() || b"_/".contains(&b)));
        }
    }
}
