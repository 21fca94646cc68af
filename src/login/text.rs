//! The words of the pages, in each language.

use crate::kit::{
    error::{Code, Error, FieldError},
    text::Language,
};
use std::{collections::BTreeMap, sync::LazyLock};

type Words = BTreeMap<String, String>;

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("text/en.toml")));
static CHINESE: LazyLock<Words> = LazyLock::new(|| read(include_str!("text/zh.toml")));

fn read(file: &str) -> Words {
    toml::from_str(file).expect("the words of this program are valid: a test reads them")
}

/// The words of one language.
#[derive(Clone, Copy)]
pub(super) struct Text(&'static Words);

impl Text {
    pub(super) fn of(language: Language) -> Self {
        Self(match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        })
    }

    pub(super) fn find(self, key: &str) -> Option<&'static str> {
        self.0.get(key).map(String::as_str)
    }

    /// The words of this key.
    pub(super) fn say(self, key: &str) -> &'static str {
        let found = self.find(key);
        debug_assert!(found.is_some(), "no words for {key}");
        found.unwrap_or_default()
    }

    /// The words of this key, with `value` in the place of `{}`.
    pub(super) fn say_with(self, key: &str, value: &str) -> String {
        self.say(key).replace("{}", value)
    }

    /// What a rule asks of a password that this code refuses, with its number: as it is said of one that does not
    /// meet it, unless that is said otherwise.
    pub(super) fn rule(self, code: &str, number: Option<u16>) -> String {
        let own = self.find(&format!("rule_{code}"));
        let words = own.unwrap_or_else(|| self.say(&format!("field_{code}")));
        match number {
            Some(number) => words.replace("{}", &number.to_string()),
            None => words.to_owned(),
        }
    }

    /// What went wrong.
    pub(super) fn error(self, error: &Error) -> String {
        if let Error::Limited { code, retry_after, .. } | Error::Later { code, retry_after } = error {
            let key = match code {
                Code::TooManyCodes => "error_too_many_codes",
                Code::Busy | Code::CaptchaUnavailable => "error_busy",
                _ => "error_too_many_attempts",
            };
            return self.say_with(key, &self.wait(*retry_after));
        }
        let code = error.code();
        let known = self.find(&format!("error_{}", code.as_str()));
        known.unwrap_or_else(|| code.detail()).to_owned()
    }

    /// A wait as people say it, never shorter than it is.
    fn wait(self, seconds: u32) -> String {
        let (key, number) = match seconds {
            0..=90 => ("seconds", seconds.max(1)),
            91..=5400 => ("minutes", seconds.div_ceil(60)),
            _ => ("hours", seconds.div_ceil(3600)),
        };
        let key = if number == 1 {
            format!("one_{key}")
        } else {
            key.to_owned()
        };
        self.say_with(&key, &number.to_string())
    }

    /// What is wrong with a field. Numbers are those of the rule that refused; without words of
    /// our own, the rule's are shown.
    pub(super) fn field(self, wrong: &FieldError) -> String {
        let number = wrong
            .detail
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| !part.is_empty());
        match (self.find(&format!("field_{}", wrong.code)), number) {
            (Some(words), Some(number)) => words.replace("{}", number),
            (Some(words), None) if !words.contains("{}") => words.to_owned(),
            _ => wrong.detail.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::error::Limit;

    #[test]
    fn both_languages_have_words_for_the_same() {
        let keys = |words: &'static Words| words.keys().collect::<Vec<_>>();
        assert_eq!(keys(&ENGLISH), keys(&CHINESE));
        for (key, words) in &*ENGLISH {
            let gaps = |words: &str| words.matches("{}").count();
            // "One minute" needs no number.
            let is_single = key.starts_with("one_");
            assert!(is_single || gaps(words) == gaps(&CHINESE[key]), "{key}");
        }
    }

    #[test]
    fn a_wait_is_told_in_words() {
        let told = |seconds| {
            let limit = Limit {
                name: "codes",
                most: 1,
                seconds: 60,
            };
            let error = Error::Limited {
                code: Code::TooManyCodes,
                limit,
                retry_after: seconds,
            };
            Text::of(Language::English).error(&error)
        };
        assert!(told(1).contains("1 second "), "{}", told(1));
        assert!(told(30).contains("30 seconds"), "{}", told(30));
        assert!(told(91).contains("2 minutes"), "{}", told(91));
        assert!(told(7200).contains("2 hours"), "{}", told(7200));
    }

    #[test]
    fn what_is_wrong_with_a_password_is_told_with_the_number_of_the_rule() {
        let english = Text::of(Language::English);
        let short = FieldError::new("password", "too_short", "must have at least 15 characters");
        assert_eq!(english.field(&short), "Use at least 15 characters.");
        let other = FieldError::new("password", "too_odd", "is too odd");
        assert_eq!(english.field(&other), "is too odd");
        for code in [
            "needs_lower",
            "needs_upper",
            "needs_digit",
            "needs_special",
            "too_common",
            "context_word",
            "too_guessable",
        ] {
            let wrong = FieldError::new("password", code, "detail");
            assert_ne!(english.field(&wrong), "detail", "{code}");
        }
    }
}
