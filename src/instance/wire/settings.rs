//! What the instance decides for all tenants, on the wire of the system group.

use crate::{
    kit::{object::ExpectedMetadata, time::Timestamp},
    setting::{
        instance::{Decided, Inheritable},
        wire::PolicyMetadata,
    },
};
use poem_openapi::{Object, types::Any};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Members by name.
type AnyMembers = BTreeMap<String, Any<Value>>;

/// What the instance decides of a policy for all tenants, as far as they do not decide it themselves.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct InstanceSetting {
    /// `v1alpha1`.
    api_version: String,
    /// `InstanceSetting`.
    kind: String,
    metadata: PolicyMetadata,
    /// The members, as the policy of a tenant has them.
    spec: AnyMembers,
    /// Members that no tenant decides otherwise, as `color` or `signInPair.free`; with `signInPair`, all below it.
    locked: Vec<String>,
    status: InstanceSettingStatus,
}

/// How a setting of the instance stands.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct InstanceSettingStatus {
    /// Whether the instance decided nothing and locked nothing.
    is_default: bool,
    /// Each member that tenants can decide.
    members: Vec<InstanceSettingMember>,
    /// Members whose stored value is not valid any more: they are as by default until somebody writes them.
    problems: Vec<String>,
    /// When it was last written.
    updated_at: Option<Timestamp>,
    /// The operator who wrote it last.
    updated_by: Option<String>,
    /// What the members must be, as a JSON Schema 2020-12. A list does not show it.
    schema: Option<Any<Value>>,
}

/// A member of a setting of the instance.
#[derive(Debug, Object)]
pub struct InstanceSettingMember {
    /// Its name, as it can be locked.
    name: String,
    /// Whether the instance decided it.
    decided: bool,
}

/// All settings of the instance.
#[derive(Debug, Object)]
pub struct InstanceSettingList {
    /// Each of them.
    #[oai(validator(max_items = 20))]
    pub(super) items: Vec<InstanceSetting>,
}

/// What the instance decides from now on.
#[derive(Debug, Object)]
pub struct UpdateInstanceSettingRequest {
    metadata: Option<ExpectedMetadata>,
    /// The members; what is absent or null is as by default.
    spec: AnyMembers,
    /// Members that no tenant decides otherwise; none if absent.
    #[oai(validator(max_items = 100))]
    locked: Option<Vec<String>>,
}

/// What the instance decides otherwise from now on.
#[derive(Debug, Object)]
pub struct PatchInstanceSettingRequest {
    metadata: Option<ExpectedMetadata>,
    /// The members that are to change; null is as by default.
    spec: Option<AnyMembers>,
    /// Members that no tenant decides otherwise.
    #[oai(validator(max_items = 100))]
    locked: Option<Vec<String>>,
}

/// What is to become of a setting of the instance.
#[derive(Debug, Default)]
pub struct Change {
    /// The version that is changed, if it is named.
    pub(super) expected: Option<i64>,
    /// Whether what is not named stays as it is.
    pub(super) is_patch: bool,
    pub(super) members: Map<String, Value>,
    pub(super) locked: Option<Vec<String>>,
}

fn version(metadata: Option<ExpectedMetadata>) -> Option<i64> {
    metadata.and_then(|metadata| metadata.version)
}

fn members(of: AnyMembers) -> Map<String, Value> {
    of.into_iter().map(|(name, Any(value))| (name, value)).collect()
}

impl From<UpdateInstanceSettingRequest> for Change {
    fn from(request: UpdateInstanceSettingRequest) -> Self {
        Self {
            expected: version(request.metadata),
            is_patch: false,
            members: members(request.spec),
            locked: request.locked,
        }
    }
}

impl From<PatchInstanceSettingRequest> for Change {
    fn from(request: PatchInstanceSettingRequest) -> Self {
        Self {
            expected: version(request.metadata),
            is_patch: true,
            members: members(request.spec.unwrap_or_default()),
            locked: request.locked,
        }
    }
}

impl InstanceSetting {
    /// What was decided, without its schema.
    pub(super) fn of<T: Inheritable>(decided: &Decided<T>) -> Self {
        let member = |(name, decided): (String, bool)| InstanceSettingMember { name, decided };
        let members: Vec<_> = decided.members().into_iter().map(member).collect();
        let spec = decided.setting.to_members().into_iter();
        let updated = decided.updated.as_ref();
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "InstanceSetting".to_owned(),
            metadata: PolicyMetadata::new(T::NAME, decided.version),
            spec: spec.map(|(name, value)| (name, Any(value))).collect(),
            status: InstanceSettingStatus {
                is_default: decided.locked.is_empty() && members.iter().all(|member| !member.decided),
                members,
                problems: decided.problems.iter().flat_map(|path| T::shown(path)).collect(),
                updated_at: updated.map(|(at, _)| (*at).into()),
                updated_by: updated.map(|(_, by)| by.clone()),
                schema: None,
            },
            locked: decided.locked.clone(),
        }
    }

    /// The same with its schema.
    pub(super) fn whole<T: Inheritable>(decided: &Decided<T>) -> (Self, i64) {
        let mut whole = Self::of(decided);
        whole.status.schema = Some(Any(T::schema()));
        (whole, decided.version)
    }
}
