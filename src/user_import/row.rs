//! A row: one user of a file, whatever the file is like, and what our own files say of one.

use crate::{
    kit::{
        error::{Error, FieldError},
        id::UserId,
        secret::MasterKey,
        text::{DisplayName, Email, GivenHash, UserName},
        time::Timestamp,
    },
    password,
    user::{self, Gender, Incoming, NewUser, Profile},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, str::FromStr};

/// What a file says of a user. Exported users are of this form as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Row {
    /// Their id, if it is one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What they sign in with; made of the address if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they have proven it.
    pub email_verified: bool,
    /// What people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Their given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Their family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// What friends call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The tag of the language that they like best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `female`, `male` or `diverse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// A telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// The address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// When they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// Whether they must choose another password.
    pub must_change_password: bool,
    /// The hash of their password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Roles besides `user`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Free data of the tenant to select by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Free data of the tenant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What every row is held against.
pub(super) struct Rules<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) master: &'a MasterKey,
}

/// Texts of a row that are being read, and what is wrong with them.
#[derive(Default)]
struct Reading(Vec<FieldError>);

impl Reading {
    fn parse<T: FromStr<Err = &'static str>>(&mut self, field: &str, text: Option<String>) -> Option<T> {
        match given(text)?.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                self.0.push(FieldError::new(field, "format", why));
                None
            }
        }
    }

    fn refuse(&mut self, error: Error) {
        match error {
            Error::Invalid(fields) => self.0.extend(fields),
            other => self.0.push(FieldError::new("", other.code().as_str(), other.message())),
        }
    }

    fn hash(&mut self, rules: &Rules<'_>, text: Option<String>) -> Option<String> {
        let hash: GivenHash = self.parse("passwordHash", text)?;
        match password::import_again("passwordHash", &hash, rules.master.pepper()) {
            Ok(hash) => Some(hash),
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    fn past(&mut self, rules: &Rules<'_>, text: Option<String>) -> Option<DateTime<Utc>> {
        let at: Timestamp = self.parse("createdAt", text)?;
        if at.0 > rules.now {
            self.0
                .push(FieldError::new("createdAt", "value", "must not be in the future"));
        }
        Some(at.0)
    }

    fn profile(&mut self, row: &mut Row) -> Profile {
        let mut name = |field, text: &mut Option<String>| {
            let name: Option<DisplayName> = self.parse(field, text.take());
            name.map(|name| name.to_string())
        };
        let first_name = name("firstName", &mut row.first_name);
        let last_name = name("lastName", &mut row.last_name);
        let nickname = name("nickname", &mut row.nickname);
        let language = given(row.language.take());
        if language.as_deref().is_some_and(|tag| !is_tag(tag)) {
            let why = "must be the tag of a language such as en or zh-Hans";
            self.0.push(FieldError::new("language", "format", why));
        }
        let gender = given(row.gender.take()).and_then(|text| {
            let known = Gender::of(&text);
            if known.is_none() {
                self.0
                    .push(FieldError::new("gender", "value", "must be female, male or diverse"));
            }
            known
        });
        Profile {
            first_name,
            last_name,
            nickname,
            language,
            gender,
        }
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// As the account API takes them.
fn is_tag(tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    let is_first = (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    let is_rest = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    tag.len() <= 10 && is_first && parts.all(is_rest)
}

/// A name like a text that is none, such as an address. Of the same text it is always the same: a file that comes again
/// names the same users.
#[must_use]
pub(super) fn name_like(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = text.chars().map(plain).take(63).collect();
    name.trim_matches(['.', '_', '-']).to_ascii_lowercase()
}

impl Row {
    /// The user as the rules want them.
    pub(super) fn accept(mut self, rules: &Rules<'_>) -> Result<Incoming, Vec<FieldError>> {
        let mut reading = Reading::default();
        let email: Option<Email> = reading.parse("email", self.email.take());
        if email.is_none() && reading.0.is_empty() {
            reading.0.push(FieldError::new("email", "required", "is required"));
        }
        let like = || email.as_ref().map(|email| name_like(email.key()));
        let name: Option<UserName> = reading.parse("name", given(self.name.take()).or_else(like));
        let id: Option<UserId> = reading.parse("id", self.id.take());
        let display_name = reading.parse("displayName", self.display_name.take());
        let profile = reading.profile(&mut self);
        let created_at = reading.past(rules, self.created_at.take());
        let password_hash = reading.hash(rules, self.password_hash.take());
        let (Some(name), Some(email)) = (name, email) else {
            return Err(reading.0);
        };
        let new = NewUser {
            proven: self.email_verified,
            display_name,
            phone: given(self.phone),
            bio: given(self.bio),
            avatar: given(self.avatar),
            labels: self.labels,
            annotations: self.annotations,
            must_change_password: self.must_change_password && password_hash.is_some(),
            password_hash,
            roles: self.roles.iter().map(|role| role.to_lowercase()).collect(),
            ..NewUser::new(name, email)
        };
        reading.0.extend(user::problems(&new));
        if !reading.0.is_empty() {
            return Err(reading.0);
        }
        Ok(Incoming {
            id,
            created_at: created_at.unwrap_or(rules.now),
            disabled: self.disabled,
            profile,
            new,
        })
    }
}
