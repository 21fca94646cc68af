//! The password policy on the wire of the console group.

use super::{Class, Policy, Preset, Rules, guess};
use crate::{
    kit::{
        error::{Error, FieldError, Result},
        object::ExpectedMetadata,
    },
    setting::wire::{PolicyMetadata, PolicyObject},
};
use poem_openapi::{Enum, Object};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// What the tenant asks of passwords.
#[derive(Debug, Object)]
pub struct PasswordPolicy {
    metadata: PolicyMetadata,
    spec: PasswordSpec,
    status: PasswordStatus,
}

/// Rules by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "kebab-case")]
pub enum PasswordPreset {
    /// NIST SP 800-63B-4 for a password that is the only factor: 15 characters, none that is
    /// easy to guess, no classes.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum CharacterClass {
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
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct PasswordSpec {
    /// Which rules hold.
    preset: PasswordPreset,
    /// Fewest characters (code points).
    min_length: u16,
    /// Most characters (code points).
    max_length: u16,
    /// Classes of which there must be a character each.
    require_classes: Vec<CharacterClass>,
    blocklist: Blocklist,
    /// Least score of the estimator zxcvbn, 0 to 4; 3 takes a hundred million guesses.
    min_estimator_score: u8,
}

/// What passwords must not be.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Blocklist {
    /// Whether common passwords are refused, also with the usual changes.
    common: bool,
    /// Whether passwords made of the names of the user and of the tenant are refused.
    context_words: bool,
    /// The tenant's own words that no password may be made of.
    words: Vec<String>,
}

/// What follows from the rules.
#[derive(Debug, Object)]
pub struct PasswordStatus {
    conformance: PasswordConformance,
}

/// Whether the rules meet what is published about passwords.
#[derive(Debug, Object)]
pub struct PasswordConformance {
    /// NIST SP 800-63B-4, with the password as the only factor.
    nist80063b4: bool,
    /// OWASP ASVS 5.0, section 6.2, level 1.
    asvs5: bool,
    /// What is missing, in words.
    why: Vec<String>,
}

/// What the tenant asks of passwords from now on.
#[derive(Debug, Object)]
pub struct UpdatePasswordPolicyRequest {
    pub(super) metadata: Option<ExpectedMetadata>,
    pub(super) spec: WantedPasswordSpec,
}

/// The rules from now on. But for `blocklist.words`, they may only differ from those of the preset
/// if it is `custom`; what is absent there is as in `nist-single`.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct WantedPasswordSpec {
    /// Which rules hold.
    preset: PasswordPreset,
    /// Fewest characters (code points).
    #[oai(validator(minimum(value = "6"), maximum(value = "64")))]
    min_length: Option<u16>,
    /// Most characters (code points).
    #[oai(validator(minimum(value = "64"), maximum(value = "256")))]
    max_length: Option<u16>,
    /// Classes of which there must be a character each.
    require_classes: Option<Vec<CharacterClass>>,
    blocklist: Option<WantedBlocklist>,
    /// Least score of the estimator zxcvbn.
    #[oai(validator(minimum(value = "0"), maximum(value = "4")))]
    min_estimator_score: Option<u8>,
}

/// What passwords must not be from now on.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct WantedBlocklist {
    /// Whether common passwords are refused, also with the usual changes.
    common: Option<bool>,
    /// Whether passwords made of the names of the user and of the tenant are refused.
    context_words: Option<bool>,
    /// The tenant's own words that no password may be made of; none if absent. Each has 4 to 64
    /// characters.
    #[oai(validator(max_items = 200))]
    words: Option<Vec<String>>,
}

impl From<Preset> for PasswordPreset {
    fn from(from: Preset) -> Self {
        match from {
            Preset::NistSingle => Self::NistSingle,
            Preset::NistMfa => Self::NistMfa,
            Preset::LegacyClasses => Self::LegacyClasses,
            Preset::Custom => Self::Custom,
        }
    }
}

impl From<PasswordPreset> for Preset {
    fn from(from: PasswordPreset) -> Self {
        match from {
            PasswordPreset::NistSingle => Self::NistSingle,
            PasswordPreset::NistMfa => Self::NistMfa,
            PasswordPreset::LegacyClasses => Self::LegacyClasses,
            PasswordPreset::Custom => Self::Custom,
        }
    }
}

