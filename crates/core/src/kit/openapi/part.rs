//! A document of some of its operations alone.

use serde_json::Value;
use std::collections::BTreeSet;

const COMPONENTS: &str = "#/components/";

/// Leaves the operations that are to be kept, and what they need: the tags and components that they name.
pub(super) fn retain(json: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Some(paths) = json["paths"].as_object_mut() {
        for operations in paths.values_mut().filter_map(Value::as_object_mut) {
            operations.retain(|_, operation| keep(operation));
        }
        paths.retain(|_, operations| operations.as_object().is_some_and(|operations| !operations.is_empty()));
    }
    let mut used = BTreeSet::new();
    for operation in super::operations(json) {
        used.extend(operation["tags"].as_array().into_iter().flatten().map(Value::to_string));
    }
    if let Some(tags) = json["tags"].as_array_mut() {
        tags.retain(|tag| used.contains(&tag["name"].to_string()));
    }
    retain_components(json);
}

/// Leaves the components that operations name, or that those name.
fn retain_components(json: &mut Value) {
    let mut named = BTreeSet::new();
    let mut waiting = vec![];
    references(&json["paths"], &mut waiting);
    while let Some(name) = waiting.pop() {
        let component = json.pointer(name.trim_start_matches('#'));
        if let Some(component) = component.filter(|_| !named.contains(&name)) {
            references(component, &mut waiting);
            named.insert(name);
        }
    }
    let components = json["components"].as_object_mut().into_iter().flatten();
    // Operations name the ways to sign in by their names alone.
    for (kind, all) in components.filter(|(kind, _)| *kind != "securitySchemes") {
        if let Some(all) = all.as_object_mut() {
            all.retain(|name, _| named.contains(&format!("{COMPONENTS}{kind}/{name}")));
        }
    }
}

/// Every component that is named in a value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with(COMPONENTS) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => members.values().for_each(|member| references(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn what_nobody_names_goes_with_the_operations_that_did() {
        let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let operation = |tag: &str, name: &str| {
            let responses = json!({ "200": schema(name) });
            json!({ "operationId": name, "tags": [tag], "responses": responses })
        };
        let mut json = json!({
            "tags": [{ "name": "One" }, { "name": "Two" }],
            "paths": {
                "/one": { "get": operation("One", "A"), "post": operation("Two", "B") },
                "/two": { "get": operation("Two", "B") },
            },
            "components": {
                "schemas": { "A": { "properties": { "c": schema("C") } }, "B": {}, "C": schema("A") },
                "securitySchemes": { "bearer": {} },
            },
        });
        retain(&mut json, |operation| operation["operationId"] == "A");
        let kept = |pointer: &str| json.pointer(pointer).and_then(Value::as_object).map(Map::len);
        assert_eq!(json["tags"], json!([{ "name": "One" }]));
        assert_eq!((kept("/paths"), kept("/paths/~1one")), (Some(1), Some(1)));
        assert_eq!(kept("/components/schemas"), Some(2));
        assert_eq!(kept("/components/securitySchemes"), Some(1));
    }
}
