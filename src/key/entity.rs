//! The `signing_key` table.

use super::Algorithm;
use crate::kit::id::KeyId;
use sea_orm::entity::prelude::*;
use serde_json::json;

/// A signing key's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: KeyId,
    /// The `kid` of tokens it signed.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// PKCS #8, sealed with the master key; empty once it is destroyed.
    pub sealed_private: Vec<u8>,
    /// The public half: the members of its JWK, with a dot between two.
    pub public: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Where it is in its life.
    pub state: State,
    /// When it begins to sign, or began; none if that was when it was made.
    pub activates_at: Option<DateTimeUtc>,
    /// When it stopped signing.
    pub retires_at: Option<DateTimeUtc>,
    /// When it is withdrawn, or was; known once it has stopped signing.
    pub removed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Since when it signs, or from when on.
    #[must_use]
    pub fn signs_from(&self) -> DateTimeUtc {
        self.activates_at.unwrap_or(self.created_at)
    }

    /// What the audit trail keeps of it.
    pub(super) fn audit_view(&self) -> serde_json::Value {
        json!({
            "algorithm": self.algorithm.as_str(),
            "state": self.state.to_value(),
            "activatesAt": self.signs_from(),
            "retiresAt": self.retires_at,
            "removedAt": self.removed_at,
        })
    }
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// It signs, one of each algorithm.
    #[sea_orm(string_value = "active")]
    Active,
    /// It is published and will sign: whoever verifies tokens has it by then.
    #[sea_orm(string_value = "next")]
    Next,
    /// It signs no more and is still published, for the tokens that it signed.
    #[sea_orm(string_value = "retiring")]
    Retiring,
    /// It is withdrawn, and its private half destroyed.
    #[sea_orm(string_value = "retired")]
    Retired,
}