impl From<Class> for CharacterClass {
    fn from(from: Class) -> Self {
        match from {
            Class::Lower => Self::Lower,
            Class::Upper => Self::Upper,
            Class::Digit => Self::Digit,
            Class::Special => Self::Special,
        }
    }
}

impl From<CharacterClass> for Class {
    fn from(from: CharacterClass) -> Self {
        match from {
            CharacterClass::Lower => Self::Lower,
            CharacterClass::Upper => Self::Upper,
            CharacterClass::Digit => Self::Digit,
            CharacterClass::Special => Self::Special,
        }
    }
}

impl PolicyObject for PasswordPolicy {
    type Setting = Policy;

    fn new(policy: &Policy, version: i64) -> Self {
        let rules = policy.rules();
        let conformance = policy.conformance();
        Self {
            metadata: PolicyMetadata::of::<Policy>(version),
            spec: PasswordSpec {
                preset: policy.preset.into(),
                min_length: rules.min_length,
                max_length: rules.max_length,
                require_classes: rules.classes.into_iter().map(Into::into).collect(),
                blocklist: Blocklist {
                    common: rules.common,
                    context_words: rules.context_words,
                    words: policy.words.clone(),
                },
                min_estimator_score: rules.min_score,
            },
            status: PasswordStatus {
                conformance: PasswordConformance {
                    nist80063b4: conformance.nist,
                    asvs5: conformance.asvs,
                    why: conformance.why,
                },
            },
        }
    }
}

impl TryFrom<WantedPasswordSpec> for Policy {
    type Error = Error;

    fn try_from(spec: WantedPasswordSpec) -> Result<Self> {
        let blocklist = spec.blocklist.unwrap_or_default();
        let preset = Preset::from(spec.preset);
        let given = Self {
            preset,
            ..Self::default()
        }
        .rules();
        let classes = spec.require_classes;
        let classes = classes.map(|classes| classes.into_iter().map(Class::from).collect::<BTreeSet<_>>());
        let wanted = Rules {
            min_length: spec.min_length.unwrap_or(given.min_length),
            max_length: spec.max_length.unwrap_or(given.max_length),
            classes: classes.unwrap_or_else(|| given.classes.clone()),
            common: blocklist.common.unwrap_or(given.common),
            context_words: blocklist.context_words.unwrap_or(given.context_words),
            min_score: spec.min_estimator_score.unwrap_or(given.min_score),
        };
        let (words, mut wrong) = words(&blocklist.words.unwrap_or_default());
        let custom = (preset == Preset::Custom).then(|| wanted.clone());
        if custom.is_none() {
            let differs = [
                ("minLength", wanted.min_length != given.min_length),
                ("maxLength", wanted.max_length != given.max_length),
                ("requireClasses", wanted.classes != given.classes),
                ("blocklist.common", wanted.common != given.common),
                ("blocklist.contextWords", wanted.context_words != given.context_words),
                ("minEstimatorScore", wanted.min_score != given.min_score),
            ];
            let differing = differs.into_iter().filter(|(_, differs)| *differs);
            let why = "is set by the preset; with the preset custom it can be chosen";
            wrong.extend(differing.map(|(field, _)| FieldError::new(format!("spec.{field}"), "value", why)));
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Self { preset, words, custom })
    }
}

/// The tenant's words, each once and in order, and what is wrong with them.
fn words(given: &[String]) -> (Vec<String>, Vec<FieldError>) {
    let words = given
        .iter()
        .map(|word| word.trim().nfc().collect::<String>().to_lowercase());
    let words: Vec<String> = words.collect();
    let counts = |word: &str| {
        let counted = word.chars().filter(|c| c.is_alphanumeric()).count();
        counted >= guess::SHORTEST_WORD && word.chars().count() <= 64
    };
    let wrong = words.iter().enumerate().filter(|(_, word)| !counts(word));
    let wrong = wrong.map(|(at, _)| {
        let field = format!("spec.blocklist.words[{at}]");
        FieldError::new(
            field,
            "length",
            "must have at least 4 letters or digits, and at most 64 characters",
        )
    });
    let wrong = wrong.collect();
    let unique: BTreeSet<String> = words.into_iter().collect();
    (unique.into_iter().collect(), wrong)
}
