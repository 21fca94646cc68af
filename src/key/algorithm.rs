//! What keys sign with.

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a key signs with (RFC 7518 §3.1, RFC 8037).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Enum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[oai(rename = "SigningAlgorithm")]
pub enum Algorithm {
    /// RSA with SHA-256: what every verifier knows, and a client gets that names none.
    #[sea_orm(string_value = "RS256")]
    #[oai(rename = "RS256")]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    #[sea_orm(string_value = "ES256")]
    #[oai(rename = "ES256")]
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519: that of a tenant's own access tokens.
    #[sea_orm(string_value = "EdDSA")]
    #[oai(rename = "EdDSA")]
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All, in the order they are published in: a verifier that does not look at `kid` takes the first.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// As `alg` names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |known: &Self| known.as_str().eq_ignore_ascii_case(text);
        let found = Self::ALL.into_iter().find(named);
        found.ok_or_else(|| "is none of RS256, ES256 and EdDSA".to_owned())
    }
}
