//! Examples of answers: one for each kind of answer, whichever operations give it.

use super::operations;
use serde_json::{Map, Value, json};

/// Refers from each answer to its example: that of its schema, or where it has none of its own name, of the
/// operation.
pub(super) fn document(json: &mut Value, answers: &str) {
    let known: Map<String, Value> = serde_json::from_str(answers).expect("examples are JSON");
    let mut used = Map::new();
    for operation in operations(json) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let done = operation["responses"].as_object_mut().into_iter().flatten();
        let done = done
            .filter(|(status, _)| status.starts_with('2'))
            .map(|(_, answer)| answer);
        let contents = done.flat_map(|answer| {
            answer
                .get_mut("content")
                .and_then(Value::as_object_mut)
                .into_iter()
                .flat_map(Map::values_mut)
        });
        for media in contents {
            let schema = media["schema"]["$ref"]
                .as_str()
                .and_then(|path| path.rsplit('/').next());
            let name = schema.unwrap_or(&id).to_owned();
            if let Some(example) = known.get(&name) {
                let reference = json!({ "$ref": format!("#/components/examples/{name}") });
                media["examples"] = json!({ "answer": reference });
                used.insert(name, json!({ "value": example }));
            }
        }
    }
    let unused: Vec<_> = known.keys().filter(|name| !used.contains_key(*name)).collect();
    assert!(unused.is_empty(), "examples of no answer: {unused:?}");
    json["components"]["examples"] = used.into();
}
