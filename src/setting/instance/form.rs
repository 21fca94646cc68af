//! How the instance's settings are shown and written: by the members that tenants know.

use crate::{
    kit::{body, error::Result, schema::json_schema},
    setting::Setting,
};
use poem_openapi::types::{ParseFromJSON, ToJSON};
use serde_json::{Map, Value};

/// A setting that the instance may decide for all its tenants.
pub trait Inheritable: Setting {
    /// The members, as tenants see them.
    fn to_members(&self) -> Map<String, Value>;

    /// The setting with these members, and the others as by default.
    ///
    /// # Errors
    /// The members that are wrong.
    fn of_members(members: Map<String, Value>) -> Result<Self>;

    /// What the members must be, as a JSON Schema.
    fn schema() -> Value;

    /// The members with those of a merge patch (RFC 7396); null is as by default.
    fn patched(&self, patch: &Map<String, Value>) -> Map<String, Value> {
        let mut members = self.to_members();
        merge_patch(&mut members, patch);
        members
    }
}

/// Applies a merge patch.
pub fn merge_patch(members: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, new) in patch {
        match (members.get_mut(name), new) {
            (_, Value::Null) => drop(members.shift_remove(name)),
            (Some(Value::Object(members)), Value::Object(patch)) => merge_patch(members, patch),
            _ => drop(members.insert(name.clone(), new.clone())),
        }
    }
}

/// Most settings are stored, shown and written in one form.
impl<T: Setting + ParseFromJSON + ToJSON + 'static> Inheritable for T {
    fn to_members(&self) -> Map<String, Value> {
        match self.to_json() {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        }
    }

    fn of_members(mut given: Map<String, Value>) -> Result<Self> {
        fill(&mut given, T::default().to_members());
        body::parse::<T>(given.into())?.check()
    }

    fn schema() -> Value {
        json_schema::<T>()
    }
}

/// Adds what is not given, or null, member by member.
fn fill(given: &mut Map<String, Value>, by_default: Map<String, Value>) {
    given.retain(|_, value| !value.is_null());
    for (name, value) in by_default {
        match (given.get_mut(&name), value) {
            (Some(Value::Object(given)), Value::Object(below)) => fill(given, below),
            (Some(_), _) => {}
            (None, value) => drop(given.insert(name, value)),
        }
    }
}
