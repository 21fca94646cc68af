//! The words that a sender is described by.

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// What encrypts the connection to a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "lowercase")]
#[oai(rename = "SenderEncryption", rename_all = "lowercase")]
pub enum Encryption {
    /// TLS after `STARTTLS`, which the relay has to offer.
    #[sea_orm(string_value = "starttls")]
    Starttls,
    /// TLS from the start.
    #[sea_orm(string_value = "tls")]
    Tls,
    /// Nothing: only to a private network that the operator allows, and without a password.
    #[sea_orm(string_value = "none")]
    None,
}

/// How a sender stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "lowercase")]
#[oai(rename = "SenderState", rename_all = "lowercase")]
pub enum State {
    /// Mail leaves by it, when it is its turn.
    #[sea_orm(string_value = "active")]
    Active,
    /// It is passed over, and tried now and then.
    #[sea_orm(string_value = "failing")]
    Failing,
}

/// How a key signs mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "lowercase")]
#[oai(rename = "DkimAlgorithm", rename_all = "lowercase")]
pub enum DkimAlgorithm {
    /// RSA with 2048 bits, which everybody verifies.
    #[sea_orm(string_value = "rsa2048")]
    Rsa2048,
    /// Ed25519, shorter and younger (RFC 8463): beside one of RSA.
    #[sea_orm(string_value = "ed25519")]
    Ed25519,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename = "DkimKeyState", rename_all = "lowercase")]
pub enum DkimState {
    /// It waits for its record to be seen, or until that is known everywhere.
    Next,
    /// It signs.
    Active,
    /// A newer one signs. Its record stays while mail is under way that it signed.
    Retiring,
    /// It does not sign: its record is gone, or mail comes from another domain.
    Suspended,
}
