//! Users in the export of a realm of Keycloak (`UserRepresentation`).

use super::{
    super::{
        reading::Found,
        row::{Row, name_like},
    },
    full_name, moment, wrong,
};
use crate::kit::error::FieldError;
use serde::Deserialize;
use serde_json::Value;

/// A user.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct User {
    username: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    first_name: Option<String>,
    last_name: Option<String>,
    enabled: Option<bool>,
    created_timestamp: Option<i64>,
    credentials: Vec<Credential>,
    required_actions: Vec<String>,
}

/// Something that a user proves who they are by.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Credential {
    #[serde(rename = "type")]
    kind: Option<String>,
    /// JSON in a text.
    secret_data: Option<String>,
    /// JSON in a text.
    #[serde(rename = "credentialData")]
    how: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Secret {
    value: String,
    salt: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    algorithm: String,
    hash_iterations: u32,
    #[serde(default)]
    additional_parameters: Value,
}

impl User {
    pub(super) fn into_row(self) -> Found {
        let password = self.credentials.iter();
        let mut password = password.filter(|known| known.kind.as_deref() == Some("password"));
        let password_hash = password.next().map(Credential::hash).transpose()?;
        Ok(Row {
            name: self.username.as_deref().map(name_like),
            email: self.email,
            email_verified: self.email_verified.unwrap_or_default(),
            display_name: full_name(self.first_name.as_deref(), self.last_name.as_deref()),
            first_name: self.first_name,
            last_name: self.last_name,
            disabled: self.enabled == Some(false),
            created_at: self.created_timestamp.and_then(moment),
            must_change_password: self.required_actions.iter().any(|action| action == "UPDATE_PASSWORD"),
            password_hash,
            ..Row::default()
        })
    }
}

impl Credential {
    /// The hash as PHC strings write it.
    fn hash(&self) -> Result<String, Vec<FieldError>> {
        let unreadable = || {
            wrong(
                "credentials",
                "has a password without secretData and credentialData that are read",
            )
        };
        let read = |text: &Option<String>| text.clone().ok_or_else(unreadable);
        let secret: Secret = serde_json::from_str(&read(&self.secret_data)?).map_err(|_| unreadable())?;
        let data: Data = serde_json::from_str(&read(&self.how)?).map_err(|_| unreadable())?;
        let (Secret { value, salt }, rounds) = (secret, data.hash_iterations);
        match data.algorithm.as_str() {
            "pbkdf2" => Ok(format!("$pbkdf2-sha1$i={rounds}${salt}${value}")),
            "pbkdf2-sha256" | "pbkdf2-sha512" => Ok(format!("${}$i={rounds}${salt}${value}", data.algorithm)),
            "argon2" => {
                let of = |name: &str| data.additional_parameters[name][0].as_str().map(str::to_owned);
                let kind = of("type").unwrap_or_else(|| "id".to_owned());
                let version = if of("version").as_deref() == Some("1.0") {
                    16
                } else {
                    19
                };
                let memory = of("memory").unwrap_or_else(|| "7168".to_owned());
                let lanes = of("parallelism").unwrap_or_else(|| "1".to_owned());
                Ok(format!(
                    "$argon2{kind}$v={version}$m={memory},t={rounds},p={lanes}${salt}${value}"
                ))
            }
            other => Err(wrong(
                "credentials",
                format!("has a password by {other}, which is not taken"),
            )),
        }
    }
}
