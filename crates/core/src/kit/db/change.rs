//! What is done in a transaction, for the record of it.

use serde_json::{Value, json};

/// What a transaction did to one object, for the record of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// What kind of object.
    pub(super) kind: &'static str,
    /// Its name.
    pub name: String,
    pub(super) before: Value,
    pub(super) after: Value,
}

impl Change {
    /// The change as JSON: of objects, only the fields that differ.
    #[must_use]
    pub fn into_json(mut self) -> Value {
        if let (Value::Object(before), Value::Object(after)) = (&mut self.before, &mut self.after) {
            let same: Vec<String> = before
                .iter()
                .filter(|(field, value)| after.get(*field) == Some(value))
                .map(|(field, _)| field.clone())
                .collect();
            for field in same {
                before.remove(&field);
                after.remove(&field);
            }
        }
        json!({ "kind": self.kind, "name": self.name, "before": self.before, "after": self.after })
    }
}

/// What a part of a transaction did, for a record of its own.
#[derive(Debug, Default)]
pub struct Part {
    pub(crate) changes: Vec<Change>,
    /// Whether all was as it is wanted already.
    pub(super) is_unchanged: bool,
}

impl Part {
    /// Whether there was nothing to change.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.is_unchanged && self.changes.is_empty()
    }
}
