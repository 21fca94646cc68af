//! Users as `firebase auth:export` writes them, and the parameters of their hashes, which the console of Firebase shows.

use super::{
    super::{reading::Found, row::Row},
    moment, wrong,
};
use serde::Deserialize;

/// The parameters of the hashes of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashConfig {
    signer_key: String,
    salt_separator: String,
    rounds: u32,
    mem_cost: u32,
}

impl std::str::FromStr for HashConfig {
    type Err = &'static str;

    /// As the console of Firebase shows it: `hash_config { algorithm: SCRYPT, base64_signer_key: …, … }`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_ONE: &str = "must have base64_signer_key, base64_salt_separator, rounds and mem_cost, as the console of Firebase shows them";
        let of = |name: &str| {
            let (_, rest) = text.split_once(name)?;
            let value = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?;
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let is_end = |c: char| c.is_whitespace() || [',', '"', '\'', '}'].contains(&c);
            value.split(is_end).next().filter(|value| !value.is_empty())
        };
        let number = |name: &str| of(name)?.parse().ok();
        let read = || {
            Some(Self {
                signer_key: of("base64_signer_key")?.to_owned(),
                salt_separator: of("base64_salt_separator")?.to_owned(),
                rounds: number("rounds")?,
                mem_cost: number("mem_cost")?,
            })
        };
        read().ok_or(NOT_ONE)
    }
}

/// A user.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct User {
    email: Option<String>,
    email_verified: Option<bool>,
    display_name: Option<String>,
    photo_url: Option<String>,
    phone_number: Option<String>,
    /// Milliseconds since 1970.
    created_at: Option<String>,
    disabled: Option<bool>,
    password_hash: Option<String>,
    salt: Option<String>,
}

impl User {
    pub(super) fn into_row(self, config: Option<&HashConfig>) -> Found {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let password_hash = match (given(self.password_hash), config) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(wrong("passwordHash", "is read with the form's hashConfig alone"));
            }
            (Some(hash), Some(config)) => {
                // It is base 64 for addresses, in some exports.
                let plain = |text: &str| text.replace('-', "+").replace('_', "/");
                Some(format!(
                    "$firebase-scrypt$ln={},r={},p=1,ss={},sk={}${}${}",
                    config.mem_cost,
                    config.rounds,
                    config.salt_separator,
                    config.signer_key,
                    plain(&self.salt.unwrap_or_default()),
                    plain(&hash)
                ))
            }
        };
        Ok(Row {
            email: self.email,
            email_verified: self.email_verified.unwrap_or_default(),
            display_name: self.display_name,
            avatar: self.photo_url,
            phone: self.phone_number,
            created_at: self.created_at.and_then(|at| moment(at.parse().ok()?)),
            disabled: self.disabled.unwrap_or_default(),
            password_hash,
            ..Row::default()
        })
    }
}
