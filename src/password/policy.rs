//! What a tenant asks of passwords.

use super::guess;
use crate::{
    kit::{error::FieldError, text::NewPassword},
    setting::Setting,
};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// A word that every password here could have.
const PRODUCT: &str = "tenantry";
/// Characters of a password that the estimator looks at; it looks at no more by itself.
const ESTIMATED: usize = 100;
/// The members that are the tenant's own rules together.
const RULES: &[&str] = &[
    "minLength",
    "maxLength",
    "requireClasses",
    "blocklist.common",
    "blocklist.contextWords",
    "minEstimatorScore",
];
/// What generated passwords are made of: 64 characters that are not taken for each other.
const ALPHABET: &[u8; 64] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%+-=?@";

/// What a tenant asks of passwords: a set of rules by name, or its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policy {
    /// Which rules hold.
    pub preset: Preset,
    /// The tenant's own words that no password may be made of.
    pub words: Vec<String>,
    /// The tenant's own rules, which hold if the preset is [`Preset::Custom`].
    pub custom: Option<Rules>,
}

impl Setting for Policy {
    const NAME: &'static str = "password";

    fn shown(path: &str) -> Vec<String> {
        let names: &[&str] = match path {
            "words" => &["blocklist.words"],
            "custom" => RULES,
            path => &[path],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// Rules by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "kebab-case")]
#[oai(rename = "PasswordPreset", rename_all = "kebab-case")]
pub enum Preset {
    /// NIST SP 800-63B-4 for a password that is the only factor: 15 characters, none that is
    /// easy to guess, no classes.
    #[default]
    NistSingle,
    /// The same with 8 characters; conformant only where a second factor is always asked for.
    NistMfa,
    /// 8 characters with lower and upper case, a digit and a special one. Neither NIST nor OWASP
    /// advise it.
    LegacyClasses,
    /// The tenant's own rules.
    Custom,
}

/// A class of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Enum)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "CharacterClass", rename_all = "camelCase")]
pub enum Class {
    /// Lower-case letters.
    Lower,
    /// Upper-case letters.
    Upper,
    /// Digits.
    Digit,
    /// Whatever is neither letter nor digit.
    Special,
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "PasswordSpec", rename_all = "camelCase")]
pub struct Rules {
    /// Which rules hold.
    #[serde(skip)]
    pub preset: Preset,
    /// Fewest characters (code points).
    pub min_length: u16,
    /// Most characters (code points).
    pub max_length: u16,
    /// Classes of which there must be a character each.
    #[oai(rename = "requireClasses")]
    pub classes: BTreeSet<Class>,
    #[serde(flatten)]
    pub(super) blocklist: Blocklist,
    /// Least score of the estimator zxcvbn, 0 to 4; 3 takes a hundred million guesses.
    #[oai(rename = "minEstimatorScore")]
    pub min_score: u8,
}

/// What passwords must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(super) struct Blocklist {
    /// Whether common passwords are refused, also with the usual changes.
    pub(super) common: bool,
    /// Whether passwords made of the names of the user and of the tenant are refused.
    pub(super) context_words: bool,
    /// The tenant's own words that no password may be made of.
    #[serde(skip)]
    pub(super) words: Vec<String>,
}

/// Whether the rules meet what is published about passwords.
#[derive(Debug, Object)]
#[oai(rename = "PasswordConformance")]
pub struct Conformance {
    /// NIST SP 800-63B-4, with the password as the only factor.
    #[oai(rename = "nist80063b4")]
    pub nist: bool,
    /// OWASP ASVS 5.0, section 6.2, level 1.
    #[oai(rename = "asvs5")]
    pub asvs: bool,
    /// What is missing, in words.
    pub why: Vec<String>,
}

/// Words around a user that their password may not be made of.
#[derive(Clone, Debug, Default)]
pub struct Words(Vec<String>);

/// A password that a policy has accepted. Only such a one is hashed as somebody's new password.
#[derive(Clone, Debug)]
pub struct Accepted(NewPassword);

/// A rule that a password does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which rule, as a stable code.
    pub code: &'static str,
    /// The same in words.
    pub detail: String,
}

