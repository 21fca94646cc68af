//! `/signing-keys` of the console group.

use super::{Algorithm, KeyFilter, KeyRow, Rotation, Schedule, State};
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate, SigningKeysList, SigningKeysRotate},
    console::Tag,
    extract::Caller,
    kit::{
        body::Body,
        error::Result,
        json::Written,
        listing::{ListRequest, Listing},
        object::{Metadata, Versioned},
        page::{Timeline, page_object},
        selector::Values,
        time::Timestamp,
    },
    setting::wire::{self, policy_objects},
};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use tenantry_boxed::boxed;

policy_objects! {
    /// When keys are rotated.
    SigningKeyPolicy: Schedule,
    /// When keys are rotated from now on.
    UpdateSigningKeyPolicyRequest: Schedule
}

/// A key that the tenant signs tokens with.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// `v1alpha1`.
    api_version: String,
    /// `SigningKey`.
    kind: String,
    metadata: Metadata,
    spec: SigningKeySpec,
    status: SigningKeyStatus,
}

/// What a key is for.
#[derive(Debug, Object, Serialize)]
pub struct SigningKeySpec {
    /// What it signs with.
    algorithm: Algorithm,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum SigningKeyState {
    /// It is published and will sign.
    Next,
    /// It signs.
    Active,
    /// It signs no more and is still published.
    Retiring,
    /// It is withdrawn, and its private half destroyed.
    Retired,
}

impl From<State> for SigningKeyState {
    fn from(state: State) -> Self {
        match state {
            State::Next => Self::Next,
            State::Active => Self::Active,
            State::Retiring => Self::Retiring,
            State::Retired => Self::Retired,
        }
    }
}

/// What became of a key.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct SigningKeyStatus {
    /// Where it is in its life.
    state: SigningKeyState,
    /// When it begins to sign, or began.
    activates_at: Timestamp,
    /// When it stopped signing.
    #[serde(skip_serializing_if = "Option::is_none")]
    retires_at: Option<Timestamp>,
    /// When it is withdrawn, or was; known once it has stopped signing.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed_at: Option<Timestamp>,
}

page_object!(
    /// One page of the keys of the tenant.
    SigningKeyList of SigningKey
);

/// Makes a filter of the values that a `fieldSelector` names.
type FilterOf = fn(Values) -> KeyFilter;

impl Listing for SigningKey {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[
        ("metadata.name", KeyFilter::Kid),
        ("spec.algorithm", KeyFilter::Algorithm),
        ("status.state", KeyFilter::State),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl From<KeyRow> for SigningKey {
    fn from(row: KeyRow) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "SigningKey".to_owned(),
            metadata: Metadata::of(&row.kid, row.created_at),
            spec: SigningKeySpec {
                algorithm: row.algorithm,
            },
            status: SigningKeyStatus {
                state: row.state.into(),
                activates_at: row.signs_from().into(),
                retires_at: row.retires_at.map(Into::into),
                removed_at: row.removed_at.map(Into::into),
            },
        }
    }
}

/// Which keys are to be rotated, and how.
#[derive(Debug, Object)]
pub struct RotateSigningKeysRequest {
    /// The algorithm whose key is rotated; those of all if absent.
    algorithm: Option<Algorithm>,
    /// Whether a private half may be known to others: then the new key signs at once, the old ones are
    /// withdrawn, and every token that they signed is dead.
    #[oai(default)]
    compromised: bool,
}

impl RotateSigningKeysRequest {
    fn algorithms(&self) -> Vec<Algorithm> {
        self.algorithm.map_or_else(|| Algorithm::ALL.to_vec(), |one| vec![one])
    }

    fn rotation(&self) -> Rotation {
        match self.compromised {
            true => Rotation::Compromised,
            false => Rotation::Smooth,
        }
    }
}

/// The keys' operations.
pub struct Api;

#[OpenApi(tag = "Tag::Keys")]
#[boxed]
impl Api {
    /// List the signing keys
    ///
    /// Newest first, unless `sort` says otherwise. Keys are published before they sign and until their last token
    /// has ended, and are rotated when the policy `signing-keys` says so, every 90 days by default; those that are
    /// withdrawn stay in this list for a year.
    #[oai(path = "/signing-keys", method = "get", operation_id = "ListSigningKeys")]
    async fn list(
        &self,
        caller: Caller<SigningKeysList>,
        asked: ListRequest<SigningKey>,
    ) -> Result<Written<SigningKeyList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let filters: Vec<_> = fields.map(|given| (given.field)(given.values)).collect();
        let listed = caller
            .run(async |tx| super::list(tx, &filters, &timeline).await)
            .await?;
        Ok(Written::of(&listed.map(SigningKey::from).into()))
    }

    /// Rotate the signing keys
    ///
    /// Publishes the next key of an algorithm, which signs a day later (`leadDays` of the policy `signing-keys`), when
    /// whoever verifies tokens knows it; where there is one already nothing changes. After a private half became known
    /// to others say `compromised`.
    #[oai(path = "/signing-keys/-/rotate", method = "post", operation_id = "RotateSigningKeys")]
    async fn rotate(
        &self,
        caller: Caller<SigningKeysRotate>,
        given: Body<RotateSigningKeysRequest>,
    ) -> Result<Written<SigningKeyList>> {
        let made = super::make(&given.algorithms()).await?;
        let (master, how) = (&caller.services.master, given.rotation());
        let listed = caller
            .run(async |tx| {
                super::rotate(tx, master, made, how).await?;
                super::list(tx, &[], &Timeline::newest()).await
            })
            .await?;
        Ok(Written::of(&listed.map(SigningKey::from).into()))
    }

    /// See when signing keys are rotated
    ///
    /// What the tenant has chosen, else what a new tenant has.
    #[oai(
        path = "/policies/signing-keys",
        method = "get",
        operation_id = "GetSigningKeyPolicy",
        tag = "Tag::Policies"
    )]
    async fn get_policy(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<SigningKeyPolicy>> {
        wire::show(&caller).await
    }

    /// Decide when signing keys are rotated
    ///
    /// A key that is published already signs when it was to.
    #[oai(
        path = "/policies/signing-keys",
        method = "put",
        operation_id = "UpdateSigningKeyPolicy",
        tag = "Tag::Policies"
    )]
    async fn update_policy(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateSigningKeyPolicyRequest, SigningKeyPolicy>,
    ) -> Result<Versioned<SigningKeyPolicy>> {
        wire::put_and(&caller, new, super::reschedule).await
    }
}
