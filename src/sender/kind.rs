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