impl Failure {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// The same, as what is wrong with a field of a request.
    #[must_use]
    pub fn of(self, field: &str) -> FieldError {
        FieldError::new(field, self.code, self.detail)
    }
}

impl Words {
    /// The words of these texts: names, and the part of an address before the `@`.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts = texts
            .into_iter()
            .map(|text| text.rsplit_once('@').map_or(text, |(local, _)| local));
        Self(texts.flat_map(guess::words_of).collect())
    }

    /// These words and those.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.0.extend_from_slice(&others.0);
        self
    }
}

impl Accepted {
    /// The text itself, to be hashed or shown once to its user.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Lower, Self::Upper, Self::Digit, Self::Special];

    fn is_of(self, c: char) -> bool {
        match self {
            Self::Lower => c.is_lowercase(),
            Self::Upper => c.is_uppercase(),
            Self::Digit => c.is_numeric(),
            Self::Special => !c.is_alphanumeric(),
        }
    }

    fn missing(self) -> Failure {
        match self {
            Self::Lower => Failure::new("needs_lower", "must have a lower-case letter"),
            Self::Upper => Failure::new("needs_upper", "must have an upper-case letter"),
            Self::Digit => Failure::new("needs_digit", "must have a digit"),
            Self::Special => Failure::new("needs_special", "must have a character that is no letter and no digit"),
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            min_length: 15,
            max_length: 256,
            classes: BTreeSet::new(),
            blocklist: Blocklist {
                common: true,
                context_words: true,
                words: vec![],
            },
            min_score: 3,
        }
    }
}

impl Rules {
    /// What is asked, rule by rule: what a password fails with that does not meet it, and the number of the rule. No
    /// password has more characters than are taken at all.
    #[must_use]
    pub fn asked(&self) -> Vec<(&'static str, Option<u16>)> {
        let Blocklist {
            common,
            context_words,
            words,
        } = &self.blocklist;
        let is_bounded = self.max_length < Self::default().max_length;
        let ahead = [
            (true, "too_short", Some(self.min_length)),
            (is_bounded, "too_long", Some(self.max_length)),
        ];
        let classes = self.classes.iter().map(|class| (true, class.missing().code, None));
        let after = [
            (*common, "too_common", None),
            (*context_words || !words.is_empty(), "context_word", None),
            (self.min_score > 0, "too_guessable", None),
        ];
        let all = ahead.into_iter().chain(classes).chain(after);
        all.filter(|(is, ..)| *is)
            .map(|(_, code, number)| (code, number))
            .collect()
    }
}

