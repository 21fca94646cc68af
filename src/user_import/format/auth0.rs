//! Users of Auth0: its exports, and the files that its own import takes.

use super::{
    super::{
        reading::Found,
        row::{Row, name_like},
    },
    base64_of, wrong,
};
use crate::kit::error::FieldError;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// A user.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    username: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    nickname: Option<String>,
    picture: Option<String>,
    phone_number: Option<String>,
    created_at: Option<String>,
    blocked: Option<bool>,
    /// Where the export that support makes has it.
    #[serde(rename = "passwordHash", alias = "password_hash")]
    password_hash: Option<String>,
    custom_password_hash: Option<Custom>,
}

/// The hash of a password by an algorithm.
#[derive(Debug, Deserialize)]
struct Custom {
    algorithm: String,
    hash: Encoded,
    salt: Option<Encoded>,
    cost: Option<u32>,
    #[serde(rename = "blockSize")]
    block_size: Option<u32>,
    parallelization: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Encoded {
    value: String,
    encoding: Option<String>,
}

impl Encoded {
    /// The bytes, as they are encoded: `otherwise` if that is not said.
    fn bytes(&self, otherwise: &str) -> Option<Vec<u8>> {
        match self.encoding.as_deref().unwrap_or(otherwise) {
            "base64" => STANDARD.decode(&self.value).ok(),
            "hex" => {
                let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let pairs = self.value.as_bytes().chunks(2);
                let pairs = pairs.map(|pair| Some((digit(*pair.first()?)? << 4) | digit(*pair.get(1)?)?));
                pairs.collect()
            }
            _ => Some(self.value.clone().into_bytes()),
        }
    }
}

impl User {
    pub(super) fn into_row(self) -> Found {
        let custom = self.custom_password_hash.map(Custom::into_hash).transpose()?;
        let email = self.email;
        // Where nobody said a name, it is the address.
        let said = self.name.filter(|name| Some(name) != email.as_ref());
        Ok(Row {
            name: self.username.as_deref().map(name_like),
            email,
            email_verified: self.email_verified.unwrap_or_default(),
            display_name: said,
            first_name: self.given_name,
            last_name: self.family_name,
            nickname: self.nickname,
            avatar: self.picture,
            phone: self.phone_number,
            created_at: self.created_at,
            disabled: self.blocked.unwrap_or_default(),
            password_hash: custom.or(self.password_hash),
            ..Row::default()
        })
    }
}

impl Custom {
    fn into_hash(self) -> Result<String, Vec<FieldError>> {
        const FIELD: &str = "custom_password_hash";
        match self.algorithm.as_str() {
            "bcrypt" | "argon2" | "pbkdf2" => Ok(self.hash.value),
            "scrypt" => {
                let salt = self.salt.as_ref().and_then(|salt| salt.bytes("utf8"));
                let hash = self.hash.bytes("base64");
                let cost = self.cost.unwrap_or(16_384);
                let (Some(salt), Some(hash), true) = (salt, hash, cost.is_power_of_two()) else {
                    return Err(wrong(FIELD, "has no salt, hash and cost that are read"));
                };
                Ok(format!(
                    "$scrypt$ln={},r={},p={}${}${}",
                    cost.trailing_zeros(),
                    self.block_size.unwrap_or(8),
                    self.parallelization.unwrap_or(1),
                    base64_of(&salt),
                    base64_of(&hash),
                ))
            }
            other => Err(wrong(FIELD, format!("is by {other}, which is not taken"))),
        }
    }
}
