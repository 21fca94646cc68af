//! The password policy on the wire of the console group.

use super::{Class, Conformance, Policy, Preset, Rules, guess, policy::Blocklist};
use crate::{
    kit::{
        body,
        error::{Error, FieldError, Result},
        object::ExpectedMetadata,
        schema::json_schema,
    },
    setting::{
        Stored,
        instance::{Inheritable, merge_patch},
        wire::{PolicyMetadata, PolicyObject, PolicyStatus, in_spec, out_of_spec, pinned},
    },
};
use poem_openapi::{Object, types::ToJSON};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// What the tenant asks of passwords.
#[derive(Debug, Object)]
pub struct PasswordPolicy {
    metadata: PolicyMetadata,
    spec: Rules,
    /// Members that the tenant keeps although they are as they would be inherited, or locked.
    pinned: Vec<String>,
    status: PasswordStatus,
}

/// What follows from the rules.
#[derive(Debug, Object)]
pub struct PasswordStatus {
    conformance: Conformance,
    #[oai(flatten)]
    members: PolicyStatus,
}

/// What the tenant asks of passwords from now on.
#[derive(Debug, Object)]
pub struct UpdatePasswordPolicyRequest {
    pub(super) metadata: Option<ExpectedMetadata>,
    pub(super) spec: WantedPasswordSpec,
    /// Members that are kept even if they are as they would be inherited. What is not named here follows the instance
    /// then.
    #[oai(validator(max_items = 100))]
    pub(super) pinned: Option<Vec<String>>,
}

/// The rules from now on. But for `blocklist.words`, they may only differ from those of the preset
/// if it is `custom`; what is absent there is as in `nist-single`.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct WantedPasswordSpec {
    /// Which rules hold.
    preset: Preset,
    /// Fewest characters (code points).
    #[oai(validator(minimum(value = "6"), maximum(value = "64")))]
    min_length: Option<u16>,
    /// Most characters (code points).
    #[oai(validator(minimum(value = "64"), maximum(value = "256")))]
    max_length: Option<u16>,
    /// Classes of which there must be a character each.
    require_classes: Option<Vec<Class>>,
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

impl PolicyObject for PasswordPolicy {
    type Setting = Policy;

    fn new(stored: Stored<Policy>) -> Self {
        Self {
            metadata: PolicyMetadata::of(&stored),
            spec: stored.setting.rules(),
            pinned: pinned(&stored),
            status: PasswordStatus {
                conformance: stored.setting.conformance(),
                members: PolicyStatus::of(&stored),
            },
        }
    }
}

impl Inheritable for Policy {
    fn to_members(&self) -> Map<String, Value> {
        match self.rules().to_json() {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        }
    }

    fn of_members(mut members: Map<String, Value>) -> Result<Self> {
        members.entry("preset").or_insert(json!(Preset::default()));
        let spec: WantedPasswordSpec = body::parse(members.into())?;
        spec.try_into().map_err(out_of_spec)
    }

    fn schema() -> Value {
        json_schema::<WantedPasswordSpec>()
    }

    fn patched(&self, patch: &Map<String, Value>) -> Map<String, Value> {
        let mut members = self.to_members();
        // The rules of a preset are not those of another one.
        if patch.get("preset").is_some_and(|preset| *preset != json!(self.preset)) {
            members = members_of_all_presets(&members);
        }
        merge_patch(&mut members, patch);
        members
    }
}

/// The members that are chosen whatever the preset is.
fn members_of_all_presets(members: &Map<String, Value>) -> Map<String, Value> {
    let words = members.get("blocklist").and_then(|list| list.get("words"));
    let blocklist = json!({ "words": words.unwrap_or(&Value::Null) });
    [("blocklist".to_owned(), blocklist)].into_iter().collect()
}

impl TryFrom<WantedPasswordSpec> for Policy {
    type Error = Error;

    fn try_from(spec: WantedPasswordSpec) -> Result<Self> {
        let blocklist = spec.blocklist.unwrap_or_default();
        let preset = spec.preset;
        let (words, mut wrong) = words(&blocklist.words.unwrap_or_default());
        let given = Self {
            preset,
            ..Self::default()
        }
        .rules();
        let classes = spec.require_classes;
        let classes = classes.map(|classes| classes.into_iter().collect::<BTreeSet<_>>());
        let wanted = Rules {
            preset,
            min_length: spec.min_length.unwrap_or(given.min_length),
            max_length: spec.max_length.unwrap_or(given.max_length),
            classes: classes.unwrap_or_else(|| given.classes.clone()),
            blocklist: Blocklist {
                common: blocklist.common.unwrap_or(given.blocklist.common),
                context_words: blocklist.context_words.unwrap_or(given.blocklist.context_words),
                words: vec![],
            },
            min_score: spec.min_estimator_score.unwrap_or(given.min_score),
        };
        let custom = (preset == Preset::Custom).then(|| wanted.clone());
        if custom.is_none() {
            let differs = [
                ("minLength", wanted.min_length != given.min_length),
                ("maxLength", wanted.max_length != given.max_length),
                ("requireClasses", wanted.classes != given.classes),
                ("blocklist.common", wanted.blocklist.common != given.blocklist.common),
                (
                    "blocklist.contextWords",
                    wanted.blocklist.context_words != given.blocklist.context_words,
                ),
                ("minEstimatorScore", wanted.min_score != given.min_score),
            ];
            let differing = differs.into_iter().filter(|(_, differs)| *differs);
            let why = "is set by the preset; with the preset custom it can be chosen";
            wrong.extend(differing.map(|(field, _)| FieldError::new(field, "value", why)));
        }
        if !wrong.is_empty() {
            return Err(in_spec(Error::Invalid(wrong)));
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
        let field = format!("blocklist.words[{at}]");
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