impl Policy {
    /// What is asked, spelled out.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let rules = match self.preset {
            Preset::NistSingle => Rules::default(),
            Preset::NistMfa => Rules {
                min_length: 8,
                ..Rules::default()
            },
            Preset::LegacyClasses => Rules {
                min_length: 8,
                classes: Class::ALL.into(),
                min_score: 2,
                ..Rules::default()
            },
            Preset::Custom => self.custom.clone().unwrap_or_default(),
        };
        Rules {
            preset: self.preset,
            blocklist: Blocklist {
                words: self.words.clone(),
                ..rules.blocklist
            },
            ..rules
        }
    }

    /// Accepts a password that meets every rule.
    ///
    /// # Errors
    /// Every rule that it does not meet.
    pub fn accept(&self, new: &NewPassword, about: &Words) -> Result<Accepted, Vec<Failure>> {
        let failures = self.failures(new.expose(), about);
        if failures.is_empty() {
            Ok(Accepted(new.clone()))
        } else {
            Err(failures)
        }
    }

    fn failures(&self, password: &str, about: &Words) -> Vec<Failure> {
        let rules = self.rules();
        let length = password.chars().count();
        let mut failed = vec![];
        if length < usize::from(rules.min_length) {
            let detail = format!("must have at least {} characters", rules.min_length);
            failed.push(Failure::new("too_short", detail));
        }
        if length > usize::from(rules.max_length) {
            let detail = format!("must have at most {} characters", rules.max_length);
            failed.push(Failure::new("too_long", detail));
        }
        let missing = rules
            .classes
            .iter()
            .filter(|class| !password.chars().any(|c| class.is_of(c)));
        failed.extend(missing.map(|class| class.missing()));
        if rules.blocklist.common && guess::is_common(password) {
            let detail = "is one of the first that attackers try, or nearly so";
            failed.push(Failure::new("too_common", detail));
        }
        let mut words: Vec<_> = self.words.iter().flat_map(|text| guess::words_of(text)).collect();
        if rules.blocklist.context_words {
            words.push(PRODUCT.to_owned());
            words.extend(about.0.iter().cloned());
        }
        if guess::is_made_of(password, &words) {
            let detail = "is made of names and words that belong to you or to this place";
            failed.push(Failure::new("context_word", detail));
        }
        if rules.min_score > 0 && score(password, &words) < rules.min_score {
            let detail = "is too easy to guess; longer and less regular is better";
            failed.push(Failure::new("too_guessable", detail));
        }
        failed
    }

    /// Whether the policy meets what is published about passwords.
    #[must_use]
    pub fn conformance(&self) -> Conformance {
        let rules = self.rules();
        let mut found = Conformance {
            nist: true,
            asvs: true,
            why: vec![],
        };
        let mut miss = |nist: bool, asvs: bool, why: &str| {
            found.nist &= !nist;
            found.asvs &= !asvs;
            found.why.push(why.to_owned());
        };
        if rules.min_length < 8 {
            miss(
                true,
                true,
                "Fewer than 8 characters are too few (NIST SP 800-63B-4, ASVS 6.2.1).",
            );
        } else if rules.min_length < 15 {
            let why = "Fewer than 15 characters are enough for NIST SP 800-63B-4 only where a second factor is \
                       always asked for, and this server does not ask for one.";
            miss(true, false, why);
        }
        if !rules.classes.is_empty() {
            let why = "Classes of characters must not be asked for (NIST SP 800-63B-4, ASVS 6.2.5).";
            miss(true, true, why);
        }
        if !rules.blocklist.common {
            let why = "Common passwords must be refused (NIST SP 800-63B-4, ASVS 6.2.4).";
            miss(true, true, why);
        }
        if !rules.blocklist.context_words {
            let why = "Passwords made of names around the user should be refused (NIST SP 800-63B-4).";
            miss(true, false, why);
        }
        found
    }
}

/// The estimator's score of a password, 0 to 4, when these words are known.
fn score(password: &str, words: &[String]) -> u8 {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let begin: String = password.chars().take(ESTIMATED).collect();
    let begin = Zeroizing::new(begin);
    zxcvbn::zxcvbn(&begin, &words).score().into()
}

/// Characters of a password that nobody has to type often: 144 bits.
pub const GENERATED: usize = 24;

/// A random password of so many characters, at least 12, with one of each class: about 70 bits.
/// Policies are about what people choose; nobody guesses this one, so none is asked.
#[must_use]
pub fn generate<const LENGTH: usize>() -> Accepted {
    const { assert!(LENGTH >= 12, "fewer could be guessed") };
    loop {
        // Six bits choose one of 64, so each is as likely; what lacks a class is thrown away
        // whole, so each password that does not is as likely.
        let random = Zeroizing::new(crate::kit::secret::random::<LENGTH>());
        let letters = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)]));
        let password: Zeroizing<String> = Zeroizing::new(letters.collect());
        let has = |class: &Class| password.chars().any(|c| class.is_of(c));
        if let Some(new) = password
            .parse::<NewPassword>()
            .ok()
            .filter(|_| Class::ALL.iter().all(has))
        {
            return Accepted(new);
        }
    }
}
