//! The secret of a provider: sealed where it is stored, and never shown.

use crate::kit::{db::Tx, id::TenantId, secret::MasterKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use poem_openapi::{
    registry::MetaSchemaRef,
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// A secret, if there is one. The wire only tells whether there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Secret(Option<Sealed>);

/// A secret, sealed with the master key for one tenant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sealed {
    /// In base 64.
    sealed: String,
    /// When it was given: how the audit trail tells one secret from the next.
    set_at: DateTime<Utc>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl Secret {
    /// This secret, sealed.
    pub(super) fn seal(tx: &Tx, master: &MasterKey, plain: &str) -> Self {
        Self(Some(Sealed {
            sealed: STANDARD.encode(master.seal(&context(tx.tenant()), plain.as_bytes())),
            set_at: tx.now,
        }))
    }

    /// The secret in the clear, if there is one that this master key opens.
    pub(super) fn open(&self, master: &MasterKey, tenant: TenantId) -> Option<Zeroizing<String>> {
        let sealed = STANDARD.decode(&self.0.as_ref()?.sealed).ok()?;
        let mut plain = master.open(&context(tenant), &sealed).ok()?;
        String::from_utf8(std::mem::take(&mut *plain)).ok().map(Zeroizing::new)
    }

    /// Whether there is one.
    pub(super) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// When it was given.
    pub(super) fn set_at(&self) -> Option<DateTime<Utc>> {
        self.0.as_ref().map(|sealed| sealed.set_at)
    }
}

/// Where a secret belongs: it opens for no other tenant.
fn context(tenant: TenantId) -> String {
    format!("captcha/{tenant}")
}

impl Type for Secret {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        bool::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        bool::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for Secret {
    fn to_json(&self) -> Option<Value> {
        Some(self.is_set().into())
    }
}

// poem-openapi asks every member of an object for this; nobody sends this one.
impl ParseFromJSON for Secret {
    fn parse_from_json(_: Option<Value>) -> ParseResult<Self> {
        Err(ParseError::custom("is only shown"))
    }
}
