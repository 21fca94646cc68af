//! What a setting was before, as the audit trail has it.

use super::{Setting, members, read_checked};
use crate::{
    audit::{self, Field, Filter},
    kit::{db::Tx, error::Result, page::Timeline, selector::Values},
};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The permissions that settings are written with.
const ACTIONS: [&str; 3] = ["policies:update", "policies/configs:update", "systemconfigs:update"];
/// As many versions are shown.
const SHOWN: usize = 20;

/// A setting as somebody wrote it.
#[derive(Clone, Debug)]
pub struct Past<T> {
    /// Which of its writes that was.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; empty for the operator.
    pub by: String,
    /// What was in force then. Members that are not valid any more are as by default.
    pub setting: T,
}

/// The last versions of a setting, the newest first, as far as the newest writes of all settings tell. An event has the
/// members that differ: what they were before leads from what is in force now to what was.
pub async fn history<T: Setting>(tx: &Tx) -> Result<Vec<Past<T>>> {
    let now = read_checked::<T>(tx).await?;
    let of = |values: &[&str]| Values::In(values.iter().map(|value| (*value).to_owned()).collect());
    let filter = Filter {
        fields: vec![(Field::Action, of(&ACTIONS)), (Field::Outcome, of(&["done"]))],
        ..Filter::default()
    };
    let events = audit::list(tx, &filter, &Timeline::newest()).await?.items;
    let (mut version, mut members) = (now.version, now.setting.audit_view());
    let mut past = vec![];
    for event in events {
        let Some(change) = change_of(&event.changes, T::NAME) else {
            continue;
        };
        let (Some(before), Some(after)) = (change["before"].as_object(), change["after"].as_object()) else {
            break;
        };
        if version < 1 || past.len() == SHOWN {
            break;
        }
        for (name, value) in after {
            members[name] = value.clone();
        }
        past.push(Past {
            version,
            at: event.at,
            by: event.actor,
            setting: members::read(&members, &T::default()).0,
        });
        for (name, value) in before {
            members[name] = value.clone();
        }
        version -= 1;
    }
    Ok(past)
}

/// What an event says of a setting.
fn change_of(changes: &str, name: &str) -> Option<Value> {
    let changes: Vec<Value> = serde_json::from_str(changes).ok()?;
    let mut of_it = changes.into_iter();
    of_it.find(|change| change["kind"] == "policy" && change["name"] == name)
}
