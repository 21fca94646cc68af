//! The same document as `OpenAPI` 3.0.3, for tools that read no other.

use serde_json::{Map, Value, json};

/// Rewrites what 3.1 says otherwise.
pub(super) fn downgrade(mut json: Value) -> Value {
    json["openapi"] = "3.0.3".into();
    json["info"]["license"] = json!({
        "name": "Apache-2.0",
        "url": "https://www.apache.org/licenses/LICENSE-2.0",
    });
    walk(&mut json);
    json
}

fn walk(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(object) => {
            object.values_mut().for_each(walk);
            nullable(object);
            example(object);
            reference(object);
        }
        _ => {}
    }
}

/// `type: [X, "null"]` was `nullable` beside `type: X`.
fn nullable(object: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = object.get_mut("type") else {
        return;
    };
    let count = types.len();
    types.retain(|kind| kind != "null");
    let is_nullable = types.len() < count;
    if let [only] = &types[..] {
        let only = only.clone();
        object.insert("type".to_owned(), only);
    }
    if is_nullable {
        object.insert("nullable".to_owned(), true.into());
    }
}

/// A schema had one example, and no list.
fn example(object: &mut Map<String, Value>) {
    if let Some(Value::Array(examples)) = object.get("examples")
        && let Some(first) = examples.first().cloned()
    {
        object.remove("examples");
        object.insert("example".to_owned(), first);
    }
}

/// Nothing was read beside a reference.
fn reference(object: &mut Map<String, Value>) {
    let is_beside = object.len() > 1 && object.get("$ref").is_some_and(Value::is_string);
    if is_beside && let Some(reference) = object.remove("$ref") {
        object.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_1_says_otherwise_is_said_as_before() {
        let newer = json!({
            "info": {},
            "schema": {
                "properties": {
                    "a": { "type": ["string", "null"], "examples": ["x"] },
                    "b": { "$ref": "#/components/schemas/B", "description": "words" },
                    "c": { "$ref": "#/components/schemas/C" },
                },
            },
        });
        let older = downgrade(newer);
        assert_eq!(older["openapi"], "3.0.3");
        let properties = json!({
            "a": { "type": "string", "example": "x", "nullable": true },
            "b": { "description": "words", "allOf": [{ "$ref": "#/components/schemas/B" }] },
            "c": { "$ref": "#/components/schemas/C" },
        });
        assert_eq!(older["schema"]["properties"], properties);
    }
}
